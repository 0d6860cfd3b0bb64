using Relier.Ledger;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>The rules of the books, over all rows of a tenant.</summary>
internal static class LedgerVerification
{
    private const int FindingsMax = 100;

    public static IReadOnlyList<LedgerFinding> Verify(TenantRows rows) =>
    [
        .. rows.Journals.Values.SelectMany(JournalBalances)
            .Concat(rows.Accounts.Values.SelectMany(account => VerifyAccount(rows, account)))
            .Concat(Strays(rows))
            .Concat(rows.TopUps.Values.SelectMany(topUp => HoldFollows(rows, topUp).Concat(JournalsFollow(rows, topUp))))
            .OrderBy(finding => finding.Kind).ThenBy(finding => finding.Subject, StringComparer.Ordinal)
            .Take(FindingsMax),
    ];

    public static Money Sum(this IEnumerable<Money> amounts, Currency currency) =>
        amounts.Aggregate(Money.Zero(currency), (sum, amount) => sum + amount);

    private static IEnumerable<LedgerFinding> JournalBalances(Journal journal) =>
        from currency in journal.Postings.Select(posting => posting.Amount).GroupBy(amount => amount.Currency)
        let sum = currency.Sum(currency.Key)
        where !sum.IsZero
        select new LedgerFinding(LedgerRule.JournalBalances, journal.Id.Value, $"{Money.Zero(currency.Key)}", $"{sum}");

    private static IEnumerable<LedgerFinding> VerifyAccount(TenantRows rows, Account account)
    {
        var lines = rows.Statements.GetValueOrDefault(account.Id, []).Where(line => line.Amount.Currency == account.Currency).ToList();
        var posted = lines.Select(line => line.Amount).Sum(account.Currency);
        if (posted != account.Posted) yield return Finding(LedgerRule.PostedIsSumOfPostings, posted, account.Posted);

        var held = OpenHolds(rows).Where(hold => hold.Account == account.Id && hold.Amount.Currency == account.Currency)
            .Select(hold => hold.Amount).Sum(account.Currency);
        if (held != account.Held) yield return Finding(LedgerRule.HeldIsSumOfOpenHolds, held, account.Held);

        var (running, entry) = (Money.Zero(account.Currency), 0L);
        foreach (var line in lines.OrderBy(line => line.Entry))
        {
            running += line.Amount;
            entry++;
            if ((line.Entry, line.Balance) == (entry, running)) continue;
            yield return Finding(LedgerRule.RunningBalance, $"{running} at {entry}", $"{line.Balance} at {line.Entry}");
            break;
        }

        if (lines.Count != account.Entries)
            yield return Finding(LedgerRule.RunningBalance, $"{lines.Count} postings", $"{account.Entries} postings");

        var own = AccountCode.OfCustomer(account.Id);
        var wasNotAsked = rows.Journals.Values.Any(journal => journal.Kind is (JournalKind.LateDelivery or JournalKind.UsageCharged or JournalKind.UsageRecharged) && journal.Postings.Any(posting => posting.Account == own));
        if (account.Held.IsPositive && account.Available.IsNegative && !wasNotAsked)
            yield return Finding(LedgerRule.AvailableNotNegative, "nothing below zero", account.Available);

        LedgerFinding Finding(LedgerRule rule, object expected, object found) => new(rule, account.Id.Value, $"{expected}", $"{found}");
    }

    /// <summary>Postings and open holds on accounts that are not there, or are in another currency.</summary>
    private static IEnumerable<LedgerFinding> Strays(TenantRows rows)
    {
        var postings = rows.Statements.SelectMany(account => account.Value.Select(line => (LedgerRule.PostedIsSumOfPostings, Account: account.Key, line.Amount)));
        var holds = OpenHolds(rows).Select(hold => (LedgerRule.HeldIsSumOfOpenHolds, hold.Account, hold.Amount));
        return from stray in postings.Concat(holds)
               where rows.Accounts.GetValueOrDefault(stray.Account)?.Currency != stray.Amount.Currency
               group stray.Amount by (Rule: stray.Item1, stray.Account, stray.Amount.Currency) into alike
               select new LedgerFinding(alike.Key.Rule, alike.Key.Account.Value, $"{alike.Sum(alike.Key.Currency)}", $"no account in {alike.Key.Currency}");
    }

    private static IEnumerable<Hold> OpenHolds(TenantRows rows) => rows.Holds.Values.Where(hold => hold.State == HoldState.Open);

    private static IEnumerable<LedgerFinding> HoldFollows(TenantRows rows, TopUp topUp)
    {
        var hold = rows.Holds.GetValueOrDefault(topUp.Id.Value);
        var expected = Describe(IsImported(rows, topUp) ? null : HoldOf(topUp.State), topUp.Account, topUp.Charge);
        var found = Describe(hold?.State, hold?.Account, hold?.Amount);
        if (expected != found) yield return new LedgerFinding(LedgerRule.HoldFollowsTopUp, topUp.Id.Value, expected, found);

        static string Describe(HoldState? state, Id<Account>? account, Money? amount) =>
            state is null ? "no hold" : $"{state} hold of {amount} on {account}";
    }

    private static IEnumerable<LedgerFinding> JournalsFollow(TenantRows rows, TopUp topUp)
    {
        JournalKind[] followed = [JournalKind.TopUpCaptured, JournalKind.TopUpReversed, JournalKind.LateDelivery];
        var expected = string.Join(", ", IsImported(rows, topUp) ? [] : JournalsOf(topUp.State));
        var found = string.Join(", ", followed.Where(kind => rows.Journals.ContainsKey((kind, topUp.Id.Value))));
        if (expected != found) yield return new LedgerFinding(LedgerRule.JournalsFollowTopUp, topUp.Id.Value, $"[{expected}]", $"[{found}]");
    }

    /// <summary>Its money is part of an opening balance: a hold or a journal of its own would count it twice.</summary>
    private static bool IsImported(TenantRows rows, TopUp topUp) => rows.ImportedTopUps.Contains(topUp.Id.Value);

    private static HoldState? HoldOf(TopUpState state) => state switch
    {
        TopUpState.Reserved or TopUpState.Submitting or TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview => HoldState.Open,
        TopUpState.Succeeded or TopUpState.Reversed => HoldState.Captured,
        TopUpState.Failed or TopUpState.LateDelivered => HoldState.Released,
        TopUpState.Rejected => null,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state this version knows."),
    };

    private static JournalKind[] JournalsOf(TopUpState state) => state switch
    {
        TopUpState.Succeeded => [JournalKind.TopUpCaptured],
        TopUpState.Reversed => [JournalKind.TopUpCaptured, JournalKind.TopUpReversed],
        TopUpState.LateDelivered => [JournalKind.LateDelivery],
        _ => [],
    };
}
