using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Storage;

namespace Relier.Cli.Commands;

/// <summary>Lists by page: the options, the answer, and all pages one after the other without holding more than one.</summary>
internal sealed class Listed
{
    public Option<int> Limit { get; } = new("--limit") { Description = "How many, 1 to 100.", DefaultValueFactory = _ => PageRequest.DefaultLimit };

    public Option<string?> Cursor { get; } = new("--cursor") { Description = "Where to go on, from the answer before." };

    public Option<bool> All { get; } = new("--all") { Description = "Every page to the end.", Arity = ArgumentArity.Zero };

    /// <summary>Answers with the page that was asked for, or with all.</summary>
    public async Task<int> AnswerAsync<T>(
        ParseResult parsed, Invocation invocation, Func<string?, int, IUseCase<Listing<T>>> page, IReadOnlyList<string> columns,
        Func<T, IReadOnlyList<string?>> row, Func<T, object> document)
    {
        if (parsed.GetValue(All)) return await AnswerAllAsync(invocation, parsed.GetValue(Cursor), page, columns, row, document);
        return await invocation.AnswerAsync(page(parsed.GetValue(Cursor), parsed.GetValue(Limit)), list => Show(invocation.Printer, list, columns, row, document));
    }

    /// <summary>Answers with one page.</summary>
    public static void Show<T>(
        Printer printer, Listing<T> list, IReadOnlyList<string> columns, Func<T, IReadOnlyList<string?>> row, Func<T, object> document)
    {
        if (printer.IsJson)
        {
            printer.Document(PageResource<object>.Of(list, document));
            return;
        }

        printer.Table(columns, [.. list.Data.Select(row)]);
        if (list.Data.Count == 0) printer.Say("None.");
        if (list.NextCursor is { } next) printer.Say($"There are more: --cursor {next}");
    }

    private static async Task<int> AnswerAllAsync<T>(
        Invocation invocation, string? cursor, Func<string?, int, IUseCase<Listing<T>>> page, IReadOnlyList<string> columns,
        Func<T, IReadOnlyList<string?>> row, Func<T, object> document)
    {
        var printer = invocation.Printer;
        for (var isFirst = true; ; isFirst = false)
        {
            // A document that ends in the middle is no document: nobody takes half a list for the whole.
            if ((await invocation.AskAsync(page(cursor, PageRequest.MaxLimit))).IsRefused(out var refusal, out var list)) return printer.Refuse(refusal);
            if (!printer.IsJson) printer.Table(columns, [.. list.Data.Select(row)], withNames: isFirst);
            else if (list.Data.Count > 0) printer.Raw((isFirst ? "{\"data\":[" : ",") + string.Join(',', list.Data.Select(item => Printer.Json(document(item)))));
            else if (isFirst) printer.Raw("{\"data\":[");
            cursor = list.NextCursor;
            if (cursor is not null) continue;

            if (printer.IsJson) printer.Raw("],\"has_more\":false,\"next_cursor\":null}" + Environment.NewLine);
            return ExitCode.Ok;
        }
    }
}
