using System.Globalization;

namespace Relier.Rating;

/// <summary>
/// An amount as a fraction, so that nothing is rounded before the end: the numerator in billionths of the major unit. What
/// the limits of prices, quantities and units allow fits; anything larger throws <see cref="OverflowException"/>.
/// </summary>
internal readonly struct Exact
{
    /// <summary>Decimals in which a fraction without end is shown; never used to compute.</summary>
    private const int ShownDecimals = 12;

    private static readonly long[] PowersOfTen = [.. Enumerable.Range(0, ShownDecimals + 1).Select(PowerOfTen)];

    private readonly Int128 _numerator;
    private readonly long _denominator;

    private Exact(Int128 numerator, long denominator)
    {
        _numerator = numerator;
        _denominator = denominator;
    }

    public static Exact Zero => new(0, 1);

    public bool IsZero => _numerator == 0;

    public static Exact Of(UnitPrice price) => new(price.Billionths, 1);

    /// <summary>The price for <paramref name="per"/> units, for <paramref name="quantity"/> of them.</summary>
    public static Exact Of(UnitPrice price, long quantity, long per) => new(Math.BigMul(price.Billionths, quantity), per);

    /// <summary>A number as it is shown.</summary>
    public static Exact Of(decimal shown) => new((Int128)(shown * 1_000_000_000_000m), 1_000);

    public static Exact operator +(Exact one, Exact other)
    {
        if (one.IsZero) return other;
        if (one._denominator == other._denominator) return new Exact(checked(one._numerator + other._numerator), one._denominator);
        var shared = SharedDivisor(one._denominator, other._denominator);
        var denominator = checked(one._denominator / shared * other._denominator);
        return new Exact(
            checked((one._numerator * (denominator / one._denominator)) + (other._numerator * (denominator / other._denominator))), denominator);
    }

    public static Exact operator -(Exact one, Exact other) => one + new Exact(-other._numerator, other._denominator);

    public static bool operator <(Exact one, Exact other) => (one - other)._numerator < 0;

    public static bool operator >(Exact one, Exact other) => (one - other)._numerator > 0;

    /// <summary>Rounded once, to so many decimals (-2 are hundreds).</summary>
    public decimal Round(Rounding rounding, int scale) => Round(rounding, scale, out _);

    /// <summary>The same, and whether that changed nothing.</summary>
    public decimal Round(Rounding rounding, int scale, out bool isSame)
    {
        var units = rounding.Divide(_numerator, Math.BigMul(_denominator, PowersOfTen[9 - scale]), out isSame);
        return Number(units, scale);
    }

    /// <summary>As it is shown: to twelve decimals where it has no end.</summary>
    public decimal Shown()
    {
        // The whole part apart, so that the decimals to show need no larger number than the amount itself.
        var (billionths, rest) = Int128.DivRem(_numerator, _denominator);
        var finer = PowersOfTen[ShownDecimals - 9];
        return Number((billionths * finer) + Rounding.HalfEven.Divide(rest * finer, _denominator), ShownDecimals);
    }

    public override string ToString() => Shown().ToString("0.############", CultureInfo.InvariantCulture);

    private static long PowerOfTen(int exponent) => exponent == 0 ? 1 : 10 * PowerOfTen(exponent - 1);

    /// <summary>So many units of the last decimal.</summary>
    private static decimal Number(Int128 units, int decimals)
    {
        if (decimals < 0) return (decimal)(units * PowersOfTen[-decimals]);
        var isNegative = units < 0;
        var size = UInt128.CreateTruncating(isNegative ? -units : units);
        if (size >> 96 != 0) throw new OverflowException("The amount is larger than a number can be.");
        var low = ulong.CreateTruncating(size);
        return unchecked(new decimal((int)low, (int)(low >> 32), (int)(ulong)(size >> 64), isNegative, (byte)decimals));
    }

    private static long SharedDivisor(long one, long other)
    {
        while (other != 0) (one, other) = (other, one % other);
        return one;
    }
}
