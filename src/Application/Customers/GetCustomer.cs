using FluentValidation;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Customers;

/// <summary>One customer and the wallet. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The customer.</param>
[Requires(Permission.ReadCustomers)]
public sealed record GetCustomer(string Id) : IUseCase<CustomerDetails>;

/// <summary>Customers and their wallets, newest first. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadCustomers)]
public sealed record ListCustomers : IUseCase<Listing<CustomerDetails>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class GetCustomerHandler(IStorage storage, Caller caller) : Handler<GetCustomer, CustomerDetails>
{
    protected override async Task<Outcome<CustomerDetails>> HandleAsync(GetCustomer query, CancellationToken cancellationToken)
    {
        if (Own.CustomerOf(caller, query.Id).IsRefused(out var refusal, out var named)) return refusal;
        return await storage.RunAsync<Outcome<CustomerDetails>>(
            caller.Tenant,
            async session => await session.Customers.FindAsync(named.Id, cancellationToken) is { } customer
                ? new CustomerDetails(customer, (await session.Ledger.FindAsync(customer.Wallet, cancellationToken))!)
                : Own.NotFound("customer", query.Id),
            cancellationToken);
    }
}

internal sealed class ListCustomersRules : AbstractValidator<ListCustomers>
{
    public ListCustomersRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class ListCustomersHandler(IStorage storage, Caller caller) : Handler<ListCustomers, Listing<CustomerDetails>>
{
    protected override Task<Outcome<Listing<CustomerDetails>>> HandleAsync(ListCustomers list, CancellationToken cancellationToken) =>
        Listing.ReadAsync(list.Cursor, list.Limit, "customers", page => storage.RunAsync(
            caller.Tenant,
            async session =>
            {
                var customers = await session.Customers.ListAsync(page, cancellationToken);
                var accounts = await session.Ledger.ListAsync([.. customers.Data.Select(customer => customer.Id)], cancellationToken);
                var wallets = accounts.ToDictionary(account => account.Id);
                return new Page<CustomerDetails>([.. customers.Data.Select(customer => new CustomerDetails(customer, wallets[customer.Wallet]))], customers.Next);
            },
            cancellationToken));
}
