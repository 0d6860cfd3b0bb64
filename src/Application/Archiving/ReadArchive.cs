using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Archiving;

/// <summary>The parts of the archive, last written first. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadArchive)]
public sealed record ListArchive : IUseCase<Listing<ArchivePart>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>
/// The file of a part as it lies in the archive: compressed lines of JSON. To be disposed of. Refusals: <c>not_found</c>, <c>archive_not_set</c>,
/// <c>archive_unavailable</c> for a part whose file is not there.
/// </summary>
/// <param name="Id">The part.</param>
[Requires(Permission.ReadArchive)]
public sealed record OpenArchivePart(string Id) : IUseCase<ArchiveFile>;

/// <summary>A part, and its file from the beginning.</summary>
/// <param name="Part">The part.</param>
/// <param name="Content">The file.</param>
public sealed record ArchiveFile(ArchivePart Part, Stream Content);

/// <summary>Reads every file of the archive, and compares it and the manifests with what the storage says. Refusal <c>archive_not_set</c>.</summary>
[Requires(Permission.ReadArchive)]
public sealed record VerifyArchive : IUseCase<ArchiveReport>;

/// <summary>How the archive is.</summary>
/// <param name="Parts">How many parts there are.</param>
/// <param name="Rows">How many rows they should have.</param>
/// <param name="Bytes">How large they should be.</param>
/// <param name="Findings">What is not as it should be, at most <see cref="FindingsMax"/>.</param>
public sealed record ArchiveReport(long Parts, long Rows, long Bytes, IReadOnlyList<ArchiveFinding> Findings)
{
    /// <summary>The most that are told.</summary>
    public const int FindingsMax = 100;
}

internal sealed class ListArchiveRules : AbstractValidator<ListArchive>
{
    public ListArchiveRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class ListArchiveHandler(IStorage storage, Caller caller) : Handler<ListArchive, Listing<ArchivePart>>
{
    protected override Task<Outcome<Listing<ArchivePart>>> HandleAsync(ListArchive list, CancellationToken cancellationToken) =>
        Listing.ReadAsync(list.Cursor, list.Limit, "archive", page => storage.RunAsync(caller.Tenant, session => session.Archive.ListAsync(page, cancellationToken), cancellationToken));
}

internal sealed class OpenArchivePartHandler(IStorage storage, Archivist archivist, Caller caller) : Handler<OpenArchivePart, ArchiveFile>
{
    protected override async Task<Outcome<ArchiveFile>> HandleAsync(OpenArchivePart open, CancellationToken cancellationToken)
    {
        if (!Id<ArchivePart>.TryParse(open.Id, out var id)
            || await storage.RunAsync(caller.Tenant, session => session.Archive.FindAsync(id, cancellationToken), cancellationToken) is not { } part) return Own.NotFound("part", open.Id);
        if (archivist.Archive is not { } archive) return ArchiveRefusals.NotSet();
        return await archive.OpenAsync(part.Name, cancellationToken) is { } content
            ? new ArchiveFile(part, content)
            : new Refusal("archive_unavailable", $"The archive has no file {part.Name}. Verify it, and bring the file back from a backup.");
    }
}

internal sealed class VerifyArchiveHandler(IStorage storage, Archivist archivist, Caller caller) : Handler<VerifyArchive, ArchiveReport>
{
    protected override async Task<Outcome<ArchiveReport>> HandleAsync(VerifyArchive verify, CancellationToken cancellationToken)
    {
        if (archivist.Archive is not { } archive) return ArchiveRefusals.NotSet();
        var report = new ArchiveReport(0, 0, 0, []);
        foreach (var (kind, month) in await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthsAsync(cancellationToken), cancellationToken))
        {
            var parts = await storage.RunAsync(caller.Tenant, session => session.Archive.ListMonthAsync(kind, month, cancellationToken), cancellationToken);
            var findings = new List<ArchiveFinding>(report.Findings);
            foreach (var part in parts)
                if (await ArchiveReading.CheckAsync(archive, part, cancellationToken) is { } finding)
                    findings.Add(finding);
            var (name, text) = (ArchiveReading.ManifestNameOf(caller.Tenant.Value, kind, month), ArchiveReading.ManifestOf(caller.Tenant.Value, kind, month, parts));
            if (!await ArchiveReading.IsManifestAsync(archive, name, text, cancellationToken)) findings.Add(new ArchiveFinding(ArchiveFindingKind.Manifest, name, $"{parts.Count} parts", "something else"));
            report = new ArchiveReport(report.Parts + parts.Count, report.Rows + parts.Sum(part => part.Rows), report.Bytes + parts.Sum(part => part.Bytes), [.. findings.Take(ArchiveReport.FindingsMax)]);
        }

        return report;
    }
}
