using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace Relier.TopUps;

/// <summary>
/// Reads what people and spreadsheets make of ids, phones, times and amounts. Nothing is guessed: what cannot be read
/// exactly is not read.
/// </summary>
public static partial class StatementText
{
    /// <summary>Longest id that is kept; longer ones are no ids of anybody we know.</summary>
    public const int LongestId = 100;

    private const int TicksPerMicro = 10;

    private static readonly string[] Nothings = ["NULL", "N/A", "NA", "NONE", "-", "0"];

    private static readonly OffsetDateTimePattern WithOffset = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss;FFFFFFFFFo<Z+HH:mm>");

    private static readonly LocalDateTimePattern[] IsoLocal = Local("uuuu-MM-dd");
    private static readonly LocalDateTimePattern[] DayFirstLocal = Local("dd/MM/uuuu");
    private static readonly LocalDateTimePattern[] MonthFirstLocal = Local("MM/dd/uuuu");
    private static readonly LocalDatePattern DayFirst = LocalDatePattern.CreateWithInvariantCulture("dd/MM/uuuu");
    private static readonly LocalDatePattern MonthFirst = LocalDatePattern.CreateWithInvariantCulture("MM/dd/uuuu");

    /// <summary>
    /// An id as it is compared: without blanks around it, without the <c>.0</c> that a spreadsheet adds, written out where
    /// the spreadsheet made it <c>1.0000000001E+11</c>, ASCII letters in upper case. Null for what stands for nothing
    /// (empty, <c>NULL</c>, <c>N/A</c>, <c>-</c>, <c>0</c>) and for what is too long to be one.
    /// </summary>
    public static string? Id(string? text)
    {
        var trimmed = Trimmed(text);
        if (trimmed.Length is 0 or > LongestId || trimmed.Any(char.IsControl)) return null;
        var id = Upper(WrittenOut(trimmed));
        return id.Length is 0 or > LongestId || Nothings.Contains(id) ? null : id;
    }

    /// <summary>Whether the text is a number that a spreadsheet shortened, so that its last digits may be lost: an id like that proves nothing without a phone.</summary>
    public static bool IsShortened(string? text) => Scientific().IsMatch(Trimmed(text));

    /// <summary>
    /// A phone as it is compared: the ten national digits where the text is a Mexican number, however written; else its
    /// digits as they stand. Null without digits. A 52 inside a number is never touched.
    /// </summary>
    public static string? Phone(string? text)
    {
        var written = WrittenOut(Trimmed(text));
        if (Msisdn.TryParse(written, out var phone)) return phone.National;
        var digits = string.Concat(written.Where(char.IsAsciiDigit));
        return digits.Length is 0 or > 20 ? null : digits;
    }

    /// <summary>
    /// A time: with an offset that counts (up to nine decimals of a second, cut to microseconds), else in the zone of the
    /// file; a date alone is the day and no time. False when it can be read in none of these ways.
    /// </summary>
    public static bool TryTime(string? text, DateOrder order, DateTimeZone zone, out Instant? at, out LocalDate day)
    {
        var written = Trimmed(text);
        (at, day) = (null, default);
        if (written.Length is 0 or > 40) return false;

        var iso = written.Replace(' ', 'T');
        if (WithOffset.Parse(iso).TryGetValue(default, out var withOffset)) return Known(withOffset.ToInstant(), zone, out at, out day);
        foreach (var pattern in order == DateOrder.MonthFirst ? IsoLocal.Concat(MonthFirstLocal) : IsoLocal.Concat(DayFirstLocal))
            if (pattern.Parse(iso).TryGetValue(default, out var local))
                return Known(local.InZoneLeniently(zone).ToInstant(), zone, out at, out day);

        var date = order == DateOrder.MonthFirst ? MonthFirst : DayFirst;
        if (!LocalDatePattern.Iso.Parse(written).TryGetValue(default, out day) && !date.Parse(written).TryGetValue(default, out day)) return false;
        return day.Year is > 1970 and < 9000;
    }

    /// <summary>
    /// An amount, exactly: digits with a point (or, where <paramref name="decimalComma"/>, a comma) and at most six
    /// decimals; groups of three and a currency sign before it are allowed. Null for anything else, also for a number too large.
    /// </summary>
    public static Money? Amount(string? text, Currency currency, bool decimalComma)
    {
        var written = Trimmed(text).TrimStart('$').Trim();
        if (decimalComma) written = string.Concat(written.Select(letter => letter switch { ',' => '.', '.' => ',', _ => letter }));
        if (!Grouped().IsMatch(written)) return null;
        var plain = written.Replace(",", "", StringComparison.Ordinal);
        return Money.TryParse(plain, currency, out var money) ? money : null;
    }

    private static bool Known(Instant instant, DateTimeZone zone, out Instant? at, out LocalDate day)
    {
        var ticks = instant.ToUnixTimeTicks();
        var cut = Instant.FromUnixTimeTicks(ticks - (ticks % TicksPerMicro + TicksPerMicro) % TicksPerMicro);
        at = cut;
        day = cut.InZone(zone).Date;
        return day.Year is > 1970 and < 9000;
    }

    /// <summary>What a spreadsheet did to a whole number, undone; other text as it is.</summary>
    private static string WrittenOut(string text)
    {
        var match = Scientific().Match(text);
        if (!match.Success) return Fraction().Replace(text, "");
        var fraction = match.Groups["fraction"].Value;
        var exponent = int.Parse(match.Groups["exponent"].Value, CultureInfo.InvariantCulture);
        if (exponent > LongestId) return text;
        // Decimals left over would mean that it was no whole number; such text is no id and stays what it is.
        var digits = match.Groups["whole"].Value + fraction.PadRight(exponent, '0');
        var keep = match.Groups["whole"].Length + exponent;
        return digits[keep..].Trim('0').Length > 0 ? text : digits[..keep];
    }

    private static string Upper(string text) =>
        string.Concat(text.Select(letter => char.IsAsciiLetterLower(letter) ? (char)(letter - 32) : letter));

    // Spreadsheets keep long numbers as text behind an apostrophe.
    private static string Trimmed(string? text) => (text ?? "").Trim().TrimStart('\'').Trim();

    private static LocalDateTimePattern[] Local(string date) =>
    [
        LocalDateTimePattern.CreateWithInvariantCulture(date + "'T'HH:mm:ss;FFFFFFFFF"),
        LocalDateTimePattern.CreateWithInvariantCulture(date + "'T'HH:mm"),
    ];

    [GeneratedRegex(@"^(?<whole>[0-9])(?:\.(?<fraction>[0-9]+))?[eE]\+?(?<exponent>[0-9]{1,3})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Scientific();

    [GeneratedRegex(@"(?<=^[0-9]+)\.0+\z")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,6})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grouped();
}

/// <summary>How dates with slashes are written.</summary>
public enum DateOrder
{
    /// <summary>31/12/2026.</summary>
    DayFirst,

    /// <summary>12/31/2026.</summary>
    MonthFirst,
}
