-- Plans, decks, accounts that usage is charged to, calls and the reports they came in.

-- A row to wait for, and a number by which everybody notices that prices changed.
CREATE TABLE relier_tariff_revision (
  tenant_id {text} NOT NULL,
  revision  BIGINT NOT NULL,
  CONSTRAINT relier_tariff_revision_key PRIMARY KEY (tenant_id)
);

CREATE TABLE relier_plan_version (
  tenant_id      {text} NOT NULL,
  plan_id        {text} NOT NULL,
  version        BIGINT NOT NULL,
  name           {text} NOT NULL,
  currency       {text} NOT NULL,
  state          {text} NOT NULL,
  effective_from BIGINT NOT NULL,
  definition     {text} NOT NULL,
  created_at     BIGINT NOT NULL,
  retired_at     BIGINT,
  CONSTRAINT relier_plan_version_key PRIMARY KEY (tenant_id, plan_id, version),
  CONSTRAINT relier_plan_version_state CHECK (state IN ('active', 'retired')),
  CONSTRAINT relier_plan_version_end CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);

CREATE TABLE relier_deck_version (
  tenant_id      {text} NOT NULL,
  deck_id        {text} NOT NULL,
  version        BIGINT NOT NULL,
  name           {text} NOT NULL,
  currency       {text} NOT NULL,
  state          {text} NOT NULL,
  effective_from BIGINT,
  hash           {text} NOT NULL,
  entries        BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  activated_at   BIGINT,
  retired_at     BIGINT,
  CONSTRAINT relier_deck_version_key PRIMARY KEY (tenant_id, deck_id, version),
  CONSTRAINT relier_deck_version_state CHECK (state IN ('draft', 'active', 'retired')),
  CONSTRAINT relier_deck_version_times CHECK (
    (state = 'draft') = (effective_from IS NULL) AND (state = 'draft') = (activated_at IS NULL) AND (state = 'retired') = (retired_at IS NOT NULL))
);

-- The entries of a version, thousands in a row: they are written once and read whole, so a row each would only cost.
CREATE TABLE relier_deck_part (
  tenant_id {text} NOT NULL,
  deck_id   {text} NOT NULL,
  version   BIGINT NOT NULL,
  no        BIGINT NOT NULL,
  rates     {text} NOT NULL,
  entries   {text} NOT NULL,
  CONSTRAINT relier_deck_part_key PRIMARY KEY (tenant_id, deck_id, version, no),
  CONSTRAINT relier_deck_part_version FOREIGN KEY (tenant_id, deck_id, version) REFERENCES relier_deck_version (tenant_id, deck_id, version)
);

-- Its money is the account of the same id.
CREATE TABLE relier_usage_account (
  tenant_id        {text} NOT NULL,
  id               {text} NOT NULL,
  customer_id      {text} NOT NULL,
  name             {text} NOT NULL,
  mode             {text} NOT NULL,
  status           {text} NOT NULL,
  currency         {text} NOT NULL,
  zone             {text} NOT NULL,
  plans            {text} NOT NULL,
  low_balance      BIGINT,
  critical_balance BIGINT,
  created_at       BIGINT NOT NULL,
  version          BIGINT NOT NULL,
  CONSTRAINT relier_usage_account_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_usage_account_mode CHECK (mode IN ('prepaid', 'postpaid')),
  CONSTRAINT relier_usage_account_status CHECK (status IN ('active', 'suspended', 'closed')),
  CONSTRAINT relier_usage_account_version CHECK (version >= 1)
);

CREATE INDEX relier_usage_account_by_time ON relier_usage_account (tenant_id, created_at DESC, id);
CREATE INDEX relier_usage_account_by_customer ON relier_usage_account (tenant_id, customer_id, created_at DESC, id);

CREATE TABLE relier_line (
  tenant_id   {text} NOT NULL,
  kind        {text} NOT NULL,
  value       {text} NOT NULL,
  account_id  {text} NOT NULL,
  customer_id {text} NOT NULL,
  CONSTRAINT relier_line_key PRIMARY KEY (tenant_id, value, kind),
  CONSTRAINT relier_line_kind CHECK (kind IN ('account', 'account_code', 'number', 'sip_user'))
);

