using System.Text;

namespace Relier.Api.Http;

/// <summary>
/// Writes CSV (RFC 4180) to a stream: commas, CRLF, quotes where needed. A cell that a spreadsheet would take for a
/// formula gets an apostrophe in front.
/// </summary>
internal sealed class Csv(Stream stream) : IAsyncDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(",\"\r\n");

    private readonly StreamWriter _writer = new(stream, Utf8, bufferSize: 16 * 1024, leaveOpen: true);

    /// <summary>Writes a line.</summary>
    public Task WriteAsync(IEnumerable<string?> cells) => _writer.WriteAsync(string.Join(',', cells.Select(Cell)) + "\r\n");

    /// <summary>A cell as it is written.</summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Special) || safe[0] == ' ' || safe[^1] == ' '
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
