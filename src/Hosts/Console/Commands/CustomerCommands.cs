using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Relier.Customers;
using Relier.Hosting.Resources;
using Relier.Ledger;

namespace Relier.Cli.Commands;

/// <summary><c>relier customers</c>: take resellers on, see them, and change their credit.</summary>
internal static class CustomerCommands
{
    private static readonly string[] Columns = ["ID", "NAME", "CHANNEL", "STATUS", "POSTED", "HELD", "AVAILABLE", "CREDIT LIMIT"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("customers", "Resellers and their credit.") 
        {
            Create(options, terminal), List(options, terminal), Credit(options, terminal), StatementCommand.Build(options, terminal),
        };

    private static Command Create(GlobalOptions options, Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "Its name." };
        var channel = new Option<string?>("--channel") { Description = "The segment of its own paths; without it, one made of the name." };
        var currency = new Option<string?>("--currency") { Description = "The currency of its wallet. Default USD." };
        var creditLimit = new Option<string?>("--credit-limit") { Description = "How far below zero it may go. Default 0.", HelpName = "amount" };
        var policies = new PolicyOptions();
        var command = new Command("create", "Take on a customer, with an empty wallet.") { name, channel, currency, creditLimit };
        foreach (var option in policies.All) command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new CreateCustomer(parsed.GetRequiredValue(name))
                {
                    Channel = parsed.GetValue(channel), WalletCurrency = parsed.GetValue(currency), CreditLimit = parsed.GetValue(creditLimit),
                    Policies = policies.Read(parsed),
                },
                details =>
                {
                    Print(invocation, details);
                    invocation.Printer.Say($"Next: relier keys create NAME --customer {details.Customer.Id}, and relier customers credit {details.Customer.Id} AMOUNT --reason payment");
                }),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var listed = new Listed();
        var command = new Command("list", "Customers, newest first.") { listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation, (cursor, limit) => new ListCustomers { Cursor = cursor, Limit = limit }, Columns,
                details =>
                [
                    details.Customer.Id.Value, details.Customer.Name, details.Customer.Channel, Words.Of(details.Customer.Status),
                    $"{details.Wallet.Posted}", $"{details.Wallet.Held}", $"{details.Wallet.Available}", $"{details.Wallet.CreditLimit}",
                ],
                details => Document(invocation, details)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Credit(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The customer." };
        var amount = new Argument<string>("AMOUNT") { Description = "What is added, in the wallet's currency; with a minus, what is subtracted." };
        var reason = new Option<string>("--reason") { Description = "payment, payout, correction, goodwill or opening_balance.", Required = true };
        var note = new Option<string?>("--note") { Description = "Anything else worth keeping." };
        var key = new Option<string?>("--idempotency-key") { Description = "A key for this change: given again, nothing is changed again." };
        var force = new Option<bool>("--force", "-f") { Description = "Subtract without asking.", Arity = ArgumentArity.Zero };
        var command = new Command("credit", "Add credit, or subtract it.") { id, amount, reason, note, key, force };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            async invocation =>
            {
                var credit = new AdjustCredit(parsed.GetRequiredValue(id), parsed.GetRequiredValue(amount), parsed.GetRequiredValue(reason))
                {
                    Note = parsed.GetValue(note), IdempotencyKey = parsed.GetValue(key),
                };
                if (credit.Amount.StartsWith('-') && !parsed.GetValue(force) && terminal.IsInTerminal && await NotMeantAsync(invocation, credit) is { } no)
                    return invocation.Printer.Refuse(no);
                return await invocation.AnswerAsync(credit, receipt => Print(invocation.Printer, receipt));
            },
            prepare: true, cancellationToken));
        return command;
    }

    /// <summary>Asks a person whether they mean a subtraction; null when they do.</summary>
    private static async Task<Refusal?> NotMeantAsync(Invocation invocation, AdjustCredit credit)
    {
        if ((await invocation.AskAsync(new GetCustomer(credit.Customer))).IsRefused(out var refusal, out var details)) return refusal;
        return invocation.Printer.Confirm($"Subtract {credit.Amount[1..]} {details.Wallet.Currency} from {details.Customer.Name}, which has {details.Wallet.Posted}?") switch
        {
            true => null,
            false => new Refusal("not_confirmed", "Nothing was changed."),
            null => new Refusal("usage", "A subtraction must be confirmed; with --no-input say --force."),
        };
    }

    private static void Print(Printer printer, CreditReceipt receipt)
    {
        printer.Show(
            CreditResource.Of(receipt),
            [
                ("Posting", receipt.Posting.Journal.Value), ("Amount", $"{receipt.Posting.Amount}"), ("Reason", receipt.Posting.Reason),
                ("Before", $"{receipt.Before}"), ("After", $"{receipt.After}"),
            ],
            key: receipt.Posting.Journal.Value);
        if (receipt.Replayed) printer.Say("This was done before; nothing was changed again.");
    }

    private static void Print(Invocation invocation, CustomerDetails details)
    {
        var (customer, wallet) = details;
        var policies = customer.Policies;
        invocation.Printer.Show(
            Document(invocation, details),
            [
                ("Customer", customer.Id.Value), ("Name", customer.Name), ("Channel", customer.Channel), ("Status", Words.Of(customer.Status)),
                ("Available", $"{wallet.Available}"), ("Credit limit", $"{wallet.CreditLimit}"),
                ("Amounts", policies.FixedAmounts.IsEmpty
                    ? $"{policies.MinAmount} to {policies.MaxAmount} in steps of {policies.Step}"
                    : $"{string.Join(", ", policies.FixedAmounts.Select(amount => amount.Amount))} {policies.Currency}"),
                ("Limit per day", policies.DailyLimit?.ToString()), ("Limit per phone", policies.DailyLimitPerPhone?.ToString()),
                ("Only through", policies.PinnedProvider),
                ("Only from", policies.AllowedAddresses.IsEmpty ? null : string.Join(", ", policies.AllowedAddresses)),
            ],
            key: customer.Id.Value);
    }

    private static CustomerResource Document(Invocation invocation, CustomerDetails details) =>
        CustomerResource.Of(details, invocation.Services.GetRequiredService<IClock>().Now());

    /// <summary>What a customer may order, as options.</summary>
    private sealed class PolicyOptions
    {
        private readonly Option<string?> _min = Amount("--min", "The smallest top-up. Default 10.");
        private readonly Option<string?> _max = Amount("--max", "The largest top-up. Default 500.");
        private readonly Option<string?> _step = Amount("--step", "Top-ups are multiples of this. Default 1.");
        private readonly Option<string[]> _fixed = new("--fixed") { Description = "Only these amounts: repeated, or with commas between.", HelpName = "amounts", AllowMultipleArgumentsPerToken = true };
        private readonly Option<string?> _dailyLimit = Amount("--daily-limit", "The most in a day; an empty text for no limit. Default 200000.");
        private readonly Option<string?> _dailyLimitPerPhone = Amount("--daily-limit-per-phone", "The same for one phone. Default none.");
        private readonly Option<string?> _pinnedProvider = new("--pinned-provider") { Description = "The only provider to be used.", HelpName = "provider" };
        private readonly Option<string?> _lowBalance = Amount("--low-balance", "From how much left in the wallet on people are told: whole units; an empty text for never. Default 1000.");
        private readonly Option<string[]> _allow = new("--allow") { Description = "Addresses or networks its requests may come from: repeated, or with commas between.", HelpName = "addresses", AllowMultipleArgumentsPerToken = true };

        public IReadOnlyList<Option> All => [_min, _max, _step, _fixed, _dailyLimit, _dailyLimitPerPhone, _pinnedProvider, _lowBalance, _allow];

        public PoliciesInput Read(ParseResult parsed) => new()
        {
            MinAmount = parsed.GetValue(_min), MaxAmount = parsed.GetValue(_max), Step = parsed.GetValue(_step), FixedAmounts = Many(parsed, _fixed),
            DailyLimit = parsed.GetValue(_dailyLimit), DailyLimitPerPhone = parsed.GetValue(_dailyLimitPerPhone),
            PinnedProvider = parsed.GetValue(_pinnedProvider), LowBalance = parsed.GetValue(_lowBalance), AllowedAddresses = Many(parsed, _allow),
        };

        private static Option<string?> Amount(string name, string description) => new(name) { Description = description, HelpName = "amount" };

        private static string[]? Many(ParseResult parsed, Option<string[]> option) =>
            parsed.GetResult(option) is null ? null : [.. parsed.GetValue(option)!.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
    }
}
