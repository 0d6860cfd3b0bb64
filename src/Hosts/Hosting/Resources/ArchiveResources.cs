using Relier.Archiving;

namespace Relier.Hosting.Resources;

/// <summary>A part of the archive.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">calls or reports.</param>
/// <param name="Month">The month in UTC in which its calls began, or its reports came in.</param>
/// <param name="Name">Where it lies in the archive.</param>
/// <param name="Rows">How many lines it has.</param>
/// <param name="Sha256">The SHA-256 of the file.</param>
/// <param name="Bytes">How large the file is.</param>
/// <param name="FirstAt">The time of its first line.</param>
/// <param name="LastAt">The time of its last line.</param>
/// <param name="KeepUntil">Until when it is kept.</param>
/// <param name="WrittenAt">When it was written.</param>
internal sealed record ArchivePartResource(
    string Id, string Kind, string Month, string Name, long Rows, string Sha256, long Bytes, string FirstAt, string LastAt, string KeepUntil, string WrittenAt)
{
    public static ArchivePartResource Of(ArchivePart part) => new(
        part.Id.Value, ArchivePart.Word(part.Kind), ArchivePart.MonthText(part.Month), part.Name, part.Rows, part.Sha256, part.Bytes, part.FirstAt.Text(), part.LastAt.Text(), part.KeepUntil.Text(),
        part.WrittenAt.Text());
}

/// <summary>What a run of the archive did.</summary>
internal sealed record ArchiveRunResource(int Parts, long Calls, long Reports, long Bytes, int Removed)
{
    public static ArchiveRunResource Of(ArchiveRun run) => new(run.Parts, run.Calls, run.Reports, run.Bytes, run.Removed);
}

/// <summary>How the archive is.</summary>
internal sealed record ArchiveReportResource(bool Sound, long Parts, long Rows, long Bytes, IReadOnlyList<ArchiveFindingResource> Findings)
{
    public static ArchiveReportResource Of(ArchiveReport report) => new(
        report.Findings.Count == 0, report.Parts, report.Rows, report.Bytes,
        [.. report.Findings.Select(finding => new ArchiveFindingResource(Words.Of(finding.Kind), finding.Name, finding.Expected, finding.Found))]);
}

/// <summary>What is not as it should be.</summary>
internal sealed record ArchiveFindingResource(string Kind, string Name, string Expected, string Found);

/// <summary>A call that is in the archive: its id, <c>archived</c>, and the part that it lies in.</summary>
internal sealed record ArchivedCallResource(string Id, string Status, string Part)
{
    public static ArchivedCallResource Of(ArchivedCall call) => new(call.Call.Value, "archived", call.Part.Value);
}
