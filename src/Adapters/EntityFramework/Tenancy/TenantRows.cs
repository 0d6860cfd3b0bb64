namespace Relier.EntityFramework;

/// <summary>A seller who runs on this installation.</summary>
[RelierTable("relier_tenant", nameof(Id))]
public sealed record TenantRow
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The zone of its calendar: <c>America/Mexico_City</c>.</summary>
    public required string Zone { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);
}
