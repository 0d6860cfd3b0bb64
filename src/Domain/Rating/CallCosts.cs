using NodaTime;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>A call that somebody was to pay for: what it brought, and what has to be known to say what it cost.</summary>
/// <param name="Id">The call.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Usage">What was used, from when it is charged.</param>
/// <param name="Destination">Where it went, as the deck of its price says; null without a price.</param>
/// <param name="Revenue">What it brought; null without a price.</param>
public sealed record SoldCall(Id<Call> Id, Instant StartedAt, Usage Usage, string? Destination, Money? Revenue);

/// <summary>What calls brought.</summary>
/// <param name="Calls">How many.</param>
/// <param name="Seconds">How long they lasted from their answer; what is not counted in seconds counts none.</param>
/// <param name="Revenue">What they brought: nothing for those without a price.</param>
public sealed record CallSales(long Calls, long Seconds, Money Revenue)
{
    internal CallSales Plus(SoldCall call) =>
        new(Calls + 1, Seconds + (call.Usage.Kind == UsageKind.Voice ? call.Usage.Quantity : 0), call.Revenue is { } revenue ? Revenue + revenue : Revenue);

    internal CallSales Plus(CallSales other) => new(Calls + other.Calls, Seconds + other.Seconds, Revenue + other.Revenue);
}

/// <summary>What calls brought and cost. Exact: every part is a sum of amounts that were rounded once, call by call.</summary>
/// <param name="Costed">Calls that some supplier has a price for.</param>
/// <param name="Cost">What those cost.</param>
/// <param name="Costless">Calls that no supplier has a price for: nobody knows their cost, so they have no margin.</param>
public sealed record CallMargin(CallSales Costed, Money Cost, CallSales Costless)
{
    /// <summary>What is left of what the costed calls brought; negative when they cost more.</summary>
    public Money Margin => Costed.Revenue - Cost;

    /// <summary>Of no calls.</summary>
    public static CallMargin None(Currency currency)
    {
        var (nothing, sales) = (Money.Zero(currency), new CallSales(0, 0, Money.Zero(currency)));
        return new(sales, nothing, sales);
    }

    /// <summary>With a call more.</summary>
    /// <param name="call">The call, in the same currency.</param>
    /// <param name="cost">What it cost; null when nobody knows.</param>
    public CallMargin Plus(SoldCall call, Money? cost)
    {
        ArgumentNullException.ThrowIfNull(call);
        return cost is { } known ? this with { Costed = Costed.Plus(call), Cost = Cost + known } : this with { Costless = Costless.Plus(call) };
    }

    /// <summary>With other calls.</summary>
    public CallMargin Plus(CallMargin other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Costed.Plus(other.Costed), Cost + other.Cost, Costless.Plus(other.Costless));
    }
}

/// <summary>What calls cost at suppliers.</summary>
public static class CallCosts
{
    /// <summary>
    /// What the cheapest of the suppliers charges that knows the number and may be called there, rounded as it rounds; a call within its
    /// grace costs nothing. Null when there is none. A charge that is too large for any account is no price.
    /// </summary>
    /// <param name="suppliers">What each charges by at the time of the call, all in one currency.</param>
    /// <param name="call">The call.</param>
    /// <param name="currency">That currency.</param>
    public static Money? Of(IEnumerable<Tariff> suppliers, Usage call, Currency currency)
    {
        ArgumentNullException.ThrowIfNull(suppliers);
        decimal? least = null;
        foreach (var supplier in suppliers)
            if (Rater.Price(supplier, call, []).Amount is { } cost and <= LedgerRefusals.LargestBalance && (least is null || cost < least)) least = cost;
        return least is { } found ? Money.Of(found, currency) : null;
    }
}
