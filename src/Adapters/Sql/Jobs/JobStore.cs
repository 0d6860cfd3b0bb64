using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class JobStore(Statements sql, TenantId tenant) : IJobStore
{
    public const string Insert = """
        INSERT INTO relier_job (tenant_id, id, lane, kind, subject, run_at, tries, forgiven, is_dead, owner, leased_until, last_error, created_at)
        VALUES (@TenantId, @Id, @Lane, @Kind, @Subject, @RunAt, @Tries, @Forgiven, @IsDead, @Owner, @LeasedUntil, @LastError, @CreatedAt)
        ON CONFLICT (tenant_id, id) DO NOTHING
        """;

    private const string Find = $"SELECT {JobRow.Columns} FROM relier_job WHERE tenant_id = @TenantId AND id = @Id";

    // Owner and number of the try together name one lease: a worker that comes back late may have the job again under its own name.
    private const string OfThisLease = " WHERE tenant_id = @TenantId AND id = @Id AND owner = @Owner AND tries = @Tries";

    private const string Remove = $"DELETE FROM relier_job{OfThisLease}";

    private const string GiveBack =
        $"UPDATE relier_job SET run_at = @RunAt, last_error = @LastError, owner = NULL, leased_until = NULL{OfThisLease}";

    private const string Return =
        $"UPDATE relier_job SET forgiven = forgiven + 1, owner = NULL, leased_until = NULL{OfThisLease}";

    private const string Revive = """
        UPDATE relier_job SET is_dead = 0, forgiven = tries, run_at = @Now, owner = NULL, leased_until = NULL
        WHERE tenant_id = @TenantId AND id = @Id AND is_dead = 1
        """;

    private const string SetIdleAside = """
        UPDATE relier_job SET is_dead = 1, last_error = @Reason, owner = NULL, leased_until = NULL
        WHERE tenant_id = @TenantId AND id = @Id AND is_dead = 0 AND (leased_until IS NULL OR leased_until <= @Now)
        RETURNING kind
        """;

    private const string IsQueued = """
        SELECT COUNT(*) FROM relier_job
        WHERE is_dead = 0 AND kind = @Kind AND lane = @Lane AND tenant_id = @TenantId AND subject = @Subject
        """;

    private const string SetAside =
        $"UPDATE relier_job SET is_dead = 1, last_error = @LastError, owner = NULL, leased_until = NULL{OfThisLease}";

    private const string Count = """
        INSERT INTO relier_job_counter (tenant_id, kind, owner, outcome, count)
        VALUES (@TenantId, @Kind, @Owner, @Outcome, @Times)
        ON CONFLICT (tenant_id, kind, owner, outcome) DO UPDATE SET count = relier_job_counter.count + @Times
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

    /// <summary>The owner of what people counted, and of what workers of the past did.</summary>
    private const string Nobody = "";

    private const string Counters = "SELECT DISTINCT owner FROM relier_job_counter WHERE tenant_id = @TenantId";

    // What a worker counts while this runs is in the rows that are taken, or in a new row of its own.
    private const string TakeCounters =
        "DELETE FROM relier_job_counter WHERE tenant_id = @TenantId AND owner = @Owner RETURNING kind AS Kind, outcome AS Outcome, count AS Count";

    private const string Pause = """
        INSERT INTO relier_job_pause (tenant_id, kind, paused_at, paused_by)
        VALUES (@TenantId, @Kind, @PausedAt, @PausedBy)
        ON CONFLICT (tenant_id, kind) DO NOTHING
        """;

    private const string Resume = "DELETE FROM relier_job_pause WHERE tenant_id = @TenantId AND kind = @Kind";

    private const string ListPauses =
        "SELECT kind AS Kind, paused_at AS PausedAt, paused_by AS PausedBy FROM relier_job_pause WHERE tenant_id = @TenantId ORDER BY kind";

    private const string List = $"SELECT {JobRow.Columns} FROM relier_job WHERE tenant_id = @TenantId";

    private const string PageOfList =
        " AND created_at <= @At AND (created_at < @At OR id > @After) ORDER BY created_at DESC, id LIMIT @Limit";

    public Task AddAsync(Job job, CancellationToken cancellationToken)
    {
        SqlSession.RequireSame(tenant, job.Tenant, $"job {job.Id}");
        if (job.Owner is null && job.RunAt <= job.CreatedAt) sql.LeavesDueJobs = true;
        return sql.InsertAsync(Insert, Row(job), UniqueKey.Job, cancellationToken);
    }

    public async Task<Job?> FindAsync(Id<Job> id, CancellationToken cancellationToken) =>
        (await sql.FindAsync<JobRow>(Find, new { TenantId = tenant.Value, Id = id.Value }, cancellationToken))?.ToJob();

    public Task<bool> CompleteAsync(Job job, CancellationToken cancellationToken) => EndAsync(Remove, job, "completed", cancellationToken);

    public async Task<bool> RetryAsync(Job job, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(GiveBack, Row(job), cancellationToken) == 1;

    public async Task<bool> ReturnAsync(Job job, CancellationToken cancellationToken) =>
        Leaving(await sql.ExecuteAsync(Return, Row(job), cancellationToken));

    public async Task<bool> ReviveAsync(Id<Job> id, Instant now, CancellationToken cancellationToken) =>
        Leaving(await sql.ExecuteAsync(Revive, new { TenantId = tenant.Value, Id = id.Value, Now = Micros.Of(now) }, cancellationToken));

    public async Task<bool> SetAsideAsync(Id<Job> id, string reason, Instant now, CancellationToken cancellationToken)
    {
        var parameters = new { TenantId = tenant.Value, Id = id.Value, Reason = reason, Now = Micros.Of(now) };
        if (await sql.FindAsync<string>(SetIdleAside, parameters, cancellationToken) is not { } kind) return false;
        await CountAsync(kind, Nobody, "failed", 1, cancellationToken);
        return true;
    }

    public async Task<Page<Job>> ListAsync(JobFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var after = Paging.After(page);
        var state = filter.State switch
        {
            null => "",
            JobState.Dead => " AND is_dead = 1",
            JobState.Active => " AND is_dead = 0 AND leased_until > @Now",
            JobState.Waiting => " AND is_dead = 0 AND (leased_until IS NULL OR leased_until <= @Now) AND run_at <= @Now",
            JobState.Delayed => " AND is_dead = 0 AND (leased_until IS NULL OR leased_until <= @Now) AND run_at > @Now",
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.State, "Not a state this version knows."),
        };
        var rows = await sql.ListAsync<JobRow>(
            List + state + (filter.Kind is null ? "" : " AND kind = @Kind") + PageOfList,
            new { TenantId = tenant.Value, filter.Kind, Now = Micros.Of(filter.Now), after.At, After = after.Id, Limit = Paging.Rows(page) },
            cancellationToken);
        return Paging.ToPage(rows.Select(row => row.ToJob()).ToList(), page, job => new Position(job.CreatedAt, job.Id.Value));
    }

    public async Task<bool> IsQueuedAsync(string kind, string subject, CancellationToken cancellationToken) =>
        await sql.ScalarAsync<long>(
            IsQueued, new { TenantId = tenant.Value, Kind = kind, Subject = subject, Lane = $"{tenant}/" }, cancellationToken) > 0;

    public async Task<bool> PauseAsync(JobPause pause, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            Pause, new { TenantId = tenant.Value, pause.Kind, PausedAt = Micros.Of(pause.PausedAt), pause.PausedBy }, cancellationToken) == 1;

    public async Task<bool> ResumeAsync(string kind, CancellationToken cancellationToken) =>
        Leaving(await sql.ExecuteAsync(Resume, new { TenantId = tenant.Value, Kind = kind }, cancellationToken));

    public async Task<IReadOnlyList<JobPause>> ListPausesAsync(CancellationToken cancellationToken) =>
        (await sql.ListAsync<PauseRow>(ListPauses, new { TenantId = tenant.Value }, cancellationToken))
        .Select(row => new JobPause(row.Kind, Micros.ToInstant(row.PausedAt), row.PausedBy)).ToList();

    public async Task<int> FoldCountersAsync(IReadOnlyCollection<string> living, CancellationToken cancellationToken)
    {
        var owners = await sql.ListAsync<string>(Counters, new { TenantId = tenant.Value }, cancellationToken);
        var gone = owners.Where(owner => owner != Nobody && !living.Contains(owner)).Order(StringComparer.Ordinal).ToList();
        var taken = new List<CounterRow>();
        foreach (var owner in gone)
            taken.AddRange(await sql.ListAsync<CounterRow>(TakeCounters, new { TenantId = tenant.Value, Owner = owner }, cancellationToken));
        foreach (var sum in taken.GroupBy(row => (row.Kind, row.Outcome)).OrderBy(sum => sum.Key.Kind, StringComparer.Ordinal).ThenBy(sum => sum.Key.Outcome, StringComparer.Ordinal))
            await CountAsync(sum.Key.Kind, Nobody, sum.Key.Outcome, sum.Sum(row => row.Count), cancellationToken);
        return gone.Count;
    }

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
        await CountAsync(job.Kind, job.Owner!, outcome, 1, cancellationToken);
        return true;
    }

    private Task CountAsync(string kind, string owner, string outcome, long times, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(Count, new { TenantId = tenant.Value, Kind = kind, Owner = owner, Outcome = outcome, Times = times }, cancellationToken);

    private bool Leaving(int rows)
    {
        if (rows > 0) sql.LeavesDueJobs = true;
        return rows > 0;
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

    private sealed record PauseRow
    {
        public required string Kind { get; init; }
        public required long PausedAt { get; init; }
        public required string PausedBy { get; init; }
    }

    private sealed record CounterRow
    {
        public required string Kind { get; init; }
        public required string Outcome { get; init; }
        public required long Count { get; init; }
    }
}
