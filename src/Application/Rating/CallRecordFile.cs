using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using NodaTime;
using Relier.Importing;

namespace Relier.Rating;

/// <summary>A line of a file of calls.</summary>
/// <param name="Line">Where it stands, counted from 1.</param>
/// <param name="Text">As it stands there; null for one that is too long to be kept.</param>
/// <param name="Record">What it says; null when something is wrong with it.</param>
/// <param name="Faults">Everything that is wrong with it, by the name of the column.</param>
public sealed record CallLine(long Line, string? Text, CallRecord? Record, ImmutableArray<FieldError> Faults);

/// <summary>
/// Reads a CSV file of calls from its beginning to its end, once, a line at a time. A record is one line: a call has no line
/// breaks in it, so that a quote that is never closed costs its own line and not the rest of the file.
/// </summary>
public static class CallRecordFile
{
    /// <summary>
    /// The lines behind the header, empty ones left out. A line that is no record is among them with what is wrong:
    /// <c>line_too_long</c>, <c>line_torn</c>, and those of <see cref="CallRowReader.Read"/>. Throws, before the first line,
    /// what <see cref="Explain"/> explains when the file has not the columns of the layout.
    /// </summary>
    /// <param name="name">How the file is called in messages.</param>
    /// <param name="content">The file. It is read once, need not be sought in, and stays open.</param>
    /// <param name="layout">Which column says what.</param>
    /// <param name="source">Who reports: the <see cref="CallRecord.Source"/> of all records.</param>
    /// <param name="zone">The zone of times without one, where the layout names none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<CallLine> ReadAsync(
        string name, Stream content, CallLayout layout, string source, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(layout);
        using var lines = new LineReader(content);
        var cells = new List<string>();
        CallRowReader? reader = null;
        while (await lines.NextAsync(cancellationToken))
        {
            if (reader is null)
            {
                reader = ReaderOf(name, lines, cells, layout, source, zone);
                if (layout.HasHeader) continue;
            }

            yield return Read(lines, reader, layout.Delimiter, cells);
        }

        if (reader is null && layout.HasHeader) throw new UnreadableExportException(name, 1, null, "it is empty; expected a line with the names of the columns");
    }

    /// <summary>What makes a file unreadable, as a refusal; null for other exceptions.</summary>
    public static Refusal? Explain(Exception error) => (error as UnreadableExportException)?.ToRefusal();

    private static CallRowReader ReaderOf(string name, LineReader lines, List<string> cells, CallLayout layout, string source, DateTimeZone zone)
    {
        if (!layout.HasHeader) return CallRowReader.For(layout, null, source, zone).Value;
        if (lines.IsTooLong || !CsvCells.TrySplit(lines.Text, layout.Delimiter, null, cells)) throw new UnreadableExportException(name, lines.Line, null, "the line with the names of the columns is torn");
        return CallRowReader.For(layout, cells, source, zone).IsRefused(out var refusal, out var reader)
            ? throw new UnreadableExportException(name, lines.Line, (string)refusal.Facts["column"], refusal.Message)
            : reader;
    }

    private static CallLine Read(LineReader lines, CallRowReader reader, char delimiter, List<string> cells)
    {
        if (lines.IsTooLong) return new(lines.Line, null, null, [new FieldError("line", "line_too_long", $"expected at most {LineReader.LongestLine} characters")]);
        var text = lines.Text.ToString();
        if (!CsvCells.TrySplit(text, delimiter, reader, cells))
            return new(lines.Line, text, null, [new FieldError("line", "line_torn", $"expected at most {CallLayout.CellsMax} cells, and every quote that is opened to be closed, before the next comma or the end")]);
        var record = reader.Read(cells, out var faults);
        return new(lines.Line, text, record, faults);
    }
}