CREATE INDEX relier_line_by_account ON relier_line (tenant_id, account_id, kind, value);

-- Amounts in units of the bucket's kind; of money in millionths.
CREATE TABLE relier_bucket (
  tenant_id  {text} NOT NULL,
  id         {text} NOT NULL,
  account_id {text} NOT NULL,
  name       {text} NOT NULL,
  kind       {text} NOT NULL,
  granted    BIGINT NOT NULL,
  rest       BIGINT NOT NULL,
  reserved   BIGINT NOT NULL,
  unit       BIGINT NOT NULL,
  priority   BIGINT NOT NULL,
  prefixes   {text} NOT NULL,
  is_blocker BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  CONSTRAINT relier_bucket_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_bucket_kind CHECK (kind IN ('money', 'seconds', 'messages', 'bytes')),
  CONSTRAINT relier_bucket_rest CHECK (rest >= 0 AND reserved >= 0 AND reserved <= rest),
  CONSTRAINT relier_bucket_is_blocker CHECK (is_blocker IN (0, 1)),
  CONSTRAINT relier_bucket_version CHECK (version >= 1)
);

CREATE INDEX relier_bucket_by_account ON relier_bucket (tenant_id, account_id, id);

-- What must be unique for ever stays here when the call itself is archived, so no foreign key.
CREATE TABLE relier_call_name (
  tenant_id   {text} NOT NULL,
  external_id {text} NOT NULL,
  source      {text} NOT NULL,
  leg         {text} NOT NULL,
  call_id     {text} NOT NULL,
  fingerprint {text} NOT NULL,
  CONSTRAINT relier_call_name_key PRIMARY KEY (tenant_id, external_id, source, leg)
);

CREATE TABLE relier_call (
  tenant_id      {text} NOT NULL,
  id             {text} NOT NULL,
  source         {text} NOT NULL,
  external_id    {text} NOT NULL,
  leg            {text} NOT NULL,
  kind           {text} NOT NULL,
  direction      {text} NOT NULL,
  caller         {text},
  called         {text},
  started_at     BIGINT NOT NULL,
  answered_at    BIGINT,
  ended_at       BIGINT,
  duration       BIGINT NOT NULL,
  quantity       BIGINT NOT NULL,
  cause          {text},
  lines          {text} NOT NULL,
  is_charged     BIGINT NOT NULL,
  linked_to      {text},
  account_id     {text},
  customer_id    {text},
  line_kind      {text},
  line_value     {text},
  state          {text} NOT NULL,
  reason         {text},
  rating_version BIGINT,
  rated_at       BIGINT,
  plan_id        {text},
  plan_version   BIGINT,
  deck_id        {text},
  deck_version   BIGINT,
  prefix         {text},
  destination    {text},
  billed         BIGINT,
  amount         BIGINT,
  currency       {text},
  charge_lines   {text},
  bucket_uses    {text},
  journal_id     {text},
  dispute_id     {text},
  received_at    BIGINT NOT NULL,
  batch          {text},
  version        BIGINT NOT NULL,
  CONSTRAINT relier_call_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_call_kind CHECK (kind IN ('voice', 'data', 'message', 'event')),
  CONSTRAINT relier_call_direction CHECK (direction IN ('outbound', 'inbound')),
  CONSTRAINT relier_call_state CHECK (state IN ('received', 'rated', 'zero', 'unrated', 'not_charged')),
  CONSTRAINT relier_call_price CHECK ((state = 'rated') = (amount IS NOT NULL) AND (amount IS NULL) = (currency IS NULL)),
  CONSTRAINT relier_call_reason CHECK ((state = 'unrated') = (reason IS NOT NULL)),
  CONSTRAINT relier_call_version CHECK (version >= 1)
);

CREATE INDEX relier_call_by_time ON relier_call (tenant_id, started_at DESC, id);
CREATE INDEX relier_call_by_account ON relier_call (tenant_id, account_id, started_at DESC, id);
CREATE INDEX relier_call_received ON relier_call (tenant_id, account_id, id) WHERE state = 'received';
CREATE INDEX relier_call_unrated ON relier_call (tenant_id, reason, id) WHERE state = 'unrated';

