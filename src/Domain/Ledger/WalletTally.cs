using System.Collections.Immutable;

namespace Relier.Ledger;

/// <summary>
/// Adds up the postings of a wallet, one after the other, and insists that each follows from the one before: by its number
/// and by its balance. So what it comes to is what was read, all of it, once. Not for use by two at once.
/// </summary>
public sealed class WalletTally
{
    /// <summary>How many products and amounts are told apart; what comes beyond is one sum for a currency, so that a wallet with prices to the cent stays readable.</summary>
    public const int MaxSales = 500;

    private readonly Dictionary<JournalKind, EventTotal> _events = [];
    private readonly Dictionary<SaleKey, SaleTotal> _sales = [];
    private readonly Money _opening;
    private readonly long _after;
    private long _entry;
    private Money _balance;

    /// <summary>Begins.</summary>
    /// <param name="opening">The balance before the first posting.</param>
    /// <param name="after">The number of the posting before the first; 0 at the beginning of the account.</param>
    public WalletTally(Money opening, long after)
    {
        (_opening, _after) = (opening, after);
        (_balance, _entry) = (opening, after);
    }

    /// <summary>The next posting. Refusal <c>statement_out_of_balance</c> when it does not follow from the one before.</summary>
    /// <param name="entry">Its number.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="amount">Added (positive) or taken.</param>
    /// <param name="balance">The balance after it, as it was written.</param>
    /// <param name="sale">What was sold, where something was and it is known.</param>
    public Refusal? Add(long entry, JournalKind kind, Money amount, Money balance, Sale? sale)
    {
        if (entry != _entry + 1) return LedgerRefusals.StatementOutOfBalance($"posting {_entry + 1}", $"posting {entry}");
        if (balance != _balance + amount) return LedgerRefusals.StatementOutOfBalance($"{_balance + amount} after posting {entry}", $"{balance}");

        (_entry, _balance) = (entry, balance);
        _events[kind] = _events.TryGetValue(kind, out var known)
            ? known with { Count = known.Count + 1, Amount = known.Amount + amount }
            : new EventTotal(kind, 1, amount);
        if (StatementWords.IsAboutTopUp(kind)) AddSale(kind, amount, sale);
        return null;
    }

    /// <summary>What it comes to. Refusal <c>statement_out_of_balance</c> when that is not what the account says.</summary>
    /// <param name="last">The number of the last posting there should be.</param>
    /// <param name="closing">The balance there should be after it.</param>
    public Outcome<StatementTotals> Close(long last, Money closing)
    {
        if (_entry != last) return LedgerRefusals.StatementOutOfBalance($"postings up to {last}", $"postings up to {_entry}");
        var events = _events.Values.OrderBy(total => total.Kind).ToImmutableArray();
        var sum = events.Aggregate(_opening, (balance, total) => balance + total.Amount);
        if (sum != closing || _balance != closing) return LedgerRefusals.StatementOutOfBalance($"{closing} after posting {last}", $"{sum}");
        return new StatementTotals(
            _opening, closing, last - _after, events,
            [
                .. _sales.Values.OrderBy(total => total.Kind).ThenBy(total => total.Product is null).ThenBy(total => total.Product, StringComparer.Ordinal)
                    .ThenBy(total => total.Face?.Currency.Code, StringComparer.Ordinal).ThenBy(total => total.Each is null).ThenBy(total => total.Each?.Micros),
            ]);
    }

    private void AddSale(JournalKind kind, Money amount, Sale? sale)
    {
        var key = new SaleKey(kind, sale?.Product, sale?.Face, sale?.Face.Currency);
        if (!_sales.ContainsKey(key) && _sales.Count >= MaxSales) key = new SaleKey(kind, null, null, sale?.Face.Currency);
        var before = _sales.GetValueOrDefault(key) ?? new SaleTotal(
            kind, key.Product, key.Each, 0, key.Face is { } face ? Money.Zero(face) : null, key.Face is { } other ? Money.Zero(other) : null, Money.Zero(amount.Currency));
        _sales[key] = before with
        {
            Count = before.Count + 1,
            Face = before.Face + sale?.Face,
            Commission = before.Commission + (sale is null ? null : sale.Commission ?? Money.Zero(sale.Face.Currency)),
            Amount = before.Amount + amount,
        };
    }

    private readonly record struct SaleKey(JournalKind Kind, string? Product, Money? Each, Currency? Face);
}

/// <summary>What a top-up sold, as far as the one who pays for it need know.</summary>
/// <param name="Product">The product, when the order named one.</param>
/// <param name="Face">What arrives on the phone.</param>
/// <param name="Commission">What the customer keeps of that; null for none.</param>
public sealed record Sale(string? Product, Money Face, Money? Commission);

