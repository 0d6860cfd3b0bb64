using NodaTime;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>Folds what processes of the past have counted into one row, and forgets the processes.</summary>
internal sealed class TidyJobs(IStorage storage, IClock clock, RelierOptions options) : IJobHandler
{
    private const string Kind = "jobs.tidy";

    /// <summary>A process that has said nothing for so long is gone; should it come back, it counts on in a new row.</summary>
    private static readonly Duration GoneAfter = Duration.FromHours(1);

    public static Schedule Schedule { get; } = new(Kind, Kind, Duration.FromHours(6));

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var living = await storage.RunSystemAsync(session => LivingAsync(session.Processes, cancellationToken), cancellationToken);
        await storage.RunAsync(
            job.Tenant,
            async session =>
            {
                await session.Jobs.FoldCountersAsync(living, cancellationToken);
                return await session.Jobs.CompleteAsync(job, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<IReadOnlyCollection<string>> LivingAsync(IProcessStore processes, CancellationToken cancellationToken)
    {
        await processes.RemoveUnseenAsync(clock.Now() - GoneAfter, cancellationToken);
        return [options.ProcessName, .. (await processes.ListAsync(cancellationToken)).Select(process => process.Name)];
    }
}
