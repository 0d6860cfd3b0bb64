using NodaTime;
using Relier.Rating;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class UsageSessionStore(Session session) : IUsageSessionStore
{
    public Task AddAsync(UsageSession added, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.UsageSessions.ContainsKey(added.Id) || rows.UsageSessionNames.ContainsKey(CallName.Of(added.Record))
                ? throw new DuplicateKeyException(UniqueKey.UsageSession)
                : rows with { UsageSessions = rows.UsageSessions.Add(added.Id, added), UsageSessionNames = rows.UsageSessionNames.Add(CallName.Of(added.Record), added.Id) },
            cancellationToken);

    public Task<UsageSession?> FindAsync(Id<UsageSession> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.UsageSessions.GetValueOrDefault(id), cancellationToken);

    public Task<IReadOnlyList<UsageSession>> FindNamedAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<UsageSession>>(
            rows => [.. from name in names.Distinct() where rows.UsageSessionNames.ContainsKey(name) select rows.UsageSessions[rows.UsageSessionNames[name]]], cancellationToken);

    public async Task<LockedSession?> LockAsync(Id<UsageSession> id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } found && await session.UsageAccounts.LockAsync([found.Account], cancellationToken) is [var facts]
            ? new LockedSession(found, facts, await session.Tariffs.RevisionAsync(cancellationToken))
            : null;

    public Task<IReadOnlyList<Id<UsageSession>>> ListExpiredAsync(Instant now, int skip, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Id<UsageSession>>>(
            rows =>
            [
                .. rows.UsageSessions.Values.Where(one => one.State == SessionState.Open && one.ValidUntil <= now)
                    .OrderBy(one => one.ValidUntil).ThenBy(one => one.Id.Value, StringComparer.Ordinal).Select(one => one.Id).Skip(skip).Take(limit),
            ],
            cancellationToken);
}
