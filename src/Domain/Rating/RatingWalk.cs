using System.Collections.Immutable;
using NodaTime;

namespace Relier.Rating;

/// <summary>
/// Goes through a call from its beginning, piece by piece: a piece ends where the band, the tier or a bucket does. An
/// increment that has begun is finished at its own price, and reaches into the next piece.
/// </summary>
internal sealed class RatingWalk
{
    private readonly Tariff _tariff;
    private readonly Usage _usage;
    private readonly DialledNumber _number;
    private readonly Resolution _found;
    private readonly IReadOnlyList<Bucket> _given;
    private readonly List<Bucket>? _buckets;
    private readonly decimal? _limit;
    private readonly ImmutableArray<ChargeLine>.Builder _lines = ImmutableArray.CreateBuilder<ChargeLine>(1);
    private long _position;
    private Exact _sum = Exact.Zero;
    private bool _isCharged;
    private bool _isExhausted;

    /// <param name="tariff">What is rated by.</param>
    /// <param name="usage">What is rated.</param>
    /// <param name="number">Where it goes.</param>
    /// <param name="found">The plan that knows the destination, and what its deck says at the start.</param>
    /// <param name="buckets">What is paid for already.</param>
    /// <param name="limit">The most that may be charged; null for no limit.</param>
    public RatingWalk(
        Tariff tariff, Usage usage, DialledNumber number, in Resolution found, IReadOnlyList<Bucket> buckets, decimal? limit)
    {
        _tariff = tariff;
        _usage = usage;
        _number = number;
        _found = found;
        _given = buckets;
        _limit = limit;
        if (buckets.Count == 0) return;
        _buckets = [.. buckets.Where(bucket => bucket.IsFor(usage.Kind, number))];
        _buckets.Sort(Bucket.InOrder);
    }

    private UsageRate FirstRate => _found.Match.Rate!;

    /// <summary>Walks to the end. The reason, when a later piece has no price.</summary>
    public UnratedReason? Run()
    {
        var quantity = Math.Max(_usage.Quantity, FirstRate.MinQuantity);
        var (band, _, until) = _found.InForce;
        if (!Connect(band)) return null;

        var (rate, end) = (FirstRate, EndOf(until));
        while (_position < quantity && !_isExhausted)
        {
            if (_position >= end)
            {
                (band, var deck, until) = _found.Plan!.At(Now);
                end = EndOf(until);
                if (deck.Find(_number, _tariff.Numbers is null) is not { } match) return UnratedReason.NoRate;
                if (match.Rate is null) return UnratedReason.Forbidden;
                rate = match.Rate;
            }

            Step(rate, band, Math.Min(quantity, end));
        }

        return null;
    }

    /// <summary>What came of it.</summary>
    public RatedUsage Result(bool isQuestion)
    {
        var granted = Math.Min(_position, _usage.Quantity);
        // The fee for connecting alone buys nothing, and what is shorter than the least that is charged cannot be sold.
        if (isQuestion && _isExhausted && (_position == 0 || _position < FirstRate.MinQuantity))
            return Rater.Nothing(_usage, _found.Plan!, _found.Match, _given, RatingStatus.Rated) with { Granted = 0, IsFinal = true };

        var (charge, extra) = Charge(_sum, _isCharged);
        if (extra is { } line) _lines.Add(line);
        var amount = FirstRate.Rounding.Round(charge, out var isSame);
        if (FirstRate.Rounding.Mode is not null && (!isSame || _lines.Count > 1) && RoundingLine(amount - _lines.Sum(line => line.Exact)) is { } rounding) _lines.Add(rounding);

        return new RatedUsage
        {
            Status = RatingStatus.Rated, Amount = amount, Scale = Rater.ScaleOf(FirstRate.Rounding), Sum = charge, Actual = _usage.Quantity, Billed = _position,
            Plan = _found.Plan!.Name, MatchedPrefix = _found.Match.Prefix, Destination = _found.Match.Destination, Lines = _lines.DrainToImmutable(), Buckets = Afterwards(),
            Granted = isQuestion ? granted : null, IsFinal = isQuestion ? granted < _usage.Quantity : null,
        };
    }

    /// <summary>What is missing to the amount, from the lines as they are shown, so that they add up; null when nothing is.</summary>
    internal static ChargeLine? RoundingLine(decimal difference) => difference == 0 ? null : new ChargeLine(ChargeLineKind.Rounding, Exact.Of(difference));

    /// <summary>Calls cost what the band says at each increment; bytes and messages what it said at the start.</summary>
    private bool IsTimed => _usage.Kind == UsageKind.Voice;

    private Instant Now => _usage.Start + Duration.FromSeconds(_position);

    /// <summary>The position where a band ends; the increment that has begun before goes beyond.</summary>
    private long EndOf(Instant until)
    {
        if (!IsTimed || until == Instant.MaxValue) return long.MaxValue;
        var left = until - _usage.Start;
        var seconds = left.BclCompatibleTicks / NodaConstants.TicksPerSecond;
        return Duration.FromSeconds(seconds) < left ? seconds + 1 : seconds;
    }

    private bool Connect(CalendarBand band)
    {
        if (_usage.IsContinuation || FirstRate.ConnectFee.IsFree) return true;
        var fee = Exact.Of(FirstRate.ConnectFee);
        if (!Fits(fee, isCharged: true)) return !(_isExhausted = true);
        _sum += fee;
        _isCharged = true;
        _lines.Add(new ChargeLine(ChargeLineKind.Connect, fee) { Band = band.Name, Price = FirstRate.ConnectFee, Per = 1, Increment = 1, Increments = 1 });
        return true;
    }

