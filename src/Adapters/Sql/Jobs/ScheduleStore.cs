using NodaTime;
using Relier.Jobs;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed class ScheduleStore(Statements sql, TenantId tenant) : IScheduleStore
{
    // Of two who ask at once the second waits for the first, and then finds the next turn, which is not due.
    private const string Take = """
        INSERT INTO relier_schedule (tenant_id, name, due_at)
        VALUES (@TenantId, @Name, @Next)
        ON CONFLICT (tenant_id, name) DO UPDATE SET due_at = @Next WHERE relier_schedule.due_at <= @Now
        """;

    private const string Find = "SELECT due_at FROM relier_schedule WHERE tenant_id = @TenantId AND name = @Name";

    public async Task<bool> TakeAsync(string name, Instant now, Instant next, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            Take, new { TenantId = tenant.Value, Name = name, Now = Micros.Of(now), Next = Micros.Of(next) }, cancellationToken) == 1;

    public async Task<Instant?> FindDueAsync(string name, CancellationToken cancellationToken) =>
        Micros.ToInstant((await sql.ListAsync<long?>(Find, new { TenantId = tenant.Value, Name = name }, cancellationToken)).SingleOrDefault());
}
