using NodaTime;
using Relier.Hosting;
using Relier.Storage;

namespace Relier.Api.Http;

/// <summary>What health checks ask: answered from memory for a while, so that watching does not become load.</summary>
internal sealed class Vitals(IStorage storage, IClock clock, RelierSettings settings, IHostApplicationLifetime lifetime)
{
    private static readonly Duration KeptFor = Duration.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Instant _started = clock.Now();
    private Reading? _last;

    /// <summary>Whether this process was told to stop: it still answers, and wants no more work.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Whether everything that happens before serving has happened.</summary>
    public bool HasStarted => lifetime.ApplicationStarted.IsCancellationRequested;

    /// <summary>Whole seconds since the start.</summary>
    public long UptimeSeconds => (long)(clock.Now() - _started).TotalSeconds;

    /// <summary>Whether the database answers within two seconds and has the schema this program expects; as of at most five seconds ago.</summary>
    public async Task<bool> IsStorageUpAsync()
    {
        var now = clock.Now();
        if (_last is { } last && now - last.At < KeptFor && now >= last.At) return last.Up;
        var up = await AskAsync();
        _last = new Reading(up, now);
        return up;
    }

    private sealed record Reading(bool Up, Instant At);

    private async Task<bool> AskAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var asked = storage.MigrationsAsync(patience.Token);
            await asked.WaitAsync(patience.Token);
            await storage.RunSystemAsync(session => session.Tenants.FindAsync(Tenancy.TenantId.Parse(settings.Tenant), patience.Token), patience.Token).WaitAsync(patience.Token);
            return (await asked).All(migration => migration.AppliedAt is not null);
        }
        catch (Exception)
        {
            return false;
        }
    }
}

/// <summary>
/// Keeps serving for a moment after the order to stop, while readiness already says no: a load balancer needs that long
/// to send its requests elsewhere. Jobs are no longer claimed meanwhile, and the time counts as part of the grace. Only where there is one, so not in Development.
/// </summary>
internal sealed class Draining(RelierSettings settings, IClock clock) : IHostedLifecycleService
{
    /// <summary>How long.</summary>
    public static Duration Pause { get; } = Duration.FromSeconds(5);

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        settings.IsProduction ? clock.DelayAsync(Pause, cancellationToken) : Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
