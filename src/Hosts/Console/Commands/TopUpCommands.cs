using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Hosting.Resources;
using Relier.Jobs;
using Relier.TopUps;

namespace Relier.Cli.Commands;

/// <summary><c>relier topup</c>: order a recharge, and see what became of those ordered.</summary>
internal static class TopUpCommands
{
    private const int DefaultWaitSeconds = 25;
    private static readonly string[] Columns = ["ID", "CREATED", "CUSTOMER", "PHONE", "FACE", "CHARGE", "STATUS", "CODE", "REFERENCE"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("topup", "Send and look up top-ups.")
        {
            Send(options, terminal), Show(options, terminal), List(options, terminal), ReconcileCommand.Build(options, terminal), BreakCommands.Build(options, terminal),
        };

    private static Command Send(GlobalOptions options, Terminal terminal)
    {
        var phone = new Argument<string>("PHONE") { Description = "The phone: ten digits, with or without +52." };
        var amount = new Argument<string?>("AMOUNT") { Description = "What shall arrive, as in 20; not needed with a product that says it.", Arity = ArgumentArity.ZeroOrOne };
        var customer = new Option<string?>("--customer") { Description = "Who pays; not needed where there is only one customer.", HelpName = "id" };
        var reference = new Option<string?>("--reference") { Description = "Your own name for the order: sent again, it is not ordered again." };
        var product = new Option<string?>("--product") { Description = "The product; without it the best that delivers the amount." };
        var currency = new Option<string?>("--currency") { Description = "The currency of the amount. Default MXN." };
        var allowDuplicate = new Option<bool>("--allow-duplicate") { Description = "The same phone and amount again within two minutes is meant.", Arity = ArgumentArity.Zero };
        var wait = new Option<int?>("--wait") { Description = $"Seconds to wait for the outcome, 1 to 60. Default {DefaultWaitSeconds}.", HelpName = "seconds" };
        var noWait = new Option<bool>("--no-wait") { Description = "Only order; a worker sends it. Ends with 8, as everything undecided.", Arity = ArgumentArity.Zero };
        var command = new Command("send", "Recharge a phone. Ends with 0 when it was delivered, 1 when it was not, 8 when that is not known yet.")
        {
            phone, amount, customer, reference, product, currency, allowDuplicate, wait, noWait,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(wait) is not null && result.GetValue(noWait)) result.AddError("Say either --wait or --no-wait.");
        });
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                if ((await WhoPaysAsync(invocation, parsed.GetValue(customer))).IsRefused(out var refusal, out var payer)) return invocation.Printer.Refuse(refusal);
                var order = new RequestTopUp(parsed.GetRequiredValue(phone), parsed.GetValue(amount))
                {
                    Customer = payer, Reference = parsed.GetValue(reference), Product = parsed.GetValue(product), Currency = parsed.GetValue(currency),
                    AllowDuplicate = parsed.GetValue(allowDuplicate), Wait = Duration.FromSeconds(parsed.GetValue(noWait) ? 0 : parsed.GetValue(wait) ?? DefaultWaitSeconds),
                };
                return await SendAsync(invocation, order);
            },
            prepare: true, cancellationToken));
        return command;
    }

    private static async Task<int> SendAsync(Invocation invocation, RequestTopUp order)
    {
        TopUpReceipt? receipt;
        try
        {
            if ((await invocation.AskAsync(order)).IsRefused(out var refusal, out receipt))
            {
                if (refusal.Code == "duplicate_suspected") invocation.Printer.Say("If a second one is meant, say --allow-duplicate.");
                return invocation.Printer.Refuse(refusal);
            }
        }
        catch (OperationCanceledException)
        {
            invocation.Printer.Say($"Interrupted; if the order was taken, it goes on by itself. See: relier topup list --customer {order.Customer} --limit 1");
            await EndWhatIsUnderWayAsync(invocation);
            throw;
        }

        var topUp = receipt.TopUp;
        if (!topUp.IsFinal && order.Wait > Duration.Zero)
        {
            if (topUp.State == TopUpState.Submitting && !receipt.Replayed) invocation.Printer.Say("No answer yet; waiting a little longer, so that one that comes is not lost.");
            await EndWhatIsUnderWayAsync(invocation);
            if ((await invocation.AskAsync(new GetTopUp(topUp.Id.Value))).IsRefused(out var gone, out topUp)) return invocation.Printer.Refuse(gone);
        }

        Print(invocation.Printer, topUp, receipt);
        if (receipt.Replayed) invocation.Printer.Say("This was ordered before; nothing was ordered again.");
        if (!topUp.IsFinal) invocation.Printer.Say($"Not decided yet; the money stays set aside until it is. Follow it: relier topup show {topUp.Id}");
        return ExitCode.Of(topUp.State);
    }

    /// <summary>A submission belongs to this process: its answer is waited for, as long as the provider may take, and written down.</summary>
    private static Task EndWhatIsUnderWayAsync(Invocation invocation)
    {
        var limits = invocation.Services.GetRequiredService<RelierOptions>();
        limits.ShutdownGrace = Duration.Max(limits.ShutdownGrace, limits.ProviderTimeout + Duration.FromSeconds(5));
        return invocation.Services.GetRequiredService<JobLoop>().RunAsync(new CancellationToken(canceled: true));
    }

    private static async Task<Outcome<string>> WhoPaysAsync(Invocation invocation, string? named)
    {
        if (named is not null) return named;
        if ((await invocation.AskAsync(new ListCustomers { Limit = 2 })).IsRefused(out var refusal, out var customers)) return refusal;
        return customers.Data is [var only]
            ? only.Customer.Id.Value
            : new Refusal("validation_failed", "Say who pays: --customer ID. See: relier customers list") { Fields = [new FieldError("customer", "required", "is required")] };
    }

    private static Command Show(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The top-up." };
        var command = new Command("show", "One top-up, with every submission and proof.") { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(new GetTopUp(parsed.GetRequiredValue(id)), topUp => Print(invocation.Printer, topUp, receipt: null)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var customer = new Option<string?>("--customer") { Description = "Only this customer's.", HelpName = "id" };
        var status = new Option<string?>("--status") { Description = "Only in these states: words with commas between, as in unknown,in_review.", HelpName = "words" };
        var from = new Option<string?>("--from") { Description = "Ordered at this time or later: 2026-11-20 or 2026-11-20T12:00:00Z.", HelpName = "time" };
        var to = new Option<string?>("--to") { Description = "Ordered before this time.", HelpName = "time" };
        var phone = new Option<string?>("--phone") { Description = "Only for this phone." };
        var reference = new Option<string?>("--reference") { Description = "Only with this reference." };
        var listed = new Listed();
        var command = new Command("list", "Top-ups, newest first.") { customer, status, from, to, phone, reference, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListTopUps
                {
                    Customer = parsed.GetValue(customer), Status = parsed.GetValue(status), From = parsed.GetValue(from), To = parsed.GetValue(to),
                    Phone = parsed.GetValue(phone), Reference = parsed.GetValue(reference), Cursor = cursor, Limit = limit,
                },
                Columns,
                topUp =>
                [
                    topUp.Id.Value, topUp.CreatedAt.Text(), topUp.Customer.Value, topUp.Phone.E164, $"{topUp.Face}", $"{topUp.Charge}",
                    TopUpStates.Word(topUp.State), topUp.Code, topUp.Reference,
                ],
                topUp => TopUpResource.Of(topUp, ofTheHouse: true)),
            prepare: true, cancellationToken));
        return command;
    }

    private static void Print(Printer printer, TopUp topUp, TopUpReceipt? receipt) => printer.Show(
        TopUpResource.Of(topUp, ofTheHouse: true) with { Replayed = receipt is { Replayed: true } ? true : null },
        [
            ("Top-up", topUp.Id.Value),
            ("Status", topUp.Code is null ? TopUpStates.Word(topUp.State) : $"{TopUpStates.Word(topUp.State)} ({topUp.Code})"),
            ("Phone", topUp.Phone.E164),
            ("Amount", $"{topUp.Face}"),
            ("Charge", topUp.Charge?.ToString()),
            ("Rate", topUp.Rate is { } rate ? $"{rate.Rate} {rate.Pair} of {rate.AsOf.Text()}" : null),
            ("Product", topUp.Route?.Product ?? topUp.Product),
            ("Customer", topUp.Customer.Value),
            ("Reference", topUp.Reference),
            ("Operator's id", topUp.OperatorReference),
            ("Ordered", topUp.CreatedAt.Text()),
            ("Decided", topUp.DecidedAt.Text()),
            ("Next look", topUp.NextCheckAt.Text()),
            .. topUp.Attempts.Select(attempt => (
                $"Attempt {attempt.No}", (string?)$"{attempt.Provider}, {Words.Of(attempt.State)}, {attempt.StartedAt.Text()}{Behind(attempt.TransactionId)}{Behind(attempt.Code)}{Behind(attempt.Message)}")),
            .. topUp.Evidence.Select(evidence => (
                "Evidence", (string?)$"{Words.Of(evidence.Verdict)}, from {Words.Of(evidence.Source)} by {evidence.By}, {evidence.At.Text()}, {evidence.Reference}")),
        ],
        key: receipt is null ? null : topUp.Id.Value);

    private static string Behind(string? text) => text is null ? "" : $", {text}";
}
