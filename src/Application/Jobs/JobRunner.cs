using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>Does one kind of job, or several. A job is done at least once: doing it again must be safe.</summary>
internal interface IJobHandler
{
    /// <summary>The kinds it does.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>Whether a job of this kind is set aside for people after the last try; else it is tried on at the longest wait.</summary>
    bool GivesUp(string kind) => true;

    /// <summary>How long a job of this kind may take before it is cut off; null for <see cref="RelierOptions.JobTimeLimit"/>.</summary>
    Duration? TimeLimitOf(string kind) => null;

    /// <summary>
    /// Does the job and completes it, in the transaction that writes its result. What it throws has the job tried again later.
    /// Cancelled when its time is up or the process ends; what it does after that must be as harmless as after the loss of its lease.
    /// </summary>
    Task RunAsync(Job job, CancellationToken cancellationToken);
}

/// <summary>
/// Runs jobs whose lease this process holds: prolongs the lease while they run, cuts them off when their time is up, gives
/// them back when they fail, sets them aside after the last try. Knows all that is under way, so that a stopping process can
/// wait for it.
/// </summary>
internal sealed partial class JobRunner(IStorage storage, IClock clock, RelierOptions options, Shutdown shutdown, ILogger<JobRunner> logger)
{
    private const int LongestError = 500;

    /// <summary>How long work that was told to end may take to do so: time enough to come back from the network, and nobody waits long for it.</summary>
    private static readonly TimeSpan EndingMax = TimeSpan.FromSeconds(2);

    /// <summary>How long the leases of work that ended so may take to be given back.</summary>
    private static readonly TimeSpan ReturningMax = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Runs a job to its end. The task never fails: what goes wrong is written on the job.</summary>
    public Task Run(Job job, IJobHandler handler)
    {
        var task = StartAsync(() => RunAsync(job, handler));
        _running[task] = true;
        task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        return task;
    }

    /// <summary>Waits for all that is under way until the end of the process; what is not done then is ended, and given to others.</summary>
    public async Task DrainAsync()
    {
        shutdown.Begin();
        await Task.WhenAny(Task.WhenAll(_running.Keys), Task.Delay(shutdown.Left(EndingMax + ReturningMax)));
    }

    private async Task RunAsync(Job job, IJobHandler handler)
    {
        using var over = new CancellationTokenSource();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(shutdown.Over);
        var prolonging = ProlongAsync(job, over.Token);
        try
        {
            // On a thread of its own, so that work that hangs before it first waits is cut off too.
            var work = StartAsync(() => handler.RunAsync(job, cut.Token));
            var isInTime = await EndsInTimeAsync(work, LimitOf(job, handler), cut, over.Token);
            if (work.IsCompletedSuccessfully) Count(job, "completed");
            else if (shutdown.Over.IsCancellationRequested) await ReturnAsync(job, hasEnded: work.IsCompleted);
            else if (isInTime) await GiveBackAsync(job, handler, work.Exception?.InnerException ?? new OperationCanceledException("It was cancelled."));
            else await GiveBackAsync(job, handler, new TimeoutException($"It was cut off after {LimitOf(job, handler).TotalSeconds:0} s."));
        }
        finally
        {
            await CancelAsync(over);
            await prolonging;
        }
    }

    /// <summary>The work is the process's: nothing that its caller carries along reaches it, no transaction above all; only the trace and the seed do.</summary>
    private Task StartAsync(Func<Task> work)
    {
        var (trace, seed) = (Activity.Current, Chance.Seed);
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Factory.StartNew(Begin, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.WorkScheduler).Unwrap();
        }

