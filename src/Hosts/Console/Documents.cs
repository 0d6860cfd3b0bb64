using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Cli;

// The documents of --json: the shapes of the REST resources where there are such, only ever added to.

/// <summary>An amount and its currency.</summary>
internal sealed record MoneyDocument(string Amount, string Currency)
{
    public static MoneyDocument Of(Money money) => new(money.Amount, money.Currency.Code);

    public static MoneyDocument? Of(Money? money) => money is { } some ? Of(some) : null;
}

/// <summary>A part of a list.</summary>
internal sealed record PageDocument(
    IReadOnlyList<object> Data, [property: JsonPropertyName("has_more")] bool HasMore, [property: JsonPropertyName("next_cursor")] string? NextCursor);

/// <summary>An expected no, or what went wrong.</summary>
internal sealed record ProblemDocument(string Code, string Message, IReadOnlyList<FieldError> Fields, IReadOnlyDictionary<string, object> Facts)
{
    public static ProblemDocument Of(Refusal refusal) => new(
        refusal.Code, refusal.Message, refusal.Fields,
        refusal.Facts.ToDictionary(fact => fact.Key, fact => fact.Value is Money money ? MoneyDocument.Of(money) : fact.Value));
}

/// <summary>A top-up, as people of the house see it.</summary>
internal sealed record TopUpDocument(
    string Id, string? Reference, string Customer, string Phone, string? Product, MoneyDocument FaceAmount, MoneyDocument? Charge, RateOfTopUp? FxRate,
    string Status, bool Final, string? Code, string? OperatorReference, string CreatedAt, string? DecidedAt, string? NextCheckAt,
    IReadOnlyList<AttemptDocument> Attempts, string? Provider, MoneyDocument? Cost, MoneyDocument? Margin, IReadOnlyList<EvidenceDocument> Evidence)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Replayed { get; init; }

    public static TopUpDocument Of(TopUp topUp) => new(
        topUp.Id.Value, topUp.Reference, topUp.Customer.Value, topUp.Phone.E164, topUp.Product, MoneyDocument.Of(topUp.Face), MoneyDocument.Of(topUp.Charge),
        RateOfTopUp.Of(topUp), TopUpStates.Word(topUp.State), topUp.IsFinal, topUp.Code, topUp.OperatorReference, Time.Of(topUp.CreatedAt),
        Time.Of(topUp.DecidedAt), Time.Of(topUp.NextCheckAt), [.. topUp.Attempts.Select(AttemptDocument.Of)], topUp.Route?.Provider,
        MoneyDocument.Of(topUp.Route?.Cost), topUp.Route is { } route && route.Cost.Currency == topUp.Face.Currency ? MoneyDocument.Of(topUp.Face - route.Cost) : null,
        [.. topUp.Evidence.Select(EvidenceDocument.Of)]);
}

/// <summary>Units of the face value's currency for one of the wallet's.</summary>
internal sealed record RateOfTopUp(string Pair, string Rate, string AsOf)
{
    private const int Decimals = 4;

    public static RateOfTopUp? Of(TopUp topUp) => topUp is { Rate: { } rate, Charge: { } charge }
        ? new($"{charge.Currency}/{topUp.Face.Currency}", rate.Into(topUp.Face.Currency).RoundTo(Decimals, Rounding.HalfUp).ToString(), Time.Of(rate.AsOf))
        : null;
}

/// <summary>One submission.</summary>
internal sealed record AttemptDocument(
    int No, string Provider, string Environment, string ProviderReference, string Status, string StartedAt, string? EndedAt, string? TransactionId,
    string? OperatorReference, string? Code, string? Message, string? Evidence)
{
    public static AttemptDocument Of(Attempt attempt) => new(
        attempt.No, attempt.Provider, Word.Of(attempt.Environment), attempt.ProviderReference, Word.Of(attempt.State), Time.Of(attempt.StartedAt),
        Time.Of(attempt.EndedAt), attempt.TransactionId, attempt.OperatorReference, attempt.Code, attempt.Message, attempt.Evidence);
}

/// <summary>One proof from outside.</summary>
internal sealed record EvidenceDocument(string Id, string Verdict, string Source, string Reference, string By, string At, string? Note)
{
    public static EvidenceDocument Of(Evidence evidence) => new(
        evidence.Id.Value, Word.Of(evidence.Verdict), Word.Of(evidence.Source), evidence.Reference, evidence.By, Time.Of(evidence.At), evidence.Note);
}

/// <summary>What is on a wallet.</summary>
internal sealed record BalanceDocument(MoneyDocument Posted, MoneyDocument Held, MoneyDocument Available, MoneyDocument CreditLimit, string AsOf)
{
    public static BalanceDocument Of(Account account, Instant asOf) => new(
        MoneyDocument.Of(account.Posted), MoneyDocument.Of(account.Held), MoneyDocument.Of(account.Available), MoneyDocument.Of(account.CreditLimit), Time.Of(asOf));
}

