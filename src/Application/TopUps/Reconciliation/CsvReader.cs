using System.Text;

namespace Relier.TopUps;

/// <summary>
/// Reads CSV as RFC 4180 describes it and as programs write it: quotes where needed, doubled inside; lines end in CRLF or
/// LF; a byte order mark is passed over; empty lines are passed over and counted. Holds one line, never the file.
/// </summary>
internal sealed class CsvReader(Stream stream, char delimiter) : IDisposable
{
    /// <summary>More than any export has; beyond it, a quote is missing somewhere.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly StreamReader _reader = new(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
    private readonly List<string> _cells = [];
    private readonly StringBuilder _cell = new();

    /// <summary>The line, counted from 1, at which the last one that was read began.</summary>
    public long Line { get; private set; }

    private long _next = 1;

    /// <summary>The cells of the next line, to be used before the next call; null at the end. Throws <see cref="FormatException"/> for what is no CSV.</summary>
    public async Task<IReadOnlyList<string>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadLineAsync(cancellationToken) is { } text)
        {
            Line = _next++;
            if (text.Length == 0) continue;
            while (!TrySplit(text))
            {
                // The line ends inside quotes: the break belongs to the cell.
                if (text.Length > LongestLine || await _reader.ReadLineAsync(cancellationToken) is not { } more)
                    throw new FormatException($"Line {Line}: a quote is opened and never closed.");
                _next++;
                text += "\n" + more;
            }

            return _cells;
        }

        return null;
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>False when the text ends inside quotes.</summary>
    private bool TrySplit(string text)
    {
        if (text.Length > LongestLine) throw new FormatException($"Line {Line}: it has more than {LongestLine} characters.");
        _cells.Clear();
        for (var at = 0; ;)
        {
            if (at < text.Length && text[at] == '"')
            {
                if (!TryReadQuoted(text, ref at)) return false;
            }
            else
            {
                var end = text.IndexOf(delimiter, at);
                var next = end < 0 ? text.Length : end;
                _cells.Add(text[at..next]);
                at = next;
            }

            if (at >= text.Length) return true;
            if (text[at] != delimiter) throw new FormatException($"Line {Line}: something stands behind a closing quote.");
            at++;
        }
    }

    private bool TryReadQuoted(string text, ref int at)
    {
        _cell.Clear();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                _cell.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                _cell.Append('"');
                at++;
            }
            else
            {
                at++;
                _cells.Add(_cell.ToString());
                return true;
            }
        }

        return false;
    }
}
