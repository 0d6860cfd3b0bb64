-- For people: times as they are read. No statement of ours uses them.

CREATE VIEW relier_readable_alert AS
SELECT tenant_id, id, kind, subject, cause, relier_time(raised_at) AS raised_at, facts::JSON AS facts, message FROM relier_alert;

CREATE VIEW relier_readable_alert_cause AS
SELECT tenant_id, kind, subject, cause, relier_time(raised_at) AS raised_at FROM relier_alert_cause;
