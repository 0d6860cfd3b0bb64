namespace Relier.EntityFramework;

/// <summary>What was seen of a provider last, of one kind.</summary>
[RelierTable("relier_provider_sight", nameof(TenantId), nameof(Provider), nameof(Kind))]
public sealed record ProviderSightRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>What was looked at.</summary>
    public required string Kind { get; init; }

    /// <summary>When. In microseconds since 1970 UTC.</summary>
    public required long SeenAtMicros { get; init; }

    /// <summary>When. Not for use in queries.</summary>
    public DateTimeOffset SeenAt => RelierUnits.Time(SeenAtMicros);

    /// <summary>Whether it was as it should be.</summary>
    public required bool IsWell { get; init; }

    /// <summary>The balance it told. In millionths of the major unit.</summary>
    public long? AmountMicros { get; init; }

    /// <summary>The balance it told. Not for use in queries.</summary>
    public decimal? Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public string? Currency { get; init; }

    /// <summary>The products it told, as JSON.</summary>
    public required string Products { get; init; }

    /// <summary>What else was seen.</summary>
    public string? Detail { get; init; }
}

/// <summary>What a provider told unasked, as it was received.</summary>
[RelierTable("relier_provider_message", nameof(TenantId), nameof(Id))]
public sealed record ProviderMessageRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's name for it; the same twice is one message.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long ReceivedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset ReceivedAt => RelierUnits.Time(ReceivedAtMicros);

    /// <summary>Its text.</summary>
    public required string Body { get; init; }

    /// <summary>Our reference in it.</summary>
    public string? Reference { get; init; }

    /// <summary><c>delivered</c>, <c>not_delivered</c> or <c>reversed</c>.</summary>
    public string? Verdict { get; init; }

    /// <summary>The provider's transaction in it.</summary>
    public string? TransactionId { get; init; }

    /// <summary><c>received</c>, <c>applied</c>, <c>orphan</c>, <c>unreadable</c> or <c>contradicts</c>.</summary>
    public required string State { get; init; }

    /// <summary>The top-up it is about.</summary>
    public string? TopUpId { get; init; }

    /// <summary>What came of it.</summary>
    public string? Note { get; init; }
}
