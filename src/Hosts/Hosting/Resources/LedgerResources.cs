using System.Text.Json.Serialization;
using NodaTime;
using Relier.Ledger;

namespace Relier.Hosting.Resources;

/// <summary>A wallet, read from the books and never from a cache.</summary>
/// <param name="Posted">Sum of all postings.</param>
/// <param name="Held">Promised to top-ups that are not decided.</param>
/// <param name="Available">Posted and credit limit, less what is held.</param>
/// <param name="CreditLimit">How far below zero it may go.</param>
/// <param name="AsOf">When that was read.</param>
internal sealed record BalanceResource(MoneyResource Posted, MoneyResource Held, MoneyResource Available, MoneyResource CreditLimit, string AsOf)
{
    public static BalanceResource Of(Account account, Instant asOf) => new(
        MoneyResource.Of(account.Posted), MoneyResource.Of(account.Held), MoneyResource.Of(account.Available), MoneyResource.Of(account.CreditLimit), asOf.Text());
}

/// <summary>One posting, as the owner of the wallet reads it.</summary>
/// <param name="Id">The event in the books.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Amount">Added (positive) or taken.</param>
/// <param name="Balance">The posted balance after it.</param>
/// <param name="TopUp">The top-up it is about.</param>
/// <param name="Reason">Why, where a person decided.</param>
/// <param name="Call">The call it is about; null where several were charged at once.</param>
/// <param name="Session">The session it is about, charged while it lasts.</param>
internal sealed record PostingResource(string Id, string At, string Kind, MoneyResource Amount, MoneyResource Balance, string? TopUp, string? Reason, string? Call = null, string? Session = null)
{
    public static PostingResource Of(StatementLine line)
    {
        var about = AboutOf(line);
        return new(
            line.Journal.Value, line.At.Text(), Words.Of(line.Kind), MoneyResource.Of(line.Amount), MoneyResource.Of(line.Balance), about.TopUp, line.Reason, about.Call, about.Session);
    }

    /// <summary>What it is about.</summary>
    public static StatementSubject AboutOf(StatementLine line) => StatementWords.AboutOf(line.Kind, line.Subject);
}

/// <summary>Credit that was added or subtracted.</summary>
/// <param name="Posting">The event in the books.</param>
/// <param name="Before">The posted balance before.</param>
/// <param name="After">The posted balance after.</param>
internal sealed record CreditResource(PostingResource Posting, MoneyResource Before, MoneyResource After)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Replayed { get; init; }

    public static CreditResource Of(CreditReceipt receipt) =>
        new(PostingResource.Of(receipt.Posting), MoneyResource.Of(receipt.Before), MoneyResource.Of(receipt.After)) { Replayed = receipt.Replayed ? true : null };
}

/// <summary>What the books say about themselves.</summary>
/// <param name="Sound">Whether everything adds up.</param>
/// <param name="Findings">What does not, at most 100.</param>
/// <param name="Balances">What every account comes to, credit positive.</param>
internal sealed record LedgerReportResource(bool Sound, IReadOnlyList<FindingResource> Findings, IReadOnlyList<AccountBalanceResource> Balances)
{
    public static LedgerReportResource Of(LedgerReport report) => new(
        report.IsSound,
        [.. report.Findings.Select(finding => new FindingResource(Words.Of(finding.Kind), finding.Subject, finding.Expected, finding.Found))],
        [.. report.Balances.Select(balance => new AccountBalanceResource(balance.Account.Value, MoneyResource.Of(balance.Balance)))]);
}

/// <summary>Something that does not add up.</summary>
internal sealed record FindingResource(string Rule, string Subject, string Expected, string Found);

/// <summary>What an account comes to.</summary>
internal sealed record AccountBalanceResource(string Account, MoneyResource Balance);

/// <summary>A rate of exchange, in the direction in which it was entered.</summary>
internal sealed record ExchangeRateResource(string Pair, string Base, string Quote, string Rate, string AsOf, string Source)
{
    public static ExchangeRateResource Of(ExchangeRate rate) =>
        new(rate.Pair, rate.Base.Code, rate.Quote.Code, rate.Rate.ToString(), rate.AsOf.Text(), rate.Source);
}
