using System.Globalization;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.Endpoints;

/// <summary>Comparing statements with our books, and the work list of what differs.</summary>
internal static class ReconciliationEndpoints
{
    public static void MapReconciliations(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/reconciliations").WithTags(Tags.Reconciliation);
        runs.MapPost("", ImportAsync).As(ReconciliationDocs.Import);
        runs.MapGet("", ListAsync).As(ReconciliationDocs.List);
        runs.MapGet("/{id}", GetAsync).As(ReconciliationDocs.Get);
        runs.MapGet("/{id}/matches.csv", MatchesAsync).As(ReconciliationDocs.Matches);
        runs.MapGet("/breaks", BreaksAsync).As(ReconciliationDocs.Breaks);
        runs.MapGet("/breaks.csv", BreaksCsvAsync).As(ReconciliationDocs.BreaksCsv);
        runs.MapGet("/breaks/{id}", GetBreakAsync).As(ReconciliationDocs.GetBreak);
        runs.MapPost("/breaks/{id}/owner", AssignAsync).As(ReconciliationDocs.Assign);
        runs.MapPost("/breaks/{id}/close", CloseAsync).As(ReconciliationDocs.Close);
    }

    private static async Task<IResult> ImportAsync(HttpContext http, IRelier relier)
    {
        if (http.Request.Text("dryRun") is not (null or "true" or "false")) return Refusals.Invalid("dryRun", "flag_invalid", "expected true or false").ToResult();

        if ((await Upload.ReceiveAsync<ReconcileStatement>(http, "relier topup reconcile")).IsRefused(out var unread, out var file)) return unread.ToResult();
        await using var content = file;
        var dryRun = http.Request.Text("dryRun") == "true";
        var import = new ReconcileStatement(file, http.Request.Text("provider") ?? "")
        {
            Map = http.Request.Text("map"), FileName = http.Request.Text("fileName"), From = http.Request.Text("from"), To = http.Request.Text("to"),
            Rows = http.Request.Text("rows") is not { } rows ? null : long.TryParse(rows, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : -1,
            Totals = http.Request.Text("totals")?.Split(',') ?? [], Supersedes = http.Request.Text("supersedes"), DryRun = dryRun,
        };
        if ((await relier.SendAsync(import, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var run)) return refusal.ToResult();
        if (!dryRun) http.Response.Headers.Location = $"/api/v1/reconciliations/{run.Id}";
        return Answers.Ok(ReconciliationResource.Of(run, dryRun), dryRun ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = new ListReconciliations { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, run => ReconciliationResource.Of(run));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetReconciliation(id), http.Caller(), http.RequestAborted)).ToResult(run => ReconciliationResource.Of(run));

    private static async Task<IResult> BreaksAsync(HttpContext http, IRelier relier, IClock clock)
    {
        var list = Filtered(new ListBreaks(), http.Request) with { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        var now = clock.Now();
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, one => BreakResource.Of(one, now));
    }

    private static async Task<IResult> GetBreakAsync(string id, HttpContext http, IRelier relier, IClock clock) =>
        (await relier.SendAsync(new GetBreak(id), http.Caller(), http.RequestAborted)).ToResult(one => BreakResource.Of(one, clock.Now()));

    private static async Task<IResult> AssignAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<OwnerBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new AssignBreak(id, body.Owner), http.Caller(), http.RequestAborted)).ToResult(one => BreakResource.Of(one, clock.Now()));
    }

    private static async Task<IResult> CloseAsync(string id, HttpContext http, IRelier relier, IClock clock)
    {
        if ((await http.Request.ReadAsync<CloseBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new CloseBreak(id, body.Outcome!, body.Note!), http.Caller(), http.RequestAborted)).ToResult(one => BreakResource.Of(one, clock.Now()));
    }

    private static async Task<IResult> MatchesAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await relier.SendAsync(new ExportFindings(id), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var lines)) return refusal.ToResult();
        return await CsvAnswer.WriteAsync(http, $"reconciliation_{id}_matches.csv", ReconciliationCsv.MatchColumns, lines, ReconciliationCsv.Cells);
    }

    private static async Task<IResult> BreaksCsvAsync(HttpContext http, IRelier relier, IClock clock)
    {
        if ((await relier.SendAsync(Filtered(new ExportBreaks(), http.Request), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var breaks)) return refusal.ToResult();
        var now = clock.Now();
        return await CsvAnswer.WriteAsync(http, "reconciliation_breaks.csv", ReconciliationCsv.BreakColumns, breaks, one => ReconciliationCsv.Cells(BreakResource.Of(one, now)));
    }

    private static T Filtered<T>(T query, HttpRequest request)
        where T : BreakQuery => query with
        {
            Run = request.Text("reconciliation"), Status = request.Text("status"), Class = request.Text("class"), Owner = request.Text("owner"),
        };
}

/// <summary>Whose a break is from now on.</summary>
internal sealed record OwnerBody(string? Owner);

/// <summary>How a break ended.</summary>
internal sealed record CloseBody(string? Outcome, string? Note);
