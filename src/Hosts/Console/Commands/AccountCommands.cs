using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Cli.Commands;

/// <summary><c>relier account</c>: what usage is charged to.</summary>
internal static class AccountCommands
{
    private static readonly Dictionary<string, LineKind> Kinds = CallWords.Lines.Where(word => word.Value != LineKind.Account).ToDictionary();

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("account", "What usage is charged to.") { Open(options, terminal), Show(options, terminal), Plan(options, terminal), Line(options, terminal), Bucket(options, terminal) };

    private static Command Open(GlobalOptions options, Terminal terminal)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "Whose it is." };
        var mode = new Option<string>("--mode") { Description = "prepaid or postpaid.", Required = true };
        var name = new Option<string?>("--name") { Description = "Its name. Default: the customer's." };
        var currency = new Option<string?>("--currency") { Description = "The currency of its money. Default: that of the customer's wallet." };
        var zone = new Option<string?>("--zone") { Description = "The zone in which its usage is counted by months. Default: the tenant's." };
        var wallet = new Option<bool>("--use-wallet") { Description = "Its money is the customer's wallet.", Arity = ArgumentArity.Zero };
        var creditLimit = new Option<string?>("--credit-limit") { Description = "How far below zero calls are let through. Default 0.", HelpName = "amount" };
        var command = new Command("open", "Open an account.") { customer, mode, name, currency, zone, wallet, creditLimit };
        return Asking(command, options, terminal, parsed => new OpenUsageAccount(parsed.GetRequiredValue(customer), parsed.GetRequiredValue(mode))
        {
            Name = parsed.GetValue(name), Currency = parsed.GetValue(currency), Zone = parsed.GetValue(zone), UseWallet = parsed.GetValue(wallet), CreditLimit = parsed.GetValue(creditLimit),
        });
    }

    private static Command Show(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        return Asking(new Command("show", "An account with its money, plans, lines and buckets.") { id }, options, terminal, parsed => new GetUsageAccount(parsed.GetRequiredValue(id)));
    }

    private static Command Plan(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var plan = new Argument<string>("PLAN") { Description = "The plan." };
        var from = new Option<string?>("--from") { Description = "From when on; it may lie in the past. Default: now.", HelpName = "time" };
        var use = new Option<string?>("--use") { Description = "usage (default), inbound, calls, messages, data or events." };
        var command = new Command("plan", "Have a plan hold for an account.") { id, plan, from, use };
        return Asking(command, options, terminal, parsed => new AssignPlan(parsed.GetRequiredValue(id), parsed.GetRequiredValue(plan)) { From = parsed.GetValue(from), Use = parsed.GetValue(use) });
    }

    private static Command Line(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var kind = new Argument<string>("KIND") { Description = string.Join(", ", Kinds.Keys) + "." };
        kind.AcceptOnlyFromAmong([.. Kinds.Keys]);
        var value = new Argument<string>("VALUE") { Description = "The text of the line." };
        var remove = new Option<bool>("--remove") { Description = "Take it away instead.", Arity = ArgumentArity.Zero };
        var command = new Command("line", "Give an account a line, by which its calls are found.") { id, kind, value, remove };
        return Asking(command, options, terminal, parsed =>
        {
            var line = new LineRef(Kinds[parsed.GetRequiredValue(kind)], parsed.GetRequiredValue(value));
            return parsed.GetValue(remove) ? new RemoveLine(parsed.GetRequiredValue(id), line) : new AddLine(parsed.GetRequiredValue(id), line);
        });
    }

    private static Command Bucket(GlobalOptions options, Terminal terminal)
    {
        var id = Id();
        var kind = new Argument<string>("KIND") { Description = string.Join(", ", RatingQuoteReader.BucketKinds.Keys) + "." };
        kind.AcceptOnlyFromAmong([.. RatingQuoteReader.BucketKinds.Keys]);
        var amount = new Argument<decimal>("AMOUNT") { Description = "How much: a whole number, or an amount of money." };
        var name = new Option<string>("--name") { Description = "What it is called on bills.", Required = true };
        var unit = new Option<long>("--unit") { Description = "In what pieces it pays: 60 for whole minutes.", DefaultValueFactory = _ => 1 };
        var prefixes = new Option<string[]>("--prefix") { Description = "Only for numbers that begin like this; repeated.", HelpName = "digits" };
        var expires = new Option<string?>("--expires") { Description = "Until when. Default: for ever.", HelpName = "time" };
        var key = new Option<string?>("--id") { Description = "Its id: given again, nothing is granted again." };
        var request = new Option<string?>("--idempotency-key") { Description = "A key instead of an id: given again, nothing is granted again.", HelpName = "key" };
        var command = new Command("bucket", "Give an account usage that is paid for. With --id or --idempotency-key, so that doing it again is safe.") { id, kind, amount, name, unit, prefixes, expires, key, request };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => parsed.GetValue(key) is null && parsed.GetValue(request) is null ? Task.FromResult(invocation.Printer.Refuse(KeyMissing)) : invocation.AnswerAsync(
                new GrantBucket(parsed.GetRequiredValue(id), new Allowance(parsed.GetRequiredValue(name), RatingQuoteReader.BucketKinds[parsed.GetRequiredValue(kind)], parsed.GetRequiredValue(amount))
                {
                    Unit = parsed.GetValue(unit), Prefixes = [.. parsed.GetValue(prefixes) ?? []],
                })
                {
                    Id = parsed.GetValue(key), IdempotencyKey = parsed.GetValue(request), Expires = parsed.GetValue(expires),
                },
                granted =>
                {
                    var shown = AccountBucketResource.Of(granted.Bucket);
                    invocation.Printer.Show(shown, [("Bucket", shown.Id), ("Name", shown.Name), ("Granted", $"{shown.Granted} {shown.Kind}"), ("Left", shown.Left), ("Expires", shown.Expires)], key: shown.Id);
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Refusal KeyMissing => new("idempotency_key_missing", "Usage that is paid for is money: say --id or --idempotency-key, so that doing it again is safe.");

    private static Argument<string> Id() => new("ID") { Description = "The account." };

    private static Command Asking(Command command, GlobalOptions options, Terminal terminal, Func<ParseResult, IUseCase<UsageAccountDetails>> ask)
    {
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal, invocation => invocation.AnswerAsync(ask(parsed), details => Print(invocation, details)), prepare: true, cancellationToken));
        return command;
    }

    private static void Print(Invocation invocation, UsageAccountDetails details)
    {
        var shown = UsageAccountResource.Of(details, invocation.Services.GetRequiredService<IClock>().Now());
        invocation.Printer.Show(
            shown,
            [
                ("Account", shown.Id), ("Customer", shown.Customer), ("Name", shown.Name), ("Mode", shown.Mode), ("Status", shown.Status), ("Balance", $"{details.Wallet.Posted}"),
                .. shown.Plans.Select(plan => ("Plan", (string?)$"{plan.Plan} from {plan.From}{(plan.To is null ? "" : $" to {plan.To}")}, {plan.Use}")),
                .. shown.Lines.Select(line => ("Line", (string?)$"{line.Kind} {line.Value}")),
                .. shown.Buckets.Select(bucket => ("Bucket", (string?)$"{bucket.Name}: {bucket.Left} of {bucket.Granted} {bucket.Kind}")),
            ],
            key: shown.Id);
    }
}
