using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.FreeSwitch;

/// <summary>That this process sweeps.</summary>
/// <param name="Tenant">The tenant of switches that name none.</param>
internal sealed record SweepingFor(TenantId Tenant);

/// <summary>Sweeps the error folders of all switches that have one, each by itself, at the start and then again and again, until the host stops. Whatever happens, it goes on.</summary>
internal sealed partial class ErrorFolderSweeper(ErrorFolderSweep sweep, FreeSwitchSource source, SweepingFor standard, IClock clock, ILogger<ErrorFolderSweeper> logger) : BackgroundService
{
    private static readonly Meter Meter = new(Telemetry.Name);
    private static readonly Counter<long> Sweeps = Meter.CreateCounter<long>("relier.freeswitch.sweeps", "{sweep}", "Sweeps of a switch's error folder, by switch and outcome.");

    // On threads of their own: a folder on a network that hangs keeps neither the host nor the other folders waiting.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(source.ErrorFolders.Select(folder => Task.Run(() => SweepAsync(folder.Origin, folder.Path, stoppingToken), CancellationToken.None)));

    private async Task SweepAsync(CallOrigin origin, string path, CancellationToken stopping)
    {
        var (folder, caller) = (new ErrorFolder(path), Caller.OfSystem(origin.Tenant ?? standard.Tenant, $"switch:{origin.Switch}"));
        while (!stopping.IsCancellationRequested)
        {
            if (await IsFullAsync(folder, origin.Switch, caller, stopping)) continue;
            await clock.DelayAsync(Duration.FromTimeSpan(source.SweepInterval), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sweeps once; whether more may lie there.</summary>
    private async Task<bool> IsFullAsync(ErrorFolder folder, string name, Caller caller, CancellationToken stopping)
    {
        try
        {
            var swept = await sweep.RunAsync(folder, name, caller, stopping);
            if (swept.Taken > 0) LogTaken(name, swept);
            if (swept.Kept > 0) LogKept(swept.Kept, name, swept, swept.FirstKept!);
            Count(name, swept.Kept > 0 ? "kept" : "ok");
            return swept.Taken == ErrorFolderSweep.FilesMax;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception trouble)
        {
            LogFailed(trouble, name);
            Count(name, "error");
            return false;
        }
    }

    private static void Count(string name, string outcome) => Sweeps.Add(1, new KeyValuePair<string, object?>("switch", name), new KeyValuePair<string, object?>("outcome", outcome));

    [LoggerMessage(1601, LogLevel.Information, "What switch {Switch} could not deliver was taken in: {Files}")]
    private partial void LogTaken(string @switch, ErrorFolderSwept files);

    [LoggerMessage(1602, LogLevel.Warning, "{Count} files that switch {Switch} left stay where they are ({Files}), among them {Path}")]
    private partial void LogKept(int count, string @switch, ErrorFolderSwept files, string path);

    [LoggerMessage(1603, LogLevel.Error, "The error folder of switch {Switch} could not be swept; what is in it is not charged")]
    private partial void LogFailed(Exception trouble, string @switch);
}
