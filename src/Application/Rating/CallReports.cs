using System.Text;
using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>Reports as they came, newest first: what became calls, and what waits for people. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReportCalls)]
public sealed record ListCallReports : IUseCase<Listing<CallReport>>
{
    /// <summary>Only those in this state: <c>accepted</c>, <c>duplicate</c>, <c>conflict</c>, <c>malformed</c>, <c>discarded</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>A report. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The report.</param>
[Requires(Permission.ReportCalls)]
public sealed record GetCallReport(string Id) : IUseCase<CallReport>;

/// <summary>
/// Reads a switch's report that waits for people once more, after the settings of the switch were mended: it becomes a call, repeats or
/// contradicts one, or is still not understood. Refusals: <c>not_found</c>; <c>report_not_waiting</c> for one that became something;
/// <c>reader_unknown</c> for a record of the API or a line of a file, which is sent again by whoever has it, and for a kind of switch that is not set up.
/// </summary>
/// <param name="Id">The report.</param>
[Requires(Permission.ReportCalls)]
public sealed record RetryCallReport(string Id) : IUseCase<CallReport>;

/// <summary>Ends the waiting of a report that nothing is to be made of. It stays as it is. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>report_not_waiting</c>.</summary>
/// <param name="Id">The report.</param>
/// <param name="Reason">Why, for the audit log.</param>
[Requires(Permission.ReportCalls)]
public sealed record DiscardCallReport(string Id, string? Reason) : IUseCase<CallReport>;

internal sealed class ListCallReportsRules : AbstractValidator<ListCallReports>
{
    public static readonly Dictionary<string, CallReportState> States = Enum.GetValues<CallReportState>().ToDictionary(CallWords.Word);

