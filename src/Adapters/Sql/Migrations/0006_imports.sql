-- What came from other systems, and what it became here.

-- For ever: by these rows a thing that came once is recognised. A top-up with a row here has no hold and no journal, because
-- its money is part of an opening balance.
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

CREATE UNIQUE INDEX relier_imported_as ON relier_imported (tenant_id, kind, new_id);

-- Who imports changes the row of the source first: of two, one waits.
CREATE TABLE relier_import_source (
  tenant_id {text} NOT NULL,
  source    {text} NOT NULL,
  claims    BIGINT NOT NULL,
  CONSTRAINT relier_import_source_key PRIMARY KEY (tenant_id, source)
);
