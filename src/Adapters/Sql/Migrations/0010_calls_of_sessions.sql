-- How much of what was used has a price, where a session ran on into time, or to an amount, for which there is none.
ALTER TABLE relier_usage_session ADD COLUMN priced_to BIGINT NOT NULL DEFAULT 0 CONSTRAINT relier_usage_session_priced_to CHECK (priced_to >= 0);

UPDATE relier_usage_session SET priced_to = used;

-- Of a call, only when that is not all.
ALTER TABLE relier_call ADD COLUMN priced_to BIGINT;
