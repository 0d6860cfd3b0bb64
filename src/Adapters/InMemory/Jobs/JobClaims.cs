using System.Collections.Immutable;
using NodaTime;
using Relier.Jobs;

namespace Relier.InMemory;

internal sealed class JobClaims(Transaction transaction) : IJobClaims
{
    public Task<IReadOnlyList<Job>> ClaimAsync(string owner, Instant now, Duration lease, int limit, CancellationToken cancellationToken) =>
        transaction.WriteAsync<IReadOnlyList<Job>>(
            all =>
            {
                var claimed = all.Jobs.Where(job => !job.IsDead && job.RunAt <= now && !job.IsLeasedAt(now))
                    .OrderBy(job => job.RunAt)
                    .ThenBy(job => job.Id.Value, StringComparer.Ordinal).ThenBy(job => job.Tenant.Value, StringComparer.Ordinal)
                    .Take(limit)
                    .Select(job => job with { Tries = job.Tries + 1, Owner = owner, LeasedUntil = now + lease })
                    .ToImmutableArray();
                return (claimed.Aggregate(all, Put), claimed);
            },
            cancellationToken);

    public Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken) =>
        transaction.WriteAsync(
            all => all.Of(job.Tenant).Jobs.GetValueOrDefault(job.Id) is { } stored && stored.IsOwnedAsIn(job)
                ? (Put(all, stored with { LeasedUntil = until }), true)
                : (all, false),
            cancellationToken);

    public Task<Instant?> NextDueAsync(CancellationToken cancellationToken) =>
        transaction.ReadAsync(
            all => all.Jobs.Where(job => !job.IsDead).Select(job => (Instant?)(job.LeasedUntil ?? job.RunAt)).Min(), cancellationToken);

    private static Snapshot Put(Snapshot all, Job job)
    {
        var rows = all.Of(job.Tenant);
        return all.With(job.Tenant, rows with { Jobs = rows.Jobs.SetItem(job.Id, job) });
    }
}

internal static class Leases
{
    public static bool IsLeasedAt(this Job job, Instant now) => job.LeasedUntil > now;

    /// <summary>Whether the one who was given <paramref name="claimed"/> still has the job: a lease that ran out counts until somebody else takes it.</summary>
    public static bool IsOwnedAsIn(this Job stored, Job claimed) =>
        !stored.IsDead && stored.Owner is { } owner && owner == claimed.Owner && stored.Tries == claimed.Tries;

    public static Job Freed(this Job job) => job with { Owner = null, LeasedUntil = null };
}
