using System.Globalization;
using System.Runtime.CompilerServices;
using NodaTime;
using NodaTime.Text;
using Relier.Importing;

namespace Relier.Rating;

/// <summary>A call of a file, and what it costs.</summary>
/// <param name="Line">Where it stands in the file.</param>
/// <param name="Id">Its id there, if it has one.</param>
/// <param name="To">The number.</param>
/// <param name="Start">When it began, as it is written.</param>
/// <param name="Rated">Its price; null when it could not be read.</param>
/// <param name="Fault">What could not be read.</param>
public sealed record PricedCall(long Line, string? Id, string? To, string? Start, RatedUsage? Rated, FieldError? Fault);

/// <summary>
/// Prices the calls of a CSV file with a header, one after the other, without keeping anything. Columns: the number as <c>to</c>,
/// <c>called_number</c> or <c>destination_number</c>; the beginning as <c>start</c>, <c>start_time</c> or <c>start_stamp</c>; the
/// seconds as <c>seconds</c> or <c>billsec</c>; an id as <c>id</c> or <c>uuid</c>, if there is one. Others are passed over.
/// </summary>
public static class CallFile
{
    private static readonly string[] Numbers = ["to", "called_number", "destination_number"];
    private static readonly string[] Starts = ["start", "start_time", "start_stamp"];
    private static readonly string[] Seconds = ["seconds", "billsec"];
    private static readonly string[] Ids = ["id", "uuid"];

    private static readonly LocalDateTimePattern Stamp = LocalDateTimePattern.CreateWithInvariantCulture("yyyy'-'MM'-'dd' 'HH':'mm':'ss");

    /// <summary>The calls, priced. A line that cannot be read is among them, with what is wrong.</summary>
    /// <param name="name">How the file is called in messages.</param>
    /// <param name="content">The file; it can be sought in.</param>
    /// <param name="tariff">What is rated by.</param>
    /// <param name="zone">The zone of times that are written without one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<PricedCall> PriceAsync(
        string name, Stream content, Tariff tariff, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(zone);
        var table = await ExportTable.OpenAsync(new ImportFile(name, content), [string.Join('|', Numbers), string.Join('|', Starts), string.Join('|', Seconds)], cancellationToken);
        await foreach (var line in table.ReadAsync(cancellationToken)) yield return Priced(line, tariff, zone);
    }

    /// <summary>What makes a file unreadable, as a refusal; null for other exceptions.</summary>
    public static Refusal? Explain(Exception error) => (error as UnreadableExportException)?.ToRefusal();

    private static PricedCall Priced(ExportLine line, Tariff tariff, DateTimeZone zone)
    {
        var (id, to, start) = (First(line, Ids), First(line, Numbers), First(line, Starts));
        if (!line.IsWhole) return Wrong("line", "line_torn", $"expected {line.Columns.Count} cells");
        if (start is null || At(start, zone) is not { } at) return Wrong("start", "instant_invalid", "expected a time with its offset, or as in 2026-11-20 10:00:00");
        if (!long.TryParse(First(line, Seconds), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return Wrong("seconds", "quantity_invalid", "expected a whole number from 0");
        var call = new Usage(UsageKind.Voice, to, at, seconds);
        if (call.Check("call").FirstOrDefault() is { } fault) return Wrong(fault.Field["call.".Length..], fault.Code, fault.Message);
        return new PricedCall(line.Line, id, to, start, Rater.Price(tariff, call, []), null);

        PricedCall Wrong(string column, string code, string message) => new(line.Line, id, to, start, null, new FieldError($"line {line.Line}, {column}", code, message));
    }

    private static Instant? At(string text, DateTimeZone zone)
    {
        if (OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true, Value: var exact }) return exact.ToInstant();
        return Stamp.Parse(text) is { Success: true, Value: var local } ? local.InZoneLeniently(zone).ToInstant() : null;
    }

    private static string? First(ExportLine line, string[] columns)
    {
        foreach (var column in columns)
            if (line[column] is { } text)
                return text;
        return null;
    }
}
