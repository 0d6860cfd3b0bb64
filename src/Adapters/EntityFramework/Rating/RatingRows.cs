namespace Relier.EntityFramework;

/// <summary>How often plans and decks of a tenant changed.</summary>
[RelierTable("relier_tariff_revision", nameof(TenantId))]
public sealed record TariffRevisionRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The number of changes.</summary>
    public required long Revision { get; init; }
}

/// <summary>One version of a plan.</summary>
[RelierTable("relier_plan_version", nameof(TenantId), nameof(PlanId), nameof(Version))]
public sealed record PlanVersionRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The plan.</summary>
    public required string PlanId { get; init; }

    /// <summary>Which version.</summary>
    public required long Version { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary><c>active</c> or <c>retired</c>.</summary>
    public required string State { get; init; }

    /// <summary>From when on it holds. In microseconds since 1970 UTC.</summary>
    public required long EffectiveFromMicros { get; init; }

    /// <summary>From when on it holds. Not for use in queries.</summary>
    public DateTimeOffset EffectiveFrom => RelierUnits.Time(EffectiveFromMicros);

    /// <summary>What it says, as JSON.</summary>
    public required string Definition { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>When another took its place. In microseconds since 1970 UTC.</summary>
    public long? RetiredAtMicros { get; init; }

    /// <summary>When another took its place. Not for use in queries.</summary>
    public DateTimeOffset? RetiredAt => RelierUnits.Time(RetiredAtMicros);
}

/// <summary>One version of a deck.</summary>
[RelierTable("relier_deck_version", nameof(TenantId), nameof(DeckId), nameof(Version))]
public sealed record DeckVersionRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The deck.</summary>
    public required string DeckId { get; init; }

    /// <summary>Which version.</summary>
    public required long Version { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary><c>draft</c>, <c>active</c> or <c>retired</c>.</summary>
    public required string State { get; init; }

    /// <summary>From when on it holds. In microseconds since 1970 UTC.</summary>
    public long? EffectiveFromMicros { get; init; }

    /// <summary>From when on it holds. Not for use in queries.</summary>
    public DateTimeOffset? EffectiveFrom => RelierUnits.Time(EffectiveFromMicros);

    /// <summary>SHA-256 of what it says.</summary>
    public required string Hash { get; init; }

    /// <summary>Its entries.</summary>
    public required long Entries { get; init; }

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>When it was activated. In microseconds since 1970 UTC.</summary>
    public long? ActivatedAtMicros { get; init; }

    /// <summary>When it was activated. Not for use in queries.</summary>
    public DateTimeOffset? ActivatedAt => RelierUnits.Time(ActivatedAtMicros);

    /// <summary>When another took its place. In microseconds since 1970 UTC.</summary>
    public long? RetiredAtMicros { get; init; }

    /// <summary>When another took its place. Not for use in queries.</summary>
    public DateTimeOffset? RetiredAt => RelierUnits.Time(RetiredAtMicros);
}

/// <summary>Some thousands of entries of a version of a deck.</summary>
[RelierTable("relier_deck_part", nameof(TenantId), nameof(DeckId), nameof(Version), nameof(No))]
public sealed record DeckPartRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The deck.</summary>
    public required string DeckId { get; init; }

    /// <summary>Which version.</summary>
    public required long Version { get; init; }

    /// <summary>Its number, from 1.</summary>
    public required long No { get; init; }

    /// <summary>The rates that its entries name, as JSON.</summary>
    public required string Rates { get; init; }

    /// <summary>Its entries.</summary>
    public required string Entries { get; init; }
}

