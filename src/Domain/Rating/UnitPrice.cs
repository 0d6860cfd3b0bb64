using System.Globalization;

namespace Relier.Rating;

/// <summary>
/// What so many seconds, bytes or messages cost, or a fee, in major units of a currency that the deck names: not negative,
/// at most nine decimals, at most 100,000. Prices are never added up; what is charged is computed from them exactly.
/// </summary>
public readonly record struct UnitPrice : IComparable<UnitPrice>
{
    /// <summary>The largest there is.</summary>
    public const decimal Max = 100_000m;

    internal const long Scale = 1_000_000_000;

    private UnitPrice(long billionths) => Billionths = billionths;

    /// <summary>For nothing; also what <c>default</c> is.</summary>
    public static UnitPrice Free => default;

    internal long Billionths { get; }

    /// <summary>The price as a decimal, exactly.</summary>
    public decimal Value => (decimal)Billionths / Scale;

    /// <summary>Whether it costs nothing.</summary>
    public bool IsFree => Billionths == 0;

    /// <summary>The price. Throws <see cref="ArgumentOutOfRangeException"/> when it is negative, above <see cref="Max"/>, or finer than nine decimals.</summary>
    public static UnitPrice Of(decimal value) =>
        TryOf(value, out var price) ? price : throw new ArgumentOutOfRangeException(nameof(value), value, $"A price is from 0 to {Max} with at most nine decimals.");

    /// <summary>Like <see cref="Of"/>, with the answer as a value.</summary>
    public static bool TryOf(decimal value, out UnitPrice price)
    {
        price = default;
        if (value is < 0 or > Max) return false;
        var billionths = value * Scale;
        if (billionths != decimal.Truncate(billionths)) return false;
        price = new UnitPrice((long)billionths);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(UnitPrice other) => Billionths.CompareTo(other.Billionths);

    /// <summary>The shortest decimal that says it: <c>1.99</c>.</summary>
    public override string ToString() => Value.ToString("0.#########", CultureInfo.InvariantCulture);
}
