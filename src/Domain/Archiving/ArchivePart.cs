using System.Globalization;
using NodaTime;

namespace Relier.Archiving;

/// <summary>What a part holds.</summary>
public enum ArchiveKind
{
    /// <summary>Calls, with their prices.</summary>
    Calls,

    /// <summary>Reports as they came in.</summary>
    Reports,
}

/// <summary>A file in the archive: rows of one month that are not in the storage any more.</summary>
public sealed record ArchivePart
{
    /// <summary>Its id: kind, month and number, as in <c>calls-2026-08-0001</c>.</summary>
    public required Id<ArchivePart> Id { get; init; }

    /// <summary>What it holds.</summary>
    public required ArchiveKind Kind { get; init; }

    /// <summary>The month, in UTC, in which its calls began or its reports came in.</summary>
    public required YearMonth Month { get; init; }

    /// <summary>Which of the month, from 1.</summary>
    public required int No { get; init; }

    /// <summary>Where it lies in the archive. Its name says what is in it, so that two that try to write the same part never write over each other.</summary>
    public required string Name { get; init; }

    /// <summary>How many lines it has.</summary>
    public required long Rows { get; init; }

    /// <summary>The SHA-256 of the file, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How large the file is.</summary>
    public required long Bytes { get; init; }

    /// <summary>The time of its first row.</summary>
    public required Instant FirstAt { get; init; }

    /// <summary>The time of its last row.</summary>
    public required Instant LastAt { get; init; }

    /// <summary>Until when it is kept.</summary>
    public required Instant KeepUntil { get; init; }

    /// <summary>When it was written.</summary>
    public required Instant WrittenAt { get; init; }

    /// <summary>The id of a part.</summary>
    public static Id<ArchivePart> IdOf(ArchiveKind kind, YearMonth month, int no) => Id<ArchivePart>.Parse($"{Word(kind)}-{MonthText(month)}-{Number(no)}");

    /// <summary>The folder that the parts of a month lie in.</summary>
    public static string FolderOf(string tenant, ArchiveKind kind, YearMonth month) => $"{tenant}/{Word(kind)}/{MonthText(month)}";

    /// <summary>The name of the file of a part: with the beginning of its hash.</summary>
    public static string NameOf(string tenant, ArchiveKind kind, YearMonth month, int no, string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        return $"{FolderOf(tenant, kind, month)}/{Number(no)}-{sha256[..16]}.ndjson.gz";
    }

    /// <summary>The word for a kind, in ids and names of files.</summary>
    public static string Word(ArchiveKind kind) => kind switch
    {
        ArchiveKind.Calls => "calls",
        ArchiveKind.Reports => "reports",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind this version knows."),
    };

    /// <summary>A month as text: <c>2026-08</c>.</summary>
    public static string MonthText(YearMonth month) => string.Create(CultureInfo.InvariantCulture, $"{month.Year:D4}-{month.Month:D2}");

    /// <summary>The month of a text.</summary>
    public static YearMonth ToMonth(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new YearMonth(int.Parse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private static string Number(int no) => no.ToString("D4", CultureInfo.InvariantCulture);
}
