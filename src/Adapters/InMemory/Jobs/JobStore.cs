using NodaTime;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class JobStore(Session session) : IJobStore
{
    public Task AddAsync(Job job, CancellationToken cancellationToken)
    {
        if (job.Tenant != session.Tenant)
            throw new ArgumentException($"A job of tenant {job.Tenant} cannot be written by tenant {session.Tenant}.", nameof(job));
        return session.WriteAsync(
            rows => rows.Jobs.ContainsKey(job.Id)
                ? throw new DuplicateKeyException(UniqueKey.Job)
                : rows with { Jobs = rows.Jobs.Add(job.Id, job) },
            cancellationToken);
    }

    public Task<Job?> FindAsync(Id<Job> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Jobs.GetValueOrDefault(id), cancellationToken);

    public Task<bool> CompleteAsync(Job job, CancellationToken cancellationToken) =>
        WhenOwnedAsync(job, (rows, stored) => Count(rows, stored, completed: 1) with { Jobs = rows.Jobs.Remove(stored.Id) }, cancellationToken);

    public Task<bool> RetryAsync(Job job, CancellationToken cancellationToken) =>
        WhenOwnedAsync(
            job, (rows, stored) => Put(rows, stored.Freed() with { RunAt = job.RunAt, LastError = job.LastError }), cancellationToken);

    public Task<bool> BuryAsync(Job job, CancellationToken cancellationToken) =>
        WhenOwnedAsync(
            job,
            (rows, stored) => Put(Count(rows, stored, failed: 1), stored.Freed() with { IsDead = true, LastError = job.LastError }),
            cancellationToken);

    public Task<QueueStats> StatsAsync(string kindPrefix, Instant now, CancellationToken cancellationToken)
    {
        return session.ReadAsync(
            rows =>
            {
                var living = rows.Jobs.Values.Where(job => !job.IsDead && IsMeant(job.Kind)).ToList();
                var ever = rows.JobsEver.Where(kind => IsMeant(kind.Key)).Select(kind => kind.Value).ToList();
                return new QueueStats(
                    living.LongCount(job => !job.IsLeasedAt(now) && job.RunAt <= now),
                    living.LongCount(job => job.IsLeasedAt(now)),
                    living.LongCount(job => !job.IsLeasedAt(now) && job.RunAt > now),
                    ever.Sum(count => count.Completed), ever.Sum(count => count.Failed));
            },
            cancellationToken);

        bool IsMeant(string kind) => kind.StartsWith(kindPrefix, StringComparison.Ordinal);
    }

    private Task<bool> WhenOwnedAsync(Job job, Func<TenantRows, Job, TenantRows> change, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Jobs.GetValueOrDefault(job.Id) is { } stored && stored.IsOwnedAsIn(job) ? (change(rows, stored), true) : (rows, false),
            cancellationToken);

    private static TenantRows Put(TenantRows rows, Job job) => rows with { Jobs = rows.Jobs.SetItem(job.Id, job) };

    private static TenantRows Count(TenantRows rows, Job job, long completed = 0, long failed = 0)
    {
        var ever = rows.JobsEver.GetValueOrDefault(job.Kind);
        return rows with { JobsEver = rows.JobsEver.SetItem(job.Kind, (ever.Completed + completed, ever.Failed + failed)) };
    }
}
