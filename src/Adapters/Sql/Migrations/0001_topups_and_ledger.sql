-- Tenants, customers, keys, the ledger, top-ups, jobs, and what is remembered about requests.
--
-- Amounts are whole millionths of the major unit with their currency beside them, ratios whole billionths, instants whole
-- microseconds since 1970, days ISO text. {text} is text that compares by its bytes on every engine. Every name begins with
-- relier_, because an application may keep its own tables in the same database. Foreign keys join only a thing and its
-- parts: what belongs to two capabilities may one day live in two places, and VerifyAsync finds what does not match.

CREATE TABLE relier_tenant (
  id         {text} NOT NULL,
  name       {text} NOT NULL,
  zone       {text} NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT relier_tenant_key PRIMARY KEY (id)
);

CREATE TABLE relier_customer (
  tenant_id  {text} NOT NULL,
  id         {text} NOT NULL,
  name       {text} NOT NULL,
  channel    {text} NOT NULL,
  status     {text} NOT NULL,
  wallet_id  {text} NOT NULL,
  policies   {text} NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  CONSTRAINT relier_customer_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_customer_channel UNIQUE (tenant_id, channel),
  CONSTRAINT relier_customer_status CHECK (status IN ('active', 'suspended')),
  CONSTRAINT relier_customer_version CHECK (version >= 1)
);

CREATE INDEX relier_customer_by_time ON relier_customer (tenant_id, created_at DESC, id);

CREATE TABLE relier_api_key (
  tenant_id    {text} NOT NULL,
  id           {text} NOT NULL,
  customer_id  {text},
  name         {text} NOT NULL,
  prefix       {text} NOT NULL,
  secret_hash  {text} NOT NULL,
  scopes       {text} NOT NULL,
  created_at   BIGINT NOT NULL,
  last_used_at BIGINT,
  expires_at   BIGINT,
  revoked_at   BIGINT,
  CONSTRAINT relier_api_key_key PRIMARY KEY (tenant_id, id),
  -- Among all tenants: whoever calls is not known before the key is found.
  CONSTRAINT relier_api_key_prefix UNIQUE (prefix)
);

CREATE INDEX relier_api_key_by_customer ON relier_api_key (tenant_id, customer_id, created_at DESC, id);

-- Accounts of customers. Accounts of the house have no row: nobody fights over the sum of their postings.
CREATE TABLE relier_account (
  tenant_id    {text} NOT NULL,
  id           {text} NOT NULL,
  customer_id  {text} NOT NULL,
  currency     {text} NOT NULL,
  credit_limit BIGINT NOT NULL,
  posted       BIGINT NOT NULL,
  held         BIGINT NOT NULL,
  entries      BIGINT NOT NULL,
  opened_at    BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  CONSTRAINT relier_account_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_account_credit_limit CHECK (credit_limit >= 0),
  CONSTRAINT relier_account_held CHECK (held >= 0),
  CONSTRAINT relier_account_entries CHECK (entries >= 0),
  CONSTRAINT relier_account_version CHECK (version >= 1)
);

CREATE INDEX relier_account_by_customer ON relier_account (tenant_id, customer_id, id);

CREATE TABLE relier_hold (
  tenant_id  {text} NOT NULL,
  subject    {text} NOT NULL,
  account_id {text} NOT NULL,
  amount     BIGINT NOT NULL,
  currency   {text} NOT NULL,
  state      {text} NOT NULL,
  opened_at  BIGINT NOT NULL,
  ended_at   BIGINT,
  CONSTRAINT relier_hold_key PRIMARY KEY (tenant_id, subject),
  CONSTRAINT relier_hold_amount CHECK (amount > 0),
  CONSTRAINT relier_hold_state CHECK (state IN ('open', 'captured', 'released')),
  CONSTRAINT relier_hold_end CHECK ((state = 'open') = (ended_at IS NULL))
);

