using Relier.Ledger;
using Relier.Tenancy;

namespace Relier.Sql;

/// <summary>
/// The rules of the books as queries for what breaks them. Each rule is one statement, so that it sees one moment of
/// the database while others go on writing. Amounts are compared and added as whole numbers; nothing is rounded.
/// </summary>
internal static class LedgerVerification
{
    /// <summary>More would not be read by anybody: a broken rule is repaired before the next is looked at.</summary>
    private const int FindingsMax = 100;

    private const string JournalBalances = """
        SELECT journal_id AS Subject, 0 AS ExpectedAmount, CAST(SUM(amount) AS BIGINT) AS FoundAmount, currency AS Currency
        FROM relier_posting WHERE tenant_id = @TenantId
        GROUP BY journal_id, currency HAVING SUM(amount) <> 0
        ORDER BY journal_id, currency LIMIT @Limit
        """;

    // Also postings in another currency than the account's, and postings on an account that is not there.
    private const string PostedIsSumOfPostings = """
        SELECT Subject, ExpectedAmount, FoundAmount, Currency FROM (
          SELECT a.id AS Subject, COALESCE(p.total, 0) AS ExpectedAmount, a.posted AS FoundAmount, a.currency AS Currency
          FROM relier_account a
          LEFT JOIN (
            SELECT account, currency, CAST(SUM(amount) AS BIGINT) AS total FROM relier_posting
            WHERE tenant_id = @TenantId GROUP BY account, currency) p ON p.account = 'customer:' || a.id AND p.currency = a.currency
          WHERE a.tenant_id = @TenantId AND a.posted <> COALESCE(p.total, 0)
          UNION ALL
          SELECT SUBSTR(p.account, 10), CAST(SUM(p.amount) AS BIGINT), 0, p.currency
          FROM relier_posting p
          WHERE p.tenant_id = @TenantId AND SUBSTR(p.account, 1, 9) = 'customer:'
            AND NOT EXISTS (
              SELECT 1 FROM relier_account a
              WHERE a.tenant_id = p.tenant_id AND a.id = SUBSTR(p.account, 10) AND a.currency = p.currency)
          GROUP BY p.account, p.currency) found
        ORDER BY Subject, Currency LIMIT @Limit
        """;

    // Also open holds in another currency than the account's, and open holds on an account that is not there.
    private const string HeldIsSumOfOpenHolds = """
        SELECT Subject, ExpectedAmount, FoundAmount, Currency FROM (
          SELECT a.id AS Subject, COALESCE(h.total, 0) AS ExpectedAmount, a.held AS FoundAmount, a.currency AS Currency
          FROM relier_account a
          LEFT JOIN (
            SELECT account_id, currency, CAST(SUM(amount) AS BIGINT) AS total FROM relier_hold
            WHERE tenant_id = @TenantId AND state = 'open' GROUP BY account_id, currency) h
            ON h.account_id = a.id AND h.currency = a.currency
          WHERE a.tenant_id = @TenantId AND a.held <> COALESCE(h.total, 0)
          UNION ALL
          SELECT h.account_id, CAST(SUM(h.amount) AS BIGINT), 0, h.currency
          FROM relier_hold h
          WHERE h.tenant_id = @TenantId AND h.state = 'open'
            AND NOT EXISTS (
              SELECT 1 FROM relier_account a WHERE a.tenant_id = h.tenant_id AND a.id = h.account_id AND a.currency = h.currency)
          GROUP BY h.account_id, h.currency) found
        ORDER BY Subject, Currency LIMIT @Limit
        """;

