using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting;
using Relier.Hosting.Resources;
using Relier.Identity;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.Api.Endpoints;

/// <summary>What switches report, and the reports that wait for people.</summary>
internal static class CallReportEndpoints
{
    public static void MapCallReports(this IEndpointRouteBuilder api)
    {
        var reports = api.MapGroup("/cdrs/reports").WithTags(Tags.Calls);
        reports.MapGet("", ListAsync).As(CallDocs.Reports);
        reports.MapGet("/{id}", GetAsync).As(CallDocs.GetReport);
        reports.MapPost("/{id}/retry", RetryAsync).As(CallDocs.RetryReport);
        reports.MapPost("/{id}/discard", DiscardAsync).As(CallDocs.DiscardReport);
    }

    /// <summary>Where switches report: at the root, with credentials of their own.</summary>
    public static void MapIngest(this IEndpointRouteBuilder app) =>
        app.MapPost("/ingest/{reader}/json-cdr", IngestAsync).As(CallDocs.Ingest).WithTags(Tags.Calls).WithMetadata(new Access(AccessKind.Switch));

    private static async Task<IResult> IngestAsync(string reader, HttpContext http, IRelier relier, RelierSettings settings)
    {
        if ((await Body.ReadRawAsync(http.Request)).IsRefused(out var tooLarge, out var body)) return tooLarge.ToResult();
        var origin = http.Features.Get<SwitchLogin>()!.Origin;
        var caller = Caller.OfSystem(origin.Tenant ?? TenantId.Parse(settings.Tenant), $"switch:{origin.Switch}");
        var ingest = new IngestCall(reader, origin.Switch, body) { ContentType = http.Request.ContentType, CallId = http.Request.Text("uuid") };
        return (await relier.SendAsync(ingest, caller, http.RequestAborted)).ToResult(IngestedCallResource.Of);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = new ListCallReports { Status = http.Request.Text("status"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, CallReportResource.InList);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetCallReport(id), http.Caller(), http.RequestAborted)).ToResult(CallReportResource.Of);

    private static async Task<IResult> RetryAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new RetryCallReport(id), http.Caller(), http.RequestAborted)).ToResult(CallReportResource.Of);

    private static async Task<IResult> DiscardAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<DiscardBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new DiscardCallReport(id, body.Reason), http.Caller(), http.RequestAborted)).ToResult(CallReportResource.Of);
    }
}

/// <summary>Why nothing is made of a report.</summary>
internal sealed record DiscardBody(string? Reason);
