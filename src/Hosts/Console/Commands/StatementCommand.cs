using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Cli.Commands;

/// <summary><c>relier customers statement ID --month 2026-11</c>: what a reseller is given at the end of a month.</summary>
internal static class StatementCommand
{
    public static Command Build(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The customer." };
        var month = new Option<string?>("--month") { Description = "The month, as in 2026-11; or --from and --to.", HelpName = "month" };
        var from = new Option<string?>("--from") { Description = "The first day, as in 2026-11-01.", HelpName = "day" };
        var to = new Option<string?>("--to") { Description = "The day after the last one.", HelpName = "day" };
        var format = new Option<string?>("--format") { Description = $"{string.Join(", ", StatementDocument.Formats)}. Default html; with --json json.", HelpName = "format" };
        var command = new Command("statement", "The statement of a wallet for a month: what it began and ended with, what happened, every posting. Ends with another code than 0 unless all of it was written.")
        {
            id, month, from, to, format,
        };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                if (StatementDocument.Find(parsed.GetValue(format) ?? (invocation.Printer.IsJson ? "json" : "html")) is not { } document)
                    return invocation.Printer.Refuse(Wrong("format", $"expected one of {string.Join(", ", StatementDocument.Formats)}"));
                var asked = new GetResellerStatement(parsed.GetRequiredValue(id)) { Month = parsed.GetValue(month), From = parsed.GetValue(from), To = parsed.GetValue(to) };
                if ((await invocation.AskAsync(asked)).IsRefused(out var refusal, out var statement)) return invocation.Printer.Refuse(refusal);
                await document.WriteAsync(statement, terminal.Out, cancellationToken);
                await terminal.Out.FlushAsync(cancellationToken);
                return ExitCode.Ok;
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Refusal Wrong(string field, string message) =>
        new("validation_failed", message) { Fields = [new FieldError(field, "format_invalid", message)] };
}
