-- A file of old rows. It is here as long as the file is kept.
CREATE TABLE relier_archive_part (
  tenant_id  {text} NOT NULL,
  id         {text} NOT NULL,
  kind       {text} NOT NULL,
  month      {text} NOT NULL,
  no         BIGINT NOT NULL,
  name       {text} NOT NULL,
  row_count  BIGINT NOT NULL,
  sha256     {text} NOT NULL,
  bytes      BIGINT NOT NULL,
  first_at   BIGINT NOT NULL,
  last_at    BIGINT NOT NULL,
  keep_until BIGINT NOT NULL,
  written_at BIGINT NOT NULL,
  CONSTRAINT relier_archive_part_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT relier_archive_part_kind CHECK (kind IN ('calls', 'reports')),
  CONSTRAINT relier_archive_part_size CHECK (row_count > 0 AND bytes > 0)
);

CREATE INDEX relier_archive_part_by_month ON relier_archive_part (tenant_id, kind, month, no);
CREATE INDEX relier_archive_part_by_time ON relier_archive_part (tenant_id, written_at DESC, id);

-- The name of a call stays when the call is archived, and says where it is and whose it was.
ALTER TABLE relier_call_name ADD COLUMN archive_part {text};
ALTER TABLE relier_call_name ADD COLUMN customer_id {text};

CREATE INDEX relier_call_name_archived ON relier_call_name (tenant_id, call_id) WHERE archive_part IS NOT NULL;
