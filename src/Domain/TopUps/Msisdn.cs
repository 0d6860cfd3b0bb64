using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Relier.TopUps;

/// <summary>
/// A Mexican phone number, as E.164: <c>+52</c> and ten digits. Read from the ways people still write it, printed in one.
/// Says nothing about the operator: numbers are portable. A <c>default</c> one throws on use.
/// </summary>
public readonly partial record struct Msisdn
{
    private const string Country = "+52";

    private readonly string? _national;

    private Msisdn(string national) => _national = national;

    /// <summary>The ten digits, as providers want them.</summary>
    public string National => _national ?? throw new InvalidOperationException("This phone number was never set.");

    /// <summary><c>+52</c> and the ten digits.</summary>
    public string E164 => Country + National;

    /// <summary>All but the last four digits hidden: what logs may show.</summary>
    public string Masked => "******" + National[^4..];

    /// <summary>The number. Throws <see cref="FormatException"/>, which names the length but not the number.</summary>
    public static Msisdn Parse(string text) =>
        TryParse(text, out var msisdn)
            ? msisdn
            : throw new FormatException($"{text?.Length ?? 0} characters that are no Mexican phone number; expected ten digits, with +52 in front or without.");

    /// <summary>
    /// Reads ten digits; the same behind <c>+52</c>, <c>0052</c>, <c>52</c>, with the old mobile <c>1</c> behind those, or
    /// behind the old domestic 044, 045 and 01; blanks, brackets, points and hyphens between do not count. The number must
    /// lie in an assigned range, and not be toll-free (800, 888), premium (900), shared cost (300) or personal (500).
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Msisdn msisdn)
    {
        msisdn = default;
        if (text is null || text.Length > 32) return false;
        var match = Written().Match(Separators().Replace(text, ""));
        if (!match.Success || !Assigned().IsMatch(match.Groups["national"].ValueSpan)) return false;
        msisdn = new Msisdn(match.Groups["national"].Value);
        return true;
    }

    /// <summary>The masked number, so that no log or message shows it by accident.</summary>
    public override string ToString() => _national is null ? "" : Masked;

    [GeneratedRegex(@"[ ().\-]")]
    private static partial Regex Separators();

    [GeneratedRegex(@"^(?:(?:\+52|0052|52)1?|044|045|01)?(?<national>[0-9]{10})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Written();

    // Area codes in use, fixed and mobile alike, from the published numbering plan. None begins with 0 or 1, and none
    // with 52 or 53, so a leading 52 in twelve digits is always the country.
    [GeneratedRegex(
        "^(?:5[56]|"
        + "2(?:0[01]|2[0-9]|3[1-35-8]|4[13-9]|7[1-689]|8[1-578]|9[467])|"
        + "3(?:1[1-79]|[2458][1-9]|3[0-9]|7[1-8]|9[1-5])|"
        + "4(?:1[1-57-9]|[267][1-9]|3[1-8]|[45][0-9]|8[1-35-9]|9[2-689])|"
        + "5(?:88|9[1-79])|"
        + "6(?:1[2-68]|[2-4][1-9]|5[1-36-9]|6[0-57-9]|7[1-7]|8[67]|9[4-8])|"
        + "7(?:[1346][1-9]|[27][0-9]|5[13-9]|8[1-69]|9[17])|"
        + "8(?:1[0-9]|2[13-689]|3[1-6]|4[124-6]|6[1246-9]|7[0-378]|9[12479])|"
        + "9(?:1[346-9]|2[1-4]|3[2-46-8]|5[1348]|[69][0-9]|7[12]|8[1-8]))")]
    private static partial Regex Assigned();
}
