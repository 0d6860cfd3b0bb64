using System.CommandLine;
using System.Globalization;
using System.Text;
using Relier.Hosting.Resources;
using Relier.Importing;

namespace Relier.Cli.Commands;

/// <summary><c>relier import latcom-fix DIR</c>: takes over customers, keys, balances and history of the first version.</summary>
internal static class ImportCommand
{
    private const string Customers = "customers.csv";
    private const string Transactions = "transactions.csv";
    private const string Adjustments = "balance_adjustments.csv";
    private const string BillingRecords = "billing_records.csv";

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("import", "Take over what another system has.") { FirstVersion(options, terminal) };

    private static Command FirstVersion(GlobalOptions options, Terminal terminal)
    {
        var directory = new Argument<DirectoryInfo>("DIR") { Description = $"Where the exports are: {Customers}, and {Transactions}, {Adjustments}, {BillingRecords} if there are." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would happen and write nothing. That is so unless --apply is given.", Arity = ArgumentArity.Zero };
        var apply = new Option<bool>("--apply") { Description = "Write it.", Arity = ArgumentArity.Zero };
        var keys = new Option<FileInfo?>("--keys") { Description = "A new file for the secrets of the new keys, readable by its owner alone. Needed with --apply.", HelpName = "file" };
        var commissions = new Option<bool>("--with-commissions") { Description = "Make the commission of a customer what they keep of each top-up.", Arity = ArgumentArity.Zero };
        var limit = new Option<string[]>("--credit-limit") { Description = "How far below zero a customer may go, by the old id: 7=500.00. Nobody else may.", HelpName = "id=amount" };
        var zone = new Option<string?>("--zone") { Description = "Where times without an offset are from. Default UTC.", HelpName = "zone" };
        var command = new Command(
            "latcom-fix", "Take over customers, balances and history of the first version from CSV exports of its tables. Ends with 0 when all can be taken, 1 when people must look.")
        {
            directory, dryRun, apply, keys, commissions, limit, zone,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(apply) && result.GetValue(dryRun)) result.AddError("Say either --dry-run or --apply.");
            if (result.GetValue(apply) && result.GetResult(keys) is null) result.AddError("New keys are shown once: say with --keys FILE where their secrets go.");
        });
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var place = parsed.GetRequiredValue(directory);
                if (!File.Exists(Path.Combine(place.FullName, Customers))) return invocation.Printer.Refuse(Wrong("directory", $"there is no {Customers} in {place}"));
                await using var secrets = parsed.GetValue(apply) ? SecretFile.TryCreate(parsed.GetRequiredValue(keys)!) : null;
                if (parsed.GetValue(apply) && secrets is null)
                    return invocation.Printer.Refuse(Wrong("keys", $"{parsed.GetRequiredValue(keys)} cannot be made, or is there already; it is never written over"));

