using System.Collections.Immutable;

namespace Relier.Rating;

/// <summary>
/// What one unit costs from a position on. Positions, units and increments are in seconds, bytes, messages or events, as
/// the usage is.
/// </summary>
/// <param name="From">The position in the call where it begins to hold; the first begins at 0.</param>
/// <param name="Price">The price of <paramref name="Per"/> units.</param>
/// <param name="Per">The units that the price is for: 60 for a price per minute.</param>
/// <param name="Increment">The units that are charged at once: 60 for whole minutes, 1 for seconds.</param>
public sealed record Tier(long From, UnitPrice Price, long Per, long Increment);

/// <summary>What becomes of a charge that reaches the maximum.</summary>
public enum CapStrategy
{
    /// <summary>The charge stops there and the call goes on.</summary>
    Free,

    /// <summary>No more is granted than reaches it; a call that lasts longer all the same is charged in full.</summary>
    Disconnect,
}

/// <summary>How a charge is rounded, once.</summary>
/// <param name="Mode">The direction; null leaves the charge as it is, which only a quote may do.</param>
/// <param name="Scale">The decimals: 4 for hundredths of a paisa, 0 for whole units, -2 for hundreds.</param>
public readonly record struct ChargeRounding(Rounding? Mode, int Scale)
{
    /// <summary>Half-up to four decimals.</summary>
    public static ChargeRounding Standard => new(Rounding.HalfUp, 4);

    internal decimal Round(Exact exact) => Round(exact, out _);

    internal decimal Round(Exact exact, out bool isSame)
    {
        isSame = true;
        return Mode is { } mode ? exact.Round(mode, Scale, out isSame) : exact.Shown();
    }
}

/// <summary>What a call to a destination costs. Make it, then <see cref="Check"/> it: only a rate without findings can be used.</summary>
public sealed record UsageRate
{
    /// <summary>The largest quantity, unit, increment or position: with the largest price a charge that a number still holds to twelve decimals.</summary>
    public const long QuantityMax = 100_000_000_000;

    /// <summary>The largest unit that all prices of a deck can be brought to: a fraction over it fits.</summary>
    internal const long SharedUnitMax = 1_000_000_000_000;

    /// <summary>Charged once per call, when anything of it is charged.</summary>
    public UnitPrice ConnectFee { get; init; }

    /// <summary>In the order of their beginnings.</summary>
    public required ImmutableArray<Tier> Tiers { get; init; }

    /// <summary>Calls up to this long cost nothing.</summary>
    public long GraceSeconds { get; init; }

    /// <summary>Shorter calls are charged as if they had lasted this long.</summary>
    public long MinQuantity { get; init; }

    /// <summary>The least that a charged call costs.</summary>
    public UnitPrice? MinCharge { get; init; }

    /// <summary>The most that a call costs, or that is granted: <see cref="Cap"/> says which.</summary>
    public UnitPrice? MaxCharge { get; init; }

    /// <summary>What <see cref="MaxCharge"/> means.</summary>
    public CapStrategy Cap { get; init; }

    /// <summary>How the charge is rounded.</summary>
    public ChargeRounding Rounding { get; init; } = ChargeRounding.Standard;

    /// <summary>
    /// What makes it impossible to rate by; empty when nothing does. Codes: <c>tier_missing</c>, <c>tier_first_not_zero</c>,
    /// <c>tier_repeated</c>, <c>tier_unreachable</c>, <c>per_invalid</c>, <c>increment_invalid</c>, <c>scale_invalid</c>,
    /// <c>rounding_invalid</c>, <c>grace_invalid</c>, <c>charges_crossed</c>.
    /// </summary>
    /// <param name="at">Where it stands, for the findings: <c>decks.A.rates.r1</c>.</param>
    /// <param name="forQuote">Whether it only serves a quote: scales from -2 to 9, and no rounding at all, are allowed then.</param>
    public IEnumerable<FieldError> Check(string at, bool forQuote = false)
    {
        if (Tiers.Length == 0) yield return new($"{at}.tiers", "tier_missing", "expected at least one tier");
        for (var i = 0; i < Tiers.Length; i++)
            foreach (var wrong in CheckTier(i, $"{at}.tiers[{i}]"))
                yield return wrong;

        var (scaleMin, scaleMax) = forQuote ? (-2, 9) : (0, 6);
        if (Rounding.Scale < scaleMin || Rounding.Scale > scaleMax)
            yield return new($"{at}.scale", "scale_invalid", $"expected a whole number from {scaleMin} to {scaleMax}");
        if (Rounding.Mode is null && !forQuote) yield return new($"{at}.rounding", "rounding_invalid", "expected up, halfUp, halfEven or down");
        if (GraceSeconds is < 0 or > QuantityMax) yield return new($"{at}.graceSeconds", "grace_invalid", "expected a whole number from 0");
        if (MinQuantity is < 0 or > QuantityMax) yield return new($"{at}.minQuantity", "quantity_invalid", "expected a whole number from 0");
        if (MinCharge is { } min && MaxCharge is { } max && min.CompareTo(max) > 0)
            yield return new($"{at}.maxCharge", "charges_crossed", "expected at least the minimum charge");
    }

    /// <summary>All of it in one line: of two rates the same when they charge alike in every part.</summary>
    public string Canonical()
    {
        var tiers = string.Join(';', Tiers.Select(tier => $"{tier.From},{tier.Price},{tier.Per},{tier.Increment}"));
        return $"{ConnectFee}/{tiers}/{GraceSeconds}/{MinQuantity}/{MinCharge}/{MaxCharge}/{Cap}/{Rounding.Mode}/{Rounding.Scale}";
    }

    /// <summary>The tier that holds at a position.</summary>
    internal int TierAt(long position)
    {
        var index = Tiers.Length - 1;
        while (Tiers[index].From > position) index--;
        return index;
    }

    /// <summary>The least common multiple of these units; null when it is larger than a fraction may have.</summary>
    internal static long? SharedUnit(IEnumerable<long> units)
    {
        Int128 shared = 1;
        foreach (var unit in units)
        {
            var (one, other) = (shared, (Int128)unit);
            while (other != 0) (one, other) = (other, one % other);
            shared = shared / one * unit;
            if (shared > SharedUnitMax) return null;
        }

        return (long)shared;
    }

    private IEnumerable<FieldError> CheckTier(int index, string at)
    {
        var tier = Tiers[index];
        if (tier.Per is < 1 or > QuantityMax) yield return new($"{at}.per", "per_invalid", "expected a whole number from 1");
        if (tier.Increment is < 1 or > QuantityMax) yield return new($"{at}.increment", "increment_invalid", "expected a whole number from 1");
        if (index == 0)
        {
            if (tier.From != 0) yield return new($"{at}.from", "tier_first_not_zero", "expected 0 for the first tier");
            yield break;
        }

        var before = Tiers[index - 1];
        if (tier.From <= before.From || tier.From > QuantityMax) yield return new($"{at}.from", "tier_repeated", $"expected more than {before.From}, where the tier before begins");
        else if (before.Increment > 0 && ((Int128)tier.From - before.From) % before.Increment != 0)
            yield return new($"{at}.from", "tier_unreachable", $"expected {before.From} and a multiple of {before.Increment}, the increment of the tier before");
    }
}
