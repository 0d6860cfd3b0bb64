using System.Collections.Immutable;
using NodaTime;
using Relier.Jobs;

namespace Relier.InMemory;

internal sealed class JobClaims(Transaction transaction) : IJobClaims
{
    public Task<IReadOnlyList<string>> DueKindsAsync(Instant now, CancellationToken cancellationToken) =>
        transaction.ReadAsync<IReadOnlyList<string>>(
            all => all.Jobs.Where(job => job.IsClaimableAt(now)).Select(job => job.Kind).Distinct().Order(StringComparer.Ordinal).ToImmutableArray(),
            cancellationToken);

    public Task<ClaimedJobs> ClaimAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(claim.Limit, 1);
        return transaction.WriteAsync(
            all =>
            {
                var lanes = all.Jobs
                    .Where(job => job.Kind == claim.Kind && job.IsClaimableAt(claim.Now) && !all.Of(job.Tenant).Pauses.ContainsKey(job.Kind))
                    .GroupBy(job => job.Lane)
                    .OrderBy(lane => string.CompareOrdinal(lane.Key, claim.After) > 0 ? 0 : 1).ThenBy(lane => lane.Key, StringComparer.Ordinal)
                    .Take(claim.Limit)
                    .ToImmutableArray();
                var claimed = lanes.SelectMany((lane, number) => lane
                        .OrderBy(job => job.RunAt).ThenBy(job => job.Id.Value, StringComparer.Ordinal)
                        .Take(claim.Limit / lanes.Length + (number < claim.Limit % lanes.Length ? 1 : 0)))
                    .Select(job => job with { Tries = job.Tries + 1, Owner = claim.Owner, LeasedUntil = claim.Now + claim.Lease })
                    .ToImmutableArray();
                return (claimed.Aggregate(all, Put), new ClaimedJobs(claimed, lanes.IsEmpty ? claim.After : lanes[^1].Key));
            },
            cancellationToken);
    }

    public Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken) =>
        transaction.WriteAsync(
            all => all.Of(job.Tenant).Jobs.GetValueOrDefault(job.Id) is { } stored && stored.IsOwnedAsIn(job)
                ? (Put(all, stored with { LeasedUntil = until }), true)
                : (all, false),
            cancellationToken);

    private static Snapshot Put(Snapshot all, Job job)
    {
        var rows = all.Of(job.Tenant);
        return all.With(job.Tenant, rows with { Jobs = rows.Jobs.SetItem(job.Id, job) });
    }
}

internal static class Leases
{
    /// <summary>Whether anybody may take it: due, and nobody has a living lease.</summary>
    public static bool IsClaimableAt(this Job job, Instant now) => !job.IsDead && job.RunAt <= now && !job.IsLeasedAt(now);

    public static bool IsLeasedAt(this Job job, Instant now) => job.LeasedUntil > now;

    /// <summary>Whether the one who was given <paramref name="claimed"/> still has the job: a lease that ran out counts until somebody else takes it.</summary>
    public static bool IsOwnedAsIn(this Job stored, Job claimed) =>
        !stored.IsDead && stored.Owner is { } owner && owner == claimed.Owner && stored.Tries == claimed.Tries;

    public static Job Freed(this Job job) => job with { Owner = null, LeasedUntil = null };
}
