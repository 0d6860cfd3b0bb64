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

    /// <summary>The counters of the tenant's queue for jobs whose kind begins with this.</summary>
    Task<QueueStats> StatsAsync(string kindPrefix, Instant now, CancellationToken cancellationToken);
}

/// <summary>Claims of jobs across tenants.</summary>
public interface IJobClaims
{
    /// <summary>
    /// Leases due jobs that nobody else has a living lease on, oldest due first, then by id, at most so many. Two who
    /// claim at once never get the same one.
    /// </summary>
    Task<IReadOnlyList<Job>> ClaimAsync(string owner, Instant now, Duration lease, int limit, CancellationToken cancellationToken);

    /// <summary>Prolongs the lease. False when this try of this owner no longer has it.</summary>
    Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken);

    /// <summary>When the next job can be claimed: when it falls due, or, while somebody works on it, when that lease ends. Null if there is none.</summary>
    Task<Instant?> NextDueAsync(CancellationToken cancellationToken);
}

/// <summary>Something to be done after the commit that made it necessary, at least once.</summary>
public sealed record Job
{
    /// <summary>Its id.</summary>
    public required Id<Job> Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>What is to be done: <c>topup.submit</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of what it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>Not before this time.</summary>
    public required Instant RunAt { get; init; }

    /// <summary>How often it was begun.</summary>
    public int Tries { get; init; }

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
}

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
