using NodaTime;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>Sessions of the tenant: usage that is under way, and what became of it. A session changes only while its account is locked, together with what it costs: <see cref="CallEntries.Sessions"/>.</summary>
public interface IUsageSessionStore
{
    /// <summary>Adds a session. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.UsageSession"/>) when its id or its name has one.</summary>
    Task AddAsync(UsageSession session, CancellationToken cancellationToken);

    /// <summary>The session; null if there is none.</summary>
    Task<UsageSession?> FindAsync(Id<UsageSession> id, CancellationToken cancellationToken);

    /// <summary>The sessions of these names, in any order.</summary>
    Task<IReadOnlyList<UsageSession>> FindNamedAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken);

    /// <summary>
    /// Locks the money of a session's account until the end of the transaction; then reads, behind the lock, the session and what decides what
    /// it costs, as <see cref="IUsageAccountStore.LockAsync"/> does. Null if there is none.
    /// </summary>
    Task<LockedSession?> LockAsync(Id<UsageSession> id, CancellationToken cancellationToken);

    /// <summary>Open sessions that are valid until this time or a time before it, behind the first so many of them, at most so many: by that time, then by id.</summary>
    Task<IReadOnlyList<Id<UsageSession>>> ListExpiredAsync(Instant now, int skip, int limit, CancellationToken cancellationToken);
}

/// <summary>A session, and its account behind the lock.</summary>
/// <param name="Session">The session.</param>
/// <param name="Facts">The account.</param>
/// <param name="TariffRevision">Which tariffs are in force, as <see cref="ITariffStore.RevisionAsync"/> says.</param>
public sealed record LockedSession(UsageSession Session, AccountUsage Facts, long TariffRevision);
