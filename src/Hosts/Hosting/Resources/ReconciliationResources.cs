using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Relier.TopUps;

namespace Relier.Hosting.Resources;

/// <summary>A reconciliation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Provider">The provider whose submissions it is about.</param>
/// <param name="Source">provider or operator: who wrote the file.</param>
/// <param name="Map">By what it was read.</param>
/// <param name="FileName">What the file was called.</param>
/// <param name="FileHash">SHA-256 of the file.</param>
/// <param name="From">The first settlement day.</param>
/// <param name="To">The day after the last one.</param>
/// <param name="Status">importing, matching, settling, done, invalid, superseded; dry_run for a trial.</param>
/// <param name="Complete">Whether what is missing in it did not happen.</param>
/// <param name="Flagged">Whether people should look even if every line matched.</param>
/// <param name="Rows">How many lines.</param>
/// <param name="RowsOutside">How many lines lie outside of the period.</param>
/// <param name="Totals">What the lines say was delivered, by currency.</param>
/// <param name="Declared">What was declared.</param>
/// <param name="Classes">Count and sum of each class and currency.</param>
/// <param name="Walks">How the balances came out, by currency.</param>
/// <param name="Settled">How many top-ups it settled by itself.</param>
/// <param name="Supersedes">The run whose place it took.</param>
/// <param name="Problem">What was wrong with the file.</param>
/// <param name="StartedBy">Who asked for it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
internal sealed record ReconciliationResource(
    string Id, string Provider, string Source, string Map, string? FileName, string FileHash, string? From, string? To, string Status, bool Complete, bool Flagged,
    long Rows, long RowsOutside, IReadOnlyList<MoneyResource> Totals, DeclaredResource Declared, IReadOnlyList<ClassResource> Classes, IReadOnlyList<WalkResource> Walks,
    long Settled, string? Supersedes, string? Problem, string StartedBy, string StartedAt, string? FinishedAt)
{
    public static ReconciliationResource Of(ReconciliationRun run, bool dryRun = false) => new(
        run.Id.Value, run.Provider, Words.Of(run.Source), run.Layout, run.FileName, run.FileHash, Day(run.From), Day(run.To), dryRun ? "dry_run" : Words.Of(run.State),
        run.IsComplete, run.IsFlagged, run.Rows, run.RowsOutside, [.. run.Totals.Select(MoneyResource.Of)],
        new(run.DeclaredRows, [.. run.DeclaredTotals.Select(MoneyResource.Of)]),
        [.. run.Classes.Select(total => new ClassResource(StatementClasses.Word(total.Class), total.Count, MoneyResource.Of(total.Sum)))],
        [.. run.Walks.Select(WalkResource.Of)], run.Settled, run.Supersedes?.Value, run.Problem, run.StartedBy, run.StartedAt.Text(), run.FinishedAt.Text());

    private static string? Day(LocalDate? day) => day is { } known ? LocalDatePattern.Iso.Format(known) : null;
}

/// <summary>What was declared of a file.</summary>
/// <param name="Rows">How many lines.</param>
/// <param name="Totals">The sums, one for a currency.</param>
internal sealed record DeclaredResource(long? Rows, IReadOnlyList<MoneyResource> Totals);

/// <summary>One class in one currency.</summary>
/// <param name="Class">The class.</param>
/// <param name="Count">How many.</param>
/// <param name="Sum">What they come to.</param>
internal sealed record ClassResource(string Class, long Count, MoneyResource Sum);

/// <summary>How the balances of one currency came out.</summary>
/// <param name="Opening">Before the first line.</param>
/// <param name="Moved">What the lines come to.</param>
/// <param name="Closing">After the last line.</param>
/// <param name="Difference">By how much the end is off.</param>
/// <param name="BrokenAt">The first line whose balance does not follow.</param>
internal sealed record WalkResource(MoneyResource Opening, MoneyResource Moved, MoneyResource Closing, MoneyResource Difference, long? BrokenAt)
{
    public static WalkResource Of(WalkResult walk) =>
        new(MoneyResource.Of(walk.Opening), MoneyResource.Of(walk.Moved), MoneyResource.Of(walk.Closing), MoneyResource.Of(walk.Difference), walk.BrokenAt);
}

