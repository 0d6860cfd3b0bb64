using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>The wallet of a customer, as it is now and never from a cache. Refusal <c>not_found</c>.</summary>
/// <param name="Customer">Whose; a customer need not say.</param>
[Requires(Permission.ReadBalance)]
public sealed record GetBalance(string? Customer = null) : IUseCase<Balance>;

/// <summary>A wallet at a time.</summary>
/// <param name="Customer">Whose it is.</param>
/// <param name="Account">What is on it.</param>
/// <param name="AsOf">When that was read.</param>
public sealed record Balance(Customer Customer, Account Account, Instant AsOf);

internal sealed class GetBalanceHandler(IStorage storage, IClock clock, Caller caller) : Handler<GetBalance, Balance>
{
    protected override async Task<Outcome<Balance>> HandleAsync(GetBalance query, CancellationToken cancellationToken)
    {
        if (Own.CustomerOf(caller, query.Customer).IsRefused(out var refusal, out var customer)) return refusal;
        return await storage.RunAsync<Outcome<Balance>>(
            caller.Tenant,
            async session =>
            {
                var found = await session.Customers.FindAsync(customer.Id, cancellationToken);
                if (found is null) return Own.NotFound("customer", customer.Id.Value);
                var account = await session.Ledger.FindAsync(found.Wallet, cancellationToken);
                return new Balance(found, account!, clock.Now());
            },
            cancellationToken);
    }
}