CREATE INDEX relier_hold_open ON relier_hold (tenant_id, account_id) WHERE state = 'open';

CREATE TABLE relier_journal (
  tenant_id  {text} NOT NULL,
  id         {text} NOT NULL,
  written_at BIGINT NOT NULL,
  kind       {text} NOT NULL,
  subject    {text} NOT NULL,
  reason     {text},
  CONSTRAINT relier_journal_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_journal_subject UNIQUE (tenant_id, subject, kind)
);

-- Credits are positive, debits negative. Balance and entry only on a customer's account.
CREATE TABLE relier_posting (
  tenant_id  {text} NOT NULL,
  journal_id {text} NOT NULL,
  no         BIGINT NOT NULL,
  account    {text} NOT NULL,
  amount     BIGINT NOT NULL,
  currency   {text} NOT NULL,
  balance    BIGINT,
  entry      BIGINT,
  written_at BIGINT NOT NULL,
  CONSTRAINT relier_posting_key PRIMARY KEY (tenant_id, journal_id, no),
  CONSTRAINT relier_posting_journal FOREIGN KEY (tenant_id, journal_id) REFERENCES relier_journal (tenant_id, id),
  CONSTRAINT relier_posting_amount CHECK (amount <> 0),
  CONSTRAINT relier_posting_entry CHECK ((entry IS NULL) = (balance IS NULL) AND (entry IS NULL OR entry >= 1))
);

CREATE UNIQUE INDEX relier_posting_by_entry ON relier_posting (tenant_id, account, entry) WHERE entry IS NOT NULL;
CREATE INDEX relier_posting_by_account ON relier_posting (tenant_id, account, currency);

CREATE TABLE relier_exchange_rate (
  tenant_id {text} NOT NULL,
  base      {text} NOT NULL,
  quote     {text} NOT NULL,
  as_of     BIGINT NOT NULL,
  rate      BIGINT NOT NULL,
  source    {text} NOT NULL,
  CONSTRAINT relier_exchange_rate_key PRIMARY KEY (tenant_id, base, quote, as_of),
  CONSTRAINT relier_exchange_rate_rate CHECK (rate > 0),
  CONSTRAINT relier_exchange_rate_pair CHECK (base <> quote)
);

CREATE INDEX relier_exchange_rate_by_time ON relier_exchange_rate (tenant_id, as_of DESC, base, quote);

CREATE TABLE relier_topup (
  tenant_id          {text} NOT NULL,
  id                 {text} NOT NULL,
  customer_id        {text} NOT NULL,
  account_id         {text} NOT NULL,
  reference          {text},
  phone              {text} NOT NULL,
  product            {text},
  face_amount        BIGINT NOT NULL,
  face_currency      {text} NOT NULL,
  charge_amount      BIGINT,
  charge_currency    {text},
  commission_amount  BIGINT,
  rate               BIGINT,
  rate_base          {text},
  rate_quote         {text},
  rate_as_of         BIGINT,
  rate_source        {text},
  route_provider     {text},
  route_product      {text},
  route_operator     {text},
  send_amount        BIGINT,
  send_currency      {text},
  cost_amount        BIGINT,
  cost_currency      {text},
  state              {text} NOT NULL,
  code               {text},
  rejection          {text},
  operator_reference {text},
  created_at         BIGINT NOT NULL,
  day                {text} NOT NULL,
  decided_at         BIGINT,
  unknown_since      BIGINT,
  next_check_at      BIGINT,
  version            BIGINT NOT NULL,
  CONSTRAINT relier_topup_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_topup_state CHECK (state IN (
    'reserved', 'submitting', 'pending', 'unknown', 'in_review', 'succeeded', 'failed', 'rejected', 'reversed', 'late_delivered')),
  CONSTRAINT relier_topup_face CHECK (face_amount >= 0),
  CONSTRAINT relier_topup_charge CHECK ((charge_amount IS NULL) = (charge_currency IS NULL) AND (charge_amount IS NULL OR charge_amount > 0)),
  CONSTRAINT relier_topup_rate CHECK (
    (rate IS NULL) = (rate_base IS NULL) AND (rate IS NULL) = (rate_quote IS NULL)
    AND (rate IS NULL) = (rate_as_of IS NULL) AND (rate IS NULL) = (rate_source IS NULL)),
  CONSTRAINT relier_topup_route CHECK (
    (route_provider IS NULL) = (route_product IS NULL) AND (route_provider IS NULL) = (route_operator IS NULL)
    AND (route_provider IS NULL) = (send_amount IS NULL) AND (route_provider IS NULL) = (send_currency IS NULL)
    AND (route_provider IS NULL) = (cost_amount IS NULL) AND (route_provider IS NULL) = (cost_currency IS NULL)),
  CONSTRAINT relier_topup_version CHECK (version >= 1)
);

