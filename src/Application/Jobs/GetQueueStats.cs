using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Jobs;

/// <summary>The counters of the top-up queue.</summary>
[Requires(Permission.ReadQueue)]
public sealed record GetQueueStats : IUseCase<QueueStats>;

internal sealed class GetQueueStatsHandler(IStorage storage, IClock clock, Caller caller) : Handler<GetQueueStats, QueueStats>
{
    protected override async Task<Outcome<QueueStats>> HandleAsync(GetQueueStats useCase, CancellationToken cancellationToken) =>
        await storage.RunAsync(caller.Tenant, session => session.Jobs.StatsAsync(TopUpWork.SubmitKind, clock.Now(), cancellationToken), cancellationToken);
}
