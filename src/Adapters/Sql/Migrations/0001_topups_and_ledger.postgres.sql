-- What was written in the books, in the audit log and as proof is never changed or removed.

CREATE FUNCTION relier_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER relier_journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relier_journal
  FOR EACH STATEMENT EXECUTE FUNCTION relier_append_only();
CREATE TRIGGER relier_posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relier_posting
  FOR EACH STATEMENT EXECUTE FUNCTION relier_append_only();
CREATE TRIGGER relier_topup_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relier_topup_evidence
  FOR EACH STATEMENT EXECUTE FUNCTION relier_append_only();
CREATE TRIGGER relier_audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relier_audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION relier_append_only();

-- Rows that change often keep room in their page, so that a change need not touch the indexes.
ALTER TABLE relier_account SET (fillfactor = 50);
ALTER TABLE relier_topup SET (fillfactor = 80);
ALTER TABLE relier_topup_attempt SET (fillfactor = 80);
ALTER TABLE relier_daily_use SET (fillfactor = 50);
ALTER TABLE relier_job_counter SET (fillfactor = 50);

-- For people: the same rows with times and amounts as they are read. No statement of ours uses them.

CREATE FUNCTION relier_time(micros BIGINT) RETURNS TIMESTAMPTZ LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN TIMESTAMPTZ 'epoch' + micros * INTERVAL '1 microsecond';

CREATE FUNCTION relier_units(micros BIGINT) RETURNS NUMERIC LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN micros * 0.000001;

CREATE VIEW relier_readable_account AS
SELECT tenant_id, id, customer_id, relier_units(posted) AS posted, relier_units(held) AS held,
       relier_units(credit_limit) AS credit_limit, relier_units(posted + credit_limit - held) AS available, currency,
       entries, relier_time(opened_at) AS opened_at, version
FROM relier_account;

CREATE VIEW relier_readable_hold AS
SELECT tenant_id, subject, account_id, relier_units(amount) AS amount, currency, state,
       relier_time(opened_at) AS opened_at, relier_time(ended_at) AS ended_at
FROM relier_hold;

CREATE VIEW relier_readable_posting AS
SELECT p.tenant_id, p.journal_id, relier_time(p.written_at) AS written_at, j.kind, j.subject, j.reason, p.no, p.account,
       relier_units(p.amount) AS amount, p.currency, relier_units(p.balance) AS balance, p.entry
FROM relier_posting p
JOIN relier_journal j ON j.tenant_id = p.tenant_id AND j.id = p.journal_id;

CREATE VIEW relier_readable_exchange_rate AS
SELECT tenant_id, base, quote, relier_time(as_of) AS as_of, rate * 0.000000001 AS rate, source
FROM relier_exchange_rate;

CREATE VIEW relier_readable_topup AS
SELECT tenant_id, id, customer_id, account_id, reference, phone, product, relier_units(face_amount) AS face, face_currency,
       relier_units(charge_amount) AS charge, charge_currency, rate * 0.000000001 AS rate, rate_base, rate_quote,
       route_provider, route_product, route_operator, relier_units(send_amount) AS send, relier_units(cost_amount) AS cost,
       cost_currency, state, code, operator_reference, relier_time(created_at) AS created_at, day::DATE AS day,
       relier_time(decided_at) AS decided_at, relier_time(unknown_since) AS unknown_since,
       relier_time(next_check_at) AS next_check_at, version
FROM relier_topup;

CREATE VIEW relier_readable_job AS
SELECT tenant_id, id, kind, subject, relier_time(run_at) AS run_at, tries, is_dead = 1 AS is_dead, owner,
       relier_time(leased_until) AS leased_until, last_error, relier_time(created_at) AS created_at
FROM relier_job;

CREATE VIEW relier_readable_audit_entry AS
SELECT tenant_id, id, relier_time(happened_at) AS happened_at, actor, action, subject, before_json::JSON AS before, after_json::JSON AS after
FROM relier_audit_entry;
