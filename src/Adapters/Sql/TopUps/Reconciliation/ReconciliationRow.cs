using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

/// <summary>A row of relier_reconciliation.</summary>
internal sealed record RunRow
{
    public const string Columns =
        "id AS Id, provider AS Provider, source AS Source, layout AS Layout, file_name AS FileName, file_hash AS FileHash, period_from AS PeriodFrom, "
        + "period_to AS PeriodTo, state AS State, supersedes AS Supersedes, started_by AS StartedBy, started_at AS StartedAt, touched_at AS TouchedAt, "
        + "finished_at AS FinishedAt, declared_rows AS DeclaredRows, declared_totals AS DeclaredTotals, row_count AS RowCount, totals AS Totals, "
        + "rows_outside AS RowsOutside, is_complete AS IsComplete, classes AS Classes, walks AS Walks, settled AS Settled, problem AS Problem, version AS Version";

    public string TenantId { get; init; } = "";
    public required string Id { get; init; }
    public required string Provider { get; init; }
    public required string Source { get; init; }
    public required string Layout { get; init; }
    public string? FileName { get; init; }
    public required string FileHash { get; init; }
    public string? PeriodFrom { get; init; }
    public string? PeriodTo { get; init; }
    public required string State { get; init; }
    public string? Supersedes { get; init; }
    public required string StartedBy { get; init; }
    public required long StartedAt { get; init; }
    public required long TouchedAt { get; init; }
    public long? FinishedAt { get; init; }
    public long? DeclaredRows { get; init; }
    public required string DeclaredTotals { get; init; }
    public required long RowCount { get; init; }
    public required string Totals { get; init; }
    public required long RowsOutside { get; init; }
    public required long IsComplete { get; init; }
    public required string Classes { get; init; }
    public required string Walks { get; init; }
    public required long Settled { get; init; }
    public string? Problem { get; init; }
    public required long Version { get; init; }

    public static RunRow Of(TenantId tenant, ReconciliationRun run) => new()
    {
        TenantId = tenant.Value, Id = run.Id.Value, Provider = run.Provider, Source = Words.StatementSource.Of(run.Source), Layout = run.Layout,
        FileName = run.FileName, FileHash = run.FileHash, PeriodFrom = Day(run.From), PeriodTo = Day(run.To),
        State = Words.ReconciliationState.Of(run.State), Supersedes = run.Supersedes?.Value, StartedBy = run.StartedBy,
        StartedAt = Micros.Of(run.StartedAt), TouchedAt = Micros.Of(run.TouchedAt), FinishedAt = Micros.Of(run.FinishedAt),
        DeclaredRows = run.DeclaredRows, DeclaredTotals = Sums(run.DeclaredTotals), RowCount = run.Rows, Totals = Sums(run.Totals),
        RowsOutside = run.RowsOutside, IsComplete = run.IsComplete ? 1 : 0,
        Classes = JsonSerializer.Serialize(run.Classes.Select(total => new ClassJson(StatementClasses.Word(total.Class), total.Count, total.Sum.Micros, total.Sum.Currency.Code)), JsonSerializerOptions.Web),
        Walks = JsonSerializer.Serialize(run.Walks.Select(walk => new WalkJson(walk.Opening.Currency.Code, walk.Opening.Micros, walk.Moved.Micros, walk.Closing.Micros, walk.BrokenAt)), JsonSerializerOptions.Web),
        Settled = run.Settled, Problem = run.Problem, Version = run.Version,
    };

    public ReconciliationRun ToRun() => new()
    {
        Id = Id<ReconciliationRun>.Parse(Id), Provider = Provider, Source = Words.StatementSource.Parse(Source), Layout = Layout, FileName = FileName,
        FileHash = FileHash, From = Day(PeriodFrom), To = Day(PeriodTo), State = Words.ReconciliationState.Parse(State),
        Supersedes = Supersedes is null ? null : Id<ReconciliationRun>.Parse(Supersedes), StartedBy = StartedBy, StartedAt = Micros.ToInstant(StartedAt),
        TouchedAt = Micros.ToInstant(TouchedAt), FinishedAt = Micros.ToInstant(FinishedAt), DeclaredRows = DeclaredRows, DeclaredTotals = Sums(DeclaredTotals),
        Rows = RowCount, Totals = Sums(Totals), RowsOutside = RowsOutside, IsComplete = IsComplete == 1,
        Classes = [.. Read<ClassJson>(Classes).Select(total => new ClassTotal(StatementClasses.Parse(total.Class)!.Value, total.Count, Amounts.ToMoney(total.Sum, total.Currency)))],
        Walks = [.. Read<WalkJson>(Walks).Select(walk => new WalkResult(
            Amounts.ToMoney(walk.Opening, walk.Currency), Amounts.ToMoney(walk.Moved, walk.Currency), Amounts.ToMoney(walk.Closing, walk.Currency), walk.BrokenAt))],
        Settled = Settled, Problem = Problem, Version = Version,
    };