-- Prices that calls had before a price was corrected. Never changed.
CREATE TABLE relier_call_rating (
  tenant_id      {text} NOT NULL,
  call_id        {text} NOT NULL,
  rating_version BIGINT NOT NULL,
  rated_at       BIGINT NOT NULL,
  plan_id        {text} NOT NULL,
  plan_version   BIGINT NOT NULL,
  deck_id        {text} NOT NULL,
  deck_version   BIGINT NOT NULL,
  prefix         {text} NOT NULL,
  destination    {text} NOT NULL,
  billed         BIGINT NOT NULL,
  amount         BIGINT NOT NULL,
  currency       {text} NOT NULL,
  charge_lines   {text} NOT NULL,
  bucket_uses    {text},
  journal_id     {text},
  CONSTRAINT relier_call_rating_key PRIMARY KEY (tenant_id, call_id, rating_version)
);

CREATE TABLE relier_call_dispute (
  tenant_id   {text} NOT NULL,
  id          {text} NOT NULL,
  call_id     {text} NOT NULL,
  account_id  {text} NOT NULL,
  customer_id {text} NOT NULL,
  amount      BIGINT NOT NULL,
  currency    {text} NOT NULL,
  state       {text} NOT NULL,
  reason      {text} NOT NULL,
  opened_by   {text} NOT NULL,
  opened_at   BIGINT NOT NULL,
  credit      BIGINT,
  closed_by   {text},
  closed_at   BIGINT,
  note        {text},
  version     BIGINT NOT NULL,
  CONSTRAINT relier_call_dispute_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_call_dispute_state CHECK (state IN ('open', 'credited', 'rejected')),
  CONSTRAINT relier_call_dispute_end CHECK ((state = 'open') = (closed_at IS NULL) AND (state = 'credited') = (credit IS NOT NULL)),
  CONSTRAINT relier_call_dispute_version CHECK (version >= 1)
);

CREATE INDEX relier_call_dispute_by_time ON relier_call_dispute (tenant_id, opened_at DESC, id);
CREATE INDEX relier_call_dispute_by_customer ON relier_call_dispute (tenant_id, customer_id, opened_at DESC, id);

CREATE TABLE relier_call_report (
  tenant_id    {text} NOT NULL,
  id           {text} NOT NULL,
  source       {text} NOT NULL,
  reader       {text},
  reported_at  BIGINT NOT NULL,
  content_type {text},
  body         {text} NOT NULL,
  is_base64    BIGINT NOT NULL,
  state        {text} NOT NULL,
  reason       {text},
  detail       {text},
  call_id      {text},
  version      BIGINT NOT NULL,
  CONSTRAINT relier_call_report_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_call_report_is_base64 CHECK (is_base64 IN (0, 1)),
  CONSTRAINT relier_call_report_state CHECK (state IN ('accepted', 'duplicate', 'conflict', 'malformed', 'discarded')),
  CONSTRAINT relier_call_report_version CHECK (version >= 1)
);

CREATE INDEX relier_call_report_by_time ON relier_call_report (tenant_id, reported_at DESC, id);
CREATE INDEX relier_call_report_for_people ON relier_call_report (tenant_id, state, reported_at DESC, id) WHERE state IN ('conflict', 'malformed');

CREATE TABLE relier_usage_count (
  tenant_id  {text} NOT NULL,
  account_id {text} NOT NULL,
  month      {text} NOT NULL,
  line_kind  {text} NOT NULL,
  line_value {text} NOT NULL,
  kind       {text} NOT NULL,
  direction  {text} NOT NULL,
  calls      BIGINT NOT NULL,
  quantity   BIGINT NOT NULL,
  billed     BIGINT NOT NULL,
  amount     BIGINT NOT NULL,
  currency   {text} NOT NULL,
  CONSTRAINT relier_usage_count_key PRIMARY KEY (tenant_id, account_id, month, line_kind, line_value, kind, direction)
);
