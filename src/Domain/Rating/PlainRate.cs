using NodaTime;

namespace Relier.Rating;

/// <summary>
/// A rate of one tier and nothing else, which most rates are: a call at one is one line, without a walk. What it answers is
/// what the walk would. Made once for a deck, with all that is needed in one place.
/// </summary>
internal sealed class PlainRate
{
    private readonly Tier _tier;
    private readonly ChargeRounding _rounding;
    private readonly int? _scale;

    private PlainRate(UsageRate rate)
    {
        _tier = rate.Tiers[0];
        _rounding = rate.Rounding;
        _scale = Rater.ScaleOf(rate);
    }

    /// <summary>The rate, or null when there is more to it.</summary>
    public static PlainRate? Of(UsageRate rate) =>
        rate is { Tiers: [_], ConnectFee.IsFree: true, GraceSeconds: 0, MinQuantity: 0, MinCharge: null, MaxCharge: null } ? new PlainRate(rate) : null;

    /// <summary>Whether something is used, all of it in one band.</summary>
    public bool IsFor(Usage usage, in InForce inForce) =>
        usage.Quantity > 0
        && (usage.Kind != UsageKind.Voice || inForce.Until == Instant.MaxValue || inForce.Until - usage.Start >= Duration.FromSeconds(usage.Quantity));

    /// <summary>What it costs.</summary>
    public RatedUsage Price(Usage usage, in Resolution found)
    {
        var increments = RatingWalk.Increments(usage.Quantity, _tier.Increment);
        var billed = increments * _tier.Increment;
        var charge = Exact.Of(_tier.Price, billed, _tier.Per);
        var amount = _rounding.Round(charge, out var isSame);
        var line = RatingWalk.Line(ChargeLineKind.Tier, charge, _tier, found.InForce.Band, 0, increments, null);
        return new RatedUsage
        {
            Status = RatingStatus.Rated, Amount = amount, Scale = _scale, Sum = charge, Actual = usage.Quantity, Billed = billed,
            Plan = found.Plan!.Name, MatchedPrefix = found.Match.Prefix, Destination = found.Match.Destination,
            Lines = !isSame && RatingWalk.RoundingLine(amount - line.Exact) is { } rounding ? [line, rounding] : [line],
        };
    }
}