    private static string? Day(LocalDate? day) => day is { } known ? LocalDatePattern.Iso.Format(known) : null;

    private static LocalDate? Day(string? text) => text is null ? null : LocalDatePattern.Iso.Parse(text).Value;

    private static string Sums(ImmutableArray<Money> sums) =>
        JsonSerializer.Serialize(sums.Select(sum => new SumJson(sum.Currency.Code, sum.Micros)), JsonSerializerOptions.Web);

    private static ImmutableArray<Money> Sums(string json) => [.. Read<SumJson>(json).Select(sum => Amounts.ToMoney(sum.Micros, sum.Currency))];

    private static List<T> Read<T>(string json) => JsonSerializer.Deserialize<List<T>>(json, JsonSerializerOptions.Web)!;

    private sealed record SumJson(string Currency, long Micros);

    private sealed record ClassJson(string Class, long Count, long Sum, string Currency);

    private sealed record WalkJson(string Currency, long Opening, long Moved, long Closing, long? BrokenAt);
}

/// <summary>A row of relier_statement_row, with its finding where that is asked for.</summary>
internal sealed record LineRow
{
    public const string Columns =
        "r.line AS Line, r.state AS State, r.operator_id AS OperatorId, r.provider_id AS ProviderId, r.our_reference AS OurReference, r.phone AS Phone, "
        + "r.product AS Product, r.amount AS Amount, r.currency AS Currency, r.happened_at AS HappenedAt, r.day AS Day";

    public static readonly string[] Names =
    [
        "tenant_id", "run_id", "line", "state", "operator_id", "provider_id", "our_reference", "phone", "product", "amount", "currency", "happened_at", "day",
    ];

    public required long Line { get; init; }
    public required string State { get; init; }
    public string? OperatorId { get; init; }
    public string? ProviderId { get; init; }
    public string? OurReference { get; init; }
    public string? Phone { get; init; }
    public string? Product { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }
    public long? HappenedAt { get; init; }
    public required string Day { get; init; }
    public string? Kind { get; init; }
    public string? Class { get; init; }
    public long? Pass { get; init; }
    public string? TopUpId { get; init; }
    public long? AttemptNo { get; init; }

    public static object?[] Cells(TenantId tenant, Id<ReconciliationRun> run, StatementRow row) =>
    [
        tenant.Value, run.Value, row.Line, Words.StatementState.Of(row.State), row.OperatorId, row.ProviderId, row.OurReference, row.Phone, row.Product,
        row.Amount.Micros, row.Amount.Currency.Code, Micros.Of(row.At), LocalDatePattern.Iso.Format(row.Day),
    ];

    public StatementRow ToRow() => new()
    {
        Line = Line, State = Words.StatementState.Parse(State), OperatorId = OperatorId, ProviderId = ProviderId, OurReference = OurReference, Phone = Phone,
        Product = Product, Amount = Amounts.ToMoney(Amount, Currency), At = Micros.ToInstant(HappenedAt), Day = LocalDatePattern.Iso.Parse(Day).Value,
    };

    public LineFinding ToFinding() => new(
        Line, Words.StatementKind.Parse(Kind!), StatementClasses.Parse(Class)!.Value, (MatchPass?)Pass, TopUpId is null ? null : Id<TopUp>.Parse(TopUpId), (int?)AttemptNo);
}

/// <summary>A submission with what a statement is compared with.</summary>
internal sealed record OurRow
{
    public required string TopUpId { get; init; }
    public required long No { get; init; }
    public required string State { get; init; }
    public required string TopUpState { get; init; }
    public required string ProviderReference { get; init; }
    public string? TransactionId { get; init; }
    public string? OperatorReference { get; init; }
    public required long StartedAt { get; init; }
    public required string Phone { get; init; }
    public required long FaceAmount { get; init; }
    public required string FaceCurrency { get; init; }
    public required long SendAmount { get; init; }
    public required string SendCurrency { get; init; }
    public required long IsTaken { get; init; }
    public required long WasReported { get; init; }
    public long PhoneIsLeftOver { get; init; }

    public OurAttempt ToAttempt() => new()
    {
        TopUp = Id<TopUp>.Parse(TopUpId), No = (int)No, State = Words.AttemptState.Parse(State), TopUpState = Words.TopUpState.Parse(TopUpState),
        ProviderReference = ProviderReference, TransactionId = TransactionId, OperatorReference = OperatorReference, StartedAt = Micros.ToInstant(StartedAt),
        Phone = Msisdn.Parse(Phone).National, Face = Amounts.ToMoney(FaceAmount, FaceCurrency), Send = Amounts.ToMoney(SendAmount, SendCurrency),
        IsTaken = IsTaken == 1, WasReported = WasReported == 1,
    };
}

