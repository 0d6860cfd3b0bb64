using System.Text.Json;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Call records.</summary>
internal static class CallEndpoints
{
    internal static readonly (string, string)[] Names = [("account", "accountId"), ("from", "startDate"), ("to", "endDate"), ("status", "processingStatus")];

    public static void MapCalls(this IEndpointRouteBuilder api)
    {
        var calls = api.MapGroup("/cdrs").WithTags(Tags.Calls);
        calls.MapPost("", ReportAsync).As(CallDocs.Report);
        calls.MapPost("/batch", BatchAsync).As(CallDocs.Batch);
        calls.MapGet("", ListAsync).As(CallDocs.List);
        calls.MapGet("/{id}", GetAsync).As(CallDocs.Get);
        calls.MapGet("/statistics", StatisticsAsync).As(CallDocs.Statistics);
        calls.MapGet("/export", ExportAsync).As(CallDocs.Export);
        calls.MapPost("/{id}/retry", RetryAsync).As(CallDocs.Retry);
        calls.MapPost("/retry", RetryAllAsync).As(CallDocs.RetryAll);
    }

    private static async Task<IResult> ReportAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (CallReader.Read(json).IsRefused(out var wrong, out var record)) return wrong.ToResult();
        if ((await relier.SendAsync(new ReportCalls([record]), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var reported)) return refusal.ToResult();
        if (reported[0].Refusal is { } no) return no.ToResult();
        var isNew = reported[0].Receipt!.Fate == CallFate.New;
        if (isNew) http.Response.Headers.Location = $"/api/v1/cdrs/{reported[0].Call!.Id}";
        else if (reported[0].Receipt!.Fate == CallFate.Duplicate) http.Response.Headers[Headers.Replayed] = "true";
        if (reported[0].Archived is { } archived) return Answers.Ok(ArchivedCallResource.Of(archived));
        return Answers.Ok(CallResource.Of(reported[0].Call!), isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> BatchAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        var errors = new List<FieldError>();
        var reader = new JsonObjectReader(json, "", errors);
        var items = reader.List("cdrs").Select(one => one.Item).ToList();
        reader.End();
        if (errors.Count == 0 && items.Count is 0 or > ReportCalls.RecordsMax) reader.Wrong("cdrs", "too_many", $"expected 1 to {ReportCalls.RecordsMax} records");
        if (errors.Count > 0) return Refusals.Invalid(errors).ToResult();

        var read = items.Select(CallReader.Read).ToList();
        var records = read.Where(one => one.Refusal is null).Select(one => one.Value).ToList();
        // Who may not report learns that, and not what is wrong with each record.
        var outcome = await relier.SendAsync(new ReportCalls(records), http.Caller(), http.RequestAborted);
        if (outcome.IsRefused(out var refusal, out var reported) && (records.Count > 0 || refusal.Code != "validation_failed")) return refusal.ToResult();
        var answers = (reported ?? []).GetEnumerator();
        return Answers.Ok(new ReportedCallsResource([.. read.Select((one, index) => one.Refusal is { } wrong ? Show(http, index, new ReportedCall(null, null, wrong)) : Show(http, index, Next(answers)))]));
    }

    private static ReportedCall Next(IEnumerator<ReportedCall> answers) =>
        answers.MoveNext() ? answers.Current : throw new InvalidOperationException("There are fewer answers than records.");

    private static ReportedCallResource Show(HttpContext http, int index, ReportedCall reported) => new(
        index,
        reported.Receipt?.Fate switch { null => "invalid", CallFate.New => "created", CallFate.Duplicate => "duplicate", CallFate.Conflict => "conflict", CallFate.Corrected => "corrected", var fate => throw new InvalidOperationException($"{fate}") },
        reported.Call is { } call ? CallResource.Of(call) : null, reported.Refusal is { } refusal ? Problems.Document(http, refusal) : null,
        reported.Archived is { } archived ? ArchivedCallResource.Of(archived) : null);

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = Filtered(new ListCalls(), http.Request) with { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        var outcome = await relier.SendAsync(list, http.Caller(), http.RequestAborted);
        return outcome.IsRefused(out var refusal, out _) ? refusal.Named(Names).ToResult() : outcome.ToPage(http, CallResource.Of);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetCall(id), http.Caller(), http.RequestAborted)).ToResult(CallResource.Of);

    private static async Task<IResult> StatisticsAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(Filtered(new GetCallTotals(), http.Request), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var totals)
            ? refusal.Named(Names).ToResult()
            : Answers.Ok(CallStatisticsResource.Of(totals));

    private static async Task<IResult> ExportAsync(HttpContext http, IRelier relier)
    {
        if ((await relier.SendAsync(Filtered(new ExportCalls(), http.Request), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var calls)) return refusal.Named(Names).ToResult();
        return await CsvAnswer.WriteAsync(http, "cdrs.csv", CallCsv.Columns, calls, CallCsv.Cells);
    }

    private static async Task<IResult> RetryAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new RetryCalls { Call = id }, http.Caller(), http.RequestAborted)).ToResult(Show);

    private static async Task<IResult> RetryAllAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<RetryCallsBody>(optional: true)).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new RetryCalls { Reason = body.Reason, Cursor = body.Cursor }, http.Caller(), http.RequestAborted)).ToResult(Show);
    }

    private static RetriedCallsResource Show(RetriedCalls retried) => new(retried.Calls, retried.NextCursor);

    internal static T Filtered<T>(T query, HttpRequest request)
        where T : CallQuery => query with
        {
            Account = request.Text("accountId"), From = request.Text("startDate"), To = request.Text("endDate"), Direction = request.Text("direction"), Status = request.Text("processingStatus"),
        };
}

/// <summary>Which calls are looked at again.</summary>
internal sealed record RetryCallsBody(string? Reason, string? Cursor);
