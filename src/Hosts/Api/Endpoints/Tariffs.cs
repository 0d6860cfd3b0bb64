using System.Globalization;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Decks of prices, and plans.</summary>
internal static class TariffEndpoints
{
    public static void MapDecks(this IEndpointRouteBuilder api)
    {
        var decks = api.MapGroup("/decks").WithTags(Tags.Tariffs);
        decks.MapGet("", ListDecksAsync).As(TariffDocs.ListDecks);
        decks.MapGet("/{deck}", GetDeckAsync).As(TariffDocs.GetDeck);
        decks.MapPost("/{deck}/versions", ImportAsync).As(TariffDocs.ImportDeck);
        decks.MapPost("/{deck}/versions/{version}/activate", ActivateAsync).As(TariffDocs.ActivateDeck);
        decks.MapDelete("/{deck}/versions/{version}", DiscardAsync).As(TariffDocs.DiscardDeck);
    }

    public static void MapPlans(this IEndpointRouteBuilder api)
    {
        var plans = api.MapGroup("/plans").WithTags(Tags.Tariffs);
        plans.MapGet("", ListPlansAsync).As(TariffDocs.ListPlans);
        plans.MapGet("/{plan}", GetPlanAsync).As(TariffDocs.GetPlan);
        plans.MapPut("/{plan}", PutAsync).As(TariffDocs.PutPlan);
    }

    private static Task<IResult> ListDecksAsync(HttpContext http, IRelier relier) => DecksAsync(null, http, relier);

    private static Task<IResult> GetDeckAsync(string deck, HttpContext http, IRelier relier) => DecksAsync(deck, http, relier);

    private static async Task<IResult> DecksAsync(string? deck, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListDecks(deck), http.Caller(), http.RequestAborted)).ToResult(versions => new PageResource<DeckResource>([.. versions.Select(DeckResource.Of)], false, null));

    private static async Task<IResult> ImportAsync(string deck, HttpContext http, IRelier relier)
    {
        if ((await Upload.ReceiveAsync<ImportDeck>(http, "relier deck import")).IsRefused(out var unread, out var file)) return unread.ToResult();
        await using var content = file;
        var import = new ImportDeck(deck, $"{deck}.csv", content, http.Request.Text("currency") ?? "") { Name = http.Request.Text("name") };
        if ((await relier.SendAsync(import, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var draft)) return refusal.ToResult();
        http.Response.Headers.Location = $"/api/v1/decks/{draft.Deck}";
        return Answers.Ok(DeckResource.Of(draft), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ActivateAsync(string deck, string version, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<ActivationBody>(optional: true)).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new ActivateDeck(deck, Number(version)) { EffectiveFrom = body.EffectiveFrom }, http.Caller(), http.RequestAborted)).ToResult(DeckResource.Of);
    }

    private static async Task<IResult> DiscardAsync(string deck, string version, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new DiscardDeck(deck, Number(version)), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out _) ? refusal.ToResult() : Results.NoContent();

    /// <summary>What is no number is a version that no deck has.</summary>
    private static int Number(string version) => int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Task<IResult> ListPlansAsync(HttpContext http, IRelier relier) => PlansAsync(null, http, relier);

    private static Task<IResult> GetPlanAsync(string plan, HttpContext http, IRelier relier) => PlansAsync(plan, http, relier);

    private static async Task<IResult> PlansAsync(string? plan, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListPlans(plan), http.Caller(), http.RequestAborted)).ToResult(versions => new PageResource<PlanResource>([.. versions.Select(PlanResource.Of)], false, null));

    private static async Task<IResult> PutAsync(string plan, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (PlanReader.Read(plan, json).IsRefused(out var wrong, out var input)) return wrong.ToResult();
        return (await relier.SendAsync(new PutPlan(plan, input.Definition) { EffectiveFrom = input.EffectiveFrom }, http.Caller(), http.RequestAborted)).ToResult(PlanResource.Of);
    }
}

/// <summary>From when on a deck holds.</summary>
internal sealed record ActivationBody(string? EffectiveFrom);
