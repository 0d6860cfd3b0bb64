using System.Text.RegularExpressions;
using FluentValidation;
using Relier.Auditing;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Customers;

/// <summary>Takes on a customer, with an empty wallet. Refusals: <c>validation_failed</c>, <c>channel_taken</c>.</summary>
/// <param name="Name">Its name.</param>
[Requires(Permission.WriteCustomers)]
public sealed record CreateCustomer(string Name) : IUseCase<CustomerDetails>
{
    /// <summary>The segment of its own paths: 2 to 40 of a-z, 0-9 and -; null to make one of the name.</summary>
    public string? Channel { get; init; }

    /// <summary>The currency of its wallet. Default USD.</summary>
    public string? WalletCurrency { get; init; }

    /// <summary>How far below zero it may go. Default 0.</summary>
    public string? CreditLimit { get; init; }

    /// <summary>What it may order; null for the defaults.</summary>
    public PoliciesInput? Policies { get; init; }
}

/// <summary>A customer and the wallet.</summary>
/// <param name="Customer">The customer.</param>
/// <param name="Wallet">The account that top-ups are charged to.</param>
public sealed record CustomerDetails(Customer Customer, Account Wallet);

internal sealed partial class CreateCustomerRules : AbstractValidator<CreateCustomer>
{
    /// <summary>Segments that mean something else in a path.</summary>
    private static readonly string[] Reserved = ["admin", "api", "balance", "customers", "docs", "health", "keys", "queue", "statement", "topups", "transaction", "v1"];

    public static string DefaultWallet => Currency.USD.Code;

    public CreateCustomerRules()
    {
        RuleFor(customer => customer.Name).IsGiven().IsText();
        RuleFor(customer => customer.Channel).Must(IsChannel).WithErrorCode("channel_invalid").WithMessage("expected 2 to 40 of a-z, 0-9 and -, and no word that is a path already");
        RuleFor(customer => customer.WalletCurrency).IsCurrency();
        RuleFor(customer => customer.CreditLimit).IsAmountOrZero(customer => customer.WalletCurrency ?? DefaultWallet)
            .When(customer => customer.WalletCurrency is null || Currency.TryParse(customer.WalletCurrency, out _));
        RuleFor(customer => customer.Policies).SetValidator(new PoliciesRules(null)!).When(customer => customer.Policies is not null);
    }

    public static bool IsChannel(string? channel) => channel is null || (ChannelShape().IsMatch(channel) && !Reserved.Contains(channel));

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{1,39}\z")]
    private static partial Regex ChannelShape();
}

internal sealed partial class CreateCustomerHandler(IStorage storage, IClock clock, Caller caller) : Handler<CreateCustomer, CustomerDetails>
{
    protected override async Task<Outcome<CustomerDetails>> HandleAsync(CreateCustomer request, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var id = Ids.New<Customer>("cus", now);
        var face = request.Policies?.Currency is { } given ? Currency.Parse(given) : Ordering.FaceCurrency;
        var wallet = Currency.Parse(request.WalletCurrency ?? CreateCustomerRules.DefaultWallet);
        var policies = (request.Policies ?? new PoliciesInput()).Onto(CustomerPolicies.Default(face));
        if (policies.MinAmount > policies.MaxAmount)
            return Validation.Failed([new FieldError("policies.minAmount", "amount_invalid", "expected at most the largest amount")]);
        var account = Account.Open(Ids.New<Account>("acc", now), id, Money.Parse(request.CreditLimit ?? "0", wallet), now);
        var customer = new Customer
        {
            Id = id, Name = request.Name, Channel = request.Channel ?? ChannelOf(request.Name, id), Status = CustomerStatus.Active,
            Wallet = account.Id, Policies = policies, CreatedAt = now, Version = 1,
        };
        try
        {
            return await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    await session.Customers.AddAsync(customer, cancellationToken);
                    await session.Ledger.OpenAsync(account, cancellationToken);
                    await session.AuditAsync(caller, clock, "customer.created", id.Value, null, CustomerFacts.Of(customer, account), cancellationToken);
                    return new CustomerDetails(customer, account);
                },
                cancellationToken);
        }
        catch (DuplicateKeyException duplicate) when (duplicate.Key == UniqueKey.CustomerChannel)
        {
            return CustomerFacts.ChannelTaken(customer.Channel);
        }
    }

    /// <summary>The letters and digits of the name; the id where they make no channel.</summary>
    public static string ChannelOf(string name, Id<Customer> id)
    {
        var letters = NotChannel().Replace(name.ToLowerInvariant(), "");
        return letters.Length >= 2 && CreateCustomerRules.IsChannel(letters[..Math.Min(40, letters.Length)]) ? letters[..Math.Min(40, letters.Length)] : id.Value.Replace('_', '-');
    }

    [GeneratedRegex("[^a-z0-9]")]
    private static partial Regex NotChannel();
}

/// <summary>A customer in the audit log.</summary>
internal static class CustomerFacts
{
    public static object Of(Customer customer, Account wallet) => new
    {
        customer.Name,
        customer.Channel,
        status = customer.Status.ToString().ToLowerInvariant(),
        creditLimit = wallet.CreditLimit.ToString(),
        policies = new
        {
            min = customer.Policies.MinAmount.ToString(),
            max = customer.Policies.MaxAmount.ToString(),
            step = customer.Policies.Step.ToString(),
            fixedAmounts = customer.Policies.FixedAmounts.Select(amount => amount.Amount),
            dailyLimit = customer.Policies.DailyLimit?.ToString(),
            dailyLimitPerPhone = customer.Policies.DailyLimitPerPhone?.ToString(),
            customer.Policies.PinnedProvider,
            allowedAddresses = customer.Policies.AllowedAddresses.Select(network => network.ToString()),
            lowBalance = customer.Policies.LowBalanceUnits,
            lateDelivery = customer.Policies.LateDelivery.ToString().ToLowerInvariant(),
        },
    };

    public static Refusal ChannelTaken(string channel) =>
        new Refusal("channel_taken", $"Another customer has the channel {channel}.").With("channel", channel);
}
