namespace Relier.EntityFramework;

/// <summary>A thing of another system and what it became here.</summary>
[RelierTable("relier_imported", nameof(TenantId), nameof(Source), nameof(Kind), nameof(OldId))]
public sealed record ImportedRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The other system.</summary>
    public required string Source { get; init; }

    /// <summary><c>customer</c> or <c>topup</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its id there.</summary>
    public required string OldId { get; init; }

    /// <summary>Its id here.</summary>
    public required string NewId { get; init; }

    /// <summary>What it was, so that a later export that says otherwise is noticed.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Whether the other system did not know what became of it.</summary>
    public required bool IsUndecided { get; init; }

    /// <summary>What was said of it there and has no place here, as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long ImportedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset ImportedAt => RelierUnits.Time(ImportedAtMicros);
}

/// <summary>A top-up of another system: its money is part of an opening balance, so it has no hold and no journal.</summary>
[RelierTable("relier_imported_topup", nameof(TenantId), nameof(TopUpId))]
public sealed record ImportedTopUpRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The top-up.</summary>
    public required string TopUpId { get; init; }
}

/// <summary>Another system that was imported from. Changed first by every import, so that two wait for each other.</summary>
[RelierTable("relier_import_source", nameof(TenantId), nameof(Source))]
public sealed record ImportSourceRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The other system.</summary>
    public required string Source { get; init; }

    /// <summary>How often it was locked.</summary>
    public required long Claims { get; init; }
}