    public ListCallReportsRules()
    {
        RuleFor(list => list.Status).Must(word => word is null || States.ContainsKey(word)).WithErrorCode("status_invalid").WithMessage($"expected one of {string.Join(", ", States.Keys)}");
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class DiscardCallReportRules : AbstractValidator<DiscardCallReport>
{
    public DiscardCallReportRules() => RuleFor(discard => discard.Reason).IsGiven().IsText();
}

internal static class CallReports
{
    /// <summary>What became of a report whose record was understood.</summary>
    public static CallReportState StateOf(CallFate fate) => fate switch
    {
        CallFate.New or CallFate.Corrected => CallReportState.Accepted,
        CallFate.Duplicate => CallReportState.Duplicate,
        CallFate.Conflict => CallReportState.Conflict,
        _ => throw new InvalidOperationException($"{fate} is no fate this version knows."),
    };

    /// <summary>The report, after its record was understood.</summary>
    public static CallReport After(CallReport report, CallReceipt receipt) => report with
    {
        State = StateOf(receipt.Fate), Call = receipt.Call, Reason = receipt.Fate == CallFate.Conflict ? CallDesk.ConflictReason : null,
        Detail = receipt.Fate == CallFate.Conflict ? CallDesk.ConflictDetail : null,
    };

    public static bool IsWaiting(CallReport report) => report.State is CallReportState.Conflict or CallReportState.Malformed;

    public static async Task<Outcome<CallReport>> FindAsync(ISession session, string id, CancellationToken cancellationToken) =>
        Id<CallReport>.TryParse(id, out var known) && await session.Calls.FindReportAsync(known, cancellationToken) is { } report ? report : Own.NotFound("report", id);

    public static async Task<Outcome<CallReport>> FindWaitingAsync(ISession session, string id, CancellationToken cancellationToken)
    {
        if ((await FindAsync(session, id, cancellationToken)).IsRefused(out var refusal, out var report)) return refusal;
        return IsWaiting(report) ? report : new Refusal("report_not_waiting", "This report does not wait for anything.").With("status", CallWords.Word(report.State));
    }
}

internal sealed class ListCallReportsHandler(IStorage storage, Caller caller) : Handler<ListCallReports, Listing<CallReport>>
{
    protected override Task<Outcome<Listing<CallReport>>> HandleAsync(ListCallReports list, CancellationToken cancellationToken)
    {
        var state = list.Status is { } word ? ListCallReportsRules.States[word] : (CallReportState?)null;
        return Listing.ReadAsync(list.Cursor, list.Limit, $"call reports {list.Status}", page =>
            storage.RunAsync(caller.Tenant, session => session.Calls.ListReportsAsync(state, page, cancellationToken), cancellationToken));
    }
}

internal sealed class GetCallReportHandler(IStorage storage, Caller caller) : Handler<GetCallReport, CallReport>
{
    protected override Task<Outcome<CallReport>> HandleAsync(GetCallReport query, CancellationToken cancellationToken) =>
        storage.RunAsync(caller.Tenant, session => CallReports.FindAsync(session, query.Id, cancellationToken), cancellationToken);
}

internal sealed class RetryCallReportHandler(IStorage storage, CallDesk desk, IEnumerable<ICallSource> sources, IClock clock, Caller caller) : Handler<RetryCallReport, CallReport>
{
    /// <summary>Whoever was first decided: asked again, we see what they made of it.</summary>
    protected override Task<Outcome<CallReport>> HandleAsync(RetryCallReport retry, CancellationToken cancellationToken) => Turns.RunAsync(() => RetryAsync(retry.Id, cancellationToken));

    private async Task<Outcome<CallReport>> RetryAsync(string id, CancellationToken cancellationToken)
    {
        if ((await storage.RunAsync(caller.Tenant, session => CallReports.FindWaitingAsync(session, id, cancellationToken), cancellationToken)).IsRefused(out var refusal, out var report)) return refusal;
        if (sources.FirstOrDefault(source => source.Name == report.Reader) is not { } source)
            return new Refusal("reader_unknown", report.Reader is null ? "Only what a switch reported can be read again; send the record itself once more." : $"There is no kind of switch '{report.Reader}'.");

        // Whoever asks has looked at it: where the address named another call than the report, the report is right.
        var body = report.IsBase64 ? Convert.FromBase64String(report.Body) : Encoding.UTF8.GetBytes(report.Body);
        var reading = source.Read(new CallOrigin(report.Source, caller.Tenant), report.ContentType, body, null);
        if (reading is CallReading.Malformed(var reason, var detail))
        {
            var malformed = report with { State = CallReportState.Malformed, Reason = reason, Detail = detail, Call = null };
            return await storage.RunAsync(caller.Tenant, session => WriteAsync(session, report, malformed, cancellationToken), cancellationToken);
        }

        var record = ((CallReading.Understood)reading).Record;
        var after = report;
        // The call and what its report says of it are one commit: there is no call that its report does not know.
        await desk.KeepAsync(
            caller.Tenant, [record], null,
            async (session, receipt) => after = await WriteAsync(session, report, CallReports.After(report, receipt), cancellationToken),
            cancellationToken);
        return after;
    }

    private async Task<CallReport> WriteAsync(ISession session, CallReport before, CallReport after, CancellationToken cancellationToken)
    {
        var written = await session.Calls.UpdateReportAsync(after, cancellationToken);
        await session.AuditAsync(
            caller, clock, "call_report.retried", after.Id.Value, new { status = CallWords.Word(before.State), before.Reason }, new { status = CallWords.Word(after.State), after.Reason }, cancellationToken);
        return written;
    }
}

internal sealed class DiscardCallReportHandler(IStorage storage, IClock clock, Caller caller) : Handler<DiscardCallReport, CallReport>
{
    protected override Task<Outcome<CallReport>> HandleAsync(DiscardCallReport discard, CancellationToken cancellationToken) =>
        Turns.RunAsync(() => storage.RunAsync(caller.Tenant, session => DiscardAsync(session, discard, cancellationToken), cancellationToken));

    private async Task<Outcome<CallReport>> DiscardAsync(ISession session, DiscardCallReport discard, CancellationToken cancellationToken)
    {
        if ((await CallReports.FindWaitingAsync(session, discard.Id, cancellationToken)).IsRefused(out var refusal, out var report)) return refusal;
        var written = await session.Calls.UpdateReportAsync(report with { State = CallReportState.Discarded }, cancellationToken);
        await session.AuditAsync(
            caller, clock, "call_report.discarded", report.Id.Value, new { status = CallWords.Word(report.State), report.Reason }, new { reason = discard.Reason }, cancellationToken);
        return written;
    }
}
