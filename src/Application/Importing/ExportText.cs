using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Relier.Customers;
using Relier.Pipeline;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>Reads what the first version's database wrote. What cannot be read is not guessed.</summary>
internal static partial class ExportText
{
    /// <summary>What a reader puts where bytes are no UTF-8.</summary>
    private const char NotUtf8 = '\uFFFD';

    /// <summary>
    /// An amount, to the minor unit. The first version reckoned in binary floating point, so its figures may carry noise
    /// (<c>1.0849999999999999</c> for 1.085): they are first read to six decimals, half-up, which is what money has, and then
    /// to the minor unit, half-up. The difference is what both steps together added.
    /// </summary>
    public static bool TryAmount(string text, Currency currency, out Money amount, out decimal difference)
    {
        (amount, difference) = (default, 0m);
        if (text.Length > 40 || !decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var exact))
            return false;
        if (Math.Abs(exact) > Validation.MaxAmount) return false;
        var (whole, _) = Money.Of(Math.Round(exact, 6, MidpointRounding.AwayFromZero), currency).ToMinorUnit(Rounding.HalfUp);
        (amount, difference) = (whole, whole.ToDecimal() - exact);
        return true;
    }

    /// <summary>A factor, to nine decimals, half-up; null unless more than zero.</summary>
    public static Ratio? Rate(string? text)
    {
        if (text is null || text.Length > 40 || !decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var exact)) return null;
        var rounded = exact is > 0m and <= Validation.MaxAmount ? Math.Round(exact, 9, MidpointRounding.AwayFromZero) : 0m;
        return rounded > 0m ? Ratio.Of(rounded) : null;
    }

    /// <summary>A time as PostgreSQL writes it, to the microsecond; without an offset it is in the zone. Days with slashes are not read: nobody can tell which part is the month.</summary>
    public static Instant? Time(string text, DateTimeZone zone)
    {
        if (text.Contains('/')) return null;
        var written = ShortOffset().Replace(text.Trim(), "$0:00");
        return StatementText.TryTime(written, DateOrder.DayFirst, zone, out var at, out _) ? at : null;
    }

    public static bool? Flag(string text) => text.Trim().ToLowerInvariant() switch
    {
        "t" or "true" or "1" or "yes" => true,
        "f" or "false" or "0" or "no" => false,
        _ => null,
    };

    /// <summary>A JSON list of addresses or networks; null when it is none.</summary>
    public static ImmutableArray<IPNetwork>? Addresses(string text)
    {
        try
        {
            var read = JsonSerializer.Deserialize<List<string>>(text)?.Select(address => PoliciesInput.ReadNetwork(address?.Trim())).ToList();
            return read is null || read.Contains(null) ? null : [.. read.Select(network => network!.Value)];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether text can be kept as it is: not longer, printable, and UTF-8 in the file. Markup and formulas are text like any other.</summary>
    public static bool IsPlain(string text, int longest) =>
        text.Trim().Length > 0 && text.Length <= longest && Validation.IsPrintable(text) && !text.Contains(NotUtf8);

    [GeneratedRegex(@"(?<=[0-9]:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)[+-][0-9]{2}\z")]
    private static partial Regex ShortOffset();
}
