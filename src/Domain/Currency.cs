using System.Diagnostics.CodeAnalysis;

namespace Relier;

/// <summary>
/// A currency of ISO 4217 with the number of decimals its amounts are paid in. Two currencies are the same when
/// their codes are. Known: INR, MXN, USD (2 decimals), JPY (0), KWD (3).
/// </summary>
public sealed record Currency
{
    /// <summary>Indian rupee, two decimals.</summary>
    public static readonly Currency INR = new("INR", 2);

    /// <summary>Mexican peso, two decimals.</summary>
    public static readonly Currency MXN = new("MXN", 2);

    /// <summary>United States dollar, two decimals.</summary>
    public static readonly Currency USD = new("USD", 2);

    /// <summary>Japanese yen, no decimals.</summary>
    public static readonly Currency JPY = new("JPY", 0);

    /// <summary>Kuwaiti dinar, three decimals.</summary>
    public static readonly Currency KWD = new("KWD", 3);

    private Currency(string code, int decimals)
    {
        Code = code;
        Decimals = decimals;
        MicrosPerMinorUnit = decimals switch { 0 => 1_000_000, 2 => 10_000, _ => 1_000 };
    }

    /// <summary>Every currency this version knows, in the order of their codes.</summary>
    public static IReadOnlyList<Currency> All { get; } = [INR, JPY, KWD, MXN, USD];

    /// <summary>The three upper-case letters of ISO 4217.</summary>
    public string Code { get; }

    /// <summary>Decimals of the minor unit: 2 for INR, 0 for JPY, 3 for KWD.</summary>
    public int Decimals { get; }

    /// <summary>Millionths of the major unit that make one minor unit: 10,000 for a centavo.</summary>
    internal long MicrosPerMinorUnit { get; }

    /// <summary>The currency with this code, in exactly three upper-case letters. Throws <see cref="FormatException"/> with the text when there is none.</summary>
    public static Currency Parse(string code) =>
        TryParse(code, out var currency)
            ? currency
            : throw new FormatException($"'{code}' is not a currency Relier knows; expected one of {string.Join(", ", All)}.");

    /// <summary>Like <see cref="Parse"/>, with the answer as a value.</summary>
    public static bool TryParse(string? code, [NotNullWhen(true)] out Currency? currency)
    {
        currency = All.FirstOrDefault(known => known.Code == code);
        return currency is not null;
    }

    /// <summary>The code.</summary>
    public override string ToString() => Code;
}
