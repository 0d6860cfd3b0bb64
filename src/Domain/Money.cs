using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relier;

/// <summary>
/// An amount in one currency, as a whole number of millionths of the major unit (call charges are finer than a
/// paisa). Arithmetic is checked: what does not fit, beyond about 9.2 million million major units, throws
/// <see cref="OverflowException"/> and is never wrapped. Amounts of two currencies never meet: that throws
/// <see cref="CurrencyMismatchException"/>. A <c>default</c> value has no currency and throws
/// <see cref="InvalidOperationException"/> on first use.
/// </summary>
public readonly record struct Money : IComparable<Money>
{
    /// <summary>Millionths in one major unit.</summary>
    public const long MicrosPerUnit = 1_000_000;

    private const decimal Largest = 9_223_372_036_854.775807m;
    private const decimal Smallest = -9_223_372_036_854.775808m;

    private readonly long _micros;
    private readonly Currency? _currency;

    private Money(long micros, Currency currency)
    {
        _micros = micros;
        _currency = currency;
    }

    /// <summary>The amount in millionths of the major unit: 1.09 is 1,090,000.</summary>
    public long Micros => _currency is null ? throw NeverGiven() : _micros;

    /// <summary>The currency of the amount.</summary>
    public Currency Currency => _currency ?? throw NeverGiven();

    /// <summary>Whether nothing is owed either way.</summary>
    public bool IsZero => Micros == 0;

    /// <summary>Whether it is less than zero.</summary>
    public bool IsNegative => Micros < 0;

    /// <summary>Whether it is more than zero.</summary>
    public bool IsPositive => Micros > 0;

    /// <summary>Whether it can be paid: no part of it is finer than the currency's minor unit.</summary>
    public bool IsWhole => Micros % Currency.MicrosPerMinorUnit == 0;

    /// <summary>No money, in a currency.</summary>
    public static Money Zero(Currency currency) => new(0, currency);

    /// <summary>So many millionths of the major unit.</summary>
    public static Money FromMicros(long micros, Currency currency)
    {
        ArgumentNullException.ThrowIfNull(currency);
        return new Money(micros, currency);
    }

    /// <summary>So many major units. Throws <see cref="ArgumentOutOfRangeException"/> beyond six decimals and <see cref="OverflowException"/> when it does not fit.</summary>
    public static Money Of(decimal amount, Currency currency)
    {
        ArgumentNullException.ThrowIfNull(currency);
        if (amount is < Smallest or > Largest) throw new OverflowException($"{amount} {currency} is more than Money holds.");
        var micros = amount * MicrosPerUnit;
        if (micros != decimal.Truncate(micros))
            throw new ArgumentOutOfRangeException(nameof(amount), amount, "Money has at most six decimals.");
        return new Money(decimal.ToInt64(micros), currency);
    }

    /// <summary>
    /// Reads what <see cref="Amount"/> prints: an optional minus, digits, and at most six decimals behind a point.
    /// No blanks, signs of grouping, plus or exponent. Throws <see cref="FormatException"/> with the text.
    /// </summary>
    public static Money Parse(string amount, Currency currency) =>
        TryParse(amount, currency, out var money)
            ? money
            : throw new FormatException($"'{amount}' is not an amount; expected digits with at most six decimals, as in 1180.00.");

    /// <summary>Like <see cref="Parse"/>, with the answer as a value. A number too large for Money is answered with no.</summary>
    public static bool TryParse([NotNullWhen(true)] string? amount, Currency currency, out Money money)
    {
        money = default;
        if (string.IsNullOrEmpty(amount) || amount.Length > 28) return false;

        var digits = amount[0] == '-' ? amount.AsSpan(1) : amount;
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty) || fraction.Length > 6) return false;
        if (whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9')) return false;

        var value = decimal.Parse(amount, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        if (value is < Smallest or > Largest) return false;
        money = Of(value, currency);
        return true;
    }

    /// <summary>
    /// The amount in figures, with a point, at least the decimals of the currency and at most six: 1.09, 20.00, 0.0125.
    /// What <see cref="Parse"/> reads back.
    /// </summary>
    public string Amount =>
        ((decimal)Micros / MicrosPerUnit).ToString(
            Currency.Decimals switch { 0 => "0.######", 2 => "0.00####", _ => "0.000###" }, CultureInfo.InvariantCulture);

    /// <summary>The amount as a decimal number of major units, exactly.</summary>
    public decimal ToDecimal() => (decimal)Micros / MicrosPerUnit;

    /// <summary>This times a ratio, rounded to the minor unit.</summary>
    public Money Times(Ratio ratio, Rounding rounding) => Times(ratio, rounding, Currency);

    /// <summary>This divided by a ratio, rounded to the minor unit. Throws <see cref="DivideByZeroException"/> for zero.</summary>
    public Money DividedBy(Ratio ratio, Rounding rounding) => DividedBy(ratio, rounding, Currency);

    /// <summary>This times a rate into another currency, rounded to that currency's minor unit.</summary>
    internal Money Times(Ratio ratio, Rounding rounding, Currency into) =>
        Whole(rounding.Divide((Int128)Micros * ratio.Billionths, (Int128)Ratio.Scale * into.MicrosPerMinorUnit), into);

    /// <summary>This divided by a rate into another currency, rounded to that currency's minor unit.</summary>
    internal Money DividedBy(Ratio ratio, Rounding rounding, Currency into) =>
        Whole(rounding.Divide((Int128)Micros * Ratio.Scale, (Int128)ratio.Billionths * into.MicrosPerMinorUnit), into);

    /// <summary>The nearest multiple of <paramref name="step"/>, a positive amount of the same currency.</summary>
    public Money ToMultipleOf(Money step, Rounding rounding)
    {
        RequireStep(step);
        return new Money(checked((long)rounding.Divide(Micros, step.Micros) * step.Micros), Currency);
    }

    /// <summary>Whether this is a whole number of <paramref name="step"/>s, a positive amount of the same currency.</summary>
    public bool IsMultipleOf(Money step)
    {
        RequireStep(step);
        return Micros % step.Micros == 0;
    }

    /// <summary>
    /// The one step from a fine amount to one that can be paid: the amount in whole minor units, and what the step
    /// added (positive) or took away (negative), to be kept beside it.
    /// </summary>
    public (Money Whole, Money Difference) ToMinorUnit(Rounding rounding)
    {
        var whole = Whole(rounding.Divide(Micros, Currency.MicrosPerMinorUnit), Currency);
        return (whole, whole - this);
    }

    /// <summary>The same amount without its sign.</summary>
    public Money Abs() => new(checked(Math.Abs(Micros)), Currency);

    /// <inheritdoc/>
    public int CompareTo(Money other)
    {
        RequireSameCurrency(this, other);
        return Micros.CompareTo(other.Micros);
    }

    /// <summary>The sum.</summary>
    public static Money operator +(Money left, Money right)
    {
        RequireSameCurrency(left, right);
        return new Money(checked(left.Micros + right.Micros), left.Currency);
    }

    /// <summary>The difference.</summary>
    public static Money operator -(Money left, Money right)
    {
        RequireSameCurrency(left, right);
        return new Money(checked(left.Micros - right.Micros), left.Currency);
    }

    /// <summary>The same amount the other way.</summary>
    public static Money operator -(Money money) => new(checked(-money.Micros), money.Currency);

    /// <summary>So many of it.</summary>
    public static Money operator *(Money money, long count) => new(checked(money.Micros * count), money.Currency);

    /// <summary>Whether the left is less.</summary>
    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left is more.</summary>
    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left is at most the right.</summary>
    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left is at least the right.</summary>
    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <summary>The amount and its currency: <c>1.09 USD</c>.</summary>
    public override string ToString() => _currency is null ? "no money" : $"{Amount} {_currency}";

    private static Money Whole(Int128 minorUnits, Currency currency) =>
        new(checked((long)(minorUnits * currency.MicrosPerMinorUnit)), currency);

    private void RequireStep(Money step)
    {
        RequireSameCurrency(this, step);
        if (!step.IsPositive) throw new ArgumentOutOfRangeException(nameof(step), step, "A step is a positive amount.");
    }

    private static InvalidOperationException NeverGiven() => new("This Money was never given an amount and a currency.");

    private static void RequireSameCurrency(Money left, Money right)
    {
        if (left.Currency != right.Currency) throw new CurrencyMismatchException(left, right);
    }
}

/// <summary>Two currencies met where only one may be: a bug in the calling code.</summary>
public sealed class CurrencyMismatchException(Money left, Money right)
    : InvalidOperationException($"{left} and {right} are not in the same currency.");