    // Subject is the account; its last entry must also be the number the account counts to.
    private const string RunningBalance = """
        SELECT Subject, ExpectedEntry, ExpectedAmount, FoundEntry, FoundAmount, Currency FROM (
          SELECT SUBSTR(account, 10) AS Subject,
                 ROW_NUMBER() OVER (PARTITION BY account ORDER BY entry, journal_id, no) AS ExpectedEntry,
                 COALESCE(LAG(balance) OVER (PARTITION BY account ORDER BY entry, journal_id, no), 0) + amount AS ExpectedAmount,
                 COALESCE(entry, 0) AS FoundEntry, COALESCE(balance, 0) AS FoundAmount, currency AS Currency,
                 CASE WHEN entry IS NULL THEN 1 ELSE 0 END AS Unnumbered
          FROM relier_posting
          WHERE tenant_id = @TenantId AND SUBSTR(account, 1, 9) = 'customer:'
          UNION ALL
          SELECT a.id, COALESCE(p.last_entry, 0), 0, a.entries, 0, a.currency, 0
          FROM relier_account a
          LEFT JOIN (
            SELECT account, MAX(entry) AS last_entry FROM relier_posting
            WHERE tenant_id = @TenantId AND entry IS NOT NULL GROUP BY account) p ON p.account = 'customer:' || a.id
          WHERE a.tenant_id = @TenantId) found
        WHERE Unnumbered = 1 OR ExpectedEntry <> FoundEntry OR ExpectedAmount <> FoundAmount
        ORDER BY Subject, FoundEntry, ExpectedEntry LIMIT @Limit
        """;

    private const string AvailableNotNegative = """
        SELECT a.id AS Subject, 0 AS ExpectedAmount, a.posted + a.credit_limit - a.held AS FoundAmount, a.currency AS Currency
        FROM relier_account a
        WHERE a.tenant_id = @TenantId AND a.held > 0 AND a.posted + a.credit_limit - a.held < 0
          AND NOT EXISTS (
            SELECT 1 FROM relier_posting p JOIN relier_journal j ON j.tenant_id = p.tenant_id AND j.id = p.journal_id
            WHERE p.tenant_id = a.tenant_id AND p.account = 'customer:' || a.id AND j.kind IN ('late_delivery', 'usage_charged', 'usage_recharged'))
        ORDER BY a.id LIMIT @Limit
        """;

    // The money of an imported top-up is part of an opening balance: a hold or a journal of its own would count it twice.
    private const string HoldFollowsTopUp = """
        SELECT t.id AS Subject, t.state AS State, t.charge_amount AS ExpectedAmount, t.charge_currency AS ExpectedCurrency,
               h.state AS FoundState, h.amount AS FoundAmount, h.currency AS FoundCurrency
        FROM relier_topup t
        LEFT JOIN relier_hold h ON h.tenant_id = t.tenant_id AND h.subject = t.id
        LEFT JOIN relier_imported_topup i ON i.tenant_id = t.tenant_id AND i.topup_id = t.id
        WHERE t.tenant_id = @TenantId AND (
          CASE
            WHEN i.topup_id IS NOT NULL THEN 'none'
            WHEN t.state IN ('reserved', 'submitting', 'pending', 'unknown', 'in_review') THEN 'open'
            WHEN t.state IN ('succeeded', 'reversed') THEN 'captured'
            WHEN t.state IN ('failed', 'late_delivered') THEN 'released'
            ELSE 'none'
          END <> COALESCE(h.state, 'none')
          OR h.state IS NOT NULL AND (
            h.amount <> COALESCE(t.charge_amount, -1) OR h.currency <> COALESCE(t.charge_currency, '') OR h.account_id <> t.account_id))
        ORDER BY t.id LIMIT @Limit
        """;

    private const string JournalsFollowTopUp = """
        SELECT Subject, State, Captured, Reversed, Late FROM (
          SELECT t.id AS Subject, CASE WHEN i.topup_id IS NULL THEN t.state ELSE 'imported' END AS State,
                 COUNT(CASE WHEN j.kind = 'topup_captured' THEN 1 END) AS Captured,
                 COUNT(CASE WHEN j.kind = 'topup_reversed' THEN 1 END) AS Reversed,
                 COUNT(CASE WHEN j.kind = 'late_delivery' THEN 1 END) AS Late
          FROM relier_topup t
          LEFT JOIN relier_journal j ON j.tenant_id = t.tenant_id AND j.subject = t.id
          LEFT JOIN relier_imported_topup i ON i.tenant_id = t.tenant_id AND i.topup_id = t.id
          WHERE t.tenant_id = @TenantId
          GROUP BY t.id, t.state, i.topup_id) found
        WHERE Captured <> CASE WHEN State IN ('succeeded', 'reversed') THEN 1 ELSE 0 END
           OR Reversed <> CASE WHEN State = 'reversed' THEN 1 ELSE 0 END
           OR Late <> CASE WHEN State = 'late_delivered' THEN 1 ELSE 0 END
        ORDER BY Subject LIMIT @Limit
        """;

