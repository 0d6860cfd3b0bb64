namespace Relier.EntityFramework;

/// <summary>Something that people were told of.</summary>
[RelierTable("relier_alert", nameof(TenantId), nameof(Id))]
public sealed record AlertRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What is the matter.</summary>
    public required string Kind { get; init; }

    /// <summary>With whom or what.</summary>
    public required string Subject { get; init; }

    /// <summary>The one cause it was raised for.</summary>
    public required string Cause { get; init; }

    /// <summary>When. In microseconds since 1970 UTC.</summary>
    public required long RaisedAtMicros { get; init; }

    /// <summary>When. Not for use in queries.</summary>
    public DateTimeOffset RaisedAt => RelierUnits.Time(RaisedAtMicros);

    /// <summary>The figures, as JSON.</summary>
    public required string Facts { get; init; }

    /// <summary>The text for people.</summary>
    public required string Message { get; init; }
}

/// <summary>For what people were told last, of each kind and subject.</summary>
[RelierTable("relier_alert_cause", nameof(TenantId), nameof(Kind), nameof(Subject))]
public sealed record AlertCauseRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>What is the matter.</summary>
    public required string Kind { get; init; }

    /// <summary>With whom or what.</summary>
    public required string Subject { get; init; }

    /// <summary>The cause.</summary>
    public required string Cause { get; init; }

    /// <summary>When they were told. In microseconds since 1970 UTC; null for what is only suspected.</summary>
    public long? RaisedAtMicros { get; init; }

    /// <summary>When they were told. Not for use in queries.</summary>
    public DateTimeOffset? RaisedAt => RelierUnits.Time(RaisedAtMicros);
}
