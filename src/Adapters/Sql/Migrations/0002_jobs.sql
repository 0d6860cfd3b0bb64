-- Fair claims, pauses, recurring work and the processes themselves.

-- The queue a job stands in: tenant/party. Jobs that a process of the version before adds while it still runs share one.
ALTER TABLE relier_job ADD COLUMN lane {text} NOT NULL DEFAULT '/';
ALTER TABLE relier_job ADD COLUMN forgiven BIGINT NOT NULL DEFAULT 0;
UPDATE relier_job SET lane = tenant_id || '/';

-- What can be claimed at a time stands together in each lane: a lease that runs keeps its job behind what is due.
DROP INDEX relier_job_due;
CREATE INDEX relier_job_fair ON relier_job (kind, lane, (COALESCE(leased_until, run_at)), id) WHERE is_dead = 0;
CREATE INDEX relier_job_dead ON relier_job (tenant_id, created_at DESC, id) WHERE is_dead = 1;

CREATE TABLE relier_job_pause (
  tenant_id {text} NOT NULL,
  kind      {text} NOT NULL,
  paused_at BIGINT NOT NULL,
  paused_by {text} NOT NULL,
  CONSTRAINT relier_job_pause_key PRIMARY KEY (tenant_id, kind)
);

CREATE TABLE relier_schedule (
  tenant_id {text} NOT NULL,
  name      {text} NOT NULL,
  due_at    BIGINT NOT NULL,
  CONSTRAINT relier_schedule_key PRIMARY KEY (tenant_id, name)
);

-- Of the house, not of a tenant: a process works for all of them.
CREATE TABLE relier_process (
  name       {text} NOT NULL,
  host       {text} NOT NULL,
  version    {text} NOT NULL,
  kinds      {text} NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  CONSTRAINT relier_process_key PRIMARY KEY (name)
);
