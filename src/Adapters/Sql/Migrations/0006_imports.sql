-- What came from other systems, and what it became here.

-- For ever: by these rows a thing that came once is recognised.
CREATE TABLE relier_imported (
  tenant_id    {text} NOT NULL,
  source       {text} NOT NULL,
  kind         {text} NOT NULL,
  old_id       {text} NOT NULL,
  new_id       {text} NOT NULL,
  fingerprint  {text} NOT NULL,
  is_undecided BIGINT NOT NULL,
  details      {text},
  imported_at  BIGINT NOT NULL,
  CONSTRAINT relier_imported_key PRIMARY KEY (tenant_id, source, kind, old_id),
  CONSTRAINT relier_imported_kind CHECK (kind IN ('customer', 'topup')),
  CONSTRAINT relier_imported_is_undecided CHECK (is_undecided IN (0, 1))
);

-- The top-ups among them have no hold and no journal, because their money is part of an opening balance. A table and not an
-- index over the one above: as long as that was never analysed, a planner would take the index for its key.
CREATE TABLE relier_imported_topup (
  tenant_id {text} NOT NULL,
  topup_id  {text} NOT NULL,
  CONSTRAINT relier_imported_topup_key PRIMARY KEY (tenant_id, topup_id)
);

-- Who imports changes the row of the source first: of two, one waits.
CREATE TABLE relier_import_source (
  tenant_id {text} NOT NULL,
  source    {text} NOT NULL,
  claims    BIGINT NOT NULL,
  CONSTRAINT relier_import_source_key PRIMARY KEY (tenant_id, source)
);
