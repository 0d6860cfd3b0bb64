using System.Collections.Immutable;
using NodaTime;

namespace Relier.Ledger;

/// <summary>
/// One event in the books: postings that sum to zero in every currency, written once and never changed. Made only by
/// <see cref="PostingTable"/>, so that nothing is posted that is not in the table.
/// </summary>
public sealed record Journal
{
    /// <summary>Its id.</summary>
    public required Id<Journal> Id { get; init; }

    /// <summary>When it was written.</summary>
    public required Instant At { get; init; }

    /// <summary>What happened.</summary>
    public required JournalKind Kind { get; init; }

    /// <summary>The id of what it happened to: the top-up, or the journal itself for an adjustment.</summary>
    public required string Subject { get; init; }

    /// <summary>Why, where a person decided.</summary>
    public string? Reason { get; init; }

    /// <summary>The parts.</summary>
    public required ImmutableArray<Posting> Postings { get; init; }

    internal static Journal Create(Id<Journal> id, Instant at, JournalKind kind, string subject, string? reason, IEnumerable<Posting> postings)
    {
        var written = postings.Where(posting => !posting.Amount.IsZero).ToImmutableArray();
        foreach (var currency in written.GroupBy(posting => posting.Amount.Currency))
        {
            var sum = currency.Aggregate(Money.Zero(currency.Key), (total, posting) => total + posting.Amount);
            if (!sum.IsZero) throw new UnbalancedJournalException(subject, sum);
        }

        return new Journal { Id = id, At = at, Kind = kind, Subject = subject, Reason = reason, Postings = written };
    }

    /// <summary>Equal when every part is.</summary>
    public bool Equals(Journal? other) =>
        other is not null && Id == other.Id && At == other.At && Kind == other.Kind && Subject == other.Subject
        && Reason == other.Reason && Postings.SequenceEqual(other.Postings);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode();
}

/// <summary>
/// One part of a journal. Credits are positive, debits negative, on every account: a customer's balance is what we owe
/// them, so a posting of -1.09 on a wallet is a charge of 1.09.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Amount">Credit positive, debit negative.</param>
public sealed record Posting(AccountCode Account, Money Amount)
{
    /// <summary>The balance after it; only on a customer's account.</summary>
    public Money? Balance { get; init; }

    /// <summary>Its number among the postings of the account, from 1 without gaps; only on a customer's account.</summary>
    public long? Entry { get; init; }
}

/// <summary>What happened, in the words of the posting table.</summary>
public enum JournalKind
{
    /// <summary>Credit added by hand.</summary>
    CreditAdded,

    /// <summary>Credit subtracted by hand.</summary>
    CreditSubtracted,

    /// <summary>A delivered top-up was charged.</summary>
    TopUpCaptured,

    /// <summary>A charged top-up was taken back by the provider and refunded.</summary>
    TopUpReversed,

    /// <summary>A top-up turned out delivered after its hold was released.</summary>
    LateDelivery,

    /// <summary>A second delivery for one top-up, which nobody pays for, came to light.</summary>
    DeliveredBeside,

    /// <summary>Money was put into the account we keep with a provider, or taken out.</summary>
    ProviderFunded,

    /// <summary>Calls or sessions of a prepaid account were charged.</summary>
    UsageCharged,

    /// <summary>Charged calls of a prepaid account came to something else after a price was corrected.</summary>
    UsageRecharged,
}

/// <summary>
/// The name of an account in the books: a customer's own, or one of the house. A house account has one balance per
/// currency, read as the sum of its postings, so that no row of it is ever fought over.
/// </summary>
public readonly record struct AccountCode
{
    private const string CustomerPrefix = "customer:";
    private readonly string? _value;

    private AccountCode(string value) => _value = value;

    /// <summary>The name.</summary>
    public string Value => _value ?? throw new InvalidOperationException("This account code was never set.");

    /// <summary>Money received or to be paid out by hand, not yet seen at the bank.</summary>
    public static AccountCode CashInTransit { get; } = new("cash_in_transit");

    /// <summary>Money at the bank.</summary>
    public static AccountCode Cash { get; } = new("cash");

    /// <summary>Corrections and goodwill.</summary>
    public static AccountCode Adjustment { get; } = new("adjustment");

    /// <summary>What currency conversion has left in each currency.</summary>
    public static AccountCode FxPosition { get; } = new("fx_position");

    /// <summary>What top-ups earned.</summary>
    public static AccountCode TopUpRevenue { get; } = new("topup_revenue");

    /// <summary>What calls, messages and data earned.</summary>
    public static AccountCode UsageRevenue { get; } = new("usage_revenue");

    /// <summary>Deliveries that nobody paid for.</summary>
    public static AccountCode DeliveryLosses { get; } = new("delivery_losses");

    /// <summary>The account of a customer.</summary>
    public static AccountCode OfCustomer(Id<Account> account) => new(CustomerPrefix + account.Value);

    /// <summary>What we owe a provider, in the provider's currency.</summary>
    public static AccountCode ProviderPayable(string provider) => new("provider_payable:" + provider);

    /// <summary>The code with this text, as stored.</summary>
    public static AccountCode Parse(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        return new AccountCode(value);
    }

    /// <summary>The customer's account it names; null for one of the house.</summary>
    public Id<Account>? Account =>
        Value.StartsWith(CustomerPrefix, StringComparison.Ordinal) ? Id<Account>.Parse(Value[CustomerPrefix.Length..]) : null;

    /// <summary>The name.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>Postings that do not sum to zero in a currency: a bug, and nothing was written.</summary>
public sealed class UnbalancedJournalException(string subject, Money sum)
    : InvalidOperationException($"The postings for {subject} are out of balance by {sum}.");
