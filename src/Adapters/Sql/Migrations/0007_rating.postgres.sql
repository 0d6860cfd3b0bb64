ALTER TABLE relier_tariff_revision SET (fillfactor = 50);
ALTER TABLE relier_bucket SET (fillfactor = 60);
ALTER TABLE relier_usage_count SET (fillfactor = 60);
ALTER TABLE relier_call SET (fillfactor = 90);

-- For people: times and amounts as they are read. No statement of ours uses them.

CREATE VIEW relier_readable_call AS
SELECT tenant_id, id, source, external_id, leg, kind, direction, caller, called, relier_time(started_at) AS started_at,
       relier_time(answered_at) AS answered_at, relier_time(ended_at) AS ended_at, duration, quantity, cause, account_id, customer_id, state, reason,
       relier_time(rated_at) AS rated_at, plan_id, plan_version, deck_id, deck_version, prefix, destination, billed,
       relier_units(amount) AS amount, currency, charge_lines::JSON AS charge_lines, journal_id, relier_time(received_at) AS received_at, version
FROM relier_call;

CREATE VIEW relier_readable_usage_count AS
SELECT tenant_id, account_id, month, line_kind, line_value, kind, direction, calls, quantity, billed, relier_units(amount) AS amount, currency
FROM relier_usage_count;