                using var files = new OpenFiles(place.FullName);
                var import = new ImportFirstVersion(files.Open(Customers)!)
                {
                    Transactions = files.Open(Transactions), Adjustments = files.Open(Adjustments), BillingRecords = files.Open(BillingRecords), Apply = secrets is not null,
                    KeepSecret = secrets is null ? null : secrets.KeepAsync, WithCommissions = parsed.GetValue(commissions), CreditLimits = parsed.GetValue(limit) ?? [], Zone = parsed.GetValue(zone),
                };
                return await RunAsync(invocation, import);
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, ImportFirstVersion import)
    {
        var printer = invocation.Printer;
        var remarks = new List<ImportRemark>();
        // Lines for people come as they are found: a large file has many, and they are read from the top.
        var outcome = await invocation.AskAsync(import with { Remark = printer.IsJson ? remarks.Add : remark => printer.Line(Text(remark)) });
        if (outcome.IsRefused(out var refusal, out var report)) return printer.Refuse(refusal);
        if (printer.IsJson) printer.Document(ImportResource.Of(report, remarks));
        else Print(printer, report);
        return report.ForPeople > 0 ? ExitCode.Error : ExitCode.Ok;
    }

    private static void Print(Printer printer, ImportReport report)
    {
        if (report.Customers.Length > 0)
            printer.Table(
                ["OLD ID", "ID", "NAME", "CHANNEL", "OPENING", "STATUS", ""],
                [.. report.Customers.Select(customer => (IReadOnlyList<string?>)
                [
                    customer.OldId, customer.NewId, customer.Name, customer.Channel, $"{customer.Opening}", customer.IsActive ? "active" : "suspended", customer.IsNew ? "new" : "known",
                ])]);
        printer.Show(
            report,
            [
                ("Import", report.IsApplied ? "done" : "a trial; nothing was written"),
                ("Customers", $"{report.Customers.Count(customer => customer.IsNew)} new, {report.Customers.Count(customer => !customer.IsNew)} known, {report.CustomersNotTaken} not taken"),
                ("Opening balances", $"{report.Opening}"),
                ("New keys", $"{report.Keys}"),
                .. report.TopUps.Select(total => ($"Top-ups {ImportFates.Word(total.Fate)}", (string?)$"{total.Count}, {Sum(total.Face)} for {Sum(total.Charge)}")),
                .. report.Rounded.Select(rounded => ($"Rounded {rounded.File} {rounded.Column}", (string?)string.Create(CultureInfo.InvariantCulture, $"{rounded.Count}, {ImportResource.Exactly(rounded.Difference)} {rounded.Currency} in all"))),
                .. report.Checked.Select(file => ($"Checked {file.File}", (string?)$"{file.Lines} lines, {file.Sum}, {file.Wrong} wrong")),
                ("Columns not read", report.UnreadColumns.IsEmpty ? null : string.Join(", ", report.UnreadColumns)),
            ]);
        if (report.ForPeople > 0) printer.Say($"{report.ForPeople} for people to look at: the lines above say which and why.");
        if (!report.IsApplied) printer.Say("Nothing was written. Write it with --apply --keys FILE.");
    }

    private static string Sum(Money? sum) => sum is { } money ? $"{money}" : "no known amount";

    private static string Text(ImportRemark remark) =>
        $"{remark.File}:{remark.Line}: {(remark.IsTaken ? "note" : "not taken")}: {(remark.Column is null ? "" : $"{remark.Column}: ")}{remark.Message} ({remark.Code})";

    private static Refusal Wrong(string field, string message) =>
        new("validation_failed", message) { Fields = [new FieldError(field, "required", message)] };

    /// <summary>The exports that are there.</summary>
    private sealed class OpenFiles(string directory) : IDisposable
    {
        private readonly List<Stream> _streams = [];

        public ImportFile? Open(string name)
        {
            var path = Path.Combine(directory, name);
            if (!File.Exists(path)) return null;
            var stream = File.OpenRead(path);
            _streams.Add(stream);
            return new ImportFile(name, stream);
        }

        public void Dispose()
        {
            foreach (var stream in _streams) stream.Dispose();
        }
    }

    /// <summary>Secrets, each on the disk before its key is written.</summary>
    private sealed class SecretFile(FileStream stream) : IAsyncDisposable
    {
        public static SecretFile? TryCreate(FileInfo file)
        {
            try
            {
                // Nobody but the owner may read it, from its first moment on.
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                var made = new SecretFile(new FileStream(file.FullName, options));
                made.Write("old_id,customer_id,key_id,prefix,secret");
                return made;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        public Task KeepAsync(ImportedSecret secret, CancellationToken cancellationToken)
        {
            Write(string.Join(',', Quoted(secret.OldId), secret.Key.Customer!.Value.Value, secret.Key.Id.Value, secret.Key.Prefix, secret.Secret));
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();

        private void Write(string line)
        {
            stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            stream.Flush(flushToDisk: true);
        }

        // An old id is anybody's text: a spreadsheet must not take it for a formula.
        private static string Quoted(string text) =>
            $"\"{(text[0] is '=' or '+' or '-' or '@' or '\t' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
