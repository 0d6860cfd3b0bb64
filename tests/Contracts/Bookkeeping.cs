using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What use cases do in a transaction, in short: so that a suite begins with books that are in order.</summary>
internal static class Bookkeeping
{
    /// <summary>Adds a customer and the wallet.</summary>
    public static async Task<Customer> EnrolAsync(this ISession session, Customer? customer = null)
    {
        customer ??= A.Customer();
        await session.Customers.AddAsync(customer, default);
        await session.Ledger.OpenAsync(A.WalletOf(customer), default);
        return customer;
    }

    public static async Task<Journal> CreditAsync(this ISession session, Customer customer, Money amount, string? note = null, NodaTime.Instant? at = null)
    {
        var account = await session.Ledger.LockAsync(customer.Wallet, default);
        return await session.BookAsync(PostingTable.Credit(A.New<Journal>("jrn"), at ?? A.Noon, account!, amount, CreditReason.Payment, note).Value);
    }

    /// <summary>Adds a top-up with its hold.</summary>
    public static async Task<TopUp> OrderAsync(this ISession session, TopUp topUp)
    {
        var account = await session.Ledger.LockAsync(topUp.Account, default);
        await session.Ledger.UpdateAsync(account!.Reserve(topUp.Charge!.Value).Value, default);
        await session.TopUps.AddAsync(topUp, default);
        await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
        return topUp;
    }

    public static async Task<TopUp> SubmitAsync(this ISession session, TopUp topUp, SubmitOutcome outcome)
    {
        var begun = await session.TopUps.UpdateAsync(topUp.Begin(ProviderEnvironment.Simulator, A.Noon).Value, default);
        return await session.SettleAsync(begun.Settle(begun.Attempts[^1].No, outcome, A.Noon));
    }

    public static Task<TopUp> HearAsync(this ISession session, TopUp topUp, Verdict verdict) =>
        session.SettleAsync(topUp.Hear(A.Evidence() with { Verdict = verdict, Source = EvidenceSource.Statement }, A.Noon).Value);

    private static async Task<TopUp> SettleAsync(this ISession session, Settlement settlement)
    {
        var topUp = settlement.TopUp;
        var account = (await session.Ledger.LockAsync(topUp.Account, default))!;
        var id = A.New<Journal>("jrn");
        switch (settlement.Money)
        {
            case MoneyMove.Capture:
                await session.EndHoldAsync(topUp, HoldState.Captured);
                await session.BookAsync(PostingTable.TopUpCaptured(id, A.Noon, account, topUp.ToCharge()));
                break;
            case MoneyMove.Release:
                await session.EndHoldAsync(topUp, HoldState.Released);
                await session.Ledger.UpdateAsync(account.Release(topUp.Charge!.Value), default);
                break;
            case MoneyMove.ChargeLate:
                await session.BookAsync(PostingTable.LateDeliveryPaidByCustomer(id, A.Noon, account, topUp.ToCharge()));
                break;
            case MoneyMove.Refund:
                var capture = await session.Ledger.FindJournalAsync(JournalKind.TopUpCaptured, topUp.Id.Value, default);
                await session.BookAsync(PostingTable.TopUpReversed(id, A.Noon, account, capture!));
                break;
            case MoneyMove.None:
                break;
        }

        return await session.TopUps.UpdateAsync(topUp, default);
    }

    private static async Task EndHoldAsync(this ISession session, TopUp topUp, HoldState how)
    {
        var hold = await session.Ledger.FindHoldAsync(topUp.Id.Value, default);
        await session.Ledger.EndHoldAsync(hold!.End(how, A.Noon), default);
    }

    private static async Task<Journal> BookAsync(this ISession session, Booking booking)
    {
        await session.Ledger.UpdateAsync(booking.Account, default);
        await session.Ledger.PostAsync(booking.Journal, default);
        return booking.Journal;
    }
}
