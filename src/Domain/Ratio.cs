using System.Globalization;

namespace Relier;

/// <summary>
/// A named factor for money (a rate of exchange, a tax rate, a discount): exact, with at most nine decimals,
/// between -9,000,000,000 and 9,000,000,000. The only number besides a whole one that money is multiplied by.
/// </summary>
public readonly record struct Ratio : IComparable<Ratio>
{
    internal const long Scale = 1_000_000_000;
    private const decimal Largest = 9_000_000_000m;

    private Ratio(long billionths) => Billionths = billionths;

    /// <summary>Nothing at all; also what <c>default</c> is.</summary>
    public static Ratio Zero => default;

    /// <summary>The whole.</summary>
    public static Ratio One { get; } = Of(1m);

    internal long Billionths { get; }

    /// <summary>The factor as a decimal, exactly.</summary>
    public decimal Value => (decimal)Billionths / Scale;

    /// <summary>The factor itself: 0.0544 is <c>Of(0.0544m)</c>. Throws <see cref="ArgumentOutOfRangeException"/> beyond nine decimals or the range.</summary>
    public static Ratio Of(decimal value)
    {
        if (value is < -Largest or > Largest)
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A ratio lies between -{Largest} and {Largest}.");
        var billionths = value * Scale;
        if (billionths != decimal.Truncate(billionths))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A ratio has at most nine decimals.");
        return new Ratio((long)billionths);
    }

    /// <summary>So many hundredths: 16 % is <c>Percent(16m)</c>.</summary>
    public static Ratio Percent(decimal percent) => Of(percent / 100m);

    /// <summary>The whole and this on top: a tax of 16 % becomes the factor 1.16.</summary>
    public Ratio OnTop() => new(checked(Scale + Billionths));

    /// <summary>What is left of the whole: a discount of 5 % becomes the factor 0.95.</summary>
    public Ratio Remaining() => new(checked(Scale - Billionths));

    /// <summary>One divided by this, to nine decimals. Throws <see cref="DivideByZeroException"/> for zero.</summary>
    public Ratio Inverse(Rounding rounding) =>
        new((long)rounding.Divide((Int128)Scale * Scale, Billionths));

    /// <summary>Rounded to so many decimals (0 to 9), for display.</summary>
    public Ratio RoundTo(int decimals, Rounding rounding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 9);
        var step = 1L;
        for (var i = decimals; i < 9; i++) step *= 10;
        return new Ratio(checked((long)rounding.Divide(Billionths, step) * step));
    }

    /// <inheritdoc/>
    public int CompareTo(Ratio other) => Billionths.CompareTo(other.Billionths);

    /// <summary>Whether the left is less than the right.</summary>
    public static bool operator <(Ratio left, Ratio right) => left.Billionths < right.Billionths;

    /// <summary>Whether the left is more than the right.</summary>
    public static bool operator >(Ratio left, Ratio right) => left.Billionths > right.Billionths;

    /// <summary>Whether the left is at most the right.</summary>
    public static bool operator <=(Ratio left, Ratio right) => left.Billionths <= right.Billionths;

    /// <summary>Whether the left is at least the right.</summary>
    public static bool operator >=(Ratio left, Ratio right) => left.Billionths >= right.Billionths;

    /// <summary>The shortest decimal that says it: <c>0.0544</c>.</summary>
    public override string ToString() => Value.ToString("0.#########", CultureInfo.InvariantCulture);
}
