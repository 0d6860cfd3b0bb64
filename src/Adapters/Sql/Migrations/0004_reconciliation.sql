-- Statements of providers and operators, compared with our submissions.

CREATE TABLE relier_reconciliation (
  tenant_id       {text} NOT NULL,
  id              {text} NOT NULL,
  provider        {text} NOT NULL,
  source          {text} NOT NULL,
  layout          {text} NOT NULL,
  file_name       {text},
  file_hash       {text} NOT NULL,
  period_from     {text},
  period_to       {text},
  state           {text} NOT NULL,
  supersedes      {text},
  started_by      {text} NOT NULL,
  started_at      BIGINT NOT NULL,
  touched_at      BIGINT NOT NULL,
  finished_at     BIGINT,
  declared_rows   BIGINT,
  declared_totals {text} NOT NULL,
  row_count       BIGINT NOT NULL,
  totals          {text} NOT NULL,
  rows_outside    BIGINT NOT NULL,
  is_complete     BIGINT NOT NULL,
  classes         {text} NOT NULL,
  walks           {text} NOT NULL,
  settled         BIGINT NOT NULL,
  problem         {text},
  version         BIGINT NOT NULL,
  CONSTRAINT relier_reconciliation_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_reconciliation_source CHECK (source IN ('provider', 'operator')),
  CONSTRAINT relier_reconciliation_state CHECK (state IN ('importing', 'matching', 'settling', 'done', 'invalid', 'superseded')),
  CONSTRAINT relier_reconciliation_is_complete CHECK (is_complete IN (0, 1)),
  CONSTRAINT relier_reconciliation_version CHECK (version >= 1)
);

-- One file is imported once; what was wrong with it may be put right and tried again.
CREATE UNIQUE INDEX relier_reconciliation_file ON relier_reconciliation (tenant_id, file_hash) WHERE state <> 'invalid';
CREATE INDEX relier_reconciliation_by_time ON relier_reconciliation (tenant_id, started_at DESC, id);

-- A row to wait for: two files of one source never look for overlaps at once.
CREATE TABLE relier_statement_source (
  tenant_id {text} NOT NULL,
  provider  {text} NOT NULL,
  source    {text} NOT NULL,
  claims    BIGINT NOT NULL,
  CONSTRAINT relier_statement_source_key PRIMARY KEY (tenant_id, provider, source)
);

-- The lines as they were normalised; never changed. What is found about them stands beside them, so that a million lines
-- are written once and not a second time with all their indexes.
CREATE TABLE relier_statement_row (
  tenant_id     {text} NOT NULL,
  run_id        {text} NOT NULL,
  line          BIGINT NOT NULL,
  state         {text} NOT NULL,
  operator_id   {text},
  provider_id   {text},
  our_reference {text},
  phone         {text},
  product       {text},
  amount        BIGINT NOT NULL,
  currency      {text} NOT NULL,
  happened_at   BIGINT,
  day           {text} NOT NULL,
  CONSTRAINT relier_statement_row_key PRIMARY KEY (tenant_id, run_id, line),
  CONSTRAINT relier_statement_row_state CHECK (state IN ('delivered', 'failed', 'reversed', 'undecided')),
  CONSTRAINT relier_statement_row_amount CHECK (amount >= 0)
);

CREATE INDEX relier_statement_row_by_operator_id ON relier_statement_row (tenant_id, run_id, operator_id) WHERE operator_id IS NOT NULL;
CREATE INDEX relier_statement_row_by_provider_id ON relier_statement_row (tenant_id, run_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX relier_statement_row_by_reference ON relier_statement_row (tenant_id, run_id, COALESCE(our_reference, provider_id));
CREATE INDEX relier_statement_row_by_phone ON relier_statement_row (tenant_id, run_id, phone) WHERE phone IS NOT NULL;

CREATE TABLE relier_statement_finding (
  tenant_id  {text} NOT NULL,
  run_id     {text} NOT NULL,
  line       BIGINT NOT NULL,
  kind       {text} NOT NULL,
  class      {text} NOT NULL,
  pass       BIGINT,
  topup_id   {text},
  attempt_no BIGINT,
  CONSTRAINT relier_statement_finding_key PRIMARY KEY (tenant_id, run_id, line),
  CONSTRAINT relier_statement_finding_kind CHECK (kind IN ('charge', 'reversal')),
  CONSTRAINT relier_statement_finding_pass CHECK (pass BETWEEN 1 AND 5),
  CONSTRAINT relier_statement_finding_pair CHECK ((topup_id IS NULL) = (attempt_no IS NULL) AND (topup_id IS NULL) = (pass IS NULL))
);

-- One to one, whatever two processes believe.
CREATE UNIQUE INDEX relier_statement_finding_pair_once ON relier_statement_finding (tenant_id, topup_id, attempt_no, run_id, kind) WHERE topup_id IS NOT NULL;

CREATE TABLE relier_reconciliation_break (
  tenant_id          {text} NOT NULL,
  id                 {text} NOT NULL,
  run_id             {text} NOT NULL,
  class              {text} NOT NULL,
  verdict            {text},
  needs_confirmation BIGINT NOT NULL,
  settles_itself     BIGINT NOT NULL,
  line               BIGINT,
  topup_id           {text},
  attempt_no         BIGINT,
  their_amount       BIGINT,
  their_currency     {text},
  our_amount         BIGINT,
  our_currency       {text},
  reference          {text},
  opened_at          BIGINT NOT NULL,
  owner              {text},
  outcome            {text},
  note               {text},
  closed_at          BIGINT,
  closed_by          {text},
  version            BIGINT NOT NULL,
  CONSTRAINT relier_reconciliation_break_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_reconciliation_break_verdict CHECK (verdict IN ('delivered', 'not_delivered', 'reversed')),
  CONSTRAINT relier_reconciliation_break_flags CHECK (needs_confirmation IN (0, 1) AND settles_itself IN (0, 1)),
  CONSTRAINT relier_reconciliation_break_outcome CHECK (outcome IN ('settled', 'applied', 'accepted', 'claimed', 'unfounded', 'superseded')),
  CONSTRAINT relier_reconciliation_break_end CHECK ((outcome IS NULL) = (closed_at IS NULL) AND (outcome IS NULL) = (closed_by IS NULL)),
  CONSTRAINT relier_reconciliation_break_version CHECK (version >= 1)
);

CREATE INDEX relier_reconciliation_break_by_time ON relier_reconciliation_break (tenant_id, opened_at DESC, id);
CREATE INDEX relier_reconciliation_break_by_run ON relier_reconciliation_break (tenant_id, run_id, opened_at DESC, id);

-- How submissions are found by what statements say of them. Not partial: of a list of keys the planner cannot know that none is null.
CREATE INDEX relier_topup_attempt_by_operator_reference ON relier_topup_attempt (tenant_id, upper(operator_reference));
CREATE INDEX relier_topup_attempt_by_transaction_id ON relier_topup_attempt (tenant_id, upper(transaction_id));
CREATE INDEX relier_topup_attempt_by_start ON relier_topup_attempt (tenant_id, provider, started_at, topup_id, no);
