using System.Collections.Immutable;
using NodaTime;

namespace Relier.Rating;

/// <summary>What is used, and in what it is counted.</summary>
public enum UsageKind
{
    /// <summary>Calls, in seconds.</summary>
    Voice,

    /// <summary>Data, in bytes.</summary>
    Data,

    /// <summary>Messages.</summary>
    Message,

    /// <summary>Anything else that is counted.</summary>
    Event,
}

/// <summary>Something that was, or is to be, used.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="To">The number, as it was dialled; null for usage that goes to no number.</param>
/// <param name="Start">When it began.</param>
/// <param name="Quantity">Seconds, bytes, messages or events. <see cref="Check"/> it first.</param>
public sealed record Usage(UsageKind Kind, string? To, Instant Start, long Quantity)
{
    /// <summary>The longest call: longer than any line has been up.</summary>
    public const long SecondsMax = 1_000_000_000;

    private static readonly Instant Earliest = Instant.FromUtc(1970, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);

    /// <summary>The most that there is of this kind.</summary>
    internal long QuantityMax => Kind == UsageKind.Voice ? SecondsMax : UsageRate.QuantityMax;

    /// <summary>What makes it impossible to rate: <c>quantity_invalid</c>, <c>instant_invalid</c>.</summary>
    public IEnumerable<FieldError> Check(string at)
    {
        if (Quantity < 0 || Quantity > QuantityMax) yield return new($"{at}.quantity", "quantity_invalid", $"expected a whole number from 0 to {QuantityMax}");
        if (Start < Earliest || Start >= Latest) yield return new($"{at}.start", "instant_invalid", "expected a time from 1970 on and before 2200");
    }

    /// <summary>Whether it goes on with a call whose fee for connecting was charged before.</summary>
    public bool IsContinuation { get; init; }
}

/// <summary>What a bucket holds.</summary>
public enum BucketKind
{
    /// <summary>Money for calls, as a free calling credit.</summary>
    Money,

    /// <summary>Seconds of calls.</summary>
    Seconds,

    /// <summary>Messages.</summary>
    Messages,

    /// <summary>Bytes of data.</summary>
    Bytes,
}

/// <summary>
/// Usage that is paid for already. The bucket with the larger priority pays first, of those the one that expires first, then
/// the smaller id. It pays whole increments of the rate: a smaller rest stays in it.
/// </summary>
public sealed record Bucket
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it holds.</summary>
    public required BucketKind Kind { get; init; }

    /// <summary>What is left: a whole number, or an amount of money.</summary>
    public required decimal Left { get; init; }

    /// <summary>In what pieces it pays; each increment of the rate alone when it is 1.</summary>
    public long Unit { get; init; } = 1;

    /// <summary>The larger pays first.</summary>
    public int Priority { get; init; }

    /// <summary>It pays for increments that begin before; null for always.</summary>
    public Instant? Expires { get; init; }

    /// <summary>The numbers it is for, by their first digits with the country; empty for all.</summary>
    public ImmutableArray<string> Prefixes { get; init; } = [];

    /// <summary>Whether those behind it, of smaller priority, pay nothing for what it is for.</summary>
    public bool IsBlocker { get; init; }

    internal static IComparer<Bucket> InOrder { get; } = Comparer<Bucket>.Create((one, other) =>
    {
        var order = other.Priority.CompareTo(one.Priority);
        if (order == 0) order = (one.Expires ?? Instant.MaxValue).CompareTo(other.Expires ?? Instant.MaxValue);
        return order != 0 ? order : string.CompareOrdinal(one.Id, other.Id);
    });

    /// <summary>Whether it is for usage of this kind to this number.</summary>
    internal bool IsFor(UsageKind kind, DialledNumber number) =>
        Kind switch
        {
            BucketKind.Money => true,
            BucketKind.Seconds => kind == UsageKind.Voice,
            BucketKind.Messages => kind == UsageKind.Message,
            BucketKind.Bytes => kind == UsageKind.Data,
            _ => throw new InvalidOperationException($"{Kind} is no kind of bucket this version knows."),
        }
        && (Prefixes.IsEmpty || (!number.IsShortCode && Prefixes.Any(prefix => number.Digits.StartsWith(prefix, StringComparison.Ordinal))));
}
