namespace Relier.EntityFramework;

/// <summary>Who changed what. Never changed.</summary>
[RelierTable("relier_audit_entry", nameof(TenantId), nameof(Id))]
public sealed record AuditEntryRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>When. In microseconds since 1970 UTC.</summary>
    public required long HappenedAtMicros { get; init; }

    /// <summary>When. Not for use in queries.</summary>
    public DateTimeOffset HappenedAt => RelierUnits.Time(HappenedAtMicros);

    /// <summary>Who.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done.</summary>
    public required string Action { get; init; }

    /// <summary>To what.</summary>
    public required string Subject { get; init; }

    /// <summary>How it was, as JSON.</summary>
    public string? BeforeJson { get; init; }

    /// <summary>How it is, as JSON.</summary>
    public string? AfterJson { get; init; }
}
