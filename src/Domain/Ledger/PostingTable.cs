using NodaTime;

namespace Relier.Ledger;

/// <summary>
/// Every event that moves money and the postings it makes (docs/money-and-time.md). Nothing is posted that is not here.
/// Each function answers with the customer's account after the event, where one is touched, and the journal.
/// </summary>
public static class PostingTable
{
    /// <summary>
    /// Credit added (positive amount) or subtracted by hand. Against cash in transit when the reason is money that came
    /// or goes, else against adjustments. Refusals: <c>insufficient_credit</c> when more is subtracted
    /// than is available, <c>balance_out_of_range</c> beyond 900,000 million major units.
    /// </summary>
    public static Outcome<Booking> Credit(Id<Journal> id, Instant now, Account account, Money amount, CreditReason reason, string? note)
    {
        if (amount.IsZero || !amount.IsWhole) throw new ArgumentOutOfRangeException(nameof(amount), amount, "Credit is an amount in whole minor units, not zero.");
        if (amount.IsNegative && account.Available + amount < Money.Zero(account.Currency))
            return LedgerRefusals.InsufficientCredit(account.Available, -amount);

        var against = reason is CreditReason.Payment or CreditReason.Payout ? AccountCode.CashInTransit : AccountCode.Adjustment;
        return ByHand(id, now, account, amount, against, reason, note);
    }

    /// <summary>
    /// The balance that a customer brings along from another system, positive or negative: against adjustments, whatever is
    /// available, since who owed there owes here. Refusal <c>balance_out_of_range</c> as of <see cref="Credit"/>.
    /// </summary>
    public static Outcome<Booking> OpeningBalance(Id<Journal> id, Instant now, Account account, Money amount, string note)
    {
        if (amount.IsZero || !amount.IsWhole) throw new ArgumentOutOfRangeException(nameof(amount), amount, "An opening balance is an amount in whole minor units, not zero.");
        return ByHand(id, now, account, amount, AccountCode.Adjustment, CreditReason.OpeningBalance, note);
    }

    private static Outcome<Booking> ByHand(Id<Journal> id, Instant now, Account account, Money amount, AccountCode against, CreditReason reason, string? note)
    {
        if (Math.Abs(account.Posted.ToDecimal() + amount.ToDecimal()) > LedgerRefusals.LargestBalance) return LedgerRefusals.BalanceOutOfRange(account.Posted, amount);

        var (after, posting) = account.Post(amount);
        var why = note is null ? Word(reason) : $"{Word(reason)}: {note}";
        var kind = amount.IsPositive ? JournalKind.CreditAdded : JournalKind.CreditSubtracted;
        return new Booking(after, Journal.Create(id, now, kind, id.Value, why, [posting, new Posting(against, -amount)]));
    }

    /// <summary>
    /// A delivered top-up: the hold becomes a charge. With a wallet in another currency than the face value, the charge
    /// passes through one FX position per currency, and each currency balances by itself.
    /// </summary>
    public static Booking TopUpCaptured(Id<Journal> id, Instant now, Account account, TopUpCharge charge)
    {
        var (after, posting) = account.Release(charge.Charge).Post(-charge.Charge);
        return new Booking(after, Journal.Create(id, now, JournalKind.TopUpCaptured, charge.Subject, null, [posting, .. charge.Counterparts()]));
    }

    /// <summary>A top-up delivered after its release, paid by the customer: as a capture, without a hold; may go below zero.</summary>
    public static Booking LateDeliveryPaidByCustomer(Id<Journal> id, Instant now, Account account, TopUpCharge charge)
    {
        var (after, posting) = account.Post(-charge.Charge);
        return new Booking(after, Journal.Create(id, now, JournalKind.LateDelivery, charge.Subject, "paid by the customer", [posting, .. charge.Counterparts()]));
    }

    /// <summary>A top-up delivered after its release, paid by the house: a delivery loss owed to the provider.</summary>
    public static Journal LateDeliveryPaidByHouse(Id<Journal> id, Instant now, TopUpCharge charge) =>
        Journal.Create(id, now, JournalKind.LateDelivery, charge.Subject, "paid by the house",
        [
            new Posting(AccountCode.DeliveryLosses, -charge.Cost),
            new Posting(AccountCode.ProviderPayable(charge.Provider), charge.Cost),
        ]);

    /// <summary>A delivery beside the one the customer paid for: a loss owed to the provider that made it.</summary>
    public static Journal DeliveredBeside(Id<Journal> id, Instant now, string providerReference, string provider, Money cost) =>
        Journal.Create(id, now, JournalKind.DeliveredBeside, providerReference, "delivered twice",
        [
            new Posting(AccountCode.DeliveryLosses, -cost),
            new Posting(AccountCode.ProviderPayable(provider), cost),
        ]);

