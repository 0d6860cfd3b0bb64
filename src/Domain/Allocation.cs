namespace Relier;

/// <summary>Splitting an amount so that the parts add up to the whole, always, to the last minor unit.</summary>
public static class Allocation
{
    /// <summary>
    /// Splits by weight. Each part is the difference of two neighbouring running totals, rounded half-up, so no part is
    /// more than one minor unit from its exact share, and the parts add up. An amount finer than the minor unit is
    /// split in millionths. Throws <see cref="ArgumentException"/> without weights, with a negative one, or when all are
    /// zero, and <see cref="OverflowException"/> when units times weights leave 128 bits.
    /// </summary>
    /// <example>100.00 MXN by 1, 1, 1 gives 33.33, 33.34 and 33.33.</example>
    public static IReadOnlyList<Money> Split(this Money total, params IReadOnlyList<long> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Any(weight => weight < 0)) throw new ArgumentException("A weight is never negative.", nameof(weights));
        var all = weights.Aggregate(Int128.Zero, (sum, weight) => sum + weight);
        if (all == 0) throw new ArgumentException("At least one weight must be more than zero.", nameof(weights));

        var unit = total.IsWhole ? total.Currency.MicrosPerMinorUnit : 1;
        var units = (Int128)(total.Micros / unit);
        var parts = new Money[weights.Count];
        Int128 running = 0, given = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            running += weights[i];
            var upToHere = Rounding.HalfUp.Divide(units * running, all);
            parts[i] = Money.FromMicros(checked((long)((upToHere - given) * unit)), total.Currency);
            given = upToHere;
        }

        return parts;
    }
}
