using System.Text;

namespace Relier.Hosting.Resources;

/// <summary>
/// Writes CSV (RFC 4180): commas, CRLF, quotes where needed. A text that a spreadsheet would take for a formula gets an
/// apostrophe in front; an amount is a number and stays one.
/// </summary>
internal sealed class Csv : IAsyncDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(",\"\r\n");

    private readonly TextWriter _writer;
    private readonly StreamWriter? _own;

    /// <summary>Writes to a stream, which stays open.</summary>
    public Csv(Stream stream) => _writer = _own = new StreamWriter(stream, Utf8, bufferSize: 16 * 1024, leaveOpen: true);

    /// <summary>Writes to a writer, which stays open.</summary>
    public Csv(TextWriter writer) => _writer = writer;

    /// <summary>Writes a line of texts.</summary>
    public Task WriteAsync(IEnumerable<string?> texts) => WriteCellsAsync(texts.Select(Cell));

    /// <summary>Writes a line of what <see cref="Cell"/> and <see cref="Amount"/> gave.</summary>
    public Task WriteCellsAsync(IEnumerable<string> cells) => _writer.WriteAsync(string.Join(',', cells) + "\r\n");

    /// <summary>A text as it is written.</summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Special) || safe[0] == ' ' || safe[^1] == ' '
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }

    /// <summary>An amount as it is written: a number of ours, also with a minus, is no formula.</summary>
    public static string Amount(Money? money) => money?.Amount ?? "";

    /// <summary>Writes out what is left.</summary>
    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
