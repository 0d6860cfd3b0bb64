using System.Collections.Immutable;
using NodaTime;

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
        if (usage.Quantity is < 0 or > UsageRate.QuantityMax)
            throw new ArgumentOutOfRangeException(nameof(usage), usage.Quantity, $"A quantity is from 0 to {UsageRate.QuantityMax}.");

        if (NumberOf(tariff, usage) is not { } number) return Unrated(usage, UnratedReason.BadNumber, buckets);
        if (Resolve(tariff, usage, number).IsRefused(out var reason, out var found)) return Unrated(usage, reason, buckets) with { Plan = found.Plan?.Name, MatchedPrefix = found.Match.Prefix, Destination = found.Match.Destination };

        var rated = new RatedUsage
        {
            Status = RatingStatus.Zero, Amount = 0m, Exact = 0m, Scale = ScaleOf(found.Match.Rate!), Actual = usage.Quantity, Plan = found.Plan!.Name,
            MatchedPrefix = found.Match.Prefix, Destination = found.Match.Destination, Buckets = [.. buckets],
        };
        if (usage.Quantity == 0 || (!isQuestion && usage.Kind == UsageKind.Voice && usage.Quantity <= found.Match.Rate!.GraceSeconds))
            return isQuestion ? rated with { Granted = 0, IsFinal = false } : rated;

        var walk = new RatingWalk(tariff, usage, number, found.Plan, found.Match, buckets, isQuestion ? Limit(found.Match.Rate!, balance) : null);
        return walk.Run() is { } missing ? Unrated(usage, missing, buckets) with { Plan = found.Plan.Name, MatchedPrefix = found.Match.Prefix, Destination = found.Match.Destination } : walk.Result(rated, isQuestion);
    }

    private static decimal? Limit(UsageRate rate, decimal? balance) =>
        rate is { Cap: CapStrategy.Disconnect, MaxCharge: { } cap } && (balance is null || cap.Value < balance) ? cap.Value : balance;

    internal static int? ScaleOf(UsageRate rate) => rate.Rounding.Mode is null ? null : rate.Rounding.Scale;

    private static DialledNumber? NumberOf(Tariff tariff, Usage usage)
    {
        if (string.IsNullOrEmpty(usage.To)) return usage.Kind is UsageKind.Data or UsageKind.Event ? new DialledNumber("", IsShortCode: false) : null;
        return tariff.Numbers is { } numbers ? numbers.Read(usage.To) : NumberPlan.AsGiven(usage.To);
    }

    private static RatedUsage Unrated(Usage usage, UnratedReason reason, IReadOnlyList<Bucket> buckets) =>
        new() { Status = RatingStatus.Unrated, Reason = reason, Actual = usage.Quantity, Buckets = [.. buckets] };

    private static Resolution Resolve(Tariff tariff, Usage usage, DialledNumber number)
    {
        var asked = new List<string>(1);
        return Ask(tariff, tariff.Plan, usage, number, asked);
    }

    /// <summary>The plan, and if it does not know the destination, those it falls back to, each with its own.</summary>
    private static Resolution Ask(Tariff tariff, string name, Usage usage, DialledNumber number, List<string> asked)
    {
        if (asked.Contains(name) || asked.Count == PlansMax) return Resolution.Not(UnratedReason.Loop);
        asked.Add(name);
        if (!tariff.Plans.TryGetValue(name, out var plan)) return Resolution.Not(UnratedReason.NoPlan);

        if (plan.Decks[plan.Calendar.At(usage.Start).Band.Deck].Find(number, tariff.Numbers is null) is { } match)
            return new Resolution(plan, match, match.Rate is null ? UnratedReason.Forbidden : null);
        var nothing = Resolution.Not(UnratedReason.NoRate);
        foreach (var next in plan.Fallback)
        {
            var answer = Ask(tariff, next, usage, number, asked);
            if (answer.Plan is not null) return answer;
            if (answer.Reason != UnratedReason.NoRate) nothing = answer;
        }

        return nothing;
    }

    private readonly record struct Resolution(RatePlan? Plan, DeckMatch Match, UnratedReason? Reason)
    {
        public static Resolution Not(UnratedReason reason) => new(null, default, reason);

        public bool IsRefused(out UnratedReason reason, out Resolution found)
        {
            found = this;
            reason = Reason ?? default;
            return Reason is not null;
        }
    }
}