/// <summary>An account that usage is charged to. Its money is the account of the same id.</summary>
[RelierTable("relier_usage_account", nameof(TenantId), nameof(Id))]
public sealed record UsageAccountRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Of which customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>prepaid</c> or <c>postpaid</c>.</summary>
    public required string Mode { get; init; }

    /// <summary><c>active</c>, <c>suspended</c> or <c>closed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>The zone in which its usage is counted by months.</summary>
    public required string Zone { get; init; }

    /// <summary>Which plans hold when, as JSON.</summary>
    public required string Plans { get; init; }

    /// <summary>People are told when the balance comes down to this. In millionths of the major unit.</summary>
    public long? LowBalanceMicros { get; init; }

    /// <summary>People are told when the balance comes down to this. Not for use in queries.</summary>
    public decimal? LowBalance => RelierUnits.Amount(LowBalanceMicros);

    /// <summary>And again at this. In millionths of the major unit.</summary>
    public long? CriticalBalanceMicros { get; init; }

    /// <summary>And again at this. Not for use in queries.</summary>
    public decimal? CriticalBalance => RelierUnits.Amount(CriticalBalanceMicros);

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>Something by which an account is found.</summary>
[RelierTable("relier_line", nameof(TenantId), nameof(Value), nameof(Kind))]
public sealed record LineRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Of what kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Its text.</summary>
    public required string Value { get; init; }

    /// <summary>Of which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Of which customer.</summary>
    public required string CustomerId { get; init; }
}

/// <summary>Usage of an account that is paid for already. Amounts count in units of its kind; of money in millionths.</summary>
[RelierTable("relier_bucket", nameof(TenantId), nameof(Id))]
public sealed record BucketRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Of which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Of what kind.</summary>
    public required string Kind { get; init; }

    /// <summary>What was in it at the beginning.</summary>
    public required long Granted { get; init; }

    /// <summary>What is in it now.</summary>
    public required long Rest { get; init; }

    /// <summary>What sessions have reserved of it.</summary>
    public required long Reserved { get; init; }

    /// <summary>In what pieces it pays.</summary>
    public required long Unit { get; init; }

    /// <summary>The larger pays first.</summary>
    public required long Priority { get; init; }

    /// <summary>The numbers it is for, as JSON.</summary>
    public required string Prefixes { get; init; }

    /// <summary>Whether those of smaller priority pay nothing for what it is for.</summary>
    public required bool IsBlocker { get; init; }

    /// <summary>For calls from this time on. In microseconds since 1970 UTC.</summary>
    public required long ValidFromMicros { get; init; }

    /// <summary>For calls from this time on. Not for use in queries.</summary>
    public DateTimeOffset ValidFrom => RelierUnits.Time(ValidFromMicros);

    /// <summary>For increments that begin before. In microseconds since 1970 UTC.</summary>
    public long? ExpiresAtMicros { get; init; }

    /// <summary>For increments that begin before. Not for use in queries.</summary>
    public DateTimeOffset? ExpiresAt => RelierUnits.Time(ExpiresAtMicros);

    /// <summary>When it came. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it came. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>What names a call for ever, and what it said.</summary>
[RelierTable("relier_call_name", nameof(TenantId), nameof(ExternalId), nameof(Source), nameof(Leg))]
public sealed record CallNameRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The id of its source.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Who reported.</summary>
    public required string Source { get; init; }

    /// <summary>Which leg.</summary>
    public required string Leg { get; init; }

    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>What it said.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The part of the archive that the call lies in; null while it is in the storage.</summary>
    public string? ArchivePart { get; init; }

    /// <summary>Whose the call was that is archived; null while it is in the storage.</summary>
    public string? CustomerId { get; init; }
}

