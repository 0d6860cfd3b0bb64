using System.Numerics;

namespace Relier.Domain.Tests;

/// <summary>The same arithmetic without limits, as school teaches it: to hold the fast one against.</summary>
internal static class Exact
{
    public static long MicrosPerMinorUnit(Currency currency) => currency.Code switch
    {
        "JPY" => 1_000_000,
        "INR" or "MXN" or "USD" => 10_000,
        "KWD" => 1_000,
        _ => throw new ArgumentOutOfRangeException(nameof(currency), currency, "Say how many decimals it has."),
    };

    /// <summary>Without sign: the lower neighbour, and one more when the rest asks for it. Then the sign again.</summary>
    public static BigInteger Divide(BigInteger dividend, BigInteger divisor, Rounding rounding)
    {
        var sign = dividend.Sign * divisor.Sign;
        var lower = BigInteger.DivRem(BigInteger.Abs(dividend), BigInteger.Abs(divisor), out var rest);
        var twice = rest * 2 - BigInteger.Abs(divisor);
        var more = rounding switch
        {
            Rounding.Down => false,
            Rounding.Up => !rest.IsZero,
            Rounding.HalfUp => twice >= 0,
            Rounding.HalfEven => twice > 0 || (twice == 0 && !lower.IsEven),
            _ => throw new ArgumentOutOfRangeException(nameof(rounding)),
        };
        return sign * (more ? lower + 1 : lower);
    }
}
