
-- For people: times and amounts as they are read. No statement of ours uses them.

CREATE VIEW relier_readable_reconciliation AS
SELECT tenant_id, id, provider, source, layout, file_name, file_hash, period_from, period_to, state, supersedes, started_by,
       relier_time(started_at) AS started_at, relier_time(finished_at) AS finished_at, row_count, rows_outside,
       is_complete = 1 AS is_complete, classes::JSON AS classes, walks::JSON AS walks, settled, problem, version
FROM relier_reconciliation;

CREATE VIEW relier_readable_reconciliation_break AS
SELECT tenant_id, id, run_id, class, verdict, needs_confirmation = 1 AS needs_confirmation, settles_itself = 1 AS settles_itself, line,
       topup_id, attempt_no, relier_units(their_amount) AS theirs, their_currency, relier_units(our_amount) AS ours, our_currency, reference,
       relier_time(opened_at) AS opened_at, owner, outcome, note, relier_time(closed_at) AS closed_at, closed_by
FROM relier_reconciliation_break;
