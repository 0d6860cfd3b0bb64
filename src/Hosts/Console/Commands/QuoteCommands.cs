using System.CommandLine;
using Relier.Hosting.Resources;

namespace Relier.Cli.Commands;

/// <summary><c>relier quote rating FILE</c>: what a call would cost by a tariff in a file. Needs no configuration and touches nothing.</summary>
internal static class QuoteCommands
{
    private const string Standard = "-";

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("quote", "Ask what something would cost, by what is in the question alone.") { Rating(options, terminal) };

    private static Command Rating(GlobalOptions options, Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "The question, as JSON: one quote or a list of up to 1,000; - for what is piped in." };
        var command = new Command("rating", "Price a call, or ask how much of it a balance pays for.") { file };
        command.SetAction((parsed, _) => RunAsync(new Printer(terminal, options.Read(parsed)), terminal, parsed.GetRequiredValue(file)));
        return command;
    }

    private static async Task<int> RunAsync(Printer printer, Terminal terminal, string file)
    {
        if ((file == Standard ? CommandFile.ReadJson(terminal.In()) : CommandFile.ReadJson(new FileInfo(file))).IsRefused(out var unread, out var document)) return printer.Refuse(unread);
        var answer = await QuoteDocument.AnswerAsync(document, quote => Task.FromResult(quote.Answer()), ProblemDocument.Of);
        if (answer.IsRefused(out var refusal, out var answered)) return printer.Refuse(refusal);
        if (!printer.IsJson && answered is RatedUsageResource one) Show(printer, one);
        else printer.Document(answered);
        return ExitCode.Ok;
    }

    private static void Show(Printer printer, RatedUsageResource rated)
    {
        printer.Show(
            rated,
            [
                ("Status", rated.Reason is null ? rated.Status : $"{rated.Status}: {rated.Reason}"),
                ("Amount", rated.Amount), ("Exact", rated.Exact), ("Prefix", rated.MatchedPrefix), ("Plan", rated.Plan),
                ("Billed", $"{rated.Quantity.Billed} of {rated.Quantity.Actual}"),
                ("Granted", rated.Quantity.Granted is { } granted ? $"{granted}{(rated.Quantity.Final == true ? ", final" : "")}" : null),
                ("Balance", rated.Balance),
            ]);
        if (rated.Lines.Count > 0)
            printer.Table(
                ["Kind", "Band", "From", "Increments", "Increment", "Price", "Per", "Bucket", "Exact"],
                [.. rated.Lines.Select(line => (IReadOnlyList<string?>)[line.Kind, line.Band, $"{line.From}", $"{line.Increments}", $"{line.Increment}", line.Price, $"{line.Per}", line.Bucket, line.Exact])]);
    }
}