    public static async Task<IReadOnlyList<LedgerFinding>> RunAsync(Statements sql, TenantId tenant, CancellationToken cancellationToken)
    {
        var findings = new List<LedgerFinding>();

        async Task CheckAsync<TRow>(string statement, Func<TRow, LedgerFinding> toFinding)
        {
            if (findings.Count == FindingsMax) return;
            var parameters = new { TenantId = tenant.Value, Limit = FindingsMax - findings.Count };
            findings.AddRange((await sql.ListLongAsync<TRow>(statement, parameters, cancellationToken)).Select(toFinding));
        }

        await CheckAsync<AmountRow>(JournalBalances, row => row.ToFinding(LedgerRule.JournalBalances));
        await CheckAsync<AmountRow>(PostedIsSumOfPostings, row => row.ToFinding(LedgerRule.PostedIsSumOfPostings));
        await CheckAsync<AmountRow>(HeldIsSumOfOpenHolds, row => row.ToFinding(LedgerRule.HeldIsSumOfOpenHolds));
        await CheckAsync<EntryRow>(RunningBalance, row => row.ToFinding());
        await CheckAsync<AmountRow>(AvailableNotNegative, row => row.ToFinding(LedgerRule.AvailableNotNegative, "at least "));
        await CheckAsync<HoldRow>(HoldFollowsTopUp, row => row.ToFinding());
        await CheckAsync<JournalsRow>(JournalsFollowTopUp, row => row.ToFinding());
        return findings;
    }

    private sealed record AmountRow
    {
        public required string Subject { get; init; }
        public required long ExpectedAmount { get; init; }
        public required long FoundAmount { get; init; }
        public required string Currency { get; init; }

        public LedgerFinding ToFinding(LedgerRule rule, string bound = "") => new(
            rule, Subject, $"{bound}{Amounts.ToMoney(ExpectedAmount, Currency)}", $"{Amounts.ToMoney(FoundAmount, Currency)}");
    }

    private sealed record EntryRow
    {
        public required string Subject { get; init; }
        public required long ExpectedEntry { get; init; }
        public required long ExpectedAmount { get; init; }
        public required long FoundEntry { get; init; }
        public required long FoundAmount { get; init; }
        public required string Currency { get; init; }

        public LedgerFinding ToFinding() => new(
            LedgerRule.RunningBalance, Subject,
            $"entry {ExpectedEntry} with {Amounts.ToMoney(ExpectedAmount, Currency)}",
            $"entry {FoundEntry} with {Amounts.ToMoney(FoundAmount, Currency)}");
    }

    private sealed record HoldRow
    {
        public required string Subject { get; init; }
        public required string State { get; init; }
        public long? ExpectedAmount { get; init; }
        public string? ExpectedCurrency { get; init; }
        public string? FoundState { get; init; }
        public long? FoundAmount { get; init; }
        public string? FoundCurrency { get; init; }

        public LedgerFinding ToFinding() => new(
            LedgerRule.HoldFollowsTopUp, Subject,
            $"the hold of a top-up that is {State}, for {Said(ExpectedAmount, ExpectedCurrency)}",
            FoundState is null ? "no hold" : $"a hold that is {FoundState}, for {Said(FoundAmount, FoundCurrency)}");

        private static string Said(long? amount, string? currency) => Amounts.ToMoney(amount, currency)?.ToString() ?? "nothing";
    }

    private sealed record JournalsRow
    {
        public required string Subject { get; init; }
        public required string State { get; init; }
        public required long Captured { get; init; }
        public required long Reversed { get; init; }
        public required long Late { get; init; }

        public LedgerFinding ToFinding() => new(
            LedgerRule.JournalsFollowTopUp, Subject,
            $"the journals of a top-up that is {State}",
            $"{Captured} captures, {Reversed} reversals, {Late} late deliveries");
    }
}