    /// <summary>Money put into the account we keep with a provider; negative when it comes back.</summary>
    public static Journal ProviderFunded(Id<Journal> id, Instant now, string provider, Money amount, string reference)
    {
        if (amount.IsZero || !amount.IsWhole) throw new ArgumentOutOfRangeException(nameof(amount), amount, "Funds are an amount in whole minor units, not zero.");
        return Journal.Create(id, now, JournalKind.ProviderFunded, id.Value, reference,
        [
            new Posting(AccountCode.ProviderPayable(provider), -amount),
            new Posting(AccountCode.Cash, amount),
        ]);
    }

    /// <summary>Calls and sessions of a prepaid account, charged in full: the balance may go below zero. An amount finer than the minor unit is booked as it is.</summary>
    public static Booking UsageCharged(Id<Journal> id, Instant now, Account account, Money amount, string subject)
    {
        if (!amount.IsPositive) throw new ArgumentOutOfRangeException(nameof(amount), amount, "Usage is charged a positive amount.");
        var (after, posting) = account.Post(-amount);
        return new Booking(after, Journal.Create(id, now, JournalKind.UsageCharged, subject, null, [posting, new Posting(AccountCode.UsageRevenue, amount)]));
    }

    /// <summary>Calls that were charged before come to more (positive), or to less, after a price was corrected.</summary>
    public static Booking UsageRecharged(Id<Journal> id, Instant now, Account account, Money difference, string subject)
    {
        if (difference.IsZero) throw new ArgumentOutOfRangeException(nameof(difference), difference, "Without a difference nothing is booked.");
        var (after, posting) = account.Post(-difference);
        return new Booking(after, Journal.Create(id, now, JournalKind.UsageRecharged, subject, null, [posting, new Posting(AccountCode.UsageRevenue, difference)]));
    }

    /// <summary>A captured top-up taken back: the mirror of its capture, so at its own frozen rate.</summary>
    public static Booking TopUpReversed(Id<Journal> id, Instant now, Account account, Journal capture)
    {
        var own = AccountCode.OfCustomer(account.Id);
        var refund = capture.Postings.Single(posting => posting.Account == own);
        var (after, mirrored) = account.Post(-refund.Amount);
        var others = capture.Postings.Where(posting => posting.Account != own).Select(posting => new Posting(posting.Account, -posting.Amount));
        return new Booking(after, Journal.Create(id, now, JournalKind.TopUpReversed, capture.Subject, null, [mirrored, .. others]));
    }

    /// <summary>The reason as it is written and stored.</summary>
    public static string Word(CreditReason reason) => reason switch
    {
        CreditReason.Payment => "payment",
        CreditReason.Payout => "payout",
        CreditReason.Correction => "correction",
        CreditReason.Goodwill => "goodwill",
        CreditReason.OpeningBalance => "opening_balance",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason this version knows."),
    };
}

/// <summary>A journal and the customer's account after it.</summary>
/// <param name="Account">The account after.</param>
/// <param name="Journal">What is written.</param>
public sealed record Booking(Account Account, Journal Journal);

/// <summary>What a delivered top-up costs whom. Price and cost are in one currency, the charge in the wallet's.</summary>
/// <param name="Subject">The id of the top-up.</param>
/// <param name="Provider">Who delivered.</param>
/// <param name="Price">What the customer pays before any exchange: the face value less their commission.</param>
/// <param name="Cost">What the provider is owed.</param>
/// <param name="Charge">What the customer pays.</param>
public sealed record TopUpCharge(string Subject, string Provider, Money Price, Money Cost, Money Charge)
{
    internal IEnumerable<Posting> Counterparts()
    {
        var payable = new Posting(AccountCode.ProviderPayable(Provider), Cost);
        return Charge.Currency == Price.Currency
            ? [payable, new Posting(AccountCode.TopUpRevenue, Charge - Cost)]
            :
            [
                new Posting(AccountCode.FxPosition, Charge),
                new Posting(AccountCode.FxPosition, -Price),
                payable,
                new Posting(AccountCode.TopUpRevenue, Price - Cost),
            ];
    }
}

/// <summary>Why credit was added or subtracted by hand.</summary>
public enum CreditReason
{
    /// <summary>The customer paid.</summary>
    Payment,

    /// <summary>Money goes back to the customer.</summary>
    Payout,

    /// <summary>Something was wrong.</summary>
    Correction,

    /// <summary>A gift.</summary>
    Goodwill,

    /// <summary>Brought over from another system.</summary>
    OpeningBalance,
}
