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
        if (job.Owner is null && job.RunAt <= job.CreatedAt) session.LeavesDueJobs();
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

    public Task<bool> ReturnAsync(Job job, CancellationToken cancellationToken) =>
        LeavingAsync(WhenOwnedAsync(job, (rows, stored) => Put(rows, stored.Freed() with { Forgiven = stored.Forgiven + 1 }), cancellationToken));

    public Task<bool> ReviveAsync(Id<Job> id, Instant now, CancellationToken cancellationToken) =>
        LeavingAsync(WhenAsync(
            id, stored => stored.IsDead,
            (rows, stored) => Put(rows, stored.Freed() with { IsDead = false, Forgiven = stored.Tries, RunAt = now }), cancellationToken));

    public Task<bool> SetAsideAsync(Id<Job> id, string reason, Instant now, CancellationToken cancellationToken) =>
        WhenAsync(
            id, stored => !stored.IsDead && !stored.IsLeasedAt(now),
            (rows, stored) => Put(Count(rows, stored.Kind, Nobody, completed: 0, failed: 1), stored.Freed() with { IsDead = true, LastError = reason }), cancellationToken);

    public Task<Page<Job>> ListAsync(JobFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Jobs.Values
                .Where(job => (filter.Kind is null || job.Kind == filter.Kind) && (filter.State is null || job.StateAt(filter.Now) == filter.State))
                .ToPage(page, job => new Position(job.CreatedAt, job.Id.Value)),
            cancellationToken);

    public Task<bool> IsQueuedAsync(string kind, string subject, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Jobs.Values.Any(job => !job.IsDead && job.Party is null && job.Kind == kind && job.Subject == subject), cancellationToken);

    public Task<bool> PauseAsync(JobPause pause, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Pauses.ContainsKey(pause.Kind) ? (rows, false) : (rows with { Pauses = rows.Pauses.Add(pause.Kind, pause) }, true), cancellationToken);

    public Task<bool> ResumeAsync(string kind, CancellationToken cancellationToken) =>
        LeavingAsync(session.WriteAsync(
            rows => rows.Pauses.ContainsKey(kind) ? (rows with { Pauses = rows.Pauses.Remove(kind) }, true) : (rows, false), cancellationToken));

    public Task<IReadOnlyList<JobPause>> ListPausesAsync(CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<JobPause>>(
            rows => rows.Pauses.Values.OrderBy(pause => pause.Kind, StringComparer.Ordinal).ToList(), cancellationToken);

    public Task<int> FoldCountersAsync(IReadOnlyCollection<string> living, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                var gone = rows.JobsEver.Keys.Select(row => row.Owner).Where(owner => owner != Nobody && !living.Contains(owner)).Distinct().ToList();
                var folded = rows.JobsEver.Where(row => gone.Contains(row.Key.Owner)).Aggregate(
                    rows, (all, row) => Count(all, row.Key.Kind, Nobody, row.Value.Completed, row.Value.Failed));
                return (folded with { JobsEver = folded.JobsEver.RemoveRange(folded.JobsEver.Keys.Where(row => gone.Contains(row.Owner)).ToList()) }, gone.Count);
            },
            cancellationToken);

    public Task<QueueStats> StatsAsync(string kindPrefix, Instant now, CancellationToken cancellationToken)
    {
        return session.ReadAsync(
            rows =>
            {
                var living = rows.Jobs.Values.Where(job => !job.IsDead && IsMeant(job.Kind)).ToList();
                var ever = rows.JobsEver.Where(kind => IsMeant(kind.Key.Kind)).Select(kind => kind.Value).ToList();
                return new QueueStats(
                    living.LongCount(job => !job.IsLeasedAt(now) && job.RunAt <= now),
                    living.LongCount(job => job.IsLeasedAt(now)),
                    living.LongCount(job => !job.IsLeasedAt(now) && job.RunAt > now),
                    ever.Sum(count => count.Completed), ever.Sum(count => count.Failed));
            },
            cancellationToken);

        bool IsMeant(string kind) => kind.StartsWith(kindPrefix, StringComparison.Ordinal);
    }

    /// <summary>The owner of what people counted, and of what workers of the past did.</summary>
    private const string Nobody = "";

    private Task<bool> WhenOwnedAsync(Job job, Func<TenantRows, Job, TenantRows> change, CancellationToken cancellationToken) =>
        WhenAsync(job.Id, stored => stored.IsOwnedAsIn(job), change, cancellationToken);

    private Task<bool> WhenAsync(Id<Job> id, Func<Job, bool> may, Func<TenantRows, Job, TenantRows> change, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Jobs.GetValueOrDefault(id) is { } stored && may(stored) ? (change(rows, stored), true) : (rows, false), cancellationToken);

    private async Task<bool> LeavingAsync(Task<bool> change)
    {
        var done = await change;
        if (done) session.LeavesDueJobs();
        return done;
    }

    private static TenantRows Put(TenantRows rows, Job job) => rows with { Jobs = rows.Jobs.SetItem(job.Id, job) };

    private static TenantRows Count(TenantRows rows, Job job, long completed = 0, long failed = 0) =>
        Count(rows, job.Kind, job.Owner ?? Nobody, completed, failed);

    private static TenantRows Count(TenantRows rows, string kind, string owner, long completed, long failed)
    {
        var ever = rows.JobsEver.GetValueOrDefault((kind, owner));
        return rows with { JobsEver = rows.JobsEver.SetItem((kind, owner), (ever.Completed + completed, ever.Failed + failed)) };
    }
}
