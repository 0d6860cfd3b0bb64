namespace Relier.EntityFramework;

/// <summary>A file in the archive.</summary>
[RelierTable("relier_archive_part", nameof(TenantId), nameof(Id))]
public sealed record ArchivePartRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>calls or reports.</summary>
    public required string Kind { get; init; }

    /// <summary>The month in UTC: 2026-08.</summary>
    public required string Month { get; init; }

    /// <summary>Which of the month, from 1.</summary>
    public required long No { get; init; }

    /// <summary>Where it lies in the archive.</summary>
    public required string Name { get; init; }

    /// <summary>How many lines it has.</summary>
    public required long RowCount { get; init; }

    /// <summary>The SHA-256 of the file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How large the file is.</summary>
    public required long Bytes { get; init; }

    /// <summary>The time of its first row. In microseconds since 1970 UTC.</summary>
    public required long FirstAtMicros { get; init; }

    /// <summary>The time of its last row. In microseconds since 1970 UTC.</summary>
    public required long LastAtMicros { get; init; }

    /// <summary>Until when it is kept. In microseconds since 1970 UTC.</summary>
    public required long KeepUntilMicros { get; init; }

    /// <summary>When it was written. In microseconds since 1970 UTC.</summary>
    public required long WrittenAtMicros { get; init; }

    /// <summary>The time of its first row. Not for use in queries.</summary>
    public DateTimeOffset FirstAt => RelierUnits.Time(FirstAtMicros);

    /// <summary>The time of its last row. Not for use in queries.</summary>
    public DateTimeOffset LastAt => RelierUnits.Time(LastAtMicros);

    /// <summary>Until when it is kept. Not for use in queries.</summary>
    public DateTimeOffset KeepUntil => RelierUnits.Time(KeepUntilMicros);

    /// <summary>When it was written. Not for use in queries.</summary>
    public DateTimeOffset WrittenAt => RelierUnits.Time(WrittenAtMicros);
}
