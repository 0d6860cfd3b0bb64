using System.Collections.Immutable;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>Where a call stands.</summary>
public enum CallState
{
    /// <summary>Kept, and not yet rated.</summary>
    Received,

    /// <summary>It has a price, which may be nothing.</summary>
    Rated,

    /// <summary>There is nothing to charge.</summary>
    Zero,

    /// <summary>It has no price: the reason says why. It waits for the missing thing and is rated then.</summary>
    Unrated,

    /// <summary>A leg that is kept beside the one that is charged.</summary>
    NotCharged,
}

/// <summary>What a source reported, for whom it counts, and what it costs.</summary>
public sealed record Call
{
    /// <summary>Its id.</summary>
    public required Id<Call> Id { get; init; }

    /// <summary>What was reported; it never changes, but that of a session gives way to the first record of the call.</summary>
    public required CallRecord Record { get; init; }

    /// <summary>Whose it is; null while nobody is known for it.</summary>
    public Id<Account>? Account { get; init; }

    /// <summary>The customer of the account.</summary>
    public Id<Customer>? Customer { get; init; }

    /// <summary>The line by which the account was found.</summary>
    public LineRef? Line { get; init; }

    /// <summary>Where it stands.</summary>
    public required CallState State { get; init; }

    /// <summary>Why it has no price.</summary>
    public UnratedReason? Reason { get; init; }

    /// <summary>How its price came about; null before it was rated, and when there is none.</summary>
    public CallRating? Rating { get; init; }

    /// <summary>Counts the prices that it had, and each time that it lost one: 0 before the first, then that of <see cref="Rating"/> unless there is none.</summary>
    public int RatingVersion { get; init; }

    /// <summary>What it costs; null when it has no price.</summary>
    public Money? Amount => Rating?.Amount;

    /// <summary>How much of its quantity has a price, when that is not all: a session ran on into time, or to an amount, for which there is none.</summary>
    public long? PricedTo { get; init; }

    /// <summary>The dispute about it that is open, or ended with a credit: while there is one, it is neither charged again nor invoiced.</summary>
    public Id<CallDispute>? Dispute { get; init; }

    /// <summary>When it was taken in.</summary>
    public required Instant ReceivedAt { get; init; }

    /// <summary>What it came with: the id of a file that was read, or of the session that it was; null for a report of its own.</summary>
    public string? Batch { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>A record as it is taken in: to be rated, or only kept.</summary>
    public static Call Receive(Id<Call> id, CallRecord record, LineOwner? owner, string? batch, Instant now)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new Call
        {
            Id = id, Record = record, Account = owner?.Account, Customer = owner?.Customer, Line = owner?.Line, ReceivedAt = now, Batch = batch, Version = 1,
            State = !record.IsCharged ? CallState.NotCharged : owner is null ? CallState.Unrated : CallState.Received,
            Reason = record.IsCharged && owner is null ? UnratedReason.NoAccount : null,
        };
    }

    /// <summary>It has this price now, whatever it had before.</summary>
    /// <param name="rating">The price.</param>
    /// <param name="pricedTo">How much of it the price is for, when that is not all.</param>
    internal Call Priced(CallRating rating, long? pricedTo = null) =>
        this with { State = CallState.Rated, Reason = null, PricedTo = pricedTo, RatingVersion = RatingVersion + 1, Rating = rating with { Version = RatingVersion + 1 } };

    /// <summary>Without a price, it is to be rated again: with the account that was found for it meanwhile, if it had none. What has a price, or still no account, stays.</summary>
    public Call Retry(LineOwner? owner)
    {
        if (State != CallState.Unrated) return this;
        if (Account is not null) return this with { State = CallState.Received, Reason = null };
        return owner is null ? this : this with { Account = owner.Account, Customer = owner.Customer, Line = owner.Line, State = CallState.Received, Reason = null };
    }
}

/// <summary>Whose a line is.</summary>
/// <param name="Line">The line.</param>
/// <param name="Account">The account.</param>
/// <param name="Customer">The customer of the account.</param>
public sealed record LineOwner(LineRef Line, Id<Account> Account, Id<Customer> Customer);

/// <summary>What a bucket gave for a call: units of its kind, or money.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Amount">How much; negative when it was given back.</param>
public readonly record struct BucketUse(Id<AccountBucket> Bucket, decimal Amount);

/// <summary>The price of a call, and why it is this one: with what was rated, by what, and where it was booked.</summary>
public sealed record CallRating
{
    /// <summary>Which price of the call it is, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When.</summary>
    public required Instant RatedAt { get; init; }

    /// <summary>The plan that knew the destination.</summary>
    public required Id<RatePlan> Plan { get; init; }

    /// <summary>Which version of it.</summary>
    public required int PlanVersion { get; init; }

    /// <summary>Its deck at the beginning of the call.</summary>
    public required Id<RateDeck> Deck { get; init; }

    /// <summary>Which version of it.</summary>
    public required int DeckVersion { get; init; }

    /// <summary>The prefix that matched; <c>*</c> for the catch-all.</summary>
    public required string Prefix { get; init; }

    /// <summary>How the destination is called.</summary>
    public required string Destination { get; init; }

    /// <summary>What was charged or paid for by buckets: whole increments.</summary>
    public required long Billed { get; init; }

    /// <summary>The charge, rounded once: the legal amount.</summary>
    public required Money Amount { get; init; }

    /// <summary>How it came about.</summary>
    public ImmutableArray<ChargeLine> Lines { get; init; } = [];

    /// <summary>What buckets gave.</summary>
    public ImmutableArray<BucketUse> Buckets { get; init; } = [];

    /// <summary>The journal that took it from the balance; null when nothing was taken.</summary>
    public Id<Journal>? Journal { get; init; }

    /// <summary>Equal when every part is.</summary>
    public bool Equals(CallRating? other) =>
        other is not null && Version == other.Version && RatedAt == other.RatedAt && Plan == other.Plan && PlanVersion == other.PlanVersion && Deck == other.Deck
        && DeckVersion == other.DeckVersion && Prefix == other.Prefix && Destination == other.Destination && Billed == other.Billed && Amount == other.Amount
        && Lines.SequenceEqual(other.Lines) && Buckets.SequenceEqual(other.Buckets) && Journal == other.Journal;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, RatedAt, Amount);
}
