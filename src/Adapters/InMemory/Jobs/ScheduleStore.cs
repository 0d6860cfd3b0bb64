using NodaTime;
using Relier.Jobs;

namespace Relier.InMemory;

internal sealed class ScheduleStore(Session session) : IScheduleStore
{
    public Task<bool> TakeAsync(string name, Instant now, Instant next, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Schedules.TryGetValue(name, out var due) && due > now
                ? (rows, false)
                : (rows with { Schedules = rows.Schedules.SetItem(name, next) }, true),
            cancellationToken);

    public Task<Instant?> FindDueAsync(string name, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Schedules.TryGetValue(name, out var due) ? due : (Instant?)null, cancellationToken);
}
