using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>
/// Claims due jobs and runs them, so many of each kind at once, until told to stop; fires schedules. Any number of
/// processes may run one against the same storage. Woken at once where the storage can tell of new work, else by polling.
/// </summary>
public sealed partial class JobLoop
{
    private readonly IStorage _storage;
    private readonly Dictionary<string, IJobHandler> _handlers;
    private readonly JobRunner _runner;
    private readonly Scheduler _scheduler;
    private readonly Shutdown _shutdown;
    private readonly IClock _clock;
    private readonly RelierOptions _options;
    private readonly ILogger<JobLoop> _logger;
    private readonly JobSignal _signal = new();
    private readonly ConcurrentDictionary<string, int> _running = new();
    private readonly ConcurrentDictionary<string, string> _lastLanes = new();

    internal JobLoop(
        IStorage storage, IEnumerable<IJobHandler> handlers, JobRunner runner, Scheduler scheduler, Shutdown shutdown, IClock clock, RelierOptions options,
        ILogger<JobLoop> logger)
    {
        _storage = storage;
        _handlers = handlers.SelectMany(handler => handler.Kinds.Select(kind => (kind, handler))).ToDictionary(pair => pair.kind, pair => pair.handler);
        _runner = runner;
        _scheduler = scheduler;
        _shutdown = shutdown;
        _clock = clock;
        _options = options;
        _logger = logger;
    }

    /// <summary>The kinds of jobs it does. Others stay where they are, for processes that know them.</summary>
    public IReadOnlyList<string> Kinds => [.. _handlers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Runs until cancelled, then waits for what is under way, at most <see cref="RelierOptions.ShutdownGrace"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        RequireNoTransaction();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, _shutdown.Begun);
        var others = Task.WhenAll(_storage.ListenForJobsAsync(_signal.Pulse, stop.Token), _scheduler.RunAsync(stop.Token));
        while (!stop.IsCancellationRequested)
        {
            var woken = _signal.NextPulse();
            if (!await TryStartDueAsync(stop.Token)) await PauseAsync(woken, stop.Token);
        }

        await others.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _runner.DrainAsync();
    }

    /// <summary>Runs everything that is due now, and what becomes due because of it; returns when nothing is. Throws when the storage cannot say. For tests and one-shot programs.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancellationToken = default)
    {
        RequireNoTransaction();
        for (var total = 0; ;)
        {
            var started = await StartDueAsync(cancellationToken);
            if (started.Count == 0) return total;
            await Task.WhenAll(started);
            total += started.Count;
        }
    }

    /// <summary>A claim that is not committed is nobody's, and what it claimed would be sent all the same.</summary>
    private void RequireNoTransaction()
    {
        if (_storage.IsInTransaction) throw new InvalidOperationException("Jobs are not run inside a transaction. Run them after its commit.");
    }

    private async Task PauseAsync(Task woken, CancellationToken stop)
    {
        using var polling = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(_clock.DelayAsync(_options.JobPolling, polling.Token), woken);
        await polling.CancelAsync();
    }

    private async Task<bool> TryStartDueAsync(CancellationToken stop)
    {
        try
        {
            return (await StartDueAsync(stop)).Count > 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception error)
        {
            // Whatever it is, the loop goes on: it is the only one that delivers.
            LogUnavailable(error);
            return false;
        }
    }

    /// <summary>Claims and starts what is due of the kinds that have a free place.</summary>
    private async Task<IReadOnlyList<Task>> StartDueAsync(CancellationToken cancellationToken)
    {
        if (_handlers.Keys.All(kind => FreeOf(kind) == 0)) return [];
        var jobs = await _storage.RunSystemAsync(session => ClaimAsync(session.Jobs, cancellationToken), cancellationToken);
        return [.. jobs.Select(StartAsync)];
    }

    private async Task<List<Job>> ClaimAsync(IJobClaims claims, CancellationToken cancellationToken)
    {
        var claimed = new List<Job>();
        foreach (var kind in await claims.DueKindsAsync(_clock.Now(), cancellationToken))
        {
            if (!_handlers.ContainsKey(kind) || FreeOf(kind) is not (> 0 and var free)) continue;
            var claim = new JobClaim(_options.ProcessName, kind, _clock.Now(), _options.JobLease, free, _lastLanes.GetValueOrDefault(kind, ""));
            var jobs = await claims.ClaimAsync(claim, cancellationToken);
            _lastLanes[kind] = jobs.LastLane;
            claimed.AddRange(jobs.Jobs);
        }

        return claimed;
    }

    private async Task StartAsync(Job job)
    {
        _running.AddOrUpdate(job.Kind, 1, (_, count) => count + 1);
        await _runner.Run(job, _handlers[job.Kind]);
        _running.AddOrUpdate(job.Kind, 0, (_, count) => count - 1);
        _signal.Pulse();
    }

    private int FreeOf(string kind) =>
        Math.Max(0, (_options.JobConcurrencyOf.TryGetValue(kind, out var places) ? places : _options.JobConcurrency) - _running.GetValueOrDefault(kind));

    [LoggerMessage(1111, LogLevel.Warning, "Jobs could not be claimed")]
    private partial void LogUnavailable(Exception error);
}

/// <summary>Wakes a job loop.</summary>
internal sealed class JobSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next pulse after this call.</summary>
    public Task NextPulse() => Volatile.Read(ref _next).Task;

    /// <summary>There is work, or a free place for it.</summary>
    public void Pulse() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
