using System.CommandLine;
using System.IO.Compression;
using Relier.Archiving;
using Relier.Hosting.Resources;

namespace Relier.Cli.Commands;

/// <summary><c>relier archive</c>: what is not in the storage any more.</summary>
internal static class ArchiveCommands
{
    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("archive", "Calls and reports that were moved out of the storage.") { List(options, terminal), Show(options, terminal), Verify(options, terminal), Run(options, terminal) };

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var listed = new Listed();
        var command = new Command("list", "The parts, last written first.") { listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListArchive { Cursor = cursor, Limit = limit },
                ["ID", "ROWS", "BYTES", "FIRST", "LAST", "KEPT UNTIL", "NAME"],
                part => [part.Id.Value, $"{part.Rows}", $"{part.Bytes}", part.FirstAt.Text(), part.LastAt.Text(), part.KeepUntil.Text(), part.Name],
                ArchivePartResource.Of),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Show(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The part, as in calls-2026-08-0001." };
        var command = new Command("show", "The lines of a part: one call or report each, as JSON.") { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                if ((await invocation.AskAsync(new OpenArchivePart(parsed.GetRequiredValue(id)))).IsRefused(out var refusal, out var file)) return invocation.Printer.Refuse(refusal);
                await using var content = file.Content;
                using var lines = new StreamReader(new GZipStream(content, CompressionMode.Decompress));
                while (await lines.ReadLineAsync(cancellationToken) is { } line) invocation.Printer.Line(line);
                return ExitCode.Ok;
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Verify(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("verify", "Read every file and compare it with what the storage says. Ends with 1 and the findings when something differs.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal, invocation => invocation.AnswerAsync(new VerifyArchive(), report => Print(invocation.Printer, report)), prepare: true, cancellationToken));
        return command;
    }

    private static Command Run(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("run", "Move what is old enough now, and remove what is kept long enough. A schedule does it every day.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new RunArchive(), run => invocation.Printer.Show(
                ArchiveRunResource.Of(run),
                [("Parts written", $"{run.Parts}"), ("Calls", $"{run.Calls}"), ("Reports", $"{run.Reports}"), ("Bytes", $"{run.Bytes}"), ("Parts removed", $"{run.Removed}")])),
            prepare: true, cancellationToken));
        return command;
    }

    private static int Print(Printer printer, ArchiveReport report)
    {
        var isSound = report.Findings.Count == 0;
        if (printer.IsJson) printer.Document(ArchiveReportResource.Of(report));
        else if (!isSound) printer.Table(["KIND", "NAME", "EXPECTED", "FOUND"], [.. report.Findings.Select(finding => (string?[])[Words.Of(finding.Kind), finding.Name, finding.Expected, finding.Found])]);
        printer.Say(isSound ? $"{report.Parts} parts with {report.Rows} rows are as they should be." : $"{report.Findings.Count} findings: the archive is not as it should be.");
        return isSound ? ExitCode.Ok : ExitCode.Error;
    }
}
