using NodaTime;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Archiving;

/// <summary>Moves what is old to the archive now, and removes from it what is over; otherwise a schedule does it once a day. Refusal <c>archive_not_set</c>.</summary>
[Requires(Permission.RunArchive)]
public sealed record RunArchive : IUseCase<ArchiveRun>;

internal sealed class RunArchiveHandler(Archivist archivist, Caller caller) : Handler<RunArchive, ArchiveRun>
{
    protected override async Task<Outcome<ArchiveRun>> HandleAsync(RunArchive run, CancellationToken cancellationToken) =>
        archivist.Archive is null ? ArchiveRefusals.NotSet() : await archivist.RunAsync(caller, cancellationToken);
}

internal static class ArchiveRefusals
{
    public static Refusal NotSet() => new("archive_not_set", "There is no archive: nothing is moved to one, and nothing is deleted. Set Relier:Archive:Folder.");
}

/// <summary>Runs the archive once a day.</summary>
internal sealed class ArchiveWork(IStorage storage, Archivist archivist) : IJobHandler
{
    public const string Kind = "calls.archive";

    /// <summary>The first run of a large installation may take hours; one that is cut off goes on where it was.</summary>
    private static readonly Duration LongestRun = Duration.FromHours(6);

    public static Schedule Schedule { get; } = new(Kind, Kind, Duration.FromDays(1));

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public Duration? TimeLimitOf(string kind) => LongestRun;

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        await archivist.RunAsync(Caller.OfSystem(job.Tenant, "archive"), cancellationToken);
        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }
}
