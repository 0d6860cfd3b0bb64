using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class JobStore(Statements sql, TenantId tenant) : IJobStore
{
    public const string Insert = """
        INSERT INTO relier_job (tenant_id, id, kind, subject, run_at, tries, is_dead, owner, leased_until, last_error, created_at)
        VALUES (@TenantId, @Id, @Kind, @Subject, @RunAt, @Tries, @IsDead, @Owner, @LeasedUntil, @LastError, @CreatedAt)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string Find = $"SELECT {JobRow.Columns} FROM relier_job WHERE tenant_id = @TenantId AND id = @Id";

    // Owner and number of the try together name one lease: a worker that comes back late may have the job again under its own name.
    private const string OfThisLease = " WHERE tenant_id = @TenantId AND id = @Id AND owner = @Owner AND tries = @Tries";

    private const string Remove = $"DELETE FROM relier_job{OfThisLease}";

    private const string GiveBack =
        $"UPDATE relier_job SET run_at = @RunAt, last_error = @LastError, owner = NULL, leased_until = NULL{OfThisLease}";

    private const string SetAside =
        $"UPDATE relier_job SET is_dead = 1, last_error = @LastError, owner = NULL, leased_until = NULL{OfThisLease}";

    private const string Count = """
        INSERT INTO relier_job_counter (tenant_id, kind, owner, outcome, count)
        VALUES (@TenantId, @Kind, @Owner, @Outcome, 1)
        ON CONFLICT (tenant_id, kind, owner, outcome) DO UPDATE SET count = relier_job_counter.count + 1
        """;

    private const string Queue = """
        SELECT COUNT(CASE WHEN leased_until > @Now THEN 1 END) AS Active,
               COUNT(CASE WHEN (leased_until IS NULL OR leased_until <= @Now) AND run_at <= @Now THEN 1 END) AS Waiting,
               COUNT(CASE WHEN (leased_until IS NULL OR leased_until <= @Now) AND run_at > @Now THEN 1 END) AS Delayed
        FROM relier_job WHERE tenant_id = @TenantId AND is_dead = 0 AND SUBSTR(kind, 1, LENGTH(@Prefix)) = @Prefix;
        """;

    private const string Lifetime = """
        SELECT CAST(COALESCE(SUM(CASE WHEN outcome = 'completed' THEN count ELSE 0 END), 0) AS BIGINT) AS Completed,
               CAST(COALESCE(SUM(CASE WHEN outcome = 'failed' THEN count ELSE 0 END), 0) AS BIGINT) AS Failed
        FROM relier_job_counter WHERE tenant_id = @TenantId AND SUBSTR(kind, 1, LENGTH(@Prefix)) = @Prefix;
        """;

    public Task AddAsync(Job job, CancellationToken cancellationToken)
    {
        SqlSession.RequireSame(tenant, job.Tenant, $"job {job.Id}");
        return sql.InsertAsync(Insert, Row(job), UniqueKey.Job, cancellationToken);
    }

    public async Task<Job?> FindAsync(Id<Job> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<JobRow>(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToJob();

    public Task<bool> CompleteAsync(Job job, CancellationToken cancellationToken) => EndAsync(Remove, job, "completed", cancellationToken);

    public async Task<bool> RetryAsync(Job job, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(GiveBack, Row(job), cancellationToken) == 1;

    public Task<bool> BuryAsync(Job job, CancellationToken cancellationToken) => EndAsync(SetAside, job, "failed", cancellationToken);

    public async Task<QueueStats> StatsAsync(string kindPrefix, Instant now, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, Prefix = kindPrefix, Now = Micros.Of(now) };
        var (queue, lifetime) = await sql.BatchAsync(
            Queue + Lifetime, parameters,
            async rows => (await rows.ReadSingleAsync<QueueRow>(), await rows.ReadSingleAsync<LifetimeRow>()), cancellationToken);
        return new QueueStats(queue.Waiting, queue.Active, queue.Delayed, lifetime.Completed, lifetime.Failed);
    }

    private async Task<bool> EndAsync(string statement, Job job, string outcome, CancellationToken cancellationToken)
    {
        if (await sql.ExecuteAsync(statement, Row(job), cancellationToken) == 0) return false;
        await sql.ExecuteAsync(Count, new { TenantId = tenant.Value, job.Kind, job.Owner, Outcome = outcome }, cancellationToken);
        return true;
    }

    // With the session's tenant: another tenant's job is not there.
    private JobRow Row(Job job) => JobRow.Of(job) with { TenantId = tenant.Value };

    private sealed record QueueRow
    {
        public required long Active { get; init; }
        public required long Waiting { get; init; }
        public required long Delayed { get; init; }
    }

    private sealed record LifetimeRow
    {
        public required long Completed { get; init; }
        public required long Failed { get; init; }
    }
}
