using System.Collections.Immutable;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.Rating;

/// <summary>When usage is paid for.</summary>
public enum PaymentMode
{
    /// <summary>Before: each call is taken from the balance.</summary>
    Prepaid,

    /// <summary>Afterwards: calls are collected for an invoice, and the balance is not touched.</summary>
    Postpaid,
}

/// <summary>Whether an account may be used.</summary>
public enum UsageAccountStatus
{
    /// <summary>It may.</summary>
    Active,

    /// <summary>New calls are not let through; those that took place are charged.</summary>
    Suspended,

    /// <summary>For good.</summary>
    Closed,
}

/// <summary>
/// An account that usage is charged to, by the plans that hold for it. Its money is the account of the same id in the
/// ledger, which is in <see cref="Currency"/>.
/// </summary>
public sealed record UsageAccount
{
    /// <summary>Its id, in the ledger too.</summary>
    public required Id<Account> Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Id<Customer> Customer { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>When its usage is paid for.</summary>
    public required PaymentMode Mode { get; init; }

    /// <summary>Whether it may be used.</summary>
    public UsageAccountStatus Status { get; init; }

    /// <summary>The currency of its money and of its plans.</summary>
    public required Currency Currency { get; init; }

    /// <summary>The zone in which its usage is counted by months.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>Which plan holds when, for what.</summary>
    public ImmutableArray<PlanAssignment> Plans { get; init; } = [];

    /// <summary>People are told when the balance comes down to this; null for never.</summary>
    public Money? LowBalance { get; init; }

    /// <summary>And again at this.</summary>
    public Money? CriticalBalance { get; init; }

    /// <summary>When it came.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// The plan that holds at a time for usage on a line: of those that are for it the one that says most about it (the line before
    /// the use), of those the one that began last. Null when there is none.
    /// </summary>
    public PlanAssignment? PlanFor(UsageKind kind, CallDirection direction, LineRef? line, Instant at)
    {
        PlanAssignment? best = null;
        foreach (var plan in Plans)
            if (plan.IsFor(kind, direction, line, at) && (best is null || plan.Outranks(best)))
                best = plan;
        return best;
    }

    /// <summary>The month that its usage of this time is counted in: <c>2026-11</c>.</summary>
    public string MonthOf(Instant instant)
    {
        var date = instant.InZone(Zone).Date;
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{date.Year:D4}-{date.Month:D2}");
    }

    /// <summary>Equal when every part is.</summary>
    public bool Equals(UsageAccount? other) =>
        other is not null && Id == other.Id && Customer == other.Customer && Name == other.Name && Mode == other.Mode && Status == other.Status && Currency == other.Currency
        && Zone.Equals(other.Zone) && Plans.SequenceEqual(other.Plans) && LowBalance == other.LowBalance && CriticalBalance == other.CriticalBalance
        && CreatedAt == other.CreatedAt && Version == other.Version;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Version);
}

/// <summary>What a plan is for.</summary>
public enum PlanUse
{
    /// <summary>Everything but being called.</summary>
    Usage,

    /// <summary>Being called. Without a plan for it, it costs nothing.</summary>
    Inbound,

    /// <summary>Calls out only.</summary>
    Calls,

    /// <summary>Messages only.</summary>
    Messages,

    /// <summary>Data only.</summary>
    Data,

    /// <summary>Events only.</summary>
    Events,
}

/// <summary>A plan holds for an account.</summary>
/// <param name="Plan">The plan; which version of it says the time of the call.</param>
/// <param name="From">From when on.</param>
public sealed record PlanAssignment(Id<RatePlan> Plan, Instant From)
{
    /// <summary>Until when, excluded; null for ever.</summary>
    public Instant? To { get; init; }

    /// <summary>For what.</summary>
    public PlanUse Use { get; init; }

    /// <summary>Only on this line; null for all.</summary>
    public LineRef? Line { get; init; }

    internal bool IsFor(UsageKind kind, CallDirection direction, LineRef? line, Instant at) =>
        at >= From && (To is null || at < To) && (Line is null || Line == line) && Use switch
        {
            PlanUse.Usage => direction == CallDirection.Outbound,
            PlanUse.Inbound => direction == CallDirection.Inbound,
            PlanUse.Calls => direction == CallDirection.Outbound && kind == UsageKind.Voice,
            PlanUse.Messages => direction == CallDirection.Outbound && kind == UsageKind.Message,
            PlanUse.Data => direction == CallDirection.Outbound && kind == UsageKind.Data,
            PlanUse.Events => direction == CallDirection.Outbound && kind == UsageKind.Event,
            _ => throw new InvalidOperationException($"{Use} is no use this version knows."),
        };

    internal bool Outranks(PlanAssignment other)
    {
        if (Line is null != other.Line is null) return Line is not null;
        if (Use == PlanUse.Usage != (other.Use == PlanUse.Usage)) return Use != PlanUse.Usage;
        return From > other.From;
    }
}

/// <summary>A bucket of an account.</summary>
public sealed record AccountBucket
{
    /// <summary>Its id.</summary>
    public required Id<AccountBucket> Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Id<Account> Account { get; init; }

    /// <summary>What it is called on bills: <c>included minutes</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds and for what it pays. What sessions have reserved is still in it.</summary>
    public required Bucket Content { get; init; }

    /// <summary>What was in it at the beginning.</summary>
    public required decimal Granted { get; init; }

    /// <summary>What sessions have reserved of it.</summary>
    public decimal Reserved { get; init; }

    /// <summary>It pays for calls that begin at this time or later.</summary>
    public required Instant ValidFrom { get; init; }

    /// <summary>When it came.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>What a call may take of it.</summary>
    public Bucket Usable => Content with { Left = Content.Left - Reserved };
}

/// <summary>All that decides what calls of an account cost, beside the tariff.</summary>
/// <param name="Account">The account.</param>
/// <param name="Wallet">Its money.</param>
/// <param name="Buckets">Its buckets that are not empty.</param>
public sealed record AccountUsage(UsageAccount Account, Account Wallet, IReadOnlyList<AccountBucket> Buckets);

/// <summary>What an account used in a month of its zone, on one line.</summary>
/// <param name="Account">The account.</param>
/// <param name="Line">The line; null for usage that named none.</param>
/// <param name="Month">The month, as in <c>2026-11</c>, by the time of each call.</param>
/// <param name="Kind">Of what.</param>
/// <param name="Direction">Which way.</param>
public readonly record struct UsageCountKey(Id<Account> Account, LineRef? Line, string Month, UsageKind Kind, CallDirection Direction);

/// <summary>How much was used: to be added up.</summary>
/// <param name="Calls">Records that have a price, a price of nothing among them.</param>
/// <param name="Quantity">Seconds, bytes, messages, events.</param>
/// <param name="Billed">Of them charged or paid for by buckets, in whole increments.</param>
/// <param name="Amount">What was charged.</param>
public readonly record struct UsageCount(long Calls, long Quantity, long Billed, Money Amount)
{
    /// <summary>Both together.</summary>
    public UsageCount Plus(UsageCount other) => new(Calls + other.Calls, Quantity + other.Quantity, Billed + other.Billed, Amount + other.Amount);
}