/// <summary>What was reported of a leg of a call, for whom it counts, and what it costs.</summary>
[RelierTable("relier_call", nameof(TenantId), nameof(Id))]
public sealed record CallRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Who reported.</summary>
    public required string Source { get; init; }

    /// <summary>The id of its source.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Which leg.</summary>
    public required string Leg { get; init; }

    /// <summary>Of what kind.</summary>
    public required string Kind { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>Who called, as reported.</summary>
    public string? Caller { get; init; }

    /// <summary>The number that was called, as dialled.</summary>
    public string? Called { get; init; }

    /// <summary>When it began. In microseconds since 1970 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>When it began. Not for use in queries.</summary>
    public DateTimeOffset StartedAt => RelierUnits.Time(StartedAtMicros);

    /// <summary>When it was answered. In microseconds since 1970 UTC.</summary>
    public long? AnsweredAtMicros { get; init; }

    /// <summary>When it was answered. Not for use in queries.</summary>
    public DateTimeOffset? AnsweredAt => RelierUnits.Time(AnsweredAtMicros);

    /// <summary>When it ended. In microseconds since 1970 UTC.</summary>
    public long? EndedAtMicros { get; init; }

    /// <summary>When it ended. Not for use in queries.</summary>
    public DateTimeOffset? EndedAt => RelierUnits.Time(EndedAtMicros);

    /// <summary>Seconds from beginning to end.</summary>
    public required long Duration { get; init; }

    /// <summary>What is charged for: seconds, bytes, messages, events.</summary>
    public required long Quantity { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Cause { get; init; }

    /// <summary>By what its account was to be found, as JSON.</summary>
    public required string Lines { get; init; }

    /// <summary>Whether it is charged, or only kept beside the leg that is.</summary>
    public required bool IsCharged { get; init; }

    /// <summary>The leg that it belongs to.</summary>
    public string? LinkedTo { get; init; }

    /// <summary>Of which account.</summary>
    public string? AccountId { get; init; }

    /// <summary>Of which customer.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The kind of the line.</summary>
    public string? LineKind { get; init; }

    /// <summary>The text of the line.</summary>
    public string? LineValue { get; init; }

    /// <summary><c>received</c>, <c>rated</c>, <c>zero</c>, <c>unrated</c> or <c>not_charged</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it has no price, or was not understood.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it was rated.</summary>
    public long? RatingVersion { get; init; }

    /// <summary>When it was rated. In microseconds since 1970 UTC.</summary>
    public long? RatedAtMicros { get; init; }

    /// <summary>When it was rated. Not for use in queries.</summary>
    public DateTimeOffset? RatedAt => RelierUnits.Time(RatedAtMicros);

    /// <summary>The plan.</summary>
    public string? PlanId { get; init; }

    /// <summary>Which version of the plan.</summary>
    public long? PlanVersion { get; init; }

    /// <summary>The deck.</summary>
    public string? DeckId { get; init; }

    /// <summary>Which version of the deck.</summary>
    public long? DeckVersion { get; init; }

    /// <summary>The prefix that matched.</summary>
    public string? Prefix { get; init; }

    /// <summary>How the destination is called.</summary>
    public string? Destination { get; init; }

    /// <summary>What was charged or paid for by buckets, in whole increments.</summary>
    public long? Billed { get; init; }

    /// <summary>What it costs. In millionths of the major unit.</summary>
    public long? AmountMicros { get; init; }

    /// <summary>What it costs. Not for use in queries.</summary>
    public decimal? Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public string? Currency { get; init; }

    /// <summary>How the charge came about, as JSON.</summary>
    public string? ChargeLines { get; init; }

    /// <summary>What buckets gave, as JSON.</summary>
    public string? BucketUses { get; init; }

    /// <summary>The journal that took it.</summary>
    public string? JournalId { get; init; }

    /// <summary>How much of its quantity has a price, when that is not all.</summary>
    public long? PricedTo { get; init; }

    /// <summary>The dispute about it that is open, or ended with a credit.</summary>
    public string? DisputeId { get; init; }

    /// <summary>When it was taken in. In microseconds since 1970 UTC.</summary>
    public required long ReceivedAtMicros { get; init; }

    /// <summary>When it was taken in. Not for use in queries.</summary>
    public DateTimeOffset ReceivedAt => RelierUnits.Time(ReceivedAtMicros);

    /// <summary>The file that it came with.</summary>
    public string? Batch { get; init; }

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>A price that a call had before another took its place.</summary>
[RelierTable("relier_call_rating", nameof(TenantId), nameof(CallId), nameof(RatingVersion))]
public sealed record CallRatingRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>How often it was rated.</summary>
    public required long RatingVersion { get; init; }

    /// <summary>When it was rated. In microseconds since 1970 UTC.</summary>
    public required long RatedAtMicros { get; init; }

    /// <summary>When it was rated. Not for use in queries.</summary>
    public DateTimeOffset RatedAt => RelierUnits.Time(RatedAtMicros);

    /// <summary>The plan.</summary>
    public required string PlanId { get; init; }

    /// <summary>Which version of the plan.</summary>
    public required long PlanVersion { get; init; }

    /// <summary>The deck.</summary>
    public required string DeckId { get; init; }

    /// <summary>Which version of the deck.</summary>
    public required long DeckVersion { get; init; }

    /// <summary>The prefix that matched.</summary>
    public required string Prefix { get; init; }

    /// <summary>How the destination is called.</summary>
    public required string Destination { get; init; }

    /// <summary>What was charged or paid for by buckets, in whole increments.</summary>
    public required long Billed { get; init; }

    /// <summary>What it costs. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>What it costs. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>How the charge came about, as JSON.</summary>
    public required string ChargeLines { get; init; }

    /// <summary>What buckets gave, as JSON.</summary>
    public string? BucketUses { get; init; }

    /// <summary>The journal that took it.</summary>
    public string? JournalId { get; init; }
}

/// <summary>Somebody says that the charge of a call is wrong.</summary>
[RelierTable("relier_call_dispute", nameof(TenantId), nameof(Id))]
public sealed record CallDisputeRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>Of which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Of which customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>What it costs. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>What it costs. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary><c>open</c>, <c>credited</c> or <c>rejected</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it has no price, or was not understood.</summary>
    public required string Reason { get; init; }

    /// <summary>Who opened it.</summary>
    public required string OpenedBy { get; init; }

    /// <summary>When it was opened. In microseconds since 1970 UTC.</summary>
    public required long OpenedAtMicros { get; init; }

    /// <summary>When it was opened. Not for use in queries.</summary>
    public DateTimeOffset OpenedAt => RelierUnits.Time(OpenedAtMicros);

    /// <summary>What was given back. In millionths of the major unit.</summary>
    public long? CreditMicros { get; init; }

    /// <summary>What was given back. Not for use in queries.</summary>
    public decimal? Credit => RelierUnits.Amount(CreditMicros);

    /// <summary>Who ended it.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>When it was ended. In microseconds since 1970 UTC.</summary>
    public long? ClosedAtMicros { get; init; }

    /// <summary>When it was ended. Not for use in queries.</summary>
    public DateTimeOffset? ClosedAt => RelierUnits.Time(ClosedAtMicros);

    /// <summary>Why it ended so.</summary>
    public string? Note { get; init; }

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>A report of a call as it came.</summary>
[RelierTable("relier_call_report", nameof(TenantId), nameof(Id))]
public sealed record CallReportRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Who reported.</summary>
    public required string Source { get; init; }

    /// <summary>The kind of source that can read it.</summary>
    public string? Reader { get; init; }

    /// <summary>When it was reported. In microseconds since 1970 UTC.</summary>
    public required long ReportedAtMicros { get; init; }

    /// <summary>When it was reported. Not for use in queries.</summary>
    public DateTimeOffset ReportedAt => RelierUnits.Time(ReportedAtMicros);

    /// <summary>Of what type it said it is.</summary>
    public string? ContentType { get; init; }

    /// <summary>The report.</summary>
    public required string Body { get; init; }

    /// <summary>Whether the body is in base 64.</summary>
    public required bool IsBase64 { get; init; }

    /// <summary><c>accepted</c>, <c>duplicate</c>, <c>conflict</c>, <c>malformed</c> or <c>discarded</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it has no price, or was not understood.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>The call.</summary>
    public string? CallId { get; init; }

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>What an account used in a month of its zone, on one line.</summary>
[RelierTable("relier_usage_count", nameof(TenantId), nameof(AccountId), nameof(Month), nameof(LineKind), nameof(LineValue), nameof(Kind), nameof(Direction))]
public sealed record UsageCountRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Of which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The month, as in <c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>The kind of the line.</summary>
    public required string LineKind { get; init; }

    /// <summary>The text of the line.</summary>
    public required string LineValue { get; init; }

    /// <summary>Of what kind.</summary>
    public required string Kind { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>How many records.</summary>
    public required long Calls { get; init; }

    /// <summary>What is charged for: seconds, bytes, messages, events.</summary>
    public required long Quantity { get; init; }

    /// <summary>What was charged or paid for by buckets, in whole increments.</summary>
    public required long Billed { get; init; }

    /// <summary>What it costs. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>What it costs. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }
}
