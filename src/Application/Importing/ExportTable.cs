using System.Runtime.CompilerServices;
using Relier.TopUps;

namespace Relier.Importing;

/// <summary>A file of a table as <c>\copy … to … csv header</c> writes it: read line by line, by the names of its columns.</summary>
internal sealed class ExportTable
{
    private static readonly string[] Nothings = ["", "\\N", "NULL"];

    private readonly ImportFile _file;
    private readonly Dictionary<string, int> _columns;

    private ExportTable(ImportFile file, Dictionary<string, int> columns)
    {
        _file = file;
        _columns = columns;
    }

    public string Name => _file.Name;

    /// <summary>The names of the columns, in their order.</summary>
    public IEnumerable<string> Columns => _columns.Keys;

    /// <summary>
    /// The table of a file that has these columns; of several joined by <c>|</c> one is enough. Throws
    /// <see cref="UnreadableExportException"/> when one is missing or the header is none.
    /// </summary>
    public static async Task<ExportTable> OpenAsync(ImportFile file, IReadOnlyList<string> required, CancellationToken cancellationToken)
    {
        file.Content.Seek(0, SeekOrigin.Begin);
        using var reader = new CsvReader(file.Content, ',');
        var header = await NextAsync(reader, file.Name, cancellationToken) ?? throw new UnreadableExportException(file.Name, 1, null, "it is empty; expected a line with the names of the columns");
        var columns = new Dictionary<string, int>();
        for (var at = 0; at < header.Count; at++)
            if (!columns.TryAdd(header[at].Trim().ToLowerInvariant(), at))
                throw new UnreadableExportException(file.Name, reader.Line, header[at].Trim(), "this column is there twice");
        foreach (var column in required)
            if (!column.Split('|').Any(columns.ContainsKey))
                throw new UnreadableExportException(file.Name, reader.Line, column.Replace("|", " or ", StringComparison.Ordinal), "this column is missing");
        return new ExportTable(file, columns);
    }

    /// <summary>The lines behind the header. Throws <see cref="UnreadableExportException"/> for what is no CSV.</summary>
    public async IAsyncEnumerable<ExportLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _file.Content.Seek(0, SeekOrigin.Begin);
        using var reader = new CsvReader(_file.Content, ',');
        await NextAsync(reader, Name, cancellationToken);
        while (await NextAsync(reader, Name, cancellationToken) is { } cells)
            yield return new ExportLine(Name, reader.Line, _columns, [.. cells.Select(cell => Nothings.Contains(cell) ? null : cell)]);
    }

    private static async Task<IReadOnlyList<string>?> NextAsync(CsvReader reader, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (FormatException wrong)
        {
            throw new UnreadableExportException(name, reader.Line, null, wrong.Message);
        }
    }
}

/// <summary>One line. A cell that is empty, <c>\N</c> or <c>NULL</c> is null, and so is one of a column that is not there.</summary>
internal sealed record ExportLine(string File, long Line, IReadOnlyDictionary<string, int> Columns, IReadOnlyList<string?> Cells)
{
    public string? this[string column] => Columns.TryGetValue(column, out var at) && at < Cells.Count ? Cells[at] : null;

    /// <summary>Whether it has as many cells as the header.</summary>
    public bool IsWhole => Cells.Count == Columns.Count;

    /// <summary>What keeps it from being taken.</summary>
    public ImportRemark No(string? column, string code, string message) => new(File, Line, column, code, message, IsTaken: false);

    /// <summary>What is to be known about it though it is taken.</summary>
    public ImportRemark Note(string? column, string code, string message) => new(File, Line, column, code, message, IsTaken: true);
}

/// <summary>A file cannot be read as what it should be; nothing was written.</summary>
internal sealed class UnreadableExportException(string file, long line, string? column, string why)
    : Exception($"{file}, line {line}{(column is null ? "" : $", column {column}")}: {why}")
{
    public Refusal ToRefusal()
    {
        var refusal = new Refusal("import_unreadable", Message).With("file", file).With("line", $"{line}");
        return column is null ? refusal : refusal.With("column", column);
    }
}
