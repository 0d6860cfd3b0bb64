using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Relier.FreeSwitch;
using Relier.Hosting.Resources;
using Relier.Rating;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier cdr import|rerate|margins|sweep</c>: many calls at once.</summary>
internal static class CallFileCommands
{
    private static readonly string[] MarginColumns = ["GROUP", "CALLS", "SECONDS", "REVENUE", "COST", "MARGIN", "CALLS WITHOUT COST", "THEIR REVENUE"];

    public static IEnumerable<Command> Build(GlobalOptions options, Terminal terminal) => [Import(options, terminal), Rerate(options, terminal), Margins(options, terminal), Sweep(options, terminal)];

    private static Command Import(GlobalOptions options, Terminal terminal)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The calls, as CSV." };
        var source = new Option<string>("--source") { Description = "Who reports: the name of a switch. With the id of each call its name for ever.", Required = true };
        var layout = new Option<string>("--layout") { Description = "generic, freeswitch (mod_cdr_csv, by the settings of the switch), or a map: id=UUID; start=START; quantity=BILLSEC; to=B.", DefaultValueFactory = _ => "generic" };
        var zone = new Option<string?>("--zone") { Description = "The zone of times that are written without one. Default: that of the switch in the settings, else the tenant's." };
        var command = new Command("import", "Take in a file of calls and charge them, once, however often it is given. Ends with 0 when every line was taken in, 1 when people must look.") { file, source, layout, zone };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var path = parsed.GetRequiredValue(file);
                if (!path.Exists) return invocation.Printer.Refuse(Wrong("file", $"there is no file {path}"));
                await using var content = path.OpenRead();
                return await invocation.Printer.WhileAsync(async progress =>
                {
                    var import = new ImportCalls(content, parsed.GetRequiredValue(source))
                    {
                        Layout = parsed.GetRequiredValue(layout), Zone = parsed.GetValue(zone), FileName = path.Name,
                        Progress = new Read(() => progress.Report(new ReconciliationProgress("taking in", content.Position, content.Length))),
                    };
                    var outcome = await invocation.AskAsync(import);
                    return () => outcome.IsRefused(out var refusal, out var report) ? invocation.Printer.Refuse(refusal) : Print(invocation.Printer, report);
                });
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Rerate(GlobalOptions options, Terminal terminal)
    {
        var account = new Option<string?>("--account") { Description = "Only of this account.", HelpName = "id" };
        var deck = new Option<string?>("--deck") { Description = "Only with a price by this deck." };
        var plan = new Option<string?>("--plan") { Description = "Only with a price by this plan." };
        var from = new Option<string?>("--from") { Description = "Begun at this time or later.", HelpName = "time" };
        var to = new Option<string?>("--to") { Description = "Begun before this time.", HelpName = "time" };
        var apply = new Option<bool>("--apply") { Description = "Do it. Without, what would come of it is said.", Arity = ArgumentArity.Zero };
        var command = new Command("rerate", "Charge calls again by the prices as they are now.") { account, deck, plan, from, to, apply };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation =>
            {
                var order = new RerateCalls
                {
                    Account = parsed.GetValue(account), Deck = parsed.GetValue(deck), Plan = parsed.GetValue(plan), From = parsed.GetValue(from), To = parsed.GetValue(to), DryRun = !parsed.GetValue(apply),
                };
                return invocation.AnswerAsync(order, rerating => invocation.Printer.Show(
                    RerateResource.Of(rerating, order.DryRun),
                    [
                        ("Calls", $"{rerating.Calls}"), ("Come to something else", $"{rerating.Changed}"), .. rerating.Differences.Select(difference => ("Difference", (string?)$"{difference}")),
                        ("Done", order.DryRun ? "no; say --apply" : "yes"),
                    ]));
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Margins(GlobalOptions options, Terminal terminal)
    {
        var suppliers = new Option<string[]>("--supplier") { Description = "The plan of a supplier's prices; repeated.", Required = true, HelpName = "plan" };
        var from = new Option<string>("--from") { Description = "Begun at this time or later.", HelpName = "time", Required = true };
        var to = new Option<string>("--to") { Description = "Begun before this time.", HelpName = "time", Required = true };
        var by = new Option<string>("--by") { Description = "hour, day or month, destination or number.", DefaultValueFactory = _ => "day" };
        var account = new Option<string?>("--account") { Description = "Only of this account.", HelpName = "id" };
        var limit = new Option<int>("--limit") { Description = "How many destinations or numbers, those with the smallest margin first.", DefaultValueFactory = _ => 100 };
        var command = new Command("margins", "What calls brought, what they cost at the cheapest supplier, and what is left.") { suppliers, from, to, by, account, limit };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new AnalyseMargins(parsed.GetRequiredValue(suppliers))
                {
                    From = parsed.GetRequiredValue(from), To = parsed.GetRequiredValue(to), GroupBy = parsed.GetRequiredValue(by), Account = parsed.GetValue(account), Limit = parsed.GetValue(limit),
                },
                margins => Show(invocation.Printer, margins)),
            prepare: true, cancellationToken));
        return command;
    }

    private static void Show(Printer printer, Margins margins)
    {
        if (printer.IsJson) printer.Document(MarginsResource.Of(margins));
        else printer.Table(MarginColumns, [.. margins.Groups.Select(group => Cells(group.From.Text() ?? group.Name, group.Margin)), Cells("total", margins.Total)]);
        if (margins.AreMore) printer.Say("There are more; the total is of all of them.");

        static string?[] Cells(string? name, CallMargin margin) =>
        [
            name, $"{margin.Costed.Calls}", $"{margin.Costed.Seconds}", $"{margin.Costed.Revenue}", $"{margin.Cost}", $"{margin.Margin}", $"{margin.Costless.Calls}", $"{margin.Costless.Revenue}",
        ];
    }

    private static Command Sweep(GlobalOptions options, Terminal terminal)
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Where the switch leaves what it could not deliver (err-log-dir of mod_json_cdr)." };
        var source = new Option<string>("--switch") { Description = "The switch, by its name in the settings.", Required = true };
        var command = new Command("sweep", "Take in the reports that a switch could not deliver. What is taken moves to done in the folder. Ends with 0 when all was taken in, 1 when some stay or people must look.") { folder, source };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var (path, name) = (parsed.GetRequiredValue(folder), parsed.GetRequiredValue(source));
                if (!path.Exists) return invocation.Printer.Refuse(Wrong("folder", $"there is no folder {path}"));
                if (invocation.Services.GetService<FreeSwitchSource>()?.Origins.FirstOrDefault(one => one.Switch == name) is not { } origin)
                    return invocation.Printer.Refuse(Wrong("switch", $"there is no switch {name} in the settings (Relier:FreeSwitch:Switches)"));
                return await SweepAsync(invocation, new ErrorFolder(path.FullName), origin, cancellationToken);
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static async Task<int> SweepAsync(Invocation invocation, ErrorFolder folder, CallOrigin origin, CancellationToken cancellationToken)
    {
        var (sweep, states) = (invocation.Services.GetRequiredService<ErrorFolderSweep>(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        // After a long time there is more than one sweep takes; what stays would only stay again.
        for (var isMore = true; isMore;)
        {
            var swept = await sweep.RunAsync(folder, origin.Switch, invocation.Caller(origin.Tenant), cancellationToken);
            foreach (var (state, files) in swept.States) states[state] = states.GetValueOrDefault(state) + files;
            isMore = swept.Taken == ErrorFolderSweep.FilesMax;
        }

        invocation.Printer.Show(states, [("Files", $"{states.Values.Sum()}"), .. states.Select(state => (state.Key, (string?)$"{state.Value}"))]);
        return states.Keys.All(state => state is "accepted" or "duplicate") ? ExitCode.Ok : ExitCode.Error;
    }

    private static int Print(Printer printer, CallImport report)
    {
        printer.Show(
            CallImportResource.Of(report),
            [
                ("Import", report.Id), ("Lines", $"{report.Lines}"), ("New calls", $"{report.New}"), ("Known before", $"{report.Duplicates}"), ("Correct a session", $"{report.Corrected}"), ("Contradict what is known", $"{report.Conflicts}"),
                ("Not understood", $"{report.Malformed}"), .. report.States.Select(state => (state.Key, (string?)$"{state.Value}")), .. report.Amounts.Select(amount => ("Amount", (string?)$"{amount}")),
            ],
            key: report.Id);
        return report.Conflicts + report.Malformed > 0 ? ExitCode.Error : ExitCode.Ok;
    }

    private static Refusal Wrong(string field, string message) => new("validation_failed", message) { Fields = [new FieldError(field, "invalid", message)] };

    private sealed class Read(Action tell) : IProgress<long>
    {
        public void Report(long value) => tell();
    }
}