/// <summary>A row of relier_reconciliation_break.</summary>
internal sealed record BreakRow
{
    public const string Columns =
        "id AS Id, run_id AS RunId, class AS Class, verdict AS Verdict, needs_confirmation AS NeedsConfirmation, settles_itself AS SettlesItself, line AS Line, "
        + "topup_id AS TopUpId, attempt_no AS AttemptNo, their_amount AS TheirAmount, their_currency AS TheirCurrency, our_amount AS OurAmount, "
        + "our_currency AS OurCurrency, reference AS Reference, opened_at AS OpenedAt, owner AS Owner, outcome AS Outcome, note AS Note, "
        + "closed_at AS ClosedAt, closed_by AS ClosedBy, version AS Version";

    public static readonly string[] Names =
    [
        "tenant_id", "id", "run_id", "class", "verdict", "needs_confirmation", "settles_itself", "line", "topup_id", "attempt_no", "their_amount", "their_currency",
        "our_amount", "our_currency", "reference", "opened_at", "owner", "outcome", "note", "closed_at", "closed_by", "version",
    ];

    public string TenantId { get; init; } = "";
    public required string Id { get; init; }
    public required string RunId { get; init; }
    public required string Class { get; init; }
    public string? Verdict { get; init; }
    public required long NeedsConfirmation { get; init; }
    public required long SettlesItself { get; init; }
    public long? Line { get; init; }
    public string? TopUpId { get; init; }
    public long? AttemptNo { get; init; }
    public long? TheirAmount { get; init; }
    public string? TheirCurrency { get; init; }
    public long? OurAmount { get; init; }
    public string? OurCurrency { get; init; }
    public string? Reference { get; init; }
    public required long OpenedAt { get; init; }
    public string? Owner { get; init; }
    public string? Outcome { get; init; }
    public string? Note { get; init; }
    public long? ClosedAt { get; init; }
    public string? ClosedBy { get; init; }
    public required long Version { get; init; }

    public static BreakRow Of(TenantId tenant, ReconciliationBreak one) => new()
    {
        TenantId = tenant.Value, Id = one.Id.Value, RunId = one.Run.Value, Class = StatementClasses.Word(one.Class),
        Verdict = one.Verdict is { } verdict ? Words.Verdict.Of(verdict) : null, NeedsConfirmation = one.NeedsConfirmation ? 1 : 0,
        SettlesItself = one.SettlesItself ? 1 : 0, Line = one.Line, TopUpId = one.TopUp?.Value, AttemptNo = one.AttemptNo, TheirAmount = one.Theirs?.Micros,
        TheirCurrency = one.Theirs?.Currency.Code, OurAmount = one.Ours?.Micros, OurCurrency = one.Ours?.Currency.Code, Reference = one.Reference,
        OpenedAt = Micros.Of(one.OpenedAt), Owner = one.Owner, Outcome = one.Outcome is { } outcome ? Words.BreakOutcome.Of(outcome) : null, Note = one.Note,
        ClosedAt = Micros.Of(one.ClosedAt), ClosedBy = one.ClosedBy, Version = one.Version,
    };

    public object?[] Cells() =>
    [
        TenantId, Id, RunId, Class, Verdict, NeedsConfirmation, SettlesItself, Line, TopUpId, AttemptNo, TheirAmount, TheirCurrency, OurAmount, OurCurrency,
        Reference, OpenedAt, Owner, Outcome, Note, ClosedAt, ClosedBy, Version,
    ];

    public ReconciliationBreak ToBreak() => new()
    {
        Id = Id<ReconciliationBreak>.Parse(Id), Run = Id<ReconciliationRun>.Parse(RunId), Class = StatementClasses.Parse(Class)!.Value,
        Verdict = Verdict is null ? null : Words.Verdict.Parse(Verdict), NeedsConfirmation = NeedsConfirmation == 1, SettlesItself = SettlesItself == 1,
        Line = Line, TopUp = TopUpId is null ? null : Id<TopUp>.Parse(TopUpId), AttemptNo = (int?)AttemptNo, Theirs = Amounts.ToMoney(TheirAmount, TheirCurrency),
        Ours = Amounts.ToMoney(OurAmount, OurCurrency), Reference = Reference, OpenedAt = Micros.ToInstant(OpenedAt), Owner = Owner,
        Outcome = Outcome is null ? null : Words.BreakOutcome.Parse(Outcome), Note = Note, ClosedAt = Micros.ToInstant(ClosedAt), ClosedBy = ClosedBy, Version = Version,
    };
}
