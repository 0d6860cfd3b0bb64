using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier topup reconcile FILE</c>: compares a statement with our books.</summary>
internal static class ReconcileCommand
{
    public static Command Build(GlobalOptions options, Terminal terminal)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The statement, as CSV with a header." };
        var provider = new Option<string?>("--provider") { Description = "The provider it is about; not needed where there is only one." };
        var map = new Option<string?>("--map") { Description = "latcom, operator, or which column is what: time=DATE; phone=MSISDN; amount=AMOUNT; currency=MXN. Default: the provider's name." };
        var from = new Option<string?>("--from") { Description = "The first settlement day, as in 2026-11-19; with --to.", HelpName = "day" };
        var to = new Option<string?>("--to") { Description = "The day after the last one.", HelpName = "day" };
        var rows = new Option<long?>("--rows") { Description = "How many lines the sender declared, without the header.", HelpName = "count" };
        var total = new Option<string[]>("--total") { Description = "What the sender declared as delivered, once for a currency: MXN=219.99.", HelpName = "sum" };
        var supersedes = new Option<string?>("--supersedes") { Description = "The reconciliation whose place this file takes.", HelpName = "id" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Try everything and keep nothing.", Arity = ArgumentArity.Zero };
        var command = new Command(
            "reconcile", "Compare a provider's statement or an operator's file with our books. Ends with 0 when all agrees or settled itself, 1 when people must look.")
        {
            file, provider, map, from, to, rows, total, supersedes, dryRun,
        };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var path = parsed.GetRequiredValue(file);
                if (!path.Exists) return invocation.Printer.Refuse(Wrong("file", $"there is no file {path}"));
                var known = invocation.Services.GetServices<ITopUpProvider>().Select(one => one.Offer.Provider).ToList();
                if ((parsed.GetValue(provider) ?? (known is [var only] ? only : null)) is not { } about)
                    return invocation.Printer.Refuse(Wrong("provider", $"say --provider with one of {string.Join(", ", known)}"));

                await using var content = path.OpenRead();
                return await invocation.Printer.WhileAsync(progress => RunAsync(invocation, new ReconcileStatement(content, about)
                {
                    Map = parsed.GetValue(map), FileName = path.Name, From = parsed.GetValue(from), To = parsed.GetValue(to), Rows = parsed.GetValue(rows),
                    Totals = parsed.GetValue(total) ?? [], Supersedes = parsed.GetValue(supersedes), DryRun = parsed.GetValue(dryRun), Progress = progress,
                }));
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static async Task<Func<int>> RunAsync(Invocation invocation, ReconcileStatement import)
    {
        var outcome = await invocation.AskAsync(import);
        return () => outcome.IsRefused(out var refusal, out var run) ? invocation.Printer.Refuse(refusal) : Print(invocation.Printer, run, import.DryRun);
    }

    private static int Print(Printer printer, ReconciliationRun run, bool dryRun)
    {
        printer.Show(
            ReconciliationResource.Of(run, dryRun),
            [
                ("Reconciliation", dryRun ? "a trial; nothing was kept" : run.Id.Value),
                ("File", $"{run.FileName}, {run.Rows} lines, {run.FileHash[..12]}"),
                ("Period", $"{run.From} to {run.To}, the end excluded"),
                ("Complete", run.IsComplete ? "yes: what is missing did not happen" : "no: what is missing proves nothing"),
                .. run.Totals.Select(total => ("Delivered", (string?)$"{total}")),
                .. run.Classes.Select(total => (StatementClasses.Word(total.Class), (string?)$"{total.Count}, {total.Sum}")),
                .. run.Walks.Select(walk => ("Balances", (string?)(walk.AddsUp ? $"{walk.Opening} {walk.Moved} = {walk.Closing}" : $"off by {walk.Difference}, from line {walk.BrokenAt}"))),
                ("Outside the period", run.RowsOutside > 0 ? $"{run.RowsOutside} lines" : null),
                ("Settled by itself", $"{run.Settled}"),
            ],
            key: run.Id.Value);
        var open = run.Classes.Where(total => total.Class is not (StatementClass.Matched or StatementClass.MatchedLate)).Sum(total => total.Count) - run.Settled;
        if (open > 0 && !dryRun) printer.Say($"{open} for people to look at: relier topup breaks list --reconciliation {run.Id} --status open");
        return open > 0 || run.IsFlagged ? ExitCode.Error : ExitCode.Ok;
    }

    private static Refusal Wrong(string field, string message) =>
        new("validation_failed", message) { Fields = [new FieldError(field, "required", message)] };
}
