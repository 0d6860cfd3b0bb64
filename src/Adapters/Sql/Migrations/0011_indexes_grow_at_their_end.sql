-- What comes in in order of time is appended to an index that ascends, and splits its pages everywhere in one that descends.
-- Pages of the newest first read the same index backwards.
DROP INDEX relier_topup_by_time;
DROP INDEX relier_topup_by_customer;
DROP INDEX relier_topup_by_phone;
CREATE INDEX relier_topup_by_time ON relier_topup (tenant_id, created_at, id);
CREATE INDEX relier_topup_by_customer ON relier_topup (tenant_id, customer_id, created_at, id);
CREATE INDEX relier_topup_by_phone ON relier_topup (tenant_id, phone, created_at, id);

DROP INDEX relier_provider_message_by_time;
CREATE INDEX relier_provider_message_by_time ON relier_provider_message (tenant_id, received_at, id DESC);

DROP INDEX relier_call_by_time;
DROP INDEX relier_call_by_account;
DROP INDEX relier_call_report_by_time;
CREATE INDEX relier_call_by_time ON relier_call (tenant_id, started_at, id DESC);
CREATE INDEX relier_call_by_account ON relier_call (tenant_id, account_id, started_at, id DESC);
CREATE INDEX relier_call_report_by_time ON relier_call_report (tenant_id, reported_at, id DESC);
