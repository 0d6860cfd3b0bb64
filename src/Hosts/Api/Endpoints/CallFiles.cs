using System.Globalization;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Many calls at once: files, charging again, what they come to, and where to send the next one.</summary>
internal static class CallFileEndpoints
{
    public static void MapCallFiles(this IEndpointRouteBuilder api)
    {
        var calls = api.MapGroup("/cdrs").WithTags(Tags.Calls);
        calls.MapPost("/import", ImportAsync).As(CallFileDocs.Import);
        calls.MapPost("/rerate", RerateAsync).As(CallFileDocs.Rerate);
        calls.MapGet("/analytics", AnalyseAsync).As(CallFileDocs.Analytics);
        calls.MapGet("/top-destinations", TopAsync).As(CallFileDocs.TopDestinations);
        calls.MapGet("/margins", MarginsAsync).As(CallFileDocs.Margins);
        api.MapGet("/routes", RoutesAsync).As(CallFileDocs.Routes).WithTags(Tags.Tariffs);
    }

    private static async Task<IResult> ImportAsync(HttpContext http, IRelier relier)
    {
        if ((await Upload.ReceiveAsync<ImportCalls>(http, "relier cdr import")).IsRefused(out var unread, out var file)) return unread.ToResult();
        await using var content = file;
        var import = new ImportCalls(content, http.Request.Text("source") ?? "") { Layout = http.Request.Text("layout") ?? "generic", Zone = http.Request.Text("zone"), FileName = http.Request.Text("fileName") };
        return (await relier.SendAsync(import, http.Caller(), http.RequestAborted)).ToResult(CallImportResource.Of);
    }

    private static async Task<IResult> RerateAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<RerateBody>(optional: true)).IsRefused(out var unread, out var body)) return unread.ToResult();
        var rerate = new RerateCalls { Account = body.Account, Deck = body.Deck, Plan = body.Plan, From = body.From, To = body.To, DryRun = body.DryRun ?? false };
        return (await relier.SendAsync(rerate, http.Caller(), http.RequestAborted)).ToResult(rerating => RerateResource.Of(rerating, rerate.DryRun));
    }

    private static async Task<IResult> AnalyseAsync(HttpContext http, IRelier relier)
    {
        var query = CallEndpoints.Filtered(new AnalyseCalls { GroupBy = http.Request.Text("groupBy") ?? "day" }, http.Request);
        return (await relier.SendAsync(query, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var periods)
            ? refusal.Named(CallEndpoints.Names).ToResult()
            : Answers.Ok(new PageResource<CallPeriodResource>(CallPeriodResource.Of(periods), false, null));
    }

    private static async Task<IResult> TopAsync(HttpContext http, IRelier relier)
    {
        var query = CallEndpoints.Filtered(new ListTopDestinations { GroupBy = http.Request.Text("groupBy") ?? "destination", Limit = Number(http.Request.Text("limit"), 10) }, http.Request);
        return (await relier.SendAsync(query, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var totals)
            ? refusal.Named(CallEndpoints.Names).ToResult()
            : Answers.Ok(new PageResource<DestinationResource>([.. totals.Select(DestinationResource.Of)], false, null));
    }

    private static async Task<IResult> MarginsAsync(HttpContext http, IRelier relier)
    {
        var query = new AnalyseMargins(http.Request.Text("suppliers")?.Split(',') ?? []) { GroupBy = http.Request.Text("groupBy") ?? "day", Limit = Number(http.Request.Text("limit"), 100) };
        return (await relier.SendAsync(CallEndpoints.Filtered(query, http.Request), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var margins)
            ? refusal.Named(CallEndpoints.Names).ToResult()
            : Answers.Ok(MarginsResource.Of(margins));
    }

    private static async Task<IResult> RoutesAsync(HttpContext http, IRelier relier)
    {
        var query = new FindRoutes(http.Request.Text("to") ?? "", http.Request.Text("suppliers")?.Split(',') ?? [])
        {
            Order = http.Request.Text("order") ?? "cheapest", Seconds = Number(http.Request.Text("seconds"), 60), Plan = http.Request.Text("plan"), At = http.Request.Text("at"),
        };
        return (await relier.SendAsync(query, http.Caller(), http.RequestAborted)).ToResult(offers => new PageResource<RouteResource>([.. offers.Select(RouteResource.Of)], false, null));
    }

    /// <summary>What is no number is one that is refused.</summary>
    private static int Number(string? text, int standard) => text is null ? standard : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}

/// <summary>Which calls are charged again.</summary>
internal sealed record RerateBody(string? Account, string? Deck, string? Plan, string? From, string? To, bool? DryRun);
