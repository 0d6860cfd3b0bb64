-- What was written in the books, in the audit log and as proof is never changed or removed.

CREATE TRIGGER relier_journal_no_update BEFORE UPDATE ON relier_journal
BEGIN SELECT RAISE(ABORT, 'relier_journal is append-only'); END;
CREATE TRIGGER relier_journal_no_delete BEFORE DELETE ON relier_journal
BEGIN SELECT RAISE(ABORT, 'relier_journal is append-only'); END;

CREATE TRIGGER relier_posting_no_update BEFORE UPDATE ON relier_posting
BEGIN SELECT RAISE(ABORT, 'relier_posting is append-only'); END;
CREATE TRIGGER relier_posting_no_delete BEFORE DELETE ON relier_posting
BEGIN SELECT RAISE(ABORT, 'relier_posting is append-only'); END;

CREATE TRIGGER relier_topup_evidence_no_update BEFORE UPDATE ON relier_topup_evidence
BEGIN SELECT RAISE(ABORT, 'relier_topup_evidence is append-only'); END;
CREATE TRIGGER relier_topup_evidence_no_delete BEFORE DELETE ON relier_topup_evidence
BEGIN SELECT RAISE(ABORT, 'relier_topup_evidence is append-only'); END;

CREATE TRIGGER relier_audit_entry_no_update BEFORE UPDATE ON relier_audit_entry
BEGIN SELECT RAISE(ABORT, 'relier_audit_entry is append-only'); END;
CREATE TRIGGER relier_audit_entry_no_delete BEFORE DELETE ON relier_audit_entry
BEGIN SELECT RAISE(ABORT, 'relier_audit_entry is append-only'); END;
