using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Cli.Commands;

/// <summary><c>relier rates</c>: enter rates of exchange. A rate is never changed; a newer one takes its place.</summary>
internal static class RateCommands
{
    private static readonly string[] Columns = ["PAIR", "RATE", "AS OF", "SOURCE"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("rates", "Rates of exchange.") { Add(options, terminal), List(options, terminal) };

    private static Command Add(GlobalOptions options, Terminal terminal)
    {
        var unit = new Argument<string>("BASE") { Description = "The currency of which one unit is valued, as in MXN." };
        var quote = new Argument<string>("QUOTE") { Description = "The currency in which it is valued, as in USD." };
        var rate = new Argument<string>("RATE") { Description = "Units of the second for one of the first, as in 0.0544." };
        var command = new Command("add", "Enter a rate that holds from now on; what is already held keeps its own.") { unit, quote, rate };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new AddExchangeRate(parsed.GetRequiredValue(unit), parsed.GetRequiredValue(quote), parsed.GetRequiredValue(rate)),
                added => invocation.Printer.Show(
                    ExchangeRateResource.Of(added), [("Pair", added.Pair), ("Rate", $"{added.Rate}"), ("As of", added.AsOf.Text()), ("Source", added.Source)], key: added.Pair)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("list", "The newest rates, at most 100.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListExchangeRates(),
                rates => Listed.Show(invocation.Printer, rates, Columns, rate => [rate.Pair, $"{rate.Rate}", rate.AsOf.Text(), rate.Source], ExchangeRateResource.Of)),
            prepare: true, cancellationToken));
        return command;
    }
}
