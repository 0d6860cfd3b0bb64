namespace Relier.EntityFramework;

/// <summary>Usage that is under way, and what became of it.</summary>
[RelierTable("relier_usage_session", nameof(TenantId), nameof(Id))]
public sealed record UsageSessionRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Who reports.</summary>
    public required string Source { get; init; }

    /// <summary>The source's id of the call.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Which leg of it.</summary>
    public required string Leg { get; init; }

    /// <summary>Of what kind.</summary>
    public required string Kind { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>Who calls.</summary>
    public string? Caller { get; init; }

    /// <summary>The number that is called.</summary>
    public string? Called { get; init; }

    /// <summary>When it began. In microseconds since 1970 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>When it began. Not for use in queries.</summary>
    public DateTimeOffset StartedAt => RelierUnits.Time(StartedAtMicros);

    /// <summary>By what its account was to be found, as JSON.</summary>
    public required string Lines { get; init; }

    /// <summary>The source's id of the leg that it belongs to.</summary>
    public string? LinkedTo { get; init; }

    /// <summary>Of which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The customer of the account.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The kind of the line.</summary>
    public string? LineKind { get; init; }

    /// <summary>The text of the line.</summary>
    public string? LineValue { get; init; }

    /// <summary><c>prepaid</c> or <c>postpaid</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The plan.</summary>
    public string? PlanId { get; init; }

    /// <summary>The versions that it is rated by.</summary>
    public string? Tariff { get; init; }

    /// <summary><c>open</c> or <c>released</c>.</summary>
    public required string State { get; init; }

    /// <summary>The number of the last message.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the last message said.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What was used so far.</summary>
    public required long Used { get; init; }

    /// <summary>How much of that has a price and is charged.</summary>
    public required long PricedTo { get; init; }

    /// <summary>How much more is granted.</summary>
    public required long Granted { get; init; }

    /// <summary>What it costs so far. In millionths of the major unit.</summary>
    public required long ChargedMicros { get; init; }

    /// <summary>What it costs so far. Not for use in queries.</summary>
    public decimal Charged => RelierUnits.Amount(ChargedMicros);

    /// <summary>What is set aside. In millionths of the major unit.</summary>
    public required long HeldMicros { get; init; }

    /// <summary>What is set aside. Not for use in queries.</summary>
    public decimal Held => RelierUnits.Amount(HeldMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>The hold of what is set aside.</summary>
    public string? HoldSubject { get; init; }

    /// <summary>What it has of buckets, as JSON.</summary>
    public string? Buckets { get; init; }

    /// <summary>The journal that charged last.</summary>
    public string? JournalId { get; init; }

    /// <summary>When it ends unless a message comes before. In microseconds since 1970 UTC.</summary>
    public required long ValidUntilMicros { get; init; }

    /// <summary>When it ends unless a message comes before. Not for use in queries.</summary>
    public DateTimeOffset ValidUntil => RelierUnits.Time(ValidUntilMicros);

    /// <summary>What the sender of the last message was told, as JSON.</summary>
    public required string Answer { get; init; }

    /// <summary>The call that it became.</summary>
    public string? CallId { get; init; }

    /// <summary>Whether it ended because no message came.</summary>
    public required bool IsExpired { get; init; }

    /// <summary>When its first message came. In microseconds since 1970 UTC.</summary>
    public required long OpenedAtMicros { get; init; }

    /// <summary>When its first message came. Not for use in queries.</summary>
    public DateTimeOffset OpenedAt => RelierUnits.Time(OpenedAtMicros);

    /// <summary>When it ended. In microseconds since 1970 UTC.</summary>
    public long? EndedAtMicros { get; init; }

    /// <summary>When it ended. Not for use in queries.</summary>
    public DateTimeOffset? EndedAt => RelierUnits.Time(EndedAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}
