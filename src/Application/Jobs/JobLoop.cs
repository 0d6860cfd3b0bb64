using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>
/// Claims due jobs and runs them, so many at once, until told to stop. Any number of processes may run one against the
/// same storage. Woken at once by work of its own process, else by polling.
/// </summary>
public sealed partial class JobLoop
{
    private readonly IStorage _storage;
    private readonly Dictionary<string, IJobHandler> _handlers;
    private readonly JobRunner _runner;
    private readonly JobSignal _signal;
    private readonly IClock _clock;
    private readonly RelierOptions _options;
    private readonly ILogger<JobLoop> _logger;

    internal JobLoop(
        IStorage storage, IEnumerable<IJobHandler> handlers, JobRunner runner, JobSignal signal, IClock clock, RelierOptions options, ILogger<JobLoop> logger)
    {
        _storage = storage;
        _handlers = handlers.SelectMany(handler => handler.Kinds.Select(kind => (kind, handler))).ToDictionary(pair => pair.kind, pair => pair.handler);
        _runner = runner;
        _signal = signal;
        _clock = clock;
        _options = options;
        _logger = logger;
    }

    /// <summary>Runs until cancelled, then waits for what is under way, at most <see cref="RelierOptions.ShutdownGrace"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        RequireNoTransaction();
        var running = new HashSet<Task>();
        while (!stopping.IsCancellationRequested)
        {
            var woken = _signal.NextPulse();
            running.RemoveWhere(task => task.IsCompleted);
            var claimed = await ClaimAsync(_options.JobConcurrency - running.Count, stopping);
            running.UnionWith(claimed);
            var full = running.Count >= _options.JobConcurrency;
            if (claimed.Count > 0 && !full) continue;

            try
            {
                using var polling = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                var pause = _clock.DelayAsync(_options.JobPolling, polling.Token);
                await (full ? Task.WhenAny([.. running, pause]) : Task.WhenAny(pause, woken));
                await polling.CancelAsync();
                stopping.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException)
            {
            }
        }

        await _runner.DrainAsync(_options.ShutdownGrace);
    }

    /// <summary>Runs everything that is due now, and what becomes due because of it; returns when nothing is. For tests and one-shot programs.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancellationToken = default)
    {
        RequireNoTransaction();
        for (var total = 0; ;)
        {
            var claimed = await ClaimAsync(_options.JobConcurrency, cancellationToken);
            if (claimed.Count == 0) return total;
            await Task.WhenAll(claimed);
            total += claimed.Count;
        }
    }

    /// <summary>A claim that is not committed is nobody's, and what it claimed would be sent all the same.</summary>
    private void RequireNoTransaction()
    {
        if (_storage.IsInTransaction) throw new InvalidOperationException("Jobs are not run inside a transaction. Run them after its commit.");
    }

    private async Task<IReadOnlyList<Task>> ClaimAsync(int free, CancellationToken cancellationToken)
    {
        if (free <= 0) return [];
        try
        {
            var jobs = await _storage.RunSystemAsync(
                session => session.Jobs.ClaimAsync(_options.ProcessName, _clock.Now(), _options.JobLease, free, cancellationToken), cancellationToken);
            return [.. jobs.Select(job => _runner.Run(job, _handlers.GetValueOrDefault(job.Kind) ?? UnknownKind.Instance))];
        }
        catch (OperationCanceledException)
        {
            return [];
        }
        catch (Exception error)
        {
            // Whatever it is, the loop goes on: it is the only one that delivers.
            LogUnavailable(error);
            return [];
        }
    }

    [LoggerMessage(1111, LogLevel.Warning, "Jobs could not be claimed")]
    private partial void LogUnavailable(Exception error);

    private sealed class UnknownKind : IJobHandler
    {
        public static readonly UnknownKind Instance = new();

        public IReadOnlyList<string> Kinds => [];

        public Task RunAsync(Job job, CancellationToken cancellationToken) =>
            throw new InvalidOperationException($"Nobody here does jobs of the kind '{job.Kind}'.");
    }
}

/// <summary>Wakes the job loop of the same process.</summary>
internal sealed class JobSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next pulse after this call.</summary>
    public Task NextPulse() => Volatile.Read(ref _next).Task;

    /// <summary>There is work.</summary>
    public void Pulse() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
