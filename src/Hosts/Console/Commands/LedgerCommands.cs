using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Cli.Commands;

/// <summary><c>relier ledger</c>: prove that the books add up, and read a wallet.</summary>
internal static class LedgerCommands
{
    private static readonly string[] Columns = ["ID", "AT", "KIND", "AMOUNT", "BALANCE", "ABOUT", "REASON"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("ledger", "The books.") { Verify(options, terminal), Statement(options, terminal) };

    private static Command Verify(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("verify", "Check every rule of the books over all rows. Ends with 1 and the findings when something does not add up.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal, invocation => invocation.AnswerAsync(new VerifyLedger(), report => Print(invocation.Printer, report)), prepare: true, cancellationToken));
        return command;
    }

    private static int Print(Printer printer, LedgerReport report)
    {
        if (printer.IsJson) printer.Document(LedgerReportResource.Of(report));
        else if (report.IsSound) printer.Table(["ACCOUNT", "BALANCE"], [.. report.Balances.Select(account => (string?[])[account.Account.Value, $"{account.Balance}"])]);
        else printer.Table(["RULE", "SUBJECT", "EXPECTED", "FOUND"], [.. report.Findings.Select(finding => (string?[])[Words.Of(finding.Kind), finding.Subject, finding.Expected, finding.Found])]);
        printer.Say(report.IsSound ? "Everything adds up." : $"{report.Findings.Count} findings: the books do not add up.");
        return report.IsSound ? ExitCode.Ok : ExitCode.Error;
    }

    private static Command Statement(GlobalOptions options, Terminal terminal)
    {
        var customer = new Option<string>("--customer") { Description = "Whose wallet.", HelpName = "id", Required = true };
        var from = new Option<string?>("--from") { Description = "Posted at this time or later: 2026-11-20 or 2026-11-20T12:00:00Z.", HelpName = "time" };
        var to = new Option<string?>("--to") { Description = "Posted before this time.", HelpName = "time" };
        var listed = new Listed();
        var command = new Command("statement", "The postings of a wallet with the balance after each, newest first.") { customer, from, to, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new GetStatement
                {
                    Customer = parsed.GetRequiredValue(customer), From = parsed.GetValue(from), To = parsed.GetValue(to), Cursor = cursor, Limit = limit,
                },
                Columns,
                line => [line.Journal.Value, line.At.Text(), Words.Of(line.Kind), $"{line.Amount}", $"{line.Balance}", PostingResource.AboutOf(line).Id, line.Reason],
                PostingResource.Of),
            prepare: true, cancellationToken));
        return command;
    }
}
