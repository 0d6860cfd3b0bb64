
CREATE OR REPLACE VIEW relier_readable_job AS
SELECT tenant_id, id, kind, subject, relier_time(run_at) AS run_at, tries, is_dead = 1 AS is_dead, owner,
       relier_time(leased_until) AS leased_until, last_error, relier_time(created_at) AS created_at, lane, forgiven
FROM relier_job;

CREATE VIEW relier_readable_job_pause AS
SELECT tenant_id, kind, relier_time(paused_at) AS paused_at, paused_by FROM relier_job_pause;

CREATE VIEW relier_readable_schedule AS
SELECT tenant_id, name, relier_time(due_at) AS due_at FROM relier_schedule;

CREATE VIEW relier_readable_process AS
SELECT name, host, version, kinds, relier_time(started_at) AS started_at, relier_time(seen_at) AS seen_at FROM relier_process;
