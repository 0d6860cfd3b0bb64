using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier topup breaks</c>: the work list of what statements and our books differ in.</summary>
internal static class BreakCommands
{
    private static readonly string[] Columns = ["ID", "CLASS", "STATUS", "AGE (DAYS)", "OWNER", "OUTCOME", "THEIRS", "OURS", "TOP-UP", "REFERENCE"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("breaks", "What statements and our books differ in, for people to look at.")
        {
            List(options, terminal), Show(options, terminal), Assign(options, terminal), Close(options, terminal),
        };

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var run = new Option<string?>("--reconciliation") { Description = "Only of this reconciliation.", HelpName = "id" };
        var status = new Option<string?>("--status") { Description = "open or closed.", HelpName = "status" };
        var kind = new Option<string?>("--class") { Description = $"Only of this class: {string.Join(", ", StatementClasses.All)}.", HelpName = "class" };
        var owner = new Option<string?>("--owner") { Description = "Only of this owner; an empty text for those of nobody.", HelpName = "name" };
        var listed = new Listed();
        var command = new Command("list", "Breaks, newest first.") { run, status, kind, owner, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListBreaks
                {
                    Run = parsed.GetValue(run), Status = parsed.GetValue(status), Class = parsed.GetValue(kind), Owner = parsed.GetValue(owner), Cursor = cursor, Limit = limit,
                },
                Columns,
                one => Row(Document(invocation, one)),
                one => Document(invocation, one)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Show(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var command = new Command("show", "One break, with all that is known about it.") { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new GetBreak(parsed.GetRequiredValue(id)), one => Print(invocation.Printer, Document(invocation, one))),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Assign(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var owner = new Argument<string?>("OWNER") { Description = "Who looks into it.", Arity = ArgumentArity.ZeroOrOne };
        var nobody = new Option<bool>("--nobody") { Description = "Take it from whoever has it.", Arity = ArgumentArity.Zero };
        var command = new Command("assign", "Give a break to somebody, or with --nobody to nobody.") { id, owner, nobody };
        command.Validators.Add(result =>
        {
            if (result.GetValue(owner) is null != result.GetValue(nobody)) result.AddError("Say either an OWNER or --nobody.");
        });
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new AssignBreak(parsed.GetRequiredValue(id), parsed.GetValue(owner)), one => Print(invocation.Printer, Document(invocation, one))),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Close(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var outcome = new Option<string>("--outcome")
        {
            Description = "applied: the statement counts, and money moves by it; accepted: the difference is borne; claimed: it is claimed from the other side; unfounded: there was nothing in it.",
            HelpName = "outcome", Required = true,
        };
        var note = new Option<string>("--note") { Description = "Why: what can be shown to somebody who doubts it.", HelpName = "text", Required = true };
        var command = new Command("close", "End a break. With applied, money may move; where two persons are needed, the first one's word is kept and the break stays open.") { id, outcome, note };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new CloseBreak(parsed.GetRequiredValue(id), parsed.GetRequiredValue(outcome), parsed.GetRequiredValue(note)),
                one =>
                {
                    Print(invocation.Printer, Document(invocation, one));
                    if (one.IsOpen) invocation.Printer.Say("Your word is kept. It stays open until a second person says the same.");
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Argument<string> Id() => new("ID") { Description = "The break." };

    private static BreakResource Document(Invocation invocation, ReconciliationBreak one) =>
        BreakResource.Of(one, invocation.Services.GetRequiredService<IClock>().Now());

    private static void Print(Printer printer, BreakResource one) => printer.Show(
        one,
        [
            ("Break", one.Id), ("Reconciliation", one.Reconciliation), ("Class", one.Class), ("Status", one.Status), ("Age", $"{one.AgeDays} days"), ("Owner", one.Owner),
            ("Outcome", one.Outcome), ("Note", one.Note), ("Theirs", Amount(one.Theirs)), ("Ours", Amount(one.Ours)), ("Line", one.Line?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("Top-up", one.TopUp), ("Attempt", one.Attempt?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Reference", one.Reference),
            ("If applied", one.Verdict is null ? "no money moves" : one.NeedsConfirmation ? $"{one.Verdict}, by the word of two persons" : one.Verdict),
            ("Opened", one.OpenedAt), ("Closed", one.ClosedAt), ("Closed by", one.ClosedBy),
        ],
        key: one.Id);

    private static IReadOnlyList<string?> Row(BreakResource one) =>
        [one.Id, one.Class, one.Status, $"{one.AgeDays}", one.Owner, one.Outcome, Amount(one.Theirs), Amount(one.Ours), one.TopUp, one.Reference];

    private static string? Amount(MoneyResource? money) => money is null ? null : $"{money.Amount} {money.Currency}";
}
