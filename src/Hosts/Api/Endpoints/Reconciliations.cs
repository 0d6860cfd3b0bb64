using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.Endpoints;

/// <summary>Comparing statements with our books, and the work list of what differs.</summary>
internal static class ReconciliationEndpoints
{
    /// <summary>The largest file that is taken over HTTP: about two million lines. Larger ones go through the command.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

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
        if (!Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            return new Refusal("unsupported_media_type", "The file must be sent as text/csv.").With("supported", new[] { "text/csv" }).ToResult();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBytes;
        if (http.Request.ContentLength > MaxBytes) return TooLarge();
        if (http.Request.Text("dryRun") is not (null or "true" or "false")) return Refusals.Invalid("dryRun", "flag_invalid", "expected true or false").ToResult();

        // It is read twice, and a million lines are no matter for the memory of a host that sells.
        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        if (!await TryCopyAsync(http.Request.Body, file, http.RequestAborted)) return TooLarge();

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
        return await WriteAsync(http, $"reconciliation_{id}_matches.csv", ReconciliationCsv.MatchColumns, lines, ReconciliationCsv.Cells);
    }

    private static async Task<IResult> BreaksCsvAsync(HttpContext http, IRelier relier, IClock clock)
    {
        if ((await relier.SendAsync(Filtered(new ExportBreaks(), http.Request), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var breaks)) return refusal.ToResult();
        var now = clock.Now();
        return await WriteAsync(http, "reconciliation_breaks.csv", ReconciliationCsv.BreakColumns, breaks, one => ReconciliationCsv.Cells(BreakResource.Of(one, now)));
    }

    private static async Task<IResult> WriteAsync<T>(HttpContext http, string fileName, string[] header, IAsyncEnumerable<T> rows, Func<T, string?[]> cells)
    {
        // The first page is read before the first byte is written, so that a failure there still is an answer of its own.
        await using var reading = rows.GetAsyncEnumerator(http.RequestAborted);
        var any = await reading.MoveNextAsync();
        http.Response.ContentType = "text/csv; charset=utf-8; header=present";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await using var csv = new Csv(http.Response.Body);
        await csv.WriteAsync(header);
        for (; any; any = await reading.MoveNextAsync()) await csv.WriteAsync(cells(reading.Current));
        return Results.Empty;
    }

    private static async Task<bool> TryCopyAsync(Stream body, Stream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (file.Length + read > MaxBytes) return false;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return true;
    }

    private static IResult TooLarge() => new Refusal("payload_too_large", $"The file is larger than {MaxBytes} bytes; use the command relier topup reconcile.").ToResult();

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
