using NodaTime;

namespace Relier.Rating;

/// <summary>
/// A rate of one tier and nothing else, which most rates are: a call at one is one line, without a walk. What it answers is
/// what the walk would. Made once for a deck, with all that is needed in one place.
/// </summary>
/// <param name="Price">The price of <paramref name="Per"/> units.</param>
/// <param name="Per">The units that the price is for.</param>
/// <param name="Increment">The units that are charged at once.</param>
/// <param name="Rounding">How a charge is rounded.</param>
internal sealed record PlainRate(UnitPrice Price, long Per, long Increment, ChargeRounding Rounding)
{
    /// <summary>The rate, or null when there is more to it.</summary>
    public static PlainRate? Of(UsageRate rate) =>
        rate is { Tiers: [var tier], ConnectFee.IsFree: true, GraceSeconds: 0, MinQuantity: 0, MinCharge: null, MaxCharge: null }
            ? new PlainRate(tier.Price, tier.Per, tier.Increment, rate.Rounding)
            : null;

    /// <summary>Whether something is used, all of it in one band.</summary>
    public bool IsFor(Usage usage, in InForce inForce) =>
        usage.Quantity > 0
        && (usage.Kind != UsageKind.Voice || inForce.Until == Instant.MaxValue || inForce.Until - usage.Start >= Duration.FromSeconds(usage.Quantity));

    /// <summary>What it costs.</summary>
    public RatedUsage PriceOf(Usage usage, in Resolution found)
    {
        var increments = RatingWalk.Increments(usage.Quantity, Increment);
        var billed = increments * Increment;
        var charge = Exact.Of(Price, billed, Per);
        var amount = Rounding.Round(charge, out var isSame);
        var line = new ChargeLine(ChargeLineKind.Tier, charge)
        {
            Band = found.InForce.Band.Name, Increments = increments, Increment = Increment, Price = Price, Per = Per,
        };
        return new RatedUsage
        {
            Status = RatingStatus.Rated, Amount = amount, Scale = Rater.ScaleOf(Rounding), Sum = charge, Actual = usage.Quantity, Billed = billed,
            Plan = found.Plan!.Name, MatchedPrefix = found.Match.Prefix, Destination = found.Match.Destination,
            Lines = !isSame && RatingWalk.RoundingLine(amount - line.Exact) is { } rounding ? [line, rounding] : [line],
        };
    }
}
