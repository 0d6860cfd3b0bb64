namespace Relier.EntityFramework;

/// <summary>A run: one file of a provider or an operator, compared with the books.</summary>
[RelierTable("relier_reconciliation", nameof(TenantId), nameof(Id))]
public sealed record ReconciliationRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider it is about.</summary>
    public required string Provider { get; init; }

    /// <summary><c>provider</c> or <c>operator</c>.</summary>
    public required string Source { get; init; }

    /// <summary>How its columns are read.</summary>
    public required string Layout { get; init; }

    /// <summary>The name of the file.</summary>
    public string? FileName { get; init; }

    /// <summary>The SHA-256 of the file; counts once.</summary>
    public required string FileHash { get; init; }

    /// <summary>The first day it covers: <c>2026-11-01</c>.</summary>
    public string? PeriodFrom { get; init; }

    /// <summary>The last day it covers.</summary>
    public string? PeriodTo { get; init; }

    /// <summary><c>importing</c>, <c>matching</c>, <c>settling</c>, <c>done</c>, <c>invalid</c> or <c>superseded</c>.</summary>
    public required string State { get; init; }

    /// <summary>The run it takes the place of.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Who brought it.</summary>
    public required string StartedBy { get; init; }

    /// <summary>When it was begun. In microseconds since 1970 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>When it was begun. Not for use in queries.</summary>
    public DateTimeOffset StartedAt => RelierUnits.Time(StartedAtMicros);

    /// <summary>When it last went on. In microseconds since 1970 UTC.</summary>
    public required long TouchedAtMicros { get; init; }

    /// <summary>When it last went on. Not for use in queries.</summary>
    public DateTimeOffset TouchedAt => RelierUnits.Time(TouchedAtMicros);

    /// <summary>When it was done. In microseconds since 1970 UTC.</summary>
    public long? FinishedAtMicros { get; init; }

    /// <summary>When it was done. Not for use in queries.</summary>
    public DateTimeOffset? FinishedAt => RelierUnits.Time(FinishedAtMicros);

    /// <summary>How many lines were declared.</summary>
    public long? DeclaredRows { get; init; }

    /// <summary>The sums that were declared, as JSON.</summary>
    public required string DeclaredTotals { get; init; }

    /// <summary>How many lines it has.</summary>
    public required long RowCount { get; init; }

    /// <summary>Its sums for each currency, as JSON.</summary>
    public required string Totals { get; init; }

    /// <summary>How many lines lie outside of its period.</summary>
    public required long RowsOutside { get; init; }

    /// <summary>Whether what is not in it is proved not to be.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Counts and sums for each class, as JSON.</summary>
    public required string Classes { get; init; }

    /// <summary>From the opening balances to the closing ones, as JSON.</summary>
    public required string Walks { get; init; }

    /// <summary>How many top-ups it settled by itself.</summary>
    public required long Settled { get; init; }

    /// <summary>Why it is invalid.</summary>
    public string? Problem { get; init; }

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>Where statements come from.</summary>
[RelierTable("relier_statement_source", nameof(TenantId), nameof(Provider), nameof(Source))]
public sealed record StatementSourceRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary><c>provider</c> or <c>operator</c>.</summary>
    public required string Source { get; init; }

    /// <summary>How often a file of it was looked at.</summary>
    public required long Claims { get; init; }
}

/// <summary>A line of a statement as it was normalised. Never changed.</summary>
[RelierTable("relier_statement_row", nameof(TenantId), nameof(RunId), nameof(Line))]
public sealed record StatementLineRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>Its place in the file.</summary>
    public required long Line { get; init; }

    /// <summary><c>delivered</c>, <c>failed</c>, <c>reversed</c> or <c>undecided</c>.</summary>
    public required string State { get; init; }

    /// <summary>The operator's name for it.</summary>
    public string? OperatorId { get; init; }

    /// <summary>The provider's name for it.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Our reference in it.</summary>
    public string? OurReference { get; init; }

    /// <summary>The phone.</summary>
    public string? Phone { get; init; }

    /// <summary>The product.</summary>
    public string? Product { get; init; }

    /// <summary>The amount. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>The amount. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>When it happened, where it says so. In microseconds since 1970 UTC.</summary>
    public long? HappenedAtMicros { get; init; }

    /// <summary>When it happened, where it says so. Not for use in queries.</summary>
    public DateTimeOffset? HappenedAt => RelierUnits.Time(HappenedAtMicros);

    /// <summary>The day it counts for: <c>2026-11-21</c>.</summary>
    public required string Day { get; init; }
}

