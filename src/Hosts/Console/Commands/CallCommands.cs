using System.Collections.Frozen;
using System.CommandLine;
using System.Globalization;
using NodaTime;
using Relier.Hosting.Resources;
using Relier.Rating;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier cdr rate CALLS --deck DECK</c>: prices a file of calls. Needs no configuration and touches nothing.</summary>
internal static class CallCommands
{
    private const int TellEvery = 10_000;

    private static readonly string[] Columns = ["line", "id", "to", "start", "seconds", "billed", "prefix", "destination", "status", "reason", "amount"];

    public static Command Build(GlobalOptions options, Terminal terminal)
    {
        var calls = new Command("cdr", "Call records.") { Rate(options, terminal) };
        foreach (var command in CallRecordCommands.Build(options, terminal).Concat(CallFileCommands.Build(options, terminal))) calls.Subcommands.Add(command);
        return calls;
    }

    private static Command Rate(GlobalOptions options, Terminal terminal)
    {
        var calls = new Argument<FileInfo>("CALLS") { Description = "The calls, as CSV with a header: to, start, seconds, and id where there is one; or as a switch names them (destination_number, start_stamp, billsec, uuid)." };
        var deck = new Option<FileInfo>("--deck") { Description = "The prices, as CSV with a header: prefix, price, and per, first, next, connect_fee and others where they are.", Required = true };
        var country = new Option<string?>("--country") { Description = $"How numbers are dialled: {string.Join(", ", NumberPlan.All.Select(plan => plan.Country))}. Default: digit by digit." };
        var zone = new Option<string>("--zone") { Description = "The zone of times that are written without one.", DefaultValueFactory = _ => "UTC" };
        var to = new Option<FileInfo?>("--out") { Description = "Where the priced calls go, as CSV. Default: the answer, but with --json nowhere." };
        var command = new Command("rate", "Price a file of calls by a deck. Ends with 0 when every call has a price, 1 when some have none.") { calls, deck, country, zone, to };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Printer(terminal, options.Read(parsed)), terminal,
            new Order(parsed.GetRequiredValue(calls), parsed.GetRequiredValue(deck), parsed.GetValue(country), parsed.GetRequiredValue(zone), parsed.GetValue(to)), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Printer printer, Terminal terminal, Order order, CancellationToken cancellationToken)
    {
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(order.Zone) is not { } zone) return printer.Refuse(Wrong("zone", "expected a zone of the tz database, as in Asia/Kolkata"));
        if (order.Country is not null && NumberPlan.Find(order.Country) is null) return printer.Refuse(Wrong("country", $"expected one of {string.Join(", ", NumberPlan.All.Select(plan => plan.Country))}"));

