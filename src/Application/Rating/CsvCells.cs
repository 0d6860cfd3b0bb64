using System.Text;

namespace Relier.Rating;

/// <summary>The cells of one line of CSV, as RFC 4180 describes it: quotes where needed, doubled inside.</summary>
internal static class CsvCells
{
    /// <summary>
    /// The cells; false when a quote is opened and never closed, when something stands behind a closing one, and when there
    /// are too many. A cell that the reader does not look at is empty; without a reader none is.
    /// </summary>
    public static bool TrySplit(ReadOnlySpan<char> text, char delimiter, CallRowReader? reader, List<string> cells)
    {
        cells.Clear();
        for (var at = 0; ;)
        {
            if (cells.Count == CallLayout.CellsMax) return false;
            var isRead = reader is null || reader.Reads(cells.Count);
            if (at < text.Length && text[at] == '"')
            {
                if (!TryReadQuoted(text, ref at, isRead, out var cell)) return false;
                cells.Add(cell);
            }
            else
            {
                var length = text[at..].IndexOf(delimiter) is var found and >= 0 ? found : text.Length - at;
                cells.Add(isRead ? text.Slice(at, length).ToString() : "");
                at += length;
            }

            if (at >= text.Length) return true;
            if (text[at++] != delimiter) return false;
        }
    }

    private static bool TryReadQuoted(ReadOnlySpan<char> text, ref int at, bool isRead, out string cell)
    {
        cell = "";
        StringBuilder? parts = null;
        for (at++; ;)
        {
            var end = text[at..].IndexOf('"');
            if (end < 0) return false;
            var isDoubled = at + end + 1 < text.Length && text[at + end + 1] == '"';
            if (isRead && (isDoubled || parts is not null)) (parts ??= new StringBuilder()).Append(text.Slice(at, isDoubled ? end + 1 : end));
            else if (isRead) cell = text.Slice(at, end).ToString();
            at += end + (isDoubled ? 2 : 1);
            if (isDoubled) continue;
            if (parts is not null) cell = parts.ToString();
            return true;
        }
    }
}
