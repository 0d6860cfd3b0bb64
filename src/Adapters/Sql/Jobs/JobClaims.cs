using NodaTime;
using Relier.Jobs;

namespace Relier.Sql;

internal sealed class JobClaims(Statements sql) : IJobClaims
{
    // Materialized: PostgreSQL might otherwise look for due jobs, and lock them, more than once.
    private const string ClaimDue = """
        WITH due AS MATERIALIZED (
          SELECT tenant_id, id FROM relier_job
          WHERE is_dead = 0 AND run_at <= @Now AND (leased_until IS NULL OR leased_until <= @Now)
          ORDER BY run_at, id LIMIT @Limit
        """;

    private const string ClaimThese = $"""
        )
        UPDATE relier_job SET owner = @Owner, leased_until = @Until, tries = tries + 1
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
        RETURNING {JobRow.Columns}
        """;

    private const string Prolong = """
        UPDATE relier_job SET leased_until = @Until
        WHERE tenant_id = @TenantId AND id = @Id AND owner = @Owner AND tries = @Tries
        """;

    private const string NextDue = "SELECT MIN(COALESCE(leased_until, run_at)) FROM relier_job WHERE is_dead = 0";

    public async Task<IReadOnlyList<Job>> ClaimAsync(
        string owner, Instant now, Duration lease, int limit, CancellationToken cancellationToken)
    {
        var parameters = new { Owner = owner, Now = Micros.Of(now), Until = Micros.Of(now + lease), Limit = limit };
        var rows = await sql.ListAsync<JobRow>(ClaimDue + sql.Dialect.Claim + ClaimThese, parameters, cancellationToken);

        // RETURNING promises no order.
        return rows.OrderBy(row => row.RunAt).ThenBy(row => row.Id, StringComparer.Ordinal).Select(row => row.ToJob()).ToList();
    }

    public async Task<bool> ProlongAsync(Job job, Instant until, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            TenantId = job.Tenant.Value, Id = job.Id.Value, job.Owner, Tries = (long)job.Tries, Until = Micros.Of(until),
        };
        return await sql.ExecuteAsync(Prolong, parameters, cancellationToken) == 1;
    }

    public async Task<Instant?> NextDueAsync(CancellationToken cancellationToken) =>
        Micros.ToInstant((await sql.ListAsync<long?>(NextDue, null, cancellationToken)).Single());
}
