namespace Relier.EntityFramework;

/// <summary>A key to the API. The secret itself is kept nowhere.</summary>
[RelierTable("relier_api_key", nameof(TenantId), nameof(Id))]
public sealed record ApiKeyRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is; null for a person of the house.</summary>
    public string? CustomerId { get; init; }

    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    /// <summary>How it begins; unique among all tenants.</summary>
    public required string Prefix { get; init; }

    /// <summary>The hash of the rest.</summary>
    public required string SecretHash { get; init; }

    /// <summary>What it may do, as JSON.</summary>
    public required string Scopes { get; init; }

    /// <summary>When it was made. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it was made. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>When it was used last, to within minutes. In microseconds since 1970 UTC.</summary>
    public long? LastUsedAtMicros { get; init; }

    /// <summary>When it was used last, to within minutes. Not for use in queries.</summary>
    public DateTimeOffset? LastUsedAt => RelierUnits.Time(LastUsedAtMicros);

    /// <summary>When it ends; null for never. In microseconds since 1970 UTC.</summary>
    public long? ExpiresAtMicros { get; init; }

    /// <summary>When it ends; null for never. Not for use in queries.</summary>
    public DateTimeOffset? ExpiresAt => RelierUnits.Time(ExpiresAtMicros);

    /// <summary>From when it is refused; null if it is not. In microseconds since 1970 UTC.</summary>
    public long? RevokedAtMicros { get; init; }

    /// <summary>From when it is refused; null if it is not. Not for use in queries.</summary>
    public DateTimeOffset? RevokedAt => RelierUnits.Time(RevokedAtMicros);
}
