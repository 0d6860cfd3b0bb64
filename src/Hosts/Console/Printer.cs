using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Relier.Cli;

/// <summary>
/// How a command answers. With <c>--json</c> one document, to people lines and tables, to files and programs lines with
/// tabs between. Whatever came from outside loses its control characters, so that it cannot play with a terminal.
/// </summary>
internal sealed class Printer(Terminal terminal, Globals globals)
{
    private const int WidestRow = 1000;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether documents are asked for.</summary>
    public bool IsJson => globals.Json;

    /// <summary>Answers with one thing. When it is new, <paramref name="key"/> is all that <c>--quiet</c> leaves of it.</summary>
    public void Show(object document, IEnumerable<(string Name, string? Value)> lines, string? key = null)
    {
        if (IsJson) Document(document);
        else if (globals.Quiet && key is not null) terminal.Out.WriteLine(key);
        else Lines(lines.Where(line => line.Value is not null).ToList());
    }

    /// <summary>Answers with a document.</summary>
    public void Document(object document) => terminal.Out.WriteLine(Json(document));

    /// <summary>The text of a document.</summary>
    public static string Json(object document) => JsonSerializer.Serialize(document, Format);

    /// <summary>Writes a part of a document that is too long to be held.</summary>
    public void Raw(string text) => terminal.Out.Write(text);

    /// <summary>Answers with one line of many.</summary>
    public void Line(string text) => terminal.Out.WriteLine(Plain(text));

    /// <summary>Answers people with a table, programs with its rows behind a line of names.</summary>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows, bool withNames = true)
    {
        if (terminal.IsOutTerminal)
        {
            if (rows.Count > 0) Screen().Write(Drawn(columns, rows, IsBare ? "default" : "bold"));
            return;
        }

        if (withNames) terminal.Out.WriteLine(string.Join('\t', columns));
        foreach (var row in rows) terminal.Out.WriteLine(string.Join('\t', row.Select(Plain)));
    }

    /// <summary>Tells a person something that is not the answer.</summary>
    public void Say(string message)
    {
        if (!globals.Quiet && !IsJson) terminal.Error.WriteLine(Plain(message));
    }

    /// <summary>
    /// Shows a person at a terminal how far something is, on the error stream, and answers when it is over. To files and
    /// programs nothing is shown.
    /// </summary>
    public async Task<int> WhileAsync(Func<IProgress<TopUps.ReconciliationProgress>, Task<Func<int>>> work)
    {
        if (IsJson || globals.Quiet || !terminal.IsOutTerminal) return (await work(new Told(_ => { })))();
        var answer = () => ExitCode.Error;
        await Screen(terminal.Error).Progress().AutoClear(true).StartAsync(async bars =>
        {
            var tasks = new Dictionary<string, ProgressTask>();
            answer = await work(new Told(progress =>
            {
                if (!tasks.TryGetValue(progress.Phase, out var task)) tasks[progress.Phase] = task = bars.AddTask(Markup.Escape(progress.Phase));
                task.IsIndeterminate = progress.Total == 0;
                task.MaxValue = Math.Max(1, progress.Total);
                task.Value = progress.Done;
            }));
        });
        return answer();
    }

    private sealed class Told(Action<TopUps.ReconciliationProgress> tell) : IProgress<TopUps.ReconciliationProgress>
    {
        public void Report(TopUps.ReconciliationProgress value) => tell(value);
    }

    /// <summary>Asks a person who must say yes. Null when nobody can be asked.</summary>
    public bool? Confirm(string question)
    {
        if (globals.NoInput || !terminal.IsInTerminal) return null;
        terminal.Error.Write($"{Plain(question)} [y/N] ");
        return terminal.In().ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>Says no, and gives the exit code for it.</summary>
    public int Refuse(Refusal refusal)
    {
        if (IsJson) terminal.Error.WriteLine(Json(ProblemDocument.Of(refusal)));
        else terminal.Error.WriteLine(string.Join(Environment.NewLine, Explained(refusal)));
        return ExitCode.Of(refusal);
    }

    /// <summary>Says what went wrong outside or in this program, and gives the exit code for it.</summary>
    public int Fail(Exception error)
    {
        var explained = ExitCode.Explain(error);
        if (explained.Code == "internal_error" && !IsJson) terminal.Error.WriteLine(globals.Verbose ? error : "This is a mistake of Relier's; -v shows more of it.");
        return Refuse(explained);
    }

    private static IEnumerable<string> Explained(Refusal refusal) =>
    [
        $"error ({refusal.Code}): {string.Join(Environment.NewLine, refusal.Message.Split(Environment.NewLine).Select(Plain))}",
        .. refusal.Fields.Select(field => $"  {field.Field}: {Plain(field.Message)} ({field.Code})"),
        .. refusal.Facts.Where(fact => fact.Key != "problems").Select(fact => $"  {fact.Key}: {Plain(fact.Value is IEnumerable<string> list ? string.Join(", ", list) : $"{fact.Value}")}"),
    ];

    private void Lines(IReadOnlyList<(string Name, string? Value)> lines)
    {
        var width = lines.Max(line => line.Name.Length) + 2;
        foreach (var (name, value) in lines) terminal.Out.WriteLine($"{$"{name}:".PadRight(width)}{Plain(value)}");
    }

    private bool IsBare => globals.NoColor || terminal.NoColor;

    private IAnsiConsole Screen(TextWriter? writer = null)
    {
        var screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsBare ? AnsiSupport.No : AnsiSupport.Detect, ColorSystem = IsBare ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(writer ?? terminal.Out),
        });
        // On a narrow terminal a row goes on in the next line; an id that is cut off helps nobody.
        screen.Profile.Width = WidestRow;
        return screen;
    }

    private static Table Drawn(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows, string style)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns) table.AddColumn(new TableColumn($"[{style}]{Markup.Escape(column)}[/]").NoWrap());
        foreach (var row in rows) table.AddRow([.. row.Select(cell => Markup.Escape(Plain(cell)))]);
        return table;
    }

    private static string Plain(string? text) => text is null ? "" : string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
