namespace Relier.Rating;

/// <summary>
/// Prices usage: pure, exact, explained line by line, rounded once. The same walk, stopped by what there is to spend, says
/// how much may be used. What is used in slices is rated by its total, so that it costs the same as in one piece.
/// </summary>
public static class Rater
{
    /// <summary>How many plans are asked for one destination.</summary>
    private const int PlansMax = 8;

    /// <summary>What the usage costs, and what is left in the buckets then.</summary>
    public static RatedUsage Price(Tariff tariff, Usage usage, IReadOnlyList<Bucket> buckets) => Rate(tariff, usage, buckets, null, false);

    /// <summary>
    /// How much of the usage may be granted: what the buckets hold for it, and what the balance pays for. A null balance pays
    /// for everything. The charge of the answer is that of what is granted.
    /// </summary>
    public static RatedUsage Authorise(Tariff tariff, Usage usage, IReadOnlyList<Bucket> buckets, decimal? balance) => Rate(tariff, usage, buckets, balance, true);

    private static RatedUsage Rate(Tariff tariff, Usage usage, IReadOnlyList<Bucket> buckets, decimal? balance, bool isQuestion)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(usage);
        ArgumentNullException.ThrowIfNull(buckets);
        if (usage.Quantity < 0 || usage.Quantity > usage.QuantityMax)
            throw new ArgumentOutOfRangeException(nameof(usage), usage.Quantity, $"A quantity of {usage.Kind} is from 0 to {usage.QuantityMax}.");

        if (NumberOf(tariff, usage) is not { } number) return Unrated(usage, UnratedReason.BadNumber, default, buckets);
        var found = Resolve(tariff, usage, number);
        if (found.Reason is { } reason) return Unrated(usage, reason, found, buckets);

        if (found.Match.Plain is { } plain && !isQuestion && buckets.Count == 0 && plain.IsFor(usage, found.InForce)) return plain.PriceOf(usage, found);
        var rate = found.Match.Rate!;
        if (usage.Quantity == 0 || (!isQuestion && usage.Kind == UsageKind.Voice && usage.Quantity <= rate.GraceSeconds))
        {
            var nothing = Nothing(usage, found.Plan!, found.Match, buckets, RatingStatus.Zero);
            return isQuestion ? nothing with { Granted = 0, IsFinal = false } : nothing;
        }

        return Walk(new RatingWalk(tariff, usage, number, found, buckets, isQuestion ? Limit(rate, balance) : null), usage, found, buckets, isQuestion);
    }

    private static RatedUsage Walk(RatingWalk walk, Usage usage, Resolution found, IReadOnlyList<Bucket> buckets, bool isQuestion)
    {
        try
        {
            return walk.Run() is { } missing ? Unrated(usage, missing, found, buckets) : walk.Result(isQuestion);
        }
        catch (OverflowException)
        {
            // Decks that meet in one call may price by units that have no common measure which a number could count.
            return Unrated(usage, UnratedReason.TooLarge, found, buckets);
        }
    }

    /// <summary>No charge, and nothing used up.</summary>
    internal static RatedUsage Nothing(Usage usage, RatePlan plan, DeckMatch match, IReadOnlyList<Bucket> buckets, RatingStatus status) => new()
    {
        Status = status, Amount = 0m, Sum = Exact.Zero, Scale = ScaleOf(match.Rate!.Rounding), Actual = usage.Quantity, Plan = plan.Name,
        MatchedPrefix = match.Prefix, Destination = match.Destination, Buckets = [.. buckets],
    };

    private static decimal? Limit(UsageRate rate, decimal? balance) =>
        rate is { Cap: CapStrategy.Disconnect, MaxCharge: { } cap } && (balance is null || cap.Value < balance) ? cap.Value : balance;

    internal static int? ScaleOf(ChargeRounding rounding) => rounding.Mode is null ? null : rounding.Scale;

    private static DialledNumber? NumberOf(Tariff tariff, Usage usage)
    {
        if (string.IsNullOrEmpty(usage.To)) return usage.Kind is UsageKind.Data or UsageKind.Event ? new DialledNumber("", IsShortCode: false) : null;
        return tariff.Numbers is { } numbers ? numbers.Read(usage.To) : NumberPlan.AsGiven(usage.To);
    }

    private static RatedUsage Unrated(Usage usage, UnratedReason reason, Resolution found, IReadOnlyList<Bucket> buckets) => new()
    {
        Status = RatingStatus.Unrated, Reason = reason, Actual = usage.Quantity, Plan = found.Plan?.Name, MatchedPrefix = found.Match.Prefix,
        Destination = found.Match.Destination, Buckets = [.. buckets],
    };

    private static Resolution Resolve(Tariff tariff, Usage usage, DialledNumber number) =>
        tariff.Plans.TryGetValue(tariff.Plan, out var plan) && In(plan, tariff, usage, number) is { } found ? found : Ask(tariff, tariff.Plan, usage, number, [], []);

    private static Resolution? In(RatePlan plan, Tariff tariff, Usage usage, DialledNumber number)
    {
        var inForce = plan.At(usage.Start);
        if (inForce.Deck.Find(number, tariff.Numbers is null) is not { } match) return null;
        return new Resolution(plan, inForce, match, match.Rate is null ? UnratedReason.Forbidden : null);
    }

    /// <summary>
    /// The plan, and if it does not know the destination, those it falls back to, each with its own. One that was asked before
    /// is not asked again; one that is being asked, or too many, are a circle.
    /// </summary>
    private static Resolution Ask(Tariff tariff, string name, Usage usage, DialledNumber number, List<string> way, HashSet<string> asked)
    {
        if (way.Contains(name)) return Resolution.Not(UnratedReason.Loop);
        if (asked.Contains(name)) return Resolution.Not(UnratedReason.NoRate);
        if (asked.Count == PlansMax) return Resolution.Not(UnratedReason.Loop);
        asked.Add(name);
        if (!tariff.Plans.TryGetValue(name, out var plan)) return Resolution.Not(UnratedReason.NoPlan);

        if (In(plan, tariff, usage, number) is { } found) return found;
        var nothing = Resolution.Not(UnratedReason.NoRate);
        foreach (var next in plan.Fallback)
        {
            var answer = Ask(tariff, next, usage, number, [.. way, name], asked);
            if (answer.Plan is not null) return answer;
            if (answer.Reason != UnratedReason.NoRate) nothing = answer;
        }

        return nothing;
    }
}

/// <summary>What was found for a number at the start of its usage.</summary>
/// <param name="Plan">The plan that knows it; null when none does.</param>
/// <param name="InForce">What holds of it.</param>
/// <param name="Match">What its deck says.</param>
/// <param name="Reason">Why there is no price, when there is none.</param>
internal readonly record struct Resolution(RatePlan? Plan, InForce InForce, DeckMatch Match, UnratedReason? Reason)
{
    public static Resolution Not(UnratedReason reason) => new(null, default, default, reason);
}