CREATE INDEX relier_topup_by_time ON relier_topup (tenant_id, created_at DESC, id DESC);
CREATE INDEX relier_topup_by_customer ON relier_topup (tenant_id, customer_id, created_at DESC, id DESC);
CREATE INDEX relier_topup_by_phone ON relier_topup (tenant_id, phone, created_at DESC, id DESC);

CREATE TABLE relier_topup_attempt (
  tenant_id          {text} NOT NULL,
  topup_id           {text} NOT NULL,
  no                 BIGINT NOT NULL,
  provider           {text} NOT NULL,
  product            {text} NOT NULL,
  operator           {text} NOT NULL,
  send_amount        BIGINT NOT NULL,
  send_currency      {text} NOT NULL,
  cost_amount        BIGINT NOT NULL,
  cost_currency      {text} NOT NULL,
  environment        {text} NOT NULL,
  provider_reference {text} NOT NULL,
  state              {text} NOT NULL,
  started_at         BIGINT NOT NULL,
  ended_at           BIGINT,
  transaction_id     {text},
  operator_reference {text},
  code               {text},
  message            {text},
  evidence           {text},
  CONSTRAINT relier_topup_attempt_key PRIMARY KEY (tenant_id, topup_id, no),
  CONSTRAINT relier_topup_attempt_topup FOREIGN KEY (tenant_id, topup_id) REFERENCES relier_topup (tenant_id, id),
  CONSTRAINT relier_topup_attempt_no CHECK (no >= 1),
  CONSTRAINT relier_topup_attempt_environment CHECK (environment IN ('production', 'sandbox', 'simulator')),
  CONSTRAINT relier_topup_attempt_state CHECK (state IN (
    'submitting', 'not_sent', 'refused', 'delivered', 'accepted', 'unknown', 'not_delivered'))
);

-- The submission that may still turn out either way: never two, whatever two processes believe.
CREATE UNIQUE INDEX relier_topup_attempt_open ON relier_topup_attempt (tenant_id, topup_id)
  WHERE state IN ('submitting', 'accepted', 'unknown');

CREATE TABLE relier_topup_evidence (
  tenant_id  {text} NOT NULL,
  topup_id   {text} NOT NULL,
  no         BIGINT NOT NULL,
  id         {text} NOT NULL,
  verdict    {text} NOT NULL,
  source     {text} NOT NULL,
  reference  {text} NOT NULL,
  brought_by {text} NOT NULL,
  attempt_no BIGINT,
  heard_at   BIGINT NOT NULL,
  note       {text},
  CONSTRAINT relier_topup_evidence_key PRIMARY KEY (tenant_id, topup_id, no),
  CONSTRAINT relier_topup_evidence_id UNIQUE (tenant_id, id),
  CONSTRAINT relier_topup_evidence_topup FOREIGN KEY (tenant_id, topup_id) REFERENCES relier_topup (tenant_id, id),
  CONSTRAINT relier_topup_evidence_verdict CHECK (verdict IN ('delivered', 'not_delivered', 'reversed')),
  CONSTRAINT relier_topup_evidence_source CHECK (source IN ('lookup', 'person', 'statement', 'callback'))
);

