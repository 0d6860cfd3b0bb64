using NodaTime;
using Relier.Customers;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Archiving;

/// <summary>What of the session's tenant is old enough to be archived, and which parts there are.</summary>
public interface IArchiveStore
{
    /// <summary>When the first call began that began at this time or later, and before the other, whatever its state; null if none did.</summary>
    Task<Instant?> FirstCallAsync(Instant from, Instant before, CancellationToken cancellationToken);

    /// <summary>
    /// Calls that are finished, by beginning, then id; at most so many behind a place. Finished is what costs nothing, is not charged, or was taken whole from the
    /// balance of a prepaid account; has no open dispute; has no open session; and came in before <see cref="ArchiveWindow.RestingSince"/>.
    /// </summary>
    Task<IReadOnlyList<FinishedCall>> ListCallsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken);

    /// <summary>When the first report came in at this time or later, and before the other, whatever its state; null if none did.</summary>
    Task<Instant?> FirstReportAsync(Instant from, Instant before, CancellationToken cancellationToken);

    /// <summary>Reports that wait for nothing, by time, then id; at most so many behind a place.</summary>
    Task<IReadOnlyList<CallReport>> ListReportsAsync(ArchiveWindow window, Position? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a part, takes its calls and the prices that they had before out of the storage, and notes with their names where they are. Throws
    /// <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.ArchivePart"/>), and <see cref="StaleVersionException"/> when a call is not as it was read;
    /// after either the transaction can only be rolled back.
    /// </summary>
    Task AddCallsAsync(ArchivePart part, IReadOnlyList<Call> calls, CancellationToken cancellationToken);

    /// <summary>The same for reports.</summary>
    Task AddReportsAsync(ArchivePart part, IReadOnlyList<CallReport> reports, CancellationToken cancellationToken);

    /// <summary>The part; null if there is none.</summary>
    Task<ArchivePart?> FindAsync(Id<ArchivePart> id, CancellationToken cancellationToken);

    /// <summary>Parts, last written first, then by id.</summary>
    Task<Page<ArchivePart>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>The parts of a month, by number.</summary>
    Task<IReadOnlyList<ArchivePart>> ListMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken);

    /// <summary>The months that there are parts of, the earliest first.</summary>
    Task<IReadOnlyList<(ArchiveKind Kind, YearMonth Month)>> ListMonthsAsync(CancellationToken cancellationToken);

    /// <summary>Takes the parts of a month out of the list; how many.</summary>
    Task<int> RemoveMonthAsync(ArchiveKind kind, YearMonth month, CancellationToken cancellationToken);

    /// <summary>Where a call is that was archived; null for one that is in the storage, or never was.</summary>
    Task<ArchivedCall?> FindCallAsync(Id<Call> call, CancellationToken cancellationToken);
}

/// <summary>Which rows are looked at: those of a part of time, as far as they rest.</summary>
/// <param name="From">At this time or later.</param>
/// <param name="To">Before this time.</param>
/// <param name="RestingSince">What came in at this time or later is left alone.</param>
public readonly record struct ArchiveWindow(Instant From, Instant To, Instant RestingSince);

/// <summary>A call of which nothing is expected any more.</summary>
/// <param name="Call">The call.</param>
/// <param name="Superseded">The prices that it had before, by version.</param>
public sealed record FinishedCall(Call Call, IReadOnlyList<CallRating> Superseded);

/// <summary>A call that is in the archive.</summary>
/// <param name="Call">Its id.</param>
/// <param name="Part">The part that it lies in; one whose time is over is not there any more.</param>
/// <param name="Customer">Whose it was; null when nobody was known for it.</param>
public sealed record ArchivedCall(Id<Call> Call, Id<ArchivePart> Part, Id<Customer>? Customer)
{
    /// <summary>The refusal of whatever needs the call itself: <c>call_archived</c>.</summary>
    public Refusal ToRefusal() =>
        new Refusal("call_archived", "This call is in the archive, where it neither changes nor costs anything else.").With("call", Call.Value).With("part", Part.Value);
}