        if (CommandFile.Open(order.Calls).IsRefused(out var noCalls, out var calls)) return printer.Refuse(noCalls);
        await using var callFile = calls;
        if (CommandFile.Open(order.Deck).IsRefused(out var noDeck, out var prices)) return printer.Refuse(noDeck);
        await using var deckFile = prices;
        if ((await DeckFile.ReadAsync(order.Deck.Name, deckFile, cancellationToken)).IsRefused(out var refusal, out var deck)) return printer.Refuse(refusal);
        var band = new CalendarBand { Name = "always", Deck = order.Deck.Name };
        var plan = new RatePlan(order.Deck.Name, new BandCalendar(zone, [band]), new Dictionary<string, RateDeck> { [band.Deck] = deck.ToDeck() });
        var tariff = new Tariff(plan.Name, new Dictionary<string, RatePlan> { [plan.Name] = plan }.ToFrozenDictionary(), order.Country is null ? null : NumberPlan.Find(order.Country));
        StreamWriter? made = null;
        if (order.Out is not null && CommandFile.Create(order.Out, order.Calls, order.Deck).IsRefused(out var unmade, out made)) return printer.Refuse(unmade);
        await using var own = made;
        try
        {
            var writer = own ?? (printer.IsJson ? TextWriter.Null : terminal.Out);
            return await printer.WhileAsync(async progress =>
            {
                var summary = await PriceAsync(order, callFile, tariff, zone, writer, progress, cancellationToken);
                return () => Show(printer, summary);
            });
        }
        catch (Exception error) when (CallFile.Explain(error) is { } unreadable)
        {
            return printer.Refuse(unreadable);
        }
    }

    private static async Task<Summary> PriceAsync(Order order, FileStream calls, Tariff tariff, DateTimeZone zone, TextWriter writer, IProgress<ReconciliationProgress> progress, CancellationToken cancellationToken)
    {
        await using var csv = new Csv(writer);
        await csv.WriteAsync(Columns);
        var summary = new Summary();
        await foreach (var call in CallFile.PriceAsync(order.Calls.Name, calls, tariff, zone, cancellationToken))
        {
            summary.Add(call);
            await csv.WriteAsync(Cells(call));
            if (summary.Calls % TellEvery == 0) progress.Report(new ReconciliationProgress("pricing", calls.Position, calls.Length));
        }

        await writer.FlushAsync(cancellationToken);
        return summary;
    }

    private static IEnumerable<string?> Cells(PricedCall call) =>
        call.Rated is not { } rated
            ? [$"{call.Line}", call.Id, call.To, call.Start, "", "", "", "", "unreadable", call.Fault!.Code, ""]
            :
            [
                $"{call.Line}", call.Id, call.To, call.Start, $"{rated.Actual}", $"{rated.Billed}", rated.MatchedPrefix, rated.Destination,
                Words.Of(rated.Status), rated.Reason is { } reason ? Words.Of(reason) : "", rated.Amount is { } amount ? amount.ToString($"F{rated.Scale}", CultureInfo.InvariantCulture) : "",
            ];

    private static int Show(Printer printer, Summary summary)
    {
        var reasons = summary.Reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        if (printer.IsJson)
            printer.Document(new
            {
                calls = summary.Calls, rated = summary.Rated, zero = summary.Zero, without = reasons.ToDictionary(pair => pair.Key, pair => pair.Value),
                seconds = summary.Seconds, billed = summary.Billed, amount = summary.Amount.ToString(CultureInfo.InvariantCulture),
            });
        printer.Say($"{summary.Calls} calls, {summary.Rated} rated, {summary.Zero} with nothing to charge; {summary.Seconds} s, {summary.Billed} s billed, {summary.Amount.ToString(CultureInfo.InvariantCulture)} in all");
        foreach (var (reason, count) in reasons) printer.Say($"{count} without a price: {reason}");
        return reasons.Count == 0 ? ExitCode.Ok : ExitCode.Error;
    }

    private static Refusal Wrong(string field, string message) => new("validation_failed", message) { Fields = [new FieldError(field, "invalid", message)] };

    private sealed record Order(FileInfo Calls, FileInfo Deck, string? Country, string Zone, FileInfo? Out);

    private sealed class Summary
    {
        public long Calls { get; private set; }

        public long Rated { get; private set; }

        public long Zero { get; private set; }

        public long Seconds { get; private set; }

        public long Billed { get; private set; }

        public decimal Amount { get; private set; }

        public Dictionary<string, long> Reasons { get; } = [];

        public void Add(PricedCall call)
        {
            Calls++;
            Seconds += call.Rated?.Actual ?? 0;
            Billed += call.Rated?.Billed ?? 0;
            Amount += call.Rated?.Amount ?? 0;
            if (call.Rated?.Status == RatingStatus.Rated) Rated++;
            else if (call.Rated?.Status == RatingStatus.Zero) Zero++;
            else
            {
                var reason = call.Rated?.Reason is { } why ? Words.Of(why) : call.Fault!.Code;
                Reasons[reason] = Reasons.GetValueOrDefault(reason) + 1;
            }
        }
    }
}