/// <summary>Something in which the two sides differ.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reconciliation">The run that found it.</param>
/// <param name="Class">What differs.</param>
/// <param name="Status">open or closed.</param>
/// <param name="Line">The line of the file; null for what it does not list.</param>
/// <param name="TopUp">The top-up; null for what we do not have.</param>
/// <param name="Attempt">Which of its submissions.</param>
/// <param name="Theirs">Their amount.</param>
/// <param name="Ours">Our amount.</param>
/// <param name="Reference">By what the other side can be asked about it.</param>
/// <param name="Verdict">What would be proven if it were applied: delivered, not_delivered, reversed; null where no money would move.</param>
/// <param name="NeedsConfirmation">Whether two persons must say that line and top-up belong together.</param>
/// <param name="Owner">Who looks into it.</param>
/// <param name="Outcome">settled, applied, accepted, claimed, unfounded, superseded; null while open.</param>
/// <param name="Note">What was said at the end.</param>
/// <param name="OpenedAt">When it was found.</param>
/// <param name="AgeDays">Whole days it has been open, or was.</param>
/// <param name="ClosedAt">When it ended.</param>
/// <param name="ClosedBy">Who ended it.</param>
internal sealed record BreakResource(
    string Id, string Reconciliation, string Class, string Status, long? Line, string? TopUp, int? Attempt, MoneyResource? Theirs, MoneyResource? Ours, string? Reference,
    string? Verdict, bool NeedsConfirmation, string? Owner, string? Outcome, string? Note, string OpenedAt, int AgeDays, string? ClosedAt, string? ClosedBy)
{
    public static BreakResource Of(ReconciliationBreak one, Instant now) => new(
        one.Id.Value, one.Run.Value, StatementClasses.Word(one.Class), one.IsOpen ? "open" : "closed", one.Line, one.TopUp?.Value, one.AttemptNo,
        MoneyResource.Of(one.Theirs), MoneyResource.Of(one.Ours), one.Reference, one.Verdict is { } verdict ? Words.Of(verdict) : null, one.NeedsConfirmation,
        one.Owner, one.Outcome is { } outcome ? Words.Of(outcome) : null, one.Note, one.OpenedAt.Text(),
        (int)((one.ClosedAt ?? now) - one.OpenedAt).TotalDays, one.ClosedAt.Text(), one.ClosedBy);
}

/// <summary>Lines and breaks as CSV.</summary>
internal static class ReconciliationCsv
{
    public static readonly string[] MatchColumns =
    [
        "Line", "Class", "Matched by", "Transaction ID", "Attempt", "State", "Phone", "Amount", "Currency", "Date", "Operator ID", "Provider ID", "Our reference", "Product",
    ];

    public static readonly string[] BreakColumns =
    [
        "Break ID", "Reconciliation", "Class", "Status", "Line", "Transaction ID", "Attempt", "Their amount", "Their currency", "Our amount", "Our currency", "Reference",
        "Verdict", "Needs confirmation", "Owner", "Outcome", "Note", "Opened", "Age (days)", "Closed", "Closed by",
    ];

    public static string?[] Cells(FoundLine line) =>
    [
        Text(line.Row.Line), StatementClasses.Word(line.Finding.Class), line.Finding.Pass is { } pass ? Words.Of(pass) : null, line.Finding.TopUp?.Value,
        Text(line.Finding.AttemptNo), Words.Of(line.Row.State), line.Row.Phone, line.Row.Amount.Amount, line.Row.Amount.Currency.Code,
        line.Row.At?.Text() ?? LocalDatePattern.Iso.Format(line.Row.Day), line.Row.OperatorId, line.Row.ProviderId, line.Row.OurReference, line.Row.Product,
    ];

    public static string?[] Cells(BreakResource one) =>
    [
        one.Id, one.Reconciliation, one.Class, one.Status, Text(one.Line), one.TopUp, Text(one.Attempt), one.Theirs?.Amount, one.Theirs?.Currency, one.Ours?.Amount,
        one.Ours?.Currency, one.Reference, one.Verdict, one.NeedsConfirmation ? "yes" : "no", one.Owner, one.Outcome, one.Note, one.OpenedAt, Text(one.AgeDays), one.ClosedAt, one.ClosedBy,
    ];

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