        Task Begin()
        {
            Activity.Current = trace;
            Chance.Follow(seed);
            return work();
        }
    }

    /// <summary>Elsewhere, because what hears of it may take its time.</summary>
    private Task CancelAsync(CancellationTokenSource source) =>
        Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.WorkScheduler);

    private Duration LimitOf(Job job, IJobHandler handler) =>
        options.JobTimeLimitOf.TryGetValue(job.Kind, out var limit) ? limit : handler.TimeLimitOf(job.Kind) ?? options.JobTimeLimit;

    /// <summary>Waits for the work, at most its time; then tells it to end, and waits a moment for that. Whether it took no longer than it may.</summary>
    private async Task<bool> EndsInTimeAsync(Task work, Duration limit, CancellationTokenSource cut, CancellationToken over)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(over, cut.Token);
        var isInTime = await Task.WhenAny(work, clock.DelayAsync(limit, timer.Token)) == work || cut.IsCancellationRequested;
        await CancelAsync(timer);
        if (!work.IsCompleted)
        {
            await CancelAsync(cut);
            await Task.WhenAny(work, options.WaitForEnding(EndingMax));
        }

        // Seen here, so that what a handler throws after it was given up does not come up elsewhere.
        _ = work.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return isInTime;
    }

    /// <summary>
    /// Gives back what the end of the process cut off. Only when our own work on it has ended: else two might work on it, and
    /// the lease, running out, says when that is over. A top-up that was being submitted is not submitted by the next owner,
    /// who finds it so and calls it unknown; its money stays held.
    /// </summary>
    private async Task ReturnAsync(Job job, bool hasEnded)
    {
        Count(job, "abandoned");
        if (!hasEnded) return;
        try
        {
            using var patience = new CancellationTokenSource(ReturningMax);
            await storage.RunAsync(job.Tenant, session => session.Jobs.ReturnAsync(job, patience.Token), patience.Token);
            LogReturned(job.Id.Value, job.Kind, job.Subject);
        }
        catch (Exception trouble)
        {
            LogLeaseLost(trouble, job.Id.Value);
        }
    }

    private async Task GiveBackAsync(Job job, IJobHandler handler, Exception error)
    {
        LogFailed(error, job.Id.Value, job.Kind, job.Subject, job.Tries);
        var failed = job with { LastError = Printable($"{error.GetType().Name}: {error.Message}") };
        try
        {
            var wait = RetrySchedule.After(job.Tries - job.Forgiven) ?? (handler.GivesUp(job.Kind) ? null : RetrySchedule.Longest);
            await storage.RunAsync(
                job.Tenant,
                session => wait is { } pause
                    ? session.Jobs.RetryAsync(failed with { RunAt = clock.Now() + RetrySchedule.WithJitter(pause) }, CancellationToken.None)
                    : session.Jobs.BuryAsync(failed, CancellationToken.None),
                CancellationToken.None);
            Count(job, wait is null ? "dead" : "retried");
        }
        catch (Exception trouble)
        {
            // It cannot be written; the lease runs out and somebody tries again.
            LogLeaseLost(trouble, job.Id.Value);
            Count(job, "abandoned");
        }
    }

    /// <summary>What every engine can keep: no control characters, no halves of characters, not too much.</summary>
    private static string Printable(string text) =>
        new([.. text.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(LongestError)]);

    private async Task ProlongAsync(Job job, CancellationToken over)
    {
        for (var held = true; held;)
        {
            try
            {
                await clock.DelayAsync(options.JobLease / 3, over);
                held = await storage.RunSystemAsync(session => session.Jobs.ProlongAsync(job, clock.Now() + options.JobLease, over), over);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                // Without its lease the job may be taken over, which is safe; the next time it may be had again.
                LogLeaseLost(error, job.Id.Value);
            }
        }
    }

    private static void Count(Job job, string outcome) =>
        Telemetry.Jobs.Add(1, new KeyValuePair<string, object?>("kind", job.Kind), new KeyValuePair<string, object?>("outcome", outcome));

    [LoggerMessage(1101, LogLevel.Warning, "Job {Job} ({Kind} of {Subject}) failed on try {Try}")]
    private partial void LogFailed(Exception error, string job, string kind, string subject, int @try);

    [LoggerMessage(1103, LogLevel.Information, "Job {Job} ({Kind} of {Subject}) was cut off by the end of the process and given to others")]
    private partial void LogReturned(string job, string kind, string subject);

    [LoggerMessage(1102, LogLevel.Warning, "The lease of job {Job} could not be prolonged")]
    private partial void LogLeaseLost(Exception error, string job);
}

/// <summary>When a failed job is tried again: after 10 s, 1 minute, 5 minutes, 30 minutes and 2 hours; then never.</summary>
internal static class RetrySchedule
{
    private static readonly Duration[] Waits =
        [Duration.FromSeconds(10), Duration.FromMinutes(1), Duration.FromMinutes(5), Duration.FromMinutes(30), Duration.FromHours(2)];

    /// <summary>The last and longest wait.</summary>
    public static Duration Longest => Waits[^1];

    /// <summary>How long to wait after this many tries; null when it was the last.</summary>
    public static Duration? After(int tries) => tries <= Waits.Length ? Waits[Math.Max(0, tries - 1)] : null;

    /// <summary>Up to a tenth longer, so that what failed together does not return together.</summary>
    public static Duration WithJitter(Duration wait) => wait + wait * Chance.Below(101) / 1000;
}
