using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Jobs;

/// <summary>
/// Recurring work, declared in code and done by the job loops: for every tenant a job of this kind, whose subject is the schedule's
/// name, once each so often. However many processes run, each turn makes one job; turns that nobody was there for are one turn; while
/// the job of an earlier turn is still queued, no other is made.
/// </summary>
/// <param name="Name">Its name, unique and lasting: with it is stored when it is due. A new one is due at once.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Every">How often. A shorter time than before counts from the next turn.</param>
public sealed record Schedule(string Name, string Kind, Duration Every);

/// <summary>Makes the jobs of schedules when they are due.</summary>
internal sealed partial class Scheduler(IStorage storage, IEnumerable<Schedule> schedules, IClock clock, ILogger<Scheduler> logger)
{
    /// <summary>So long after it was added at the latest, the schedules of a new tenant begin.</summary>
    private static readonly Duration PauseMax = Duration.FromMinutes(1);

    private static readonly Duration PauseMin = Duration.FromMilliseconds(100);

    private readonly Schedule[] _schedules = [.. schedules];
    private readonly Dictionary<(TenantId Tenant, string Name), Instant> _due = [];

    /// <summary>Fires what is due until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (_schedules.Length > 0 && !stopping.IsCancellationRequested)
        {
            try
            {
                await FireDueAsync(stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                LogLate(error);
            }

            var next = _due.Count == 0 ? PauseMax : _due.Values.Min() - clock.Now();
            await clock.DelayAsync(Duration.Max(PauseMin, Duration.Min(PauseMax, next)), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes every turn that is due and not taken; how many jobs were made.</summary>
    public async Task<int> FireDueAsync(CancellationToken cancellationToken)
    {
        var made = 0;
        foreach (var tenant in await storage.RunSystemAsync(session => session.Tenants.ListAsync(cancellationToken), cancellationToken))
        {
            foreach (var schedule in _schedules)
            {
                var now = clock.Now();
                if (_due.TryGetValue((tenant.Id, schedule.Name), out var due) && due > now) continue;
                var turn = await storage.RunAsync(tenant.Id, session => FireAsync(session, schedule, now, cancellationToken), cancellationToken);
                _due[(tenant.Id, schedule.Name)] = turn.Next;
                made += turn.Jobs;
            }
        }

        return made;
    }

    private static async Task<(Instant Next, int Jobs)> FireAsync(ISession session, Schedule schedule, Instant now, CancellationToken cancellationToken)
    {
        var next = now + schedule.Every;
        if (!await session.Schedules.TakeAsync(schedule.Name, now, next, cancellationToken))
            return (await session.Schedules.FindDueAsync(schedule.Name, cancellationToken) ?? next, 0);
        if (await session.Jobs.IsQueuedAsync(schedule.Kind, schedule.Name, cancellationToken)) return (next, 0);

        var job = new Job { Id = Ids.New<Job>("job", now), Tenant = session.Tenant, Kind = schedule.Kind, Subject = schedule.Name, RunAt = now, CreatedAt = now };
        await session.Jobs.AddAsync(job, cancellationToken);
        return (next, 1);
    }

    [LoggerMessage(1121, LogLevel.Warning, "Schedules could not be looked at; they are a little late")]
    private partial void LogLate(Exception error);
}
