using NodaTime;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Jobs;

/// <summary>Jobs of the session's tenant: written in the transaction that makes them necessary.</summary>
public interface IJobStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Job"/>).</summary>
    Task AddAsync(Job job, CancellationToken cancellationToken);

    /// <summary>The job, if it is still there: a finished one is not.</summary>
    Task<Job?> FindAsync(Id<Job> id, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a finished job away and counts it for life. False, and nothing happens, when this try of this owner no longer has its
    /// lease: then somebody else has the job.
    /// </summary>
    Task<bool> CompleteAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Gives a job back to be tried again at its <see cref="Job.RunAt"/>, with its error. False when this try of this owner no longer has its lease.</summary>
    Task<bool> RetryAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Sets a job aside for people, with its error, and counts it for life. False when this try of this owner no longer has its lease.</summary>
    Task<bool> BuryAsync(Job job, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a job back unfinished, to be claimed by anybody as soon as it is due; the try does not count. False when this
    /// try of this owner no longer has its lease. Only for who has ended all work on it.
    /// </summary>
    Task<bool> ReturnAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Brings a dead job back to life, due now, with all its tries before it. False when there is no dead job of this id.</summary>
    Task<bool> ReviveAsync(Id<Job> id, Instant now, CancellationToken cancellationToken);

    /// <summary>
    /// Sets a job aside that nobody works on at this time, by a person's word, with that word as its error, and counts it for life. False
    /// when there is no such job, or it is dead, or somebody has a living lease on it.
    /// </summary>
    Task<bool> SetAsideAsync(Id<Job> id, string reason, Instant now, CancellationToken cancellationToken);

    /// <summary>Jobs, newest first, then by id.</summary>
    Task<Page<Job>> ListAsync(JobFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Whether there is a job of the tenant's own (without a party) of this kind about this subject that is not dead.</summary>
    Task<bool> IsQueuedAsync(string kind, string subject, CancellationToken cancellationToken);

    /// <summary>From the commit on nobody claims jobs of this kind. False when it was paused before.</summary>
    Task<bool> PauseAsync(JobPause pause, CancellationToken cancellationToken);

    /// <summary>Ends a pause. False when there was none.</summary>
    Task<bool> ResumeAsync(string kind, CancellationToken cancellationToken);

    /// <summary>The kinds that are paused, by kind.</summary>
    Task<IReadOnlyList<JobPause>> ListPausesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds the lifetime counters of workers that are not among these to one row per kind and outcome, so that workers of the past leave
    /// no rows behind. The sums stay what they are, whoever counts meanwhile. How many workers' rows went.
    /// </summary>
    Task<int> FoldCountersAsync(IReadOnlyCollection<string> living, CancellationToken cancellationToken);

    /// <summary>The counters of the tenant's queue for jobs whose kind begins with this.</summary>
    Task<QueueStats> StatsAsync(string kindPrefix, Instant now, CancellationToken cancellationToken);
}

/// <summary>Claims of jobs across tenants.</summary>
public interface IJobClaims
{
    /// <summary>The kinds of which jobs are due that nobody has a living lease on, in the order of their names. Those that are paused are among them.</summary>
    Task<IReadOnlyList<string>> DueKindsAsync(Instant now, CancellationToken cancellationToken);

    /// <summary>
    /// Leases due jobs of a kind that nobody else has a living lease on, at most <see cref="JobClaim.Limit"/>, none of a
    /// tenant that paused the kind. Goes round the lanes, beginning behind <see cref="JobClaim.After"/>: every lane gets the same
    /// share before any gets more, and gives the longest due first, then by id. Two who claim at once never get the same one.
    /// </summary>
    Task<ClaimedJobs> ClaimAsync(JobClaim claim, CancellationToken cancellationToken);

    /// <summary>Prolongs the lease. False when this try of this owner no longer has it.</summary>
    Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken);
}

/// <summary>Who wants which jobs.</summary>
/// <param name="Owner">Who.</param>
/// <param name="Kind">Of which kind.</param>
/// <param name="Now">Those that are due at this time.</param>
/// <param name="Lease">For how long.</param>
/// <param name="Limit">At most how many, from 1.</param>
/// <param name="After">Behind which lane to begin: the <see cref="ClaimedJobs.LastLane"/> of the claim before. Empty for the first.</param>
public sealed record JobClaim(string Owner, string Kind, Instant Now, Duration Lease, int Limit, string After = "");

/// <summary>What was leased.</summary>
/// <param name="Jobs">The jobs, lane by lane, the longest due first in each.</param>
/// <param name="LastLane">The lane whose turn was last; what the claim began behind when no lane had a turn.</param>
public sealed record ClaimedJobs(IReadOnlyList<Job> Jobs, string LastLane);

/// <summary>Something to be done after the commit that made it necessary, at least once.</summary>
public sealed record Job
{
    /// <summary>Its id.</summary>
    public required Id<Job> Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Whose burst it may be part of: the id of the customer for whom it is done; null for work of the tenant itself. Letters of ASCII.</summary>
    public string? Party { get; init; }

    /// <summary>The queue it stands in: <c>tenant/party</c>. Claims go round the lanes, so that none delays another.</summary>
    public string Lane => $"{Tenant}/{Party}";

    /// <summary>What is to be done: <c>topup.submit</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of what it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>Not before this time.</summary>
    public required Instant RunAt { get; init; }

    /// <summary>How often it was begun; never counts down, because the number of the try is part of its lease.</summary>
    public int Tries { get; init; }

    /// <summary>How many of the tries do not count towards giving up: ended by a stopping process, or before a person ordered more.</summary>
    public int Forgiven { get; init; }

    /// <summary>Whether it was given up and waits for people.</summary>
    public bool IsDead { get; init; }

    /// <summary>Who works on it; null for nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when nobody else may; null when nobody works on it.</summary>
    public Instant? LeasedUntil { get; init; }

    /// <summary>What went wrong the last time.</summary>
    public string? LastError { get; init; }

    /// <summary>When it was made.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>Where it stands at this time.</summary>
    public JobState StateAt(Instant now) =>
        IsDead ? JobState.Dead : LeasedUntil > now ? JobState.Active : RunAt <= now ? JobState.Waiting : JobState.Delayed;
}

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>Due and not begun.</summary>
    Waiting,

    /// <summary>Being worked on.</summary>
    Active,

    /// <summary>Not due yet.</summary>
    Delayed,

    /// <summary>Given up; waits for people.</summary>
    Dead,
}

/// <summary>Which jobs.</summary>
/// <param name="Now">As of when their state is meant.</param>
public sealed record JobFilter(Instant Now)
{
    /// <summary>Only of this kind; null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>Only in this state; null for all.</summary>
    public JobState? State { get; init; }
}

/// <summary>Jobs of a kind are held back.</summary>
/// <param name="Kind">Of which kind.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="PausedBy">By whom.</param>
public sealed record JobPause(string Kind, Instant PausedAt, string PausedBy);

/// <summary>The counters of a queue. The first three are as of now; the last two count for life, across restarts.</summary>
/// <param name="Waiting">Due and not begun.</param>
/// <param name="Active">Being worked on.</param>
/// <param name="Delayed">Not due yet.</param>
/// <param name="Completed">Ever finished.</param>
/// <param name="Failed">Ever given up.</param>
public sealed record QueueStats(long Waiting, long Active, long Delayed, long Completed, long Failed)
{
    /// <summary>The sum of the five.</summary>
    public long Total => Waiting + Active + Delayed + Completed + Failed;
}