    /// <summary>The increments of one tier that begin before <paramref name="end"/>, or as many as the first usable bucket, or the limit, pays for.</summary>
    private void Step(UsageRate rate, CalendarBand band, long end)
    {
        var index = rate.TierAt(_position);
        var tier = rate.Tiers[index];
        if (index + 1 < rate.Tiers.Length) end = Math.Min(end, rate.Tiers[index + 1].From);
        var increments = Increments(end - _position, tier.Increment);

        if (_buckets is not null && PayFromBucket(tier, band, increments)) return;
        if (_limit is not null && (increments = Affordable(tier, increments)) == 0)
        {
            _isExhausted = true;
            return;
        }

        var exact = Exact.Of(tier.Price, increments * tier.Increment, tier.Per);
        _sum += exact;
        _isCharged = true;
        Add(ChargeLineKind.Tier, exact, tier, band, increments, null);
    }

    private bool PayFromBucket(Tier tier, CalendarBand band, long increments)
    {
        for (var i = 0; i < _buckets!.Count; i++)
        {
            var bucket = _buckets[i];
            var (paid, left) = Paid(bucket, tier, increments);
            if (paid > 0)
            {
                _buckets[i] = bucket with { Left = left };
                Add(ChargeLineKind.Bucket, Exact.Zero, tier, band, paid, bucket.Id);
                return true;
            }

            if (bucket.IsBlocker) return false;
        }

        return false;
    }

    /// <summary>How many increments a bucket pays for, and what is left in it then.</summary>
    private (long Increments, decimal Left) Paid(Bucket bucket, Tier tier, long increments)
    {
        if (bucket.Expires is { } expires)
        {
            if (Now >= expires) return (0, bucket.Left);
            if (IsTimed) increments = Math.Min(increments, Increments(EndOf(expires) - _position, tier.Increment));
        }

        if (bucket.Kind == BucketKind.Money)
        {
            if (tier.Price.IsFree) return (0, bucket.Left);
            var many = Most(increments, count => FirstRate.Rounding.Round(Exact.Of(tier.Price, count * tier.Increment, tier.Per)) <= bucket.Left);
            return (many, bucket.Left - (many == 0 ? 0 : FirstRate.Rounding.Round(Exact.Of(tier.Price, many * tier.Increment, tier.Per))));
        }

        // In pieces of its own, each of whole increments.
        var piece = Increments(bucket.Unit, tier.Increment);
        var pieces = Math.Min((long)Math.Min(decimal.Floor(bucket.Left / (piece * tier.Increment)), UsageRate.QuantityMax), Increments(increments, piece));
        return (pieces * piece, bucket.Left - (pieces * piece * tier.Increment));
    }

    private void Add(ChargeLineKind kind, Exact exact, Tier tier, CalendarBand band, long increments, string? bucket)
    {
        // A band that was looked at again because it is long goes on with its line.
        if (_lines.Count > 0 && _lines[^1] is var last && last.Kind == kind && last.Band == band.Name && last.Bucket == bucket
            && (last.Price, last.Per, last.Increment) == (tier.Price, tier.Per, tier.Increment))
            _lines[^1] = Line(kind, last.Sum + exact, tier, band, last.From, last.Increments + increments, bucket);
        else _lines.Add(Line(kind, exact, tier, band, _position, increments, bucket));
        _position += increments * tier.Increment;
    }

    private static ChargeLine Line(ChargeLineKind kind, Exact exact, Tier tier, CalendarBand band, long from, long increments, string? bucket) => new(kind, exact)
    {
        Band = band.Name, From = from, Increments = increments, Increment = tier.Increment, Price = tier.Price, Per = tier.Per, Bucket = bucket,
    };

    /// <summary>Of so many increments as many as the limit pays for.</summary>
    private long Affordable(Tier tier, long increments) =>
        Most(increments, count => Fits(_sum + Exact.Of(tier.Price, count * tier.Increment, tier.Per), isCharged: true));

    /// <summary>What costs nothing fits always: an emergency call is let through without a balance.</summary>
    private bool Fits(Exact sum, bool isCharged) => _limit is not { } limit || FirstRate.Rounding.Round(Charge(sum, isCharged).Charge) <= Math.Max(limit, 0m);

    /// <summary>The charge for a sum, between the least and the most; and the line that brings it there.</summary>
    private (Exact Charge, ChargeLine? Line) Charge(Exact sum, bool isCharged)
    {
        if (FirstRate is { MaxCharge: { } max, Cap: CapStrategy.Free } && sum > Exact.Of(max))
            return (Exact.Of(max), new ChargeLine(ChargeLineKind.Cap, Exact.Of(max.Value - sum.Shown())));
        if (isCharged && FirstRate.MinCharge is { } min && sum < Exact.Of(min))
            return (Exact.Of(min), new ChargeLine(ChargeLineKind.MinTopUp, Exact.Of(min.Value - sum.Shown())));
        return (sum, null);
    }

    private ImmutableArray<Bucket> Afterwards() =>
        _buckets is null ? [] : [.. _given.Select(given => _buckets.FirstOrDefault(bucket => bucket.Id == given.Id) ?? given)];

    internal static long Increments(long quantity, long increment) => (quantity / increment) + (quantity % increment > 0 ? 1 : 0);

    /// <summary>The largest count, at most <paramref name="all"/>, for which it holds; it holds for all smaller ones too.</summary>
    private static long Most(long all, Func<long, bool> holds)
    {
        if (holds(all)) return all;
        var (yes, no) = (0L, all);
        while (no - yes > 1)
        {
            var middle = yes + ((no - yes) / 2);
            if (holds(middle)) yes = middle;
            else no = middle;
        }

        return yes;
    }
}
