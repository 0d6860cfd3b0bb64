using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting;
using Relier.Hosting.Resources;
using Relier.Identity;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Api.Endpoints;

/// <summary>How providers stand, the money we keep with them, and what they tell us.</summary>
internal static class ProviderEndpoints
{
    public static void MapProviders(this IEndpointRouteBuilder api)
    {
        var providers = api.MapGroup("").WithTags(Tags.Providers);
        providers.MapGet("/providers", ListAsync).As(ProviderDocs.List);
        providers.MapPost("/providers/{id}/funds", FundAsync).As(ProviderDocs.Fund);
        providers.MapGet("/provider-messages", MessagesAsync).As(ProviderDocs.Messages);
        providers.MapGet("/topups/exposure", ExposureAsync).As(ProviderDocs.Exposure);
        providers.MapPost("/topups/{id}/reversal", ReverseAsync).As(ProviderDocs.Reverse);
    }

    /// <summary>Where providers call: whether it is one of them, their signature says.</summary>
    public static void MapCallbacks(this IEndpointRouteBuilder app) =>
        app.MapPost("/callbacks/{provider}", CallbackAsync).As(ProviderDocs.Callback).WithTags(Tags.Providers).WithMetadata(new Access(AccessKind.Open));

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListProviders(), http.Caller(), http.RequestAborted))
            .ToResult(reports => new ProviderListResource([.. reports.Select(ProviderResource.Of)]));

    private static async Task<IResult> ExposureAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetExposure(), http.Caller(), http.RequestAborted))
            .ToResult(exposures => new ExposureReportResource([.. exposures.Select(ExposureResource.Of)]));

    private static async Task<IResult> FundAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<FundBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (Headers.KeyOf(http.Request) is not { } key) return Refusals.KeyMissing().ToResult();
        var fund = new FundProvider(id, body.Amount!, body.Currency!, body.Reference!) { LowAt = body.LowAt, IdempotencyKey = key };
        return (await relier.SendAsync(fund, http.Caller(), http.RequestAborted)).ToResult(funding => FundingResource.Of(id, funding), StatusCodes.Status201Created);
    }

    private static async Task<IResult> MessagesAsync(HttpContext http, IRelier relier)
    {
        var list = new ListProviderMessages { State = http.Request.Text("status"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, ProviderMessageResource.Of);
    }

    private static async Task<IResult> ReverseAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ReverseTopUp(id), http.Caller(), http.RequestAborted))
            .ToResult(topUp => TopUpResource.Of(topUp, http.Caller().IsOfTheHouse()));

    private static async Task<IResult> CallbackAsync(string provider, HttpContext http, IRelier relier, RelierSettings settings)
    {
        if ((await Body.ReadRawAsync(http.Request)).IsRefused(out var tooLarge, out var body)) return tooLarge.ToResult();
        var headers = http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        var caller = Caller.OfSystem(TenantId.Parse(settings.Tenant), "callbacks");
        return (await relier.SendAsync(new ReceiveCallback(provider, headers, body), caller, http.RequestAborted)).IsRefused(out var refusal, out var receipt)
            ? refusal.ToResult()
            : Results.Text(receipt.Text, receipt.ContentType);
    }
}

/// <summary>Money put into the account we keep with a provider or, with a minus, taken out.</summary>
internal sealed record FundBody(string? Amount, string? Currency, string? Reference, string? LowAt);