/// <summary>A customer and the wallet.</summary>
internal sealed record CustomerDocument(
    string Id, string Name, string Channel, string Status, string WalletCurrency, MoneyDocument CreditLimit, PoliciesDocument Policies, BalanceDocument Balance,
    string CreatedAt, long Version)
{
    public static CustomerDocument Of(CustomerDetails details, Instant asOf) => new(
        details.Customer.Id.Value, details.Customer.Name, details.Customer.Channel, Word.Of(details.Customer.Status), details.Wallet.Currency.Code,
        MoneyDocument.Of(details.Wallet.CreditLimit), PoliciesDocument.Of(details.Customer.Policies), BalanceDocument.Of(details.Wallet, asOf),
        Time.Of(details.Customer.CreatedAt), details.Customer.Version);
}

/// <summary>What a customer may order; amounts in the currency named first.</summary>
internal sealed record PoliciesDocument(
    string Currency, string MinAmount, string MaxAmount, string Step, IReadOnlyList<string>? FixedAmounts, string? DailyLimit, string? DailyLimitPerPhone,
    string? PinnedProvider, IReadOnlyList<string> AllowedAddresses, string LateDelivery)
{
    public static PoliciesDocument Of(CustomerPolicies policies) => new(
        policies.Currency.Code, policies.MinAmount.Amount, policies.MaxAmount.Amount, policies.Step.Amount,
        policies.FixedAmounts.IsEmpty ? null : [.. policies.FixedAmounts.Select(amount => amount.Amount)], policies.DailyLimit?.Amount,
        policies.DailyLimitPerPhone?.Amount, policies.PinnedProvider, [.. policies.AllowedAddresses.Select(network => network.ToString())], Word.Of(policies.LateDelivery));
}

/// <summary>One line of a statement.</summary>
internal sealed record PostingDocument(string Id, string At, string Kind, MoneyDocument Amount, MoneyDocument Balance, string? TopUp, string? Reason)
{
    public static PostingDocument Of(StatementLine line) => new(
        line.Journal.Value, Time.Of(line.At), Word.Of(line.Kind), MoneyDocument.Of(line.Amount), MoneyDocument.Of(line.Balance), TopUpOf(line), line.Reason);

    /// <summary>The top-up it is about; null for what people did by hand.</summary>
    public static string? TopUpOf(StatementLine line) => line.Subject == line.Journal.Value ? null : line.Subject;
}

/// <summary>Credit that was added or subtracted.</summary>
internal sealed record CreditDocument(PostingDocument Posting, MoneyDocument Before, MoneyDocument After)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Replayed { get; init; }

    public static CreditDocument Of(CreditReceipt receipt) =>
        new(PostingDocument.Of(receipt.Posting), MoneyDocument.Of(receipt.Before), MoneyDocument.Of(receipt.After)) { Replayed = receipt.Replayed };
}

/// <summary>A key, with its secret only where it is issued.</summary>
internal sealed record KeyDocument(
    string Id, string Name, string? Customer, string Prefix, IReadOnlyList<string> Scopes, string CreatedAt, string? LastUsedAt, string? ExpiresAt, string? RevokedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static KeyDocument Of(ApiKey key) => new(
        key.Id.Value, key.Name, key.Customer?.Value, key.Prefix, key.Scopes, Time.Of(key.CreatedAt), Time.Of(key.LastUsedAt), Time.Of(key.ExpiresAt), Time.Of(key.RevokedAt));
}

/// <summary>A rate of exchange.</summary>
internal sealed record RateDocument(string Pair, string Base, string Quote, string Rate, string AsOf, string Source)
{
    public static RateDocument Of(ExchangeRate rate) =>
        new(rate.Pair, rate.Base.Code, rate.Quote.Code, rate.Rate.ToString(), Time.Of(rate.AsOf), rate.Source);
}

/// <summary>What the books say about themselves.</summary>
internal sealed record LedgerDocument(bool Sound, IReadOnlyList<FindingDocument> Findings, IReadOnlyList<AccountDocument> Balances)
{
    public static LedgerDocument Of(LedgerReport report) => new(
        report.IsSound,
        [.. report.Findings.Select(finding => new FindingDocument(Word.Of(finding.Kind), finding.Subject, finding.Expected, finding.Found))],
        [.. report.Balances.Select(account => new AccountDocument(account.Account.Value, MoneyDocument.Of(account.Balance)))]);
}

/// <summary>Something that does not add up.</summary>
internal sealed record FindingDocument(string Rule, string Subject, string Expected, string Found);

/// <summary>What an account comes to, credit positive.</summary>
internal sealed record AccountDocument(string Account, MoneyDocument Balance);

/// <summary>A migration of the schema.</summary>
internal sealed record MigrationDocument(int Version, string Name, string? AppliedAt)
{
    public static MigrationDocument Of(MigrationStatus migration) => new(migration.Version, migration.Name, Time.Of(migration.AppliedAt));
}

/// <summary>Times as RFC 3339 in UTC.</summary>
internal static class Time
{
    public static string Of(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    public static string? Of(Instant? instant) => instant is { } some ? Of(some) : null;
}

/// <summary>The words of closed sets: <c>CreditAdded</c> is <c>credit_added</c>.</summary>
internal static class Word
{
    public static string Of<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString().Replace("TopUp", "Topup", StringComparison.Ordinal));
}
