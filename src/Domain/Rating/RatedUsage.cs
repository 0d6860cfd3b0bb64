using System.Collections.Immutable;

namespace Relier.Rating;

/// <summary>What came of rating.</summary>
public enum RatingStatus
{
    /// <summary>It has a price, which may be nothing.</summary>
    Rated,

    /// <summary>There is nothing to charge: it was never answered, or ended within the grace.</summary>
    Zero,

    /// <summary>It has no price: the reason says why. Never the same as a price of nothing.</summary>
    Unrated,
}

/// <summary>Why something has no price.</summary>
public enum UnratedReason
{
    /// <summary>The plan, or one it falls back to, does not exist.</summary>
    NoPlan,

    /// <summary>No deck knows the destination.</summary>
    NoRate,

    /// <summary>Calls there are not allowed.</summary>
    Forbidden,

    /// <summary>That is no number.</summary>
    BadNumber,

    /// <summary>Plans fall back to each other in a circle.</summary>
    Loop,

    /// <summary>Nobody is known for what was reported. Never of a quote.</summary>
    NoAccount,

    /// <summary>It would cost more than any account can hold: a wrong price or a wrong record. Never of a quote.</summary>
    TooLarge,
}

/// <summary>What a line of a charge is for.</summary>
public enum ChargeLineKind
{
    /// <summary>The fee for connecting.</summary>
    Connect,

    /// <summary>Increments at the price of a tier.</summary>
    Tier,

    /// <summary>Increments that a bucket paid for.</summary>
    Bucket,

    /// <summary>What is missing to the minimum charge.</summary>
    MinTopUp,

    /// <summary>What lies beyond the maximum charge, taken away.</summary>
    Cap,

    /// <summary>What rounding added or took away.</summary>
    Rounding,

    /// <summary>What was given back after a dispute. Never of a quote.</summary>
    Credit,
}

/// <summary>One step of a charge. The lines of a charge add up to it.</summary>
/// <param name="Kind">What it is for.</param>
public sealed record ChargeLine(ChargeLineKind Kind)
{
    internal ChargeLine(ChargeLineKind kind, Exact sum)
        : this(kind) => Sum = sum;

    /// <summary>A line as it was kept.</summary>
    public static ChargeLine Kept(ChargeLineKind kind, decimal exact) => new(kind, Rating.Exact.Of(exact));

    /// <summary>What it adds to the charge; shown to twelve decimals where it has no end.</summary>
    public decimal Exact => Sum.Shown();

    internal Exact Sum { get; }

    /// <summary>The band that held; null where none plays a part.</summary>
    public string? Band { get; init; }

    /// <summary>The position in the call where it begins.</summary>
    public long From { get; init; }

    /// <summary>How many increments.</summary>
    public long Increments { get; init; }

    /// <summary>How long each of them is.</summary>
    public long Increment { get; init; }

    /// <summary>The price of <see cref="Per"/> units.</summary>
    public UnitPrice Price { get; init; }

    /// <summary>The units that the price is for.</summary>
    public long Per { get; init; }

    /// <summary>The bucket that paid.</summary>
    public string? Bucket { get; init; }
}

/// <summary>A price, and why it is this one.</summary>
public sealed record RatedUsage
{
    /// <summary>What came of it.</summary>
    public required RatingStatus Status { get; init; }

    /// <summary>Why it has no price.</summary>
    public UnratedReason? Reason { get; init; }

    /// <summary>The charge, rounded once; null when it has no price.</summary>
    public decimal? Amount { get; init; }

    /// <summary>The decimals of the charge; null when it was not rounded.</summary>
    public int? Scale { get; init; }

    /// <summary>The charge before it was rounded; shown to twelve decimals where it has no end.</summary>
    public decimal? Exact => Status == RatingStatus.Unrated ? null : Sum.Shown();

    internal Exact Sum { get; init; } = Rating.Exact.Zero;

    /// <summary>The prefix that matched; <c>*</c> for the catch-all.</summary>
    public string? MatchedPrefix { get; init; }

    /// <summary>How the destination is called.</summary>
    public string? Destination { get; init; }

    /// <summary>The plan that knew the destination.</summary>
    public string? Plan { get; init; }

    /// <summary>What was used.</summary>
    public required long Actual { get; init; }

    /// <summary>What was charged or paid for by buckets: whole increments.</summary>
    public long Billed { get; init; }

    /// <summary>When asked how much may be used: so much, never more than asked.</summary>
    public long? Granted { get; init; }

    /// <summary>Whether that is less than was asked, so that there will be no more.</summary>
    public bool? IsFinal { get; init; }

    /// <summary>How the charge came about.</summary>
    public ImmutableArray<ChargeLine> Lines { get; init; } = [];

    /// <summary>The buckets as they are afterwards, in the order in which they were given.</summary>
    public ImmutableArray<Bucket> Buckets { get; init; } = [];
}
