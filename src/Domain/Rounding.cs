namespace Relier;

/// <summary>How a quotient that does not come out even becomes a whole number. There is no default: every division names its own.</summary>
public enum Rounding
{
    /// <summary>To the nearest; a half goes away from zero (1.005 becomes 1.01, -1.005 becomes -1.01). What tax law and resellers mean by rounding.</summary>
    HalfUp,

    /// <summary>To the nearest; a half goes to the even neighbour (banker's rounding).</summary>
    HalfEven,

    /// <summary>Away from zero.</summary>
    Up,

    /// <summary>Towards zero.</summary>
    Down,
}

/// <summary>Exact integer division under a named <see cref="Rounding"/>.</summary>
internal static class RoundedDivision
{
    /// <summary>The quotient as a whole number. Throws <see cref="DivideByZeroException"/> when <paramref name="divisor"/> is zero.</summary>
    public static Int128 Divide(this Rounding rounding, Int128 dividend, Int128 divisor) => rounding.Divide(dividend, divisor, out _);

    /// <summary>The same, and whether the quotient came out even.</summary>
    public static Int128 Divide(this Rounding rounding, Int128 dividend, Int128 divisor, out bool isEven)
    {
        var (quotient, remainder) = QuotientOf(dividend, divisor);
        isEven = remainder == 0;
        if (isEven) return quotient;

        var awayFromZero = (dividend < 0) == (divisor < 0) ? Int128.One : Int128.NegativeOne;
        // Compared by subtraction, because twice a remainder could be larger than the type.
        var half = Int128.Abs(remainder).CompareTo(Int128.Abs(divisor) - Int128.Abs(remainder));
        return rounding switch
        {
            Rounding.HalfUp => half >= 0 ? quotient + awayFromZero : quotient,
            Rounding.HalfEven => half > 0 || (half == 0 && Int128.IsOddInteger(quotient)) ? quotient + awayFromZero : quotient,
            Rounding.Up => quotient + awayFromZero,
            Rounding.Down => quotient,
            _ => throw new ArgumentOutOfRangeException(nameof(rounding), rounding, "Not a rounding this version knows."),
        };
    }

    /// <summary>Most amounts fit into half of the type, where the processor divides by itself.</summary>
    private static (Int128 Quotient, Int128 Remainder) QuotientOf(Int128 dividend, Int128 divisor)
    {
        if (!IsHalf(dividend) || !IsHalf(divisor)) return Int128.DivRem(dividend, divisor);
        var (quotient, remainder) = Math.DivRem((long)dividend, (long)divisor);
        return (quotient, remainder);
    }

    private static bool IsHalf(Int128 number) => number > long.MinValue && number <= long.MaxValue;
}