/// <summary>What a wallet's postings of a period come to.</summary>
/// <param name="Opening">The balance before.</param>
/// <param name="Closing">The balance after: the opening balance and all amounts.</param>
/// <param name="Count">How many postings.</param>
/// <param name="Events">By what happened.</param>
/// <param name="Sales">Those about top-ups, by what happened, product and face value.</param>
public sealed record StatementTotals(Money Opening, Money Closing, long Count, ImmutableArray<EventTotal> Events, ImmutableArray<SaleTotal> Sales)
{
    /// <summary>The same as <see cref="Sales"/>, by what happened and the currency of the face value alone.</summary>
    public IEnumerable<SaleTotal> TopUps =>
        from sale in Sales
        group sale by (sale.Kind, sale.Face?.Currency) into alike
        select alike.Aggregate((all, sale) => all with
        {
            Product = null, Each = null, Count = all.Count + sale.Count, Face = all.Face + sale.Face, Commission = all.Commission + sale.Commission, Amount = all.Amount + sale.Amount,
        }) with { Product = null, Each = null };
}

/// <summary>What one kind of event comes to.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Count">How often.</param>
/// <param name="Amount">Added (positive) or taken.</param>
public sealed record EventTotal(JournalKind Kind, long Count, Money Amount);

/// <summary>What the top-ups of one product and face value come to.</summary>
/// <param name="Kind">What happened to them.</param>
/// <param name="Product">The product, when the orders named one.</param>
/// <param name="Each">The face value of each; null for the rest beyond <see cref="WalletTally.MaxSales"/>, and where the top-ups are not known.</param>
/// <param name="Count">How many.</param>
/// <param name="Face">Sum of the face values; null where the top-ups are not known.</param>
/// <param name="Commission">What the customer kept of it; null where that is not known.</param>
/// <param name="Amount">Added (positive) or taken, in the wallet's currency.</param>
public sealed record SaleTotal(JournalKind Kind, string? Product, Money? Each, long Count, Money? Face, Money? Commission, Money Amount);

/// <summary>How a wallet's statement speaks of the books.</summary>
public static class StatementWords
{
    private const string CallFront = "call_";
    private const string SessionFront = "ses_";

    /// <summary>
    /// What an event is called. Throws <see cref="ArgumentOutOfRangeException"/> for one that never touches a customer's
    /// wallet: a statement with it would be wrong.
    /// </summary>
    public static string TitleOf(JournalKind kind) => kind switch
    {
        JournalKind.CreditAdded => "Credit added",
        JournalKind.CreditSubtracted => "Credit subtracted",
        JournalKind.TopUpCaptured => "Top-up",
        JournalKind.TopUpReversed => "Top-up taken back",
        JournalKind.LateDelivery => "Top-up delivered late",
        JournalKind.UsageCharged => "Calls and other usage",
        JournalKind.UsageRecharged => "Usage charged again",
        JournalKind.DeliveredBeside or JournalKind.ProviderFunded =>
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Never on the wallet of a customer."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind this version knows."),
    };

    /// <summary>Whether the event is about a top-up, whose id is its subject.</summary>
    public static bool IsAboutTopUp(JournalKind kind) => kind is JournalKind.TopUpCaptured or JournalKind.TopUpReversed or JournalKind.LateDelivery;

    /// <summary>
    /// What an event is about, by its subject: a top-up, a call (the subject has the number of its price behind a dot), or a session
    /// (that of its message behind a slash). None of them for what people did by hand, and for several calls charged at once.
    /// </summary>
    public static StatementSubject AboutOf(JournalKind kind, string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (IsAboutTopUp(kind)) return new(subject, null, null);
        if (kind is not (JournalKind.UsageCharged or JournalKind.UsageRecharged)) return default;
        return subject.StartsWith(CallFront, StringComparison.Ordinal) ? new(null, subject.Split('.')[0], null)
            : subject.StartsWith(SessionFront, StringComparison.Ordinal) ? new(null, null, subject.Split('/')[0])
            : default;
    }
}

/// <summary>What an event on a statement is about: one of these, or none.</summary>
/// <param name="TopUp">The top-up.</param>
/// <param name="Call">The call.</param>
/// <param name="Session">The session, which may still last.</param>
public readonly record struct StatementSubject(string? TopUp, string? Call, string? Session)
{
    /// <summary>Whichever it is.</summary>
    public string? Id => TopUp ?? Call ?? Session;
}
