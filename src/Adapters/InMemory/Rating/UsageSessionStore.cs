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

    public Task<UsageSession> UpdateAsync(UsageSession changed, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.UsageSessions.GetValueOrDefault(changed.Id) is not { } stored || stored.Version != changed.Version) throw new StaleVersionException($"Session {changed.Id}", changed.Version);
                var written = changed with
                {
                    Record = stored.Record, Account = stored.Account, Customer = stored.Customer, Line = stored.Line, Mode = stored.Mode, Tariff = stored.Tariff, OpenedAt = stored.OpenedAt,
                    Version = changed.Version + 1,
                };
                return (rows with { UsageSessions = rows.UsageSessions.SetItem(changed.Id, written) }, written);
            },
            cancellationToken);

    public Task<UsageSession?> FindAsync(Id<UsageSession> id, CancellationToken cancellationToken) => session.ReadAsync(rows => rows.UsageSessions.GetValueOrDefault(id), cancellationToken);

    public Task<IReadOnlyList<UsageSession>> FindNamedAsync(IReadOnlyCollection<CallName> names, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<UsageSession>>(
            rows => [.. from name in names.Distinct() where rows.UsageSessionNames.ContainsKey(name) select rows.UsageSessions[rows.UsageSessionNames[name]]], cancellationToken);

    public async Task<LockedSession?> LockAsync(Id<UsageSession> id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } found && await session.UsageAccounts.LockAsync([found.Account], cancellationToken) is [var facts] ? new LockedSession(found, facts) : null;

    public Task<IReadOnlyList<Id<UsageSession>>> ListExpiredAsync(Instant now, int skip, int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<Id<UsageSession>>>(
            rows =>
            [
                .. rows.UsageSessions.Values.Where(one => one.State == SessionState.Open && one.ValidUntil <= now)
                    .OrderBy(one => one.ValidUntil).ThenBy(one => one.Id.Value, StringComparer.Ordinal).Select(one => one.Id).Skip(skip).Take(limit),
            ],
            cancellationToken);
}
