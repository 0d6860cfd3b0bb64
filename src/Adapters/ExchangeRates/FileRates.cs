using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Relier.Ledger;

namespace Relier.ExchangeRates;

/// <summary>
/// Rates from a file that somebody else writes: lines of <c>base,quote,rate,as_of</c>, as in
/// <c>MXN,USD,0.0544,2026-11-20T12:00:00Z</c>. Empty lines, lines that begin with # and a first line of these names do not
/// count; any other line that cannot be read fails the whole file, named by its number.
/// </summary>
/// <param name="path">Where the file is.</param>
public sealed class FileRates(string path) : IExchangeRateSource
{
    private const string Heading = "base,quote,rate,as_of";

    /// <inheritdoc/>
    public string Name => "file";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExchangeRate>> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(path, cancellationToken).ConfigureAwait(false);
        return
        [
            .. lines.Select((line, index) => (Text: line.Trim(), No: index + 1))
                .Where(line => line.Text.Length > 0 && line.Text[0] != '#' && !(line.No == 1 && line.Text == Heading))
                .Select(line => Parse(line.Text, line.No)),
        ];
    }

    private ExchangeRate Parse(string line, int no)
    {
        var parts = line.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length == 4 && Currency.TryParse(parts[0], out var unit) && Currency.TryParse(parts[1], out var quote) && unit != quote
            && decimal.TryParse(parts[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && RateNumbers.ToRatio(rate) is { } ratio
            && InstantPattern.ExtendedIso.Parse(parts[3]).TryGetValue(default, out var asOf))
            return new ExchangeRate { Base = unit, Quote = quote, Rate = ratio, AsOf = asOf, Source = Name };
        throw new FormatException($"Line {no} of {path} is no rate; expected {Heading}, as in MXN,USD,0.0544,2026-11-20T12:00:00Z.");
    }
}

/// <summary>Numbers as rates.</summary>
internal static class RateNumbers
{
    private const decimal Least = 0.0002m;
    private const decimal Most = 9_000m;

    /// <summary>The number cut to the nine decimals that a rate keeps, half-up; null outside what lies between any two currencies.</summary>
    public static Ratio? ToRatio(decimal number)
    {
        if (number is < Least or > Most) return null;
        const decimal Scale = 1_000_000_000m;
        return Ratio.Of(decimal.Floor(number * Scale + 0.5m) / Scale);
    }
}
