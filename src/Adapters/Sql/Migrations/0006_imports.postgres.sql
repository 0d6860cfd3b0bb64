-- For people: times as they are read. No statement of ours uses it.

CREATE VIEW relier_readable_imported AS
SELECT tenant_id, source, kind, old_id, new_id, fingerprint, is_undecided = 1 AS is_undecided, details::JSON AS details, relier_time(imported_at) AS imported_at
FROM relier_imported;
