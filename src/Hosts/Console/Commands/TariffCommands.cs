using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Cli.Commands;

/// <summary><c>relier deck</c> and <c>relier plan</c>: what calls are rated by.</summary>
internal static class TariffCommands
{
    private static readonly string[] DeckColumns = ["DECK", "VERSION", "STATUS", "FROM", "CURRENCY", "PREFIXES", "NAME"];
    private static readonly string[] PlanColumns = ["PLAN", "VERSION", "STATUS", "FROM", "CURRENCY", "DECKS", "NAME"];

    public static Command BuildDecks(GlobalOptions options, Terminal terminal) => new("deck", "Decks of prices by prefix.") { Import(options, terminal), ListDecks(options, terminal) };

    public static Command BuildPlans(GlobalOptions options, Terminal terminal) => new("plan", "Plans: which decks hold when, and what is granted.") { Put(options, terminal), ListPlans(options, terminal) };

    private static Command Import(GlobalOptions options, Terminal terminal)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The prices, as CSV with a header: prefix, price, and per, first, next, connect_fee and others where they are." };
        var deck = new Option<string>("--deck") { Description = "The deck.", HelpName = "id", Required = true };
        var currency = new Option<string>("--currency") { Description = "The currency of its prices.", Required = true };
        var name = new Option<string?>("--name") { Description = "What it is called. Default: its id." };
        var activate = new Option<bool>("--activate") { Description = "Have calls rated by it.", Arity = ArgumentArity.Zero };
        var from = new Option<string?>("--from") { Description = "From when on, with --activate; it may lie in the past. Default: now.", HelpName = "time" };
        var command = new Command("import", "Bring in the next version of a deck, as a draft. The same prices again change nothing.") { file, deck, currency, name, activate, from };
        command.Validators.Add(result =>
        {
            if (result.GetResult(from) is not null && !result.GetValue(activate)) result.AddError("--from says when it is activated: say --activate too.");
        });
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var path = parsed.GetRequiredValue(file);
                if (CommandFile.Open(path).IsRefused(out var unread, out var opened)) return invocation.Printer.Refuse(unread);
                await using var content = opened;
                var import = new ImportDeck(parsed.GetRequiredValue(deck), path.Name, content, parsed.GetRequiredValue(currency)) { Name = parsed.GetValue(name) };
                if ((await invocation.AskAsync(import)).IsRefused(out var refusal, out var version)) return invocation.Printer.Refuse(refusal);
                // Activated before, by the same command: it holds, and nothing is to be done.
                if (parsed.GetValue(activate) && version.State == VersionState.Draft)
                    return await invocation.AnswerAsync(new ActivateDeck(version.Deck.Value, version.Version) { EffectiveFrom = parsed.GetValue(from) }, active => Print(invocation.Printer, active));
                Print(invocation.Printer, version);
                return ExitCode.Ok;
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Command ListDecks(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("list", "All versions of all decks.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListDecks(null),
                versions => Show(invocation.Printer, [.. versions.Select(DeckResource.Of)], DeckColumns, deck => [deck.Deck, $"{deck.Version}", deck.Status, deck.EffectiveFrom, deck.Currency, $"{deck.Entries}", deck.Name])),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Put(GlobalOptions options, Terminal terminal)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The plan, as JSON." };
        var plan = new Option<string?>("--plan") { Description = "The plan. Default: the name of the file.", HelpName = "id" };
        var command = new Command("put", "Make the next version of a plan.") { file, plan };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var path = parsed.GetRequiredValue(file);
                var id = parsed.GetValue(plan) ?? Path.GetFileNameWithoutExtension(path.Name);
                if (CommandFile.ReadJson(path).IsRefused(out var unread, out var json) || PlanReader.Read(id, json).IsRefused(out unread, out var input)) return invocation.Printer.Refuse(unread);
                return await invocation.AnswerAsync(
                    new PutPlan(id, input.Definition) { EffectiveFrom = input.EffectiveFrom },
                    made => invocation.Printer.Show(
                        PlanResource.Of(made), [("Plan", made.Plan.Value), ("Version", $"{made.Version}"), ("From", made.EffectiveFrom.Text()), ("Name", made.Name)], key: made.Plan.Value));
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static Command ListPlans(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("list", "All versions of all plans.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListPlans(null),
                versions => Show(
                    invocation.Printer, [.. versions.Select(PlanResource.Of)], PlanColumns,
                    plan => [plan.Plan, $"{plan.Version}", plan.Status, plan.EffectiveFrom, plan.Currency, string.Join(", ", plan.Bands.Select(band => band.Deck).Distinct()), plan.Name])),
            prepare: true, cancellationToken));
        return command;
    }

    private static void Print(Printer printer, DeckVersion deck) =>
        printer.Show(
            DeckResource.Of(deck),
            [("Deck", deck.Deck.Value), ("Version", $"{deck.Version}"), ("Status", Words.Of(deck.State)), ("From", deck.EffectiveFrom.Text()), ("Prefixes", $"{deck.Entries}"), ("Currency", deck.Currency.Code)],
            key: $"{deck.Version}");

    private static void Show<T>(Printer printer, IReadOnlyList<T> rows, IReadOnlyList<string> columns, Func<T, IReadOnlyList<string?>> row)
    {
        if (printer.IsJson) printer.Document(new PageResource<T>(rows, false, null));
        else printer.Table(columns, [.. rows.Select(row)]);
    }

}
