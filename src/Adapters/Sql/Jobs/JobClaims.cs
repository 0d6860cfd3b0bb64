using System.Globalization;
using System.Text;
using Dapper;
using NodaTime;
using Relier.Jobs;

namespace Relier.Sql;

/// <summary>
/// Claims that go round the lanes. All of it walks one index, <c>relier_job_fair</c>, in which the jobs of a lane that can be
/// claimed stand before those that cannot: a lane with 100,000 due jobs costs one step, like any other.
/// </summary>
internal sealed class JobClaims(Statements sql) : IJobClaims
{
    /// <summary>Behind every lane: the last character there is.</summary>
    private const string Top = "\U0010FFFF";

    private const string DueAt = "COALESCE(leased_until, run_at)";

    // From each kind straight to the next one, instead of reading all rows to see which kinds there are.
    private const string DueKinds = $"""
        WITH RECURSIVE kinds (kind) AS (
          SELECT (SELECT kind FROM relier_job WHERE is_dead = 0 AND {DueAt} <= @Now ORDER BY kind LIMIT 1)
          UNION ALL
          SELECT (SELECT relier_job.kind FROM relier_job WHERE is_dead = 0 AND relier_job.kind > kinds.kind AND {DueAt} <= @Now ORDER BY relier_job.kind LIMIT 1)
          FROM kinds WHERE kinds.kind IS NOT NULL
        )
        SELECT kind FROM kinds WHERE kind IS NOT NULL ORDER BY kind
        """;

    // The first in the order of the index, and not a MIN, which PostgreSQL may look for among all of the burst.
    private const string DueLanes = $"""
        WITH RECURSIVE lanes (lane, place) AS (
          SELECT (SELECT lane FROM relier_job
                  WHERE is_dead = 0 AND kind = @Kind AND lane > @After AND lane <= @UpTo AND {DueAt} <= @Now ORDER BY lane LIMIT 1), 1
          UNION ALL
          SELECT (SELECT relier_job.lane FROM relier_job
                  WHERE is_dead = 0 AND kind = @Kind AND relier_job.lane > lanes.lane AND relier_job.lane <= @UpTo AND {DueAt} <= @Now
                  ORDER BY relier_job.lane LIMIT 1), place + 1
          FROM lanes WHERE lanes.lane IS NOT NULL AND place < @Limit
        )
        SELECT lane FROM lanes WHERE lane IS NOT NULL ORDER BY lane
        """;

    private const string PausedTenants = "SELECT tenant_id FROM relier_job_pause WHERE kind = @Kind ORDER BY tenant_id";

    private const string Prolong = """
        UPDATE relier_job SET leased_until = @Until
        WHERE tenant_id = @TenantId AND id = @Id AND owner = @Owner AND tries = @Tries
        """;

    public async Task<IReadOnlyList<string>> DueKindsAsync(Instant now, CancellationToken cancellationToken) =>
        await sql.ListAsync<string>(DueKinds, new { Now = Micros.Of(now) }, cancellationToken);

    public async Task<ClaimedJobs> ClaimAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(claim.Limit, 1);
        var lanes = await LanesAsync(claim, cancellationToken);
        if (lanes.Count == 0) return new ClaimedJobs([], claim.After);

        var rows = await sql.BatchAsync(
            ClaimAll(lanes.Count), Parameters(claim, lanes),
            async results =>
            {
                var claimed = new List<Job>();
                foreach (var _ in lanes)
                {
                    // RETURNING promises no order.
                    var ofLane = await results.ReadAsync<JobRow>();
                    claimed.AddRange(ofLane.OrderBy(row => row.RunAt).ThenBy(row => row.Id, StringComparer.Ordinal).Select(row => row.ToJob()));
                }

                return claimed;
            },
            cancellationToken);
        return new ClaimedJobs(rows, lanes[^1]);
    }

    public async Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            TenantId = job.Tenant.Value, Id = job.Id.Value, job.Owner, Tries = (long)job.Tries, Until = Micros.Of(until),
        };
        return await sql.ExecuteAsync(Prolong, parameters, cancellationToken) == 1;
    }

    /// <summary>The lanes whose turn it is, in their order.</summary>
    private async Task<List<string>> LanesAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        var paused = await sql.ListAsync<string>(PausedTenants, new { claim.Kind }, cancellationToken);
        var lanes = new List<string>();
        foreach (var (after, upTo) in Around(claim.After).SelectMany(part => Without(paused, part)))
        {
            if (lanes.Count == claim.Limit) break;
            var parameters = new { claim.Kind, After = after, UpTo = upTo, Now = Micros.Of(claim.Now), Limit = claim.Limit - lanes.Count };
            lanes.AddRange(await sql.ListAsync<string>(DueLanes, parameters, cancellationToken));
        }

        return lanes;
    }

    /// <summary>All lanes, beginning behind one: those behind it, then those up to it.</summary>
    private static IEnumerable<(string After, string UpTo)> Around(string after) =>
        after.Length == 0 ? [("", Top)] : [(after, Top), ("", after)];

    /// <summary>A part of the lanes without those of paused tenants, which all begin with <c>tenant/</c>.</summary>
    private static IEnumerable<(string After, string UpTo)> Without(IReadOnlyList<string> tenants, (string After, string UpTo) part)
    {
        foreach (var tenant in tenants.Select(tenant => tenant + "/").Order(StringComparer.Ordinal))
        {
            // No lane stands between a tenant's first lane and the same text with the character before the slash.
            var before = tenant[..^1] + ".";
            if (string.CompareOrdinal(part.After, before) < 0)
                yield return (part.After, string.CompareOrdinal(part.UpTo, before) < 0 ? part.UpTo : before);
            if (string.CompareOrdinal(part.After, tenant + Top) < 0) part.After = tenant + Top;
        }

        if (string.CompareOrdinal(part.After, part.UpTo) < 0) yield return part;
    }

    /// <summary>One statement for each lane, in one exchange with the engine. Materialized: PostgreSQL might otherwise look for due jobs, and lock them, more than once.</summary>
    private string ClaimAll(int lanes)
    {
        var text = new StringBuilder();
        for (var number = 0; number < lanes; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                WITH due AS MATERIALIZED (
                  SELECT tenant_id, id FROM relier_job
                  WHERE is_dead = 0 AND kind = @Kind AND lane = @Lane{number} AND {DueAt} <= @Now
                  ORDER BY {DueAt}, id LIMIT @Share{number}{sql.Dialect.Claim}
                )
                UPDATE relier_job SET owner = @Owner, leased_until = @Until, tries = tries + 1
                WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
                RETURNING {JobRow.Columns};

                """);
        }

        return text.ToString();
    }

    private static DynamicParameters Parameters(JobClaim claim, List<string> lanes)
    {
        var parameters = new DynamicParameters(new
        {
            claim.Owner, claim.Kind, Now = Micros.Of(claim.Now), Until = Micros.Of(claim.Now + claim.Lease),
        });
        for (var number = 0; number < lanes.Count; number++)
        {
            parameters.Add($"Lane{number}", lanes[number]);
            parameters.Add($"Share{number}", claim.Limit / lanes.Count + (number < claim.Limit % lanes.Count ? 1 : 0));
        }

        return parameters;
    }
}
