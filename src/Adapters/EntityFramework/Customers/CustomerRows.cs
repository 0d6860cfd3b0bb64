namespace Relier.EntityFramework;

/// <summary>A customer of a tenant.</summary>
[RelierTable("relier_customer", nameof(TenantId), nameof(Id))]
public sealed record CustomerRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is called by programs; unique in the tenant.</summary>
    public required string Channel { get; init; }

    /// <summary><c>active</c> or <c>suspended</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Its account: <see cref="AccountRow.Id"/>.</summary>
    public required string WalletId { get; init; }

    /// <summary>What it may order, as JSON of Relier's own: its shape may change between versions.</summary>
    public required string Policies { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}
