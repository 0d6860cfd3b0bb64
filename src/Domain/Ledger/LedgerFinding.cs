namespace Relier.Ledger;

/// <summary>Something that does not add up in the books. There is never one in a healthy system.</summary>
/// <param name="Kind">Which rule is broken.</param>
/// <param name="Subject">The journal, account or top-up that breaks it.</param>
/// <param name="Expected">What the rule says it should be.</param>
/// <param name="Found">What it is.</param>
public sealed record LedgerFinding(LedgerRule Kind, string Subject, string Expected, string Found);

/// <summary>The rules of the books that are verified over all rows.</summary>
public enum LedgerRule
{
    /// <summary>The postings of a journal sum to zero in each currency.</summary>
    JournalBalances,

    /// <summary>The posted balance of an account is the sum of its postings.</summary>
    PostedIsSumOfPostings,

    /// <summary>The held balance of an account is the sum of its open holds.</summary>
    HeldIsSumOfOpenHolds,

    /// <summary>The balance on each posting is the one before plus its amount, numbered without gaps.</summary>
    RunningBalance,

    /// <summary>While something is held, what is available is not negative; except where a late delivery or usage was charged, which asks nobody.</summary>
    AvailableNotNegative,

    /// <summary>A top-up's hold is open while it is undecided, captured when it succeeded (also if it is reversed later), released when it failed (also if it turns out delivered later), missing when it was rejected or imported, and for exactly its charge.</summary>
    HoldFollowsTopUp,

    /// <summary>A succeeded top-up has exactly one capture, a reversed one also one reversal, one delivered late exactly one late delivery; others have none, and neither has an imported one, whose money is part of an opening balance.</summary>
    JournalsFollowTopUp,
}
