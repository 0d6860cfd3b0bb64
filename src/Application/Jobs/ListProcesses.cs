using NodaTime;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>The processes of the installation, by name: those that stopped in order are not among them.</summary>
[Requires(Permission.ReadJobs)]
public sealed record ListProcesses : IUseCase<Listing<ProcessDetails>>;

/// <summary>A process, and whether it lives.</summary>
/// <param name="Process">What it last said of itself.</param>
/// <param name="IsAlive">Whether that was in the last half minute.</param>
public sealed record ProcessDetails(ProcessBeat Process, bool IsAlive);

internal sealed class ListProcessesHandler(IStorage storage, IClock clock) : Handler<ListProcesses, Listing<ProcessDetails>>
{
    /// <summary>Two beats may be lost.</summary>
    private static readonly Duration SilenceMax = Heartbeat.Every * 3;

    protected override async Task<Outcome<Listing<ProcessDetails>>> HandleAsync(ListProcesses list, CancellationToken cancellationToken)
    {
        var processes = await storage.RunSystemAsync(session => session.Processes.ListAsync(cancellationToken), cancellationToken);
        var now = clock.Now();
        return new Listing<ProcessDetails>([.. processes.Select(process => new ProcessDetails(process, now - process.SeenAt <= SilenceMax))], null);
    }
}
