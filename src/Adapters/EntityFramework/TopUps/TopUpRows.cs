namespace Relier.EntityFramework;

/// <summary>A top-up. What it is charged, the rate and the route are null when it was rejected before they were known.</summary>
[RelierTable("relier_topup", nameof(TenantId), nameof(Id))]
public sealed record TopUpRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id: <c>RLR…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Who ordered it.</summary>
    public required string CustomerId { get; init; }

    /// <summary>What it is charged to.</summary>
    public required string AccountId { get; init; }

    /// <summary>The customer's own name for it.</summary>
    public string? Reference { get; init; }

    /// <summary>The whole number, with +52.</summary>
    public required string Phone { get; init; }

    /// <summary>The product that was asked for.</summary>
    public string? Product { get; init; }

    /// <summary>What shall arrive on the phone. In millionths of the major unit.</summary>
    public required long FaceAmountMicros { get; init; }

    /// <summary>What shall arrive on the phone. Not for use in queries.</summary>
    public decimal FaceAmount => RelierUnits.Amount(FaceAmountMicros);

    /// <summary>Its currency.</summary>
    public required string FaceCurrency { get; init; }

    /// <summary>What the customer pays. In millionths of the major unit.</summary>
    public long? ChargeAmountMicros { get; init; }

    /// <summary>What the customer pays. Not for use in queries.</summary>
    public decimal? ChargeAmount => RelierUnits.Amount(ChargeAmountMicros);

    /// <summary>Its currency.</summary>
    public string? ChargeCurrency { get; init; }

    /// <summary>The customer's commission, part of the charge. In millionths of the major unit.</summary>
    public long? CommissionAmountMicros { get; init; }

    /// <summary>The customer's commission, part of the charge. Not for use in queries.</summary>
    public decimal? CommissionAmount => RelierUnits.Amount(CommissionAmountMicros);

    /// <summary>The rate it is charged at; null in the wallet's own currency. In billionths.</summary>
    public long? RateBillionths { get; init; }

    /// <summary>The rate it is charged at; null in the wallet's own currency. Not for use in queries.</summary>
    public decimal? Rate => RelierUnits.Ratio(RateBillionths);

    /// <summary>The currency that one unit of the rate is of.</summary>
    public string? RateBase { get; init; }

    /// <summary>The currency that the rate is told in.</summary>
    public string? RateQuote { get; init; }

    /// <summary>From when that rate holds. In microseconds since 1970 UTC.</summary>
    public long? RateAsOfMicros { get; init; }

    /// <summary>From when that rate holds. Not for use in queries.</summary>
    public DateTimeOffset? RateAsOf => RelierUnits.Time(RateAsOfMicros);

    /// <summary>Who told it.</summary>
    public string? RateSource { get; init; }

    /// <summary>The provider.</summary>
    public string? RouteProvider { get; init; }

    /// <summary>The provider's product.</summary>
    public string? RouteProduct { get; init; }

    /// <summary>The operator of the phone.</summary>
    public string? RouteOperator { get; init; }

    /// <summary>What the provider is asked for. In millionths of the major unit.</summary>
    public long? SendAmountMicros { get; init; }

    /// <summary>What the provider is asked for. Not for use in queries.</summary>
    public decimal? SendAmount => RelierUnits.Amount(SendAmountMicros);

    /// <summary>Its currency.</summary>
    public string? SendCurrency { get; init; }

    /// <summary>What the provider takes for it. In millionths of the major unit.</summary>
    public long? CostAmountMicros { get; init; }

    /// <summary>What the provider takes for it. Not for use in queries.</summary>
    public decimal? CostAmount => RelierUnits.Amount(CostAmountMicros);

    /// <summary>Its currency.</summary>
    public string? CostCurrency { get; init; }

    /// <summary><c>reserved</c>, <c>submitting</c>, <c>pending</c>, <c>unknown</c>, <c>in_review</c>, <c>succeeded</c>, <c>failed</c>, <c>rejected</c>, <c>reversed</c> or <c>late_delivered</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it failed or was rejected.</summary>
    public string? Code { get; init; }

    /// <summary>The whole refusal, as JSON.</summary>
    public string? Rejection { get; init; }

    /// <summary>The operator's name for it.</summary>
    public string? OperatorReference { get; init; }

    /// <summary>When it was ordered. In microseconds since 1970 UTC.</summary>
    public required long CreatedAtMicros { get; init; }

    /// <summary>When it was ordered. Not for use in queries.</summary>
    public DateTimeOffset CreatedAt => RelierUnits.Time(CreatedAtMicros);

    /// <summary>The day it counts towards, in the tenant's zone: <c>2026-11-21</c>.</summary>
    public required string Day { get; init; }

    /// <summary>When its outcome became final. In microseconds since 1970 UTC.</summary>
    public long? DecidedAtMicros { get; init; }

    /// <summary>When its outcome became final. Not for use in queries.</summary>
    public DateTimeOffset? DecidedAt => RelierUnits.Time(DecidedAtMicros);

    /// <summary>Since when nobody knows its outcome. In microseconds since 1970 UTC.</summary>
    public long? UnknownSinceMicros { get; init; }

    /// <summary>Since when nobody knows its outcome. Not for use in queries.</summary>
    public DateTimeOffset? UnknownSince => RelierUnits.Time(UnknownSinceMicros);

    /// <summary>When it is looked up next. In microseconds since 1970 UTC.</summary>
    public long? NextCheckAtMicros { get; init; }

    /// <summary>When it is looked up next. Not for use in queries.</summary>
    public DateTimeOffset? NextCheckAt => RelierUnits.Time(NextCheckAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>One submission of a top-up to a provider.</summary>
[RelierTable("relier_topup_attempt", nameof(TenantId), nameof(TopUpId), nameof(No))]
public sealed record TopUpAttemptRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The top-up.</summary>
    public required string TopUpId { get; init; }

    /// <summary>Which of its submissions, from 1.</summary>
    public required long No { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Its product.</summary>
    public required string Product { get; init; }

    /// <summary>The operator of the phone.</summary>
    public required string Operator { get; init; }

    /// <summary>What was asked for. In millionths of the major unit.</summary>
    public required long SendAmountMicros { get; init; }

    /// <summary>What was asked for. Not for use in queries.</summary>
    public decimal SendAmount => RelierUnits.Amount(SendAmountMicros);

    /// <summary>Its currency.</summary>
    public required string SendCurrency { get; init; }

    /// <summary>What the provider takes for it. In millionths of the major unit.</summary>
    public required long CostAmountMicros { get; init; }

    /// <summary>What the provider takes for it. Not for use in queries.</summary>
    public decimal CostAmount => RelierUnits.Amount(CostAmountMicros);

    /// <summary>Its currency.</summary>
    public required string CostCurrency { get; init; }

    /// <summary><c>production</c>, <c>sandbox</c> or <c>simulator</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Our reference with the provider.</summary>
    public required string ProviderReference { get; init; }

    /// <summary><c>submitting</c>, <c>not_sent</c>, <c>refused</c>, <c>delivered</c>, <c>accepted</c>, <c>unknown</c> or <c>not_delivered</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was begun. In microseconds since 1970 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>When it was begun. Not for use in queries.</summary>
    public DateTimeOffset StartedAt => RelierUnits.Time(StartedAtMicros);

    /// <summary>When it was decided. In microseconds since 1970 UTC.</summary>
    public long? EndedAtMicros { get; init; }

    /// <summary>When it was decided. Not for use in queries.</summary>
    public DateTimeOffset? EndedAt => RelierUnits.Time(EndedAtMicros);

    /// <summary>The provider's name for it.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The operator's name for it.</summary>
    public string? OperatorReference { get; init; }

    /// <summary>What the provider or we call the outcome.</summary>
    public string? Code { get; init; }

    /// <summary>What the provider said.</summary>
    public string? Message { get; init; }

    /// <summary>What was exchanged, as JSON.</summary>
    public string? Evidence { get; init; }
}

/// <summary>What somebody says became of a top-up. Never changed.</summary>
[RelierTable("relier_topup_evidence", nameof(TenantId), nameof(TopUpId), nameof(No))]
public sealed record TopUpEvidenceRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The top-up.</summary>
    public required string TopUpId { get; init; }

    /// <summary>Which of its pieces, from 1.</summary>
    public required long No { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary><c>delivered</c>, <c>not_delivered</c> or <c>reversed</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary><c>lookup</c>, <c>person</c>, <c>statement</c> or <c>callback</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Where it can be read.</summary>
    public required string Reference { get; init; }

    /// <summary>Who brought it.</summary>
    public required string BroughtBy { get; init; }

    /// <summary>Which submission it is about; null for the top-up as a whole.</summary>
    public long? AttemptNo { get; init; }

    /// <summary>When it was brought. In microseconds since 1970 UTC.</summary>
    public required long HeardAtMicros { get; init; }

    /// <summary>When it was brought. Not for use in queries.</summary>
    public DateTimeOffset HeardAt => RelierUnits.Time(HeardAtMicros);

    /// <summary>What else was said.</summary>
    public string? Note { get; init; }
}

/// <summary>A customer's reference, taken for ever.</summary>
[RelierTable("relier_topup_reference", nameof(TenantId), nameof(Reference), nameof(CustomerId))]
public sealed record TopUpReferenceRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The reference.</summary>
    public required string Reference { get; init; }

    /// <summary>Whose it is.</summary>
    public required string CustomerId { get; init; }

    /// <summary>What it names.</summary>
    public required string TopUpId { get; init; }
}

/// <summary>Our reference with a provider, taken for ever.</summary>
[RelierTable("relier_provider_reference", nameof(TenantId), nameof(Provider), nameof(Reference))]
public sealed record ProviderReferenceRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The reference.</summary>
    public required string Reference { get; init; }

    /// <summary>The top-up.</summary>
    public required string TopUpId { get; init; }

    /// <summary>Which of its submissions.</summary>
    public required long AttemptNo { get; init; }
}

/// <summary>What counts towards the limits of a day.</summary>
[RelierTable("relier_daily_use", nameof(TenantId), nameof(CustomerId), nameof(Day), nameof(Currency))]
public sealed record DailyUseRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Whose limit.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The day in the tenant's zone: <c>2026-11-21</c>.</summary>
    public required string Day { get; init; }

    /// <summary>The currency.</summary>
    public required string Currency { get; init; }

    /// <summary>The sum of face amounts. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>The sum of face amounts. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);
}
