using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>Where a dispute stands.</summary>
public enum DisputeState
{
    /// <summary>Nobody has decided yet; the charge is held: neither changed nor invoiced.</summary>
    Open,

    /// <summary>Ended: something was given back.</summary>
    Credited,

    /// <summary>Ended: the charge stays.</summary>
    Rejected,
}

/// <summary>A customer, or somebody of the house for them, says that the charge of a call is wrong.</summary>
public sealed record CallDispute
{
    /// <summary>Its id.</summary>
    public required Id<CallDispute> Id { get; init; }

    /// <summary>The call.</summary>
    public required Id<Call> Call { get; init; }

    /// <summary>The account that was charged.</summary>
    public required Id<Account> Account { get; init; }

    /// <summary>Whose account it is.</summary>
    public required Id<Customer> Customer { get; init; }

    /// <summary>The charge that it is about.</summary>
    public required Money Amount { get; init; }

    /// <summary>Where it stands.</summary>
    public required DisputeState State { get; init; }

    /// <summary>What is wrong, in the words of who opened it.</summary>
    public required string Reason { get; init; }

    /// <summary>Who opened it.</summary>
    public required string OpenedBy { get; init; }

    /// <summary>When.</summary>
    public required Instant OpenedAt { get; init; }

    /// <summary>What was given back; null unless it ended with a credit.</summary>
    public Money? Credit { get; init; }

    /// <summary>Who ended it.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>When.</summary>
    public Instant? ClosedAt { get; init; }

    /// <summary>Why it ended so.</summary>
    public string? Note { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>Opens a dispute, and holds the charge. Refusals: <c>call_not_charged</c> for one that costs nothing, <c>call_disputed</c> for one with an open or credited dispute.</summary>
    public static Outcome<(CallDispute Dispute, Call Call)> Open(Id<CallDispute> id, Call call, string reason, string by, Instant now)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Dispute is { } other) return new Refusal("call_disputed", "There is a dispute about this call already.").With("dispute", other.Value);
        if (call is not { Amount: { IsPositive: true } amount, Account: { } account, Customer: { } customer }) return new Refusal("call_not_charged", "This call costs nothing.");
        var dispute = new CallDispute
        {
            Id = id, Call = call.Id, Account = account, Customer = customer, Amount = amount, State = DisputeState.Open, Reason = reason, OpenedBy = by, OpenedAt = now, Version = 1,
        };
        return (dispute, call with { Dispute = id });
    }

    /// <summary>Ends it without a credit: the charge stays, and is held no longer. Refusal <c>dispute_closed</c>.</summary>
    public Outcome<(CallDispute Dispute, Call Call)> Reject(Call call, string note, string by, Instant now)
    {
        ArgumentNullException.ThrowIfNull(call);
        return State != DisputeState.Open ? Closed() : (End(DisputeState.Rejected, note, by, now), call with { Dispute = null });
    }

    /// <summary>
    /// Ends it with a credit: the call costs so much less, by one more line, and a prepaid balance gets it back. Refusals:
    /// <c>dispute_closed</c>, <c>credit_too_large</c> for more than the charge.
    /// </summary>
    public Outcome<CreditedCall> Accept(AccountUsage facts, Call call, Money credit, string note, string by, Id<Journal> journal, Instant now)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(call);
        if (!credit.IsPositive) throw new ArgumentOutOfRangeException(nameof(credit), credit, "A credit is a positive amount.");
        if (State != DisputeState.Open) return Closed();
        if (call.Rating is not { } before || credit > before.Amount) return new Refusal("credit_too_large", $"The call costs {call.Amount}.").With("charge", Amount);

        var line = ChargeLine.Kept(ChargeLineKind.Credit, -credit.ToDecimal());
        var after = call.Priced(before with { RatedAt = now, Amount = before.Amount - credit, Lines = before.Lines.Add(line), Journal = null }, call.PricedTo);
        var used = new UsageCountKey(facts.Account.Id, call.Line, facts.Account.MonthOf(call.Record.ChargedFrom), call.Record.Kind, call.Record.Direction);
        var dispute = End(DisputeState.Credited, note, by, now) with { Credit = credit };
        if (facts.Account.Mode == PaymentMode.Postpaid) return new CreditedCall(dispute, after, before, null, new(used, new UsageCount(0, 0, 0, -credit)));

        var booking = PostingTable.UsageRecharged(journal, now, facts.Wallet, -credit, $"{call.Id}.{after.RatingVersion}");
        return new CreditedCall(dispute, after with { Rating = after.Rating! with { Journal = journal } }, before, booking, new(used, new UsageCount(0, 0, 0, -credit)));
    }

    private CallDispute End(DisputeState state, string note, string by, Instant now) => this with { State = state, Note = note, ClosedBy = by, ClosedAt = now };

    /// <summary>The refusal of ending it twice: <c>dispute_closed</c>.</summary>
    public static Refusal Closed() => new("dispute_closed", "This dispute was ended before.");
}

/// <summary>A dispute that ended with a credit.</summary>
/// <param name="Dispute">The dispute.</param>
/// <param name="Call">The call, as it is then.</param>
/// <param name="Superseded">The price that it had.</param>
/// <param name="Booking">What is booked; null for a postpaid account.</param>
/// <param name="Used">What counts less towards the month.</param>
public sealed record CreditedCall(CallDispute Dispute, Call Call, CallRating Superseded, Booking? Booking, KeyValuePair<UsageCountKey, UsageCount> Used);
