ALTER TABLE relier_usage_session SET (fillfactor = 50);

-- For people: times and amounts as they are read. No statement of ours uses it.

CREATE VIEW relier_readable_usage_session AS
SELECT tenant_id, id, source, external_id, leg, kind, direction, caller, called, relier_time(started_at) AS started_at, account_id, customer_id, mode, plan_id, state, sequence,
       used, granted, relier_units(charged) AS charged, relier_units(held) AS held, currency, relier_time(valid_until) AS valid_until, call_id, is_expired,
       relier_time(opened_at) AS opened_at, relier_time(ended_at) AS ended_at, version
FROM relier_usage_session;
