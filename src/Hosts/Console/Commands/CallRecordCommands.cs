using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Cli.Commands;

/// <summary><c>relier cdr list|show|retry|reports</c>: the calls that are kept.</summary>
internal static class CallRecordCommands
{
    private static readonly string[] Columns = ["ID", "BEGAN", "FROM", "TO", "QUANTITY", "BILLED", "AMOUNT", "STATUS", "REASON"];
    private static readonly string[] ReportColumns = ["ID", "AT", "SOURCE", "STATUS", "REASON", "CALL", "DETAIL"];

    public static IEnumerable<Command> Build(GlobalOptions options, Terminal terminal) => [List(options, terminal), Show(options, terminal), Retry(options, terminal), Reports(options, terminal)];

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var account = new Option<string?>("--account") { Description = "Only of this account.", HelpName = "id" };
        var from = new Option<string?>("--from") { Description = "Begun at this time or later.", HelpName = "time" };
        var to = new Option<string?>("--to") { Description = "Begun before this time.", HelpName = "time" };
        var status = new Option<string?>("--status") { Description = string.Join(", ", CallWords.States.Keys) + "." };
        var listed = new Listed();
        var command = new Command("list", "Calls that are kept, newest beginning first.") { account, from, to, status, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListCalls { Account = parsed.GetValue(account), From = parsed.GetValue(from), To = parsed.GetValue(to), Status = parsed.GetValue(status), Cursor = cursor, Limit = limit },
                Columns,
                call => [call.Id.Value, call.Record.StartedAt.Text(), call.Record.From, call.Record.To, $"{call.Record.Quantity}", $"{call.Rating?.Billed}", $"{call.Amount}", Words.Of(call.State), Reason(call)],
                CallResource.Of),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Show(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The call." };
        var command = new Command("show", "One call, and why it costs what it costs.") { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new GetCall(parsed.GetRequiredValue(id)),
                call =>
                {
                    var shown = CallResource.Of(call);
                    invocation.Printer.Show(
                        shown,
                        [
                            ("Call", shown.Id), ("Reported by", $"{shown.Source} as {shown.ExternalId} {shown.Leg}"), ("From", shown.From), ("To", shown.To), ("Began", shown.StartedAt),
                            ("Answered", shown.AnsweredAt), ("Quantity", $"{shown.Quantity}"), ("Billed", $"{shown.Billed}"), ("Account", shown.Account), ("Status", shown.Status), ("Reason", shown.Reason),
                            ("Amount", call.Amount?.ToString()), ("Plan", shown.Plan is { } plan ? $"{plan.Id} {plan.Version}" : null), ("Deck", shown.Deck is { } deck ? $"{deck.Id} {deck.Version}" : null),
                            ("Prefix", shown.MatchedPrefix), ("Destination", shown.Destination),
                            .. shown.Lines.Select(line => ("Charge", (string?)$"{line.Kind} {line.Increments} x {line.Increment}{(line.Price is null ? "" : $" at {line.Price} per {line.Per}")}{(line.Bucket is null ? "" : $" by {line.Bucket}")}: {line.Exact}")),
                        ]);
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Retry(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string?>("ID") { Description = "Only this call.", Arity = ArgumentArity.ZeroOrOne };
        var reason = new Option<string?>("--reason") { Description = "Only those without a price for this reason, as in no_rate." };
        var cursor = new Option<string?>("--cursor") { Description = "Go on where the last answer ended." };
        var command = new Command("retry", "Have calls without a price rated after all, by the jobs, after what was missing has come: 10,000 at once.") { id, reason, cursor };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new RetryCalls { Call = parsed.GetValue(id), Reason = parsed.GetValue(reason), Cursor = parsed.GetValue(cursor) },
                retried => invocation.Printer.Show(new RetriedCallsResource(retried.Calls, retried.NextCursor), [("Calls", $"{retried.Calls}"), ("More", retried.NextCursor is { } next ? $"--cursor {next}" : null)])),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Reports(GlobalOptions options, Terminal terminal)
    {
        var status = new Option<string?>("--status") { Description = "accepted, duplicate, conflict, malformed or discarded. conflict and malformed wait for people." };
        var listed = new Listed();
        var command = new Command("reports", "What switches sent, and what contradicts a known call.") { status, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation, (cursor, limit) => new ListCallReports { Status = parsed.GetValue(status), Cursor = cursor, Limit = limit }, ReportColumns,
                report => [report.Id.Value, report.At.Text(), report.Source, Words.Of(report.State), report.Reason, report.Call?.Value, report.Detail],
                CallReportResource.InList),
            prepare: true, cancellationToken));
        return command;
    }

    private static string? Reason(Call call) => call.Reason is { } reason ? Words.Of(reason) : null;
}