/// <summary>What was found about a line.</summary>
[RelierTable("relier_statement_finding", nameof(TenantId), nameof(RunId), nameof(Line))]
public sealed record StatementFindingRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The line.</summary>
    public required long Line { get; init; }

    /// <summary><c>charge</c> or <c>reversal</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How it compares.</summary>
    public required string Class { get; init; }

    /// <summary>The rule by which it was matched, 1 to 5.</summary>
    public long? Pass { get; init; }

    /// <summary>The top-up it was matched with.</summary>
    public string? TopUpId { get; init; }

    /// <summary>Which of its submissions.</summary>
    public long? AttemptNo { get; init; }
}

/// <summary>A finding that people must look at.</summary>
[RelierTable("relier_reconciliation_break", nameof(TenantId), nameof(Id))]
public sealed record ReconciliationBreakRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>How the two sides compare.</summary>
    public required string Class { get; init; }

    /// <summary><c>delivered</c>, <c>not_delivered</c> or <c>reversed</c>, where the finding says so.</summary>
    public string? Verdict { get; init; }

    /// <summary>Whether it only suggests a match.</summary>
    public required bool NeedsConfirmation { get; init; }

    /// <summary>Whether it is proof for what nobody knew.</summary>
    public required bool SettlesItself { get; init; }

    /// <summary>The line; null where they have none.</summary>
    public long? Line { get; init; }

    /// <summary>The top-up; null where we have none.</summary>
    public string? TopUpId { get; init; }

    /// <summary>Which of its submissions.</summary>
    public long? AttemptNo { get; init; }

    /// <summary>What they say. In millionths of the major unit.</summary>
    public long? TheirAmountMicros { get; init; }

    /// <summary>What they say. Not for use in queries.</summary>
    public decimal? TheirAmount => RelierUnits.Amount(TheirAmountMicros);

    /// <summary>Its currency.</summary>
    public string? TheirCurrency { get; init; }

    /// <summary>What we say. In millionths of the major unit.</summary>
    public long? OurAmountMicros { get; init; }

    /// <summary>What we say. Not for use in queries.</summary>
    public decimal? OurAmount => RelierUnits.Amount(OurAmountMicros);

    /// <summary>Its currency.</summary>
    public string? OurCurrency { get; init; }

    /// <summary>How to find it on their side.</summary>
    public string? Reference { get; init; }

    /// <summary>When it was found. In microseconds since 1970 UTC.</summary>
    public required long OpenedAtMicros { get; init; }

    /// <summary>When it was found. Not for use in queries.</summary>
    public DateTimeOffset OpenedAt => RelierUnits.Time(OpenedAtMicros);

    /// <summary>Who looks into it.</summary>
    public string? Owner { get; init; }

    /// <summary><c>settled</c>, <c>applied</c>, <c>accepted</c>, <c>claimed</c>, <c>unfounded</c> or <c>superseded</c>; null while open.</summary>
    public string? Outcome { get; init; }

    /// <summary>What was said of it.</summary>
    public string? Note { get; init; }

    /// <summary>When it was closed. In microseconds since 1970 UTC.</summary>
    public long? ClosedAtMicros { get; init; }

    /// <summary>When it was closed. Not for use in queries.</summary>
    public DateTimeOffset? ClosedAt => RelierUnits.Time(ClosedAtMicros);

    /// <summary>Who closed it.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}
