-- What is known of the providers, and what they told us unasked.

-- The newest sight of each kind: seen by all processes alike.
CREATE TABLE relier_provider_sight (
  tenant_id {text} NOT NULL,
  provider  {text} NOT NULL,
  kind      {text} NOT NULL,
  seen_at   BIGINT NOT NULL,
  is_well   BIGINT NOT NULL,
  amount    BIGINT,
  currency  {text},
  products  {text} NOT NULL,
  detail    {text},
  CONSTRAINT relier_provider_sight_key PRIMARY KEY (tenant_id, provider, kind),
  CONSTRAINT relier_provider_sight_is_well CHECK (is_well IN (0, 1)),
  CONSTRAINT relier_provider_sight_amount CHECK ((amount IS NULL) = (currency IS NULL))
);

CREATE TABLE relier_provider_message (
  tenant_id      {text} NOT NULL,
  id             {text} NOT NULL,
  provider       {text} NOT NULL,
  message_id     {text} NOT NULL,
  received_at    BIGINT NOT NULL,
  body           {text} NOT NULL,
  reference      {text},
  verdict        {text},
  transaction_id {text},
  state          {text} NOT NULL,
  topup_id       {text},
  note           {text},
  CONSTRAINT relier_provider_message_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_provider_message_once UNIQUE (tenant_id, provider, message_id),
  CONSTRAINT relier_provider_message_verdict CHECK (verdict IN ('delivered', 'not_delivered', 'reversed')),
  CONSTRAINT relier_provider_message_state CHECK (state IN ('received', 'applied', 'orphan', 'unreadable', 'contradicts'))
);

CREATE INDEX relier_provider_message_by_time ON relier_provider_message (tenant_id, received_at DESC, id);

-- Across tenants: a provider that calls names our reference and nothing else.
CREATE INDEX relier_provider_reference_found ON relier_provider_reference (provider, reference);

-- What nobody can answer for: few rows at any time, looked at every few seconds.
CREATE INDEX relier_topup_unknown ON relier_topup (tenant_id, unknown_since)
  WHERE state IN ('pending', 'unknown', 'in_review');

-- The last outcomes with a provider: is it failing in a row?
CREATE INDEX relier_topup_attempt_ended ON relier_topup_attempt (tenant_id, provider, ended_at DESC)
  WHERE ended_at IS NOT NULL;
