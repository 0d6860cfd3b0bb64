using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>Says from time to time that this process lives and what it does, so that people and <see cref="TidyJobs"/> know which ones are gone.</summary>
internal sealed partial class Heartbeat(IStorage storage, JobLoop loop, HeartbeatOf what, IClock clock, RelierOptions options, ILogger<Heartbeat> logger) : BackgroundService
{
    /// <summary>How often.</summary>
    public static Duration Every { get; } = Duration.FromSeconds(10);

    private readonly Instant _startedAt = clock.Now();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await storage.RunSystemAsync(session => Done(session.Processes.BeatAsync(Describe(), stoppingToken)), stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogMissed(error);
            }
            catch (OperationCanceledException)
            {
            }

            await clock.DelayAsync(Every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            await storage.RunSystemAsync(session => Done(session.Processes.RemoveAsync(options.ProcessName, patience.Token)), patience.Token);
        }
        catch (Exception error)
        {
            LogMissed(error);
        }
    }

    private ProcessBeat Describe()
    {
        var program = Assembly.GetEntryAssembly();
        var version = program?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return new ProcessBeat(options.ProcessName, program?.GetName().Name ?? "unknown", version, what.RunsJobs ? loop.Kinds : [], _startedAt, clock.Now());
    }

    private static async Task<bool> Done(Task work)
    {
        await work;
        return true;
    }

    [LoggerMessage(1131, LogLevel.Warning, "This process could not say that it lives")]
    private partial void LogMissed(Exception error);
}

/// <summary>What a process says of itself.</summary>
/// <param name="RunsJobs">Whether it runs the job loop.</param>
internal sealed record HeartbeatOf(bool RunsJobs);
