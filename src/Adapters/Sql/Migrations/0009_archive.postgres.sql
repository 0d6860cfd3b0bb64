-- For people: times as they are read. No statement of ours uses it.

CREATE VIEW relier_readable_archive_part AS
SELECT tenant_id, id, kind, month, no, name, row_count, sha256, bytes, relier_time(first_at) AS first_at, relier_time(last_at) AS last_at, relier_time(keep_until) AS keep_until,
       relier_time(written_at) AS written_at
FROM relier_archive_part;
