using System.Collections.Immutable;

namespace Relier.Rating;

/// <summary>A dialled number as it is rated: the digits, with the country in front, or the digits of a short code.</summary>
/// <param name="Digits">The digits.</param>
/// <param name="IsShortCode">Whether it is one, and so never taken for the beginning of a longer number.</param>
public readonly record struct DialledNumber(string Digits, bool IsShortCode);

/// <summary>
/// How numbers are written in a country, so that the ways people dial one number are rated alike. Known: India (country
/// code 91, ten digits, trunk 0) and Mexico (52, ten digits, formerly with 01, 044, 045 in front or 1 behind the country).
/// Up to six digits are a short code, and so are the numbers of services: 1800 and 1860 in India, 800, 888 and 900 in Mexico.
/// </summary>
public sealed class NumberPlan
{
    internal const int LongestShortCode = 6;

    private const int LongestNumber = 17;
    private const string International = "00";
    private const string Separators = " -().";

    private readonly string _code;
    private readonly int _length;
    private readonly ImmutableArray<string> _trunks;
    private readonly string _mobileMark;
    private readonly ImmutableArray<string> _services;

    private NumberPlan(string country, string code, int length, ImmutableArray<string> trunks, string mobileMark, ImmutableArray<string> services)
    {
        Country = country;
        _code = code;
        _length = length;
        _trunks = trunks;
        _mobileMark = mobileMark;
        _services = services;
    }

    /// <summary>India.</summary>
    public static NumberPlan India { get; } = new("IN", "91", 10, ["0"], "", ["1800", "1860"]);

    /// <summary>Mexico.</summary>
    public static NumberPlan Mexico { get; } = new("MX", "52", 10, ["01", "044", "045"], "1", ["800", "888", "900"]);

    /// <summary>All that are known.</summary>
    public static ImmutableArray<NumberPlan> All { get; } = [India, Mexico];

    /// <summary>The two letters of ISO 3166.</summary>
    public string Country { get; }

    /// <summary>The one of a country, by its two letters, or null.</summary>
    public static NumberPlan? Find(string country) => All.FirstOrDefault(plan => plan.Country == country);

    /// <summary>Reads the digits as they are given, with blanks and signs of grouping between them and perhaps a plus in front; null when there is anything else.</summary>
    public static DialledNumber? AsGiven(string? text)
    {
        if (text is { Length: > 0 and <= LongestNumber } && !text.AsSpan().ContainsAnyExceptInRange('0', '9')) return new DialledNumber(text, IsShortCode: false);
        return Digits(text, out _) is { } digits ? new DialledNumber(digits, IsShortCode: false) : null;
    }

    /// <summary>The number that was dialled; null for what is none.</summary>
    public DialledNumber? Read(string? text)
    {
        if (Digits(text, out var isInternational) is not { } digits) return null;
        if (isInternational) return new DialledNumber(Canonical(digits), IsShortCode: false);
        if (digits.StartsWith(International, StringComparison.Ordinal))
            return digits.Length > LongestShortCode ? new DialledNumber(Canonical(digits[International.Length..]), IsShortCode: false) : null;
        if (digits.Length <= LongestShortCode) return new DialledNumber(digits, IsShortCode: true);
        foreach (var trunk in _trunks)
            if (digits.Length == trunk.Length + _length && digits.StartsWith(trunk, StringComparison.Ordinal))
                return new DialledNumber(_code + digits[trunk.Length..], IsShortCode: false);
        if (digits.Length <= _length + 1 && _services.Any(service => digits.StartsWith(service, StringComparison.Ordinal)))
            return new DialledNumber(digits, IsShortCode: true);
        return new DialledNumber(digits.Length == _length ? _code + digits : Canonical(digits), IsShortCode: false);
    }

    private string Canonical(string digits) =>
        _mobileMark.Length > 0 && digits.Length == _code.Length + _mobileMark.Length + _length && digits.StartsWith(_code + _mobileMark, StringComparison.Ordinal)
            ? _code + digits[(_code.Length + _mobileMark.Length)..]
            : digits;

    private static string? Digits(string? text, out bool isInternational)
    {
        isInternational = false;
        if (text is null || text.Length > 2 * LongestNumber) return null;
        Span<char> digits = stackalloc char[text.Length];
        var length = 0;
        foreach (var sign in text)
        {
            if (sign == '+' && length == 0 && !isInternational) isInternational = true;
            else if (char.IsAsciiDigit(sign)) digits[length++] = sign;
            else if (!Separators.Contains(sign, StringComparison.Ordinal)) return null;
        }

        return length is 0 or > LongestNumber + 2 ? null : new string(digits[..length]);
    }
}