-- What must be unique for ever stays here when the top-up itself is archived, so no foreign key.
CREATE TABLE relier_topup_reference (
  tenant_id   {text} NOT NULL,
  reference   {text} NOT NULL,
  customer_id {text} NOT NULL,
  topup_id    {text} NOT NULL,
  CONSTRAINT relier_topup_reference_key PRIMARY KEY (tenant_id, reference, customer_id)
);

CREATE TABLE relier_provider_reference (
  tenant_id  {text} NOT NULL,
  provider   {text} NOT NULL,
  reference  {text} NOT NULL,
  topup_id   {text} NOT NULL,
  attempt_no BIGINT NOT NULL,
  CONSTRAINT relier_provider_reference_key PRIMARY KEY (tenant_id, provider, reference)
);

-- Face values that count towards a customer's day.
CREATE TABLE relier_daily_use (
  tenant_id   {text} NOT NULL,
  customer_id {text} NOT NULL,
  day         {text} NOT NULL,
  currency    {text} NOT NULL,
  amount      BIGINT NOT NULL,
  CONSTRAINT relier_daily_use_key PRIMARY KEY (tenant_id, customer_id, day, currency)
);

CREATE TABLE relier_job (
  tenant_id    {text} NOT NULL,
  id           {text} NOT NULL,
  kind         {text} NOT NULL,
  subject      {text} NOT NULL,
  run_at       BIGINT NOT NULL,
  tries        BIGINT NOT NULL,
  is_dead      BIGINT NOT NULL,
  owner        {text},
  leased_until BIGINT,
  last_error   {text},
  created_at   BIGINT NOT NULL,
  CONSTRAINT relier_job_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_job_tries CHECK (tries >= 0),
  CONSTRAINT relier_job_is_dead CHECK (is_dead IN (0, 1)),
  CONSTRAINT relier_job_lease CHECK ((owner IS NULL) = (leased_until IS NULL))
);

-- Across tenants: workers take what is due longest, whoever's it is.
CREATE INDEX relier_job_due ON relier_job (run_at, id) WHERE is_dead = 0;

-- Lifetime counters: a row for each worker, so that none is fought over; summed when read.
CREATE TABLE relier_job_counter (
  tenant_id {text} NOT NULL,
  kind      {text} NOT NULL,
  owner     {text} NOT NULL,
  outcome   {text} NOT NULL,
  count     BIGINT NOT NULL,
  CONSTRAINT relier_job_counter_key PRIMARY KEY (tenant_id, kind, owner, outcome),
  CONSTRAINT relier_job_counter_outcome CHECK (outcome IN ('completed', 'failed'))
);

CREATE TABLE relier_audit_entry (
  tenant_id   {text} NOT NULL,
  id          {text} NOT NULL,
  happened_at BIGINT NOT NULL,
  actor       {text} NOT NULL,
  action      {text} NOT NULL,
  subject     {text} NOT NULL,
  before_json {text},
  after_json  {text},
  CONSTRAINT relier_audit_entry_key PRIMARY KEY (tenant_id, id)
);

CREATE INDEX relier_audit_entry_by_time ON relier_audit_entry (tenant_id, happened_at DESC, id);
CREATE INDEX relier_audit_entry_by_subject ON relier_audit_entry (tenant_id, subject, happened_at DESC, id);

CREATE TABLE relier_first_answer (
  tenant_id   {text} NOT NULL,
  actor       {text} NOT NULL,
  key         {text} NOT NULL,
  fingerprint {text} NOT NULL,
  resource    {text},
  refusal     {text},
  answered_at BIGINT NOT NULL,
  CONSTRAINT relier_first_answer_key PRIMARY KEY (tenant_id, actor, key)
);
