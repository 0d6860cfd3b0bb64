-- What people are told of.

CREATE TABLE relier_alert (
  tenant_id {text} NOT NULL,
  id        {text} NOT NULL,
  kind      {text} NOT NULL,
  subject   {text} NOT NULL,
  cause     {text} NOT NULL,
  raised_at BIGINT NOT NULL,
  facts     {text} NOT NULL,
  message   {text} NOT NULL,
  CONSTRAINT relier_alert_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_alert_kind CHECK (kind IN (
    'low_balance', 'failure_streak', 'exposure', 'provider_down', 'provider_up', 'float_low', 'float_difference'))
);

CREATE INDEX relier_alert_by_time ON relier_alert (tenant_id, raised_at DESC, id);
CREATE INDEX relier_alert_of_kind ON relier_alert (tenant_id, kind, raised_at DESC, id);

-- One row for each kind and subject: whoever writes it first raises the alert. Without a time it is a suspicion.
CREATE TABLE relier_alert_cause (
  tenant_id {text} NOT NULL,
  kind      {text} NOT NULL,
  subject   {text} NOT NULL,
  cause     {text} NOT NULL,
  raised_at BIGINT,
  CONSTRAINT relier_alert_cause_key PRIMARY KEY (tenant_id, kind, subject)
);
