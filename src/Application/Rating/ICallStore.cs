using NodaTime;
using Relier.Customers;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>Calls of the session's tenant, many at a time, and the reports that they came in.</summary>
public interface ICallStore
{
    /// <summary>Those of these names that are known, in any order.</summary>
    Task<IReadOnlyList<KnownCall>> FindKnownAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken);

    /// <summary>
    /// Writes everything. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Call"/>) for a name that is known, and
    /// <see cref="StaleVersionException"/> for an account, a bucket, a call or a session that is not at the given version; after either the
    /// transaction can only be rolled back. Either may be thrown as late as by the commit, with which the rows are written where that is one exchange less.
    /// </summary>
    Task AddAsync(CallEntries entries, CancellationToken cancellationToken);

    /// <summary>The call; null if there is none.</summary>
    Task<Call?> FindAsync(Id<Call> id, CancellationToken cancellationToken);

    /// <summary>The calls, newest beginning first, then by id.</summary>
    Task<Page<Call>> ListAsync(CallFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Calls of an account that were received and not yet rated, at most so many: in the order of the times from which they are charged, then by id.</summary>
    Task<IReadOnlyList<Call>> ListReceivedAsync(Id<Account> account, int limit, CancellationToken cancellationToken);

    /// <summary>The accounts of calls that have a price, by id; at most so many behind this one.</summary>
    Task<IReadOnlyList<Id<Account>>> ListAccountsAsync(CallFilter filter, string after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Calls that have a price, a price of nothing among them, and no dispute, in the order of the times from which they are charged, then by id: those
    /// behind this place, at most so many.
    /// </summary>
    Task<IReadOnlyList<Call>> ListChargedAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Calls out with something to charge for that have a price, a price of nothing among them, or were found to have none; newest beginning
    /// first, then by id: those behind this place, at most so many.
    /// </summary>
    Task<IReadOnlyList<SoldCall>> ListSoldAsync(CallFilter filter, Position? after, int limit, CancellationToken cancellationToken);

    /// <summary>The prices that a call had before, by version.</summary>
    Task<IReadOnlyList<CallRating>> ListRatingsAsync(Id<Call> call, CancellationToken cancellationToken);

    /// <summary>What calls come to in each of these times, by state and direction; where there are none, nothing.</summary>
    Task<IReadOnlyList<PeriodTotals>> PeriodTotalsAsync(CallFilter filter, IReadOnlyList<(Instant From, Instant To)> periods, CancellationToken cancellationToken);

    /// <summary>What most calls out go to, by destination or by the number as dialled: those with most calls first, then by name.</summary>
    Task<IReadOnlyList<DestinationTotals>> DestinationTotalsAsync(CallFilter filter, bool byNumber, int limit, CancellationToken cancellationToken);

    /// <summary>What calls come to, by state, direction and currency.</summary>
    Task<IReadOnlyList<CallTotals>> TotalsAsync(CallFilter filter, CancellationToken cancellationToken);

    /// <summary>Adds a dispute. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Dispute"/>).</summary>
    Task AddDisputeAsync(CallDispute dispute, CancellationToken cancellationToken);

    /// <summary>The dispute; null if there is none.</summary>
    Task<CallDispute?> FindDisputeAsync(Id<CallDispute> id, CancellationToken cancellationToken);

    /// <summary>Writes the end of a dispute, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<CallDispute> UpdateDisputeAsync(CallDispute dispute, CancellationToken cancellationToken);

    /// <summary>Disputes in this state, or all, of this customer, or of all, newest first, then by id.</summary>
    Task<Page<CallDispute>> ListDisputesAsync(DisputeState? state, Id<Customer>? customer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Keeps a report as it came. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.CallReport"/>).</summary>
    Task AddReportAsync(CallReport report, CancellationToken cancellationToken);

    /// <summary>The report; null if there is none.</summary>
    Task<CallReport?> FindReportAsync(Id<CallReport> id, CancellationToken cancellationToken);

    /// <summary>Writes what became of a report, and counts the version up. Throws <see cref="StaleVersionException"/>.</summary>
    Task<CallReport> UpdateReportAsync(CallReport report, CancellationToken cancellationToken);

    /// <summary>Reports in this state, or all, newest first, then by id.</summary>
    Task<Page<CallReport>> ListReportsAsync(CallReportState? state, PageRequest page, CancellationToken cancellationToken);
}

/// <summary>What names a call for ever.</summary>
public readonly record struct CallName(string Source, string ExternalId, string Leg)
{
    /// <summary>The name of a record.</summary>
    public static CallName Of(CallRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Source, record.ExternalId, record.Leg);
    }
}

/// <summary>A name that is known.</summary>
/// <param name="Name">The name.</param>
/// <param name="Call">The call.</param>
/// <param name="Fingerprint">What it said.</param>
public sealed record KnownCall(CallName Name, Id<Call> Call, string Fingerprint);

/// <summary>What is written at once.</summary>
public sealed record CallEntries
{
    /// <summary>Calls that are new, rated or not.</summary>
    public IReadOnlyList<Call> New { get; init; } = [];

    /// <summary>Calls that were there, as they are now, with the version that they had.</summary>
    public IReadOnlyList<Call> Changed { get; init; } = [];

    /// <summary>Of the changed calls those whose record is another now, and what they came with.</summary>
    public IReadOnlyList<Call> Corrected { get; init; } = [];

    /// <summary>Prices that calls had, which others take the place of.</summary>
    public IReadOnlyList<(Id<Call> Call, CallRating Rating)> Superseded { get; init; } = [];

    /// <summary>Sessions as they are now, with the version that they had: what changes in the course of one is written.</summary>
    public IReadOnlyList<UsageSession> Sessions { get; init; } = [];

    /// <summary>Accounts as they are now, with the version that they had.</summary>
    public IReadOnlyList<Account> Wallets { get; init; } = [];

    /// <summary>Holds that end. Throws <see cref="StaleVersionException"/> for one that is not open any more.</summary>
    public IReadOnlyList<Hold> EndedHolds { get; init; } = [];

    /// <summary>Holds that begin.</summary>
    public IReadOnlyList<Hold> Holds { get; init; } = [];

    /// <summary>What is booked.</summary>
    public IReadOnlyList<Journal> Journals { get; init; } = [];

    /// <summary>Buckets as they are now, with the version that they had.</summary>
    public IReadOnlyList<AccountBucket> Buckets { get; init; } = [];

    /// <summary>What is added to the months.</summary>
    public IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>> Used { get; init; } = [];

    /// <summary>Work that follows.</summary>
    public IReadOnlyList<Job> Jobs { get; init; } = [];
}

/// <summary>Which calls. What is null does not matter.</summary>
public sealed record CallFilter
{
    /// <summary>Of this account.</summary>
    public Id<Account>? Account { get; init; }

    /// <summary>Of this customer.</summary>
    public Id<Customer>? Customer { get; init; }

    /// <summary>That began at this time or later.</summary>
    public Instant? From { get; init; }

    /// <summary>That began before this time.</summary>
    public Instant? To { get; init; }

    /// <summary>In this direction.</summary>
    public CallDirection? Direction { get; init; }

    /// <summary>In this state.</summary>
    public CallState? State { get; init; }

    /// <summary>Without a price for this reason.</summary>
    public UnratedReason? Reason { get; init; }

    /// <summary>With a price by this deck.</summary>
    public Id<RateDeck>? Deck { get; init; }

    /// <summary>With a price by this plan.</summary>
    public Id<RatePlan>? Plan { get; init; }
}

/// <summary>What calls come to.</summary>
/// <param name="State">In which state.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Currency">Priced in this currency; null for those without a price.</param>
/// <param name="Calls">How many.</param>
/// <param name="Answered">Of them with something to charge for.</param>
/// <param name="Duration">Seconds from beginning to end.</param>
/// <param name="Quantity">What is charged for.</param>
/// <param name="Billed">Of it in whole increments.</param>
/// <param name="Amount">What they cost; null for those without a price.</param>
public sealed record CallTotals(
    CallState State, CallDirection Direction, Currency? Currency, long Calls, long Answered, long Duration, long Quantity, long Billed, Money? Amount);

/// <summary>What calls of a time come to.</summary>
/// <param name="From">Where the time begins.</param>
/// <param name="Totals">What they come to.</param>
public sealed record PeriodTotals(Instant From, CallTotals Totals);

/// <summary>What calls to a destination come to.</summary>
/// <param name="Destination">How it is called, or the number as dialled.</param>
/// <param name="Currency">Priced in this currency; null for those without a price.</param>
/// <param name="Calls">How many.</param>
/// <param name="Answered">Of them with something to charge for.</param>
/// <param name="Quantity">What is charged for.</param>
/// <param name="Amount">What they cost; null for those without a price.</param>
public sealed record DestinationTotals(string Destination, Currency? Currency, long Calls, long Answered, long Quantity, Money? Amount);

/// <summary>What became of a report.</summary>
public enum CallReportState
{
    /// <summary>It became a call.</summary>
    Accepted,

    /// <summary>It said again what is known.</summary>
    Duplicate,

    /// <summary>It said something else of a call that is known: for people.</summary>
    Conflict,

    /// <summary>It was not understood: for people.</summary>
    Malformed,

    /// <summary>People looked at it and want nothing of it.</summary>
    Discarded,
}

/// <summary>A report as it came, kept whatever it says.</summary>
public sealed record CallReport
{
    /// <summary>The most that one has, in bytes.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>Its id.</summary>
    public required Id<CallReport> Id { get; init; }

    /// <summary>Who reported.</summary>
    public required string Source { get; init; }

    /// <summary>The kind of source that can read it: <c>freeswitch</c>; null for a record of the API or a line of a file.</summary>
    public string? Reader { get; init; }

    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>Of what type it said it is.</summary>
    public string? ContentType { get; init; }

    /// <summary>The report, in base 64 when it is no text.</summary>
    public required string Body { get; init; }

    /// <summary>Whether the body is in base 64.</summary>
    public bool IsBase64 { get; init; }

    /// <summary>What became of it.</summary>
    public required CallReportState State { get; init; }

    /// <summary>Why, as a stable code.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>The call that it became, repeats or contradicts.</summary>
    public Id<Call>? Call { get; init; }

    /// <summary>Counts the changes; the first is 1.</summary>
    public required long Version { get; init; }
}
