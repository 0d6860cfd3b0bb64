using Relier.Contracts;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Sql;

/// <summary>Books in order, to look at from outside or to damage.</summary>
internal static class Books
{
    public static readonly TenantId Tenant = TenantId.Parse("norte");

    public static Task<T> InAsync<T>(this IStorage storage, Func<ISession, Task<T>> work) => storage.RunAsync(Tenant, work, default);

    public static Task InAsync(this IStorage storage, Func<ISession, Task> work) => storage.RunAsync(
        Tenant,
        async session =>
        {
            await work(session);
            return true;
        },
        default);

    public static Task<IReadOnlyList<LedgerFinding>> VerifyAsync(this IStorage storage) =>
        storage.InAsync(session => session.Ledger.VerifyAsync(default));

    /// <summary>A customer with 100.00 pesos (entry 1), of which 20.00 are charged for a delivered top-up (entry 2) and 20.00 held for another.</summary>
    public static async Task<(Customer Customer, TopUp Delivered, TopUp Held)> KeepAsync(this IStorage storage)
    {
        var customer = await storage.EnrolAsync();
        await storage.CreditAsync(customer, A.Pesos(100));
        var delivered = await storage.DeliverAsync(customer);
        var held = A.TopUpOf(customer);
        await storage.InAsync(session => OrderAsync(session, held));
        return (customer, delivered, held);
    }

    public static async Task<Customer> EnrolAsync(this IStorage storage)
    {
        var customer = A.Customer();
        await storage.InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, default);
            await session.Ledger.OpenAsync(A.WalletOf(customer), default);
        });
        return customer;
    }

    /// <summary>Adds credit. The prefix tells the journals of several processes apart.</summary>
    public static Task CreditAsync(this IStorage storage, Customer customer, Money amount, string prefix = "jrn") => storage.InAsync(async session =>
    {
        var account = await session.Ledger.LockAsync(customer.Wallet, default);
        var booking = PostingTable.Credit(A.New<Journal>(prefix), A.Noon, account!, amount, CreditReason.Payment, null).Value;
        await session.Ledger.UpdateAsync(booking.Account, default);
        await session.Ledger.PostAsync(booking.Journal, default);
    });

    public static Task<TopUp> DeliverAsync(this IStorage storage, Customer customer) => storage.InAsync(async session =>
    {
        var topUp = A.TopUpOf(customer);
        await OrderAsync(session, topUp);
        var begun = await session.TopUps.UpdateAsync(topUp.Begin(ProviderEnvironment.Simulator, A.Noon).Value, default);
        var settlement = begun.Settle(1, new SubmitOutcome.Delivered("LT1", "OP1"), A.Noon);

        var account = await session.Ledger.LockAsync(topUp.Account, default);
        var booking = PostingTable.TopUpCaptured(A.New<Journal>("jrn"), A.Noon, account!, topUp.ToCharge());
        await session.Ledger.EndHoldAsync(A.HoldOf(topUp).End(HoldState.Captured, A.Noon), default);
        await session.Ledger.UpdateAsync(booking.Account, default);
        await session.Ledger.PostAsync(booking.Journal, default);
        return await session.TopUps.UpdateAsync(settlement.TopUp, default);
    });

    private static async Task OrderAsync(ISession session, TopUp topUp)
    {
        var account = await session.Ledger.LockAsync(topUp.Account, default);
        await session.Ledger.UpdateAsync(account!.Reserve(topUp.Charge!.Value).Value, default);
        await session.TopUps.AddAsync(topUp, default);
        await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
    }
}
