using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.TopUps;

namespace Relier.Api.Endpoints;

/// <summary>Ordering and following top-ups.</summary>
internal static class TopUpEndpoints
{
    public static void MapTopUps(this IEndpointRouteBuilder api)
    {
        var topUps = api.MapGroup("/topups").WithTags(Tags.TopUps);
        topUps.MapPost("", RequestAsync).As(TopUpDocs.Request);
        topUps.MapGet("", ListAsync).As(TopUpDocs.List);
        topUps.MapGet("/{id}", GetAsync).As(TopUpDocs.Get);
        topUps.MapGet("/stats", StatsAsync).As(TopUpDocs.Stats);
        topUps.MapGet("/export.csv", TopUpExport.ExportAsync).As(TopUpDocs.Export);
        topUps.MapPost("/{id}/evidence", AddEvidenceAsync).As(TopUpDocs.AddEvidence);
    }

    private static async Task<IResult> RequestAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<TopUpBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var key = Headers.KeyOf(http.Request);
        if (key is null && body.Reference is null) return Refusals.KeyMissing().ToResult();

        var order = new RequestTopUp(body.Phone!, body.Amount)
        {
            Customer = body.Customer, Product = body.Product, Operator = body.Operator, Currency = body.Currency, Reference = body.Reference,
            AllowDuplicate = body.AllowDuplicate ?? false, IdempotencyKey = key, Wait = Headers.WaitOf(http.Request),
        };
        if ((await relier.SendAsync(order, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var receipt)) return refusal.ToResult();

        if (receipt.Replayed) http.Response.Headers[Headers.Replayed] = "true";
        http.Response.Headers.Location = $"/api/v1/topups/{receipt.TopUp.Id}";
        return Answers.Ok(
            TopUpResource.Of(receipt.TopUp, http.Caller().IsOfTheHouse()) with { Replayed = receipt.Replayed ? true : null },
            receipt.TopUp.IsFinal ? StatusCodes.Status201Created : StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetTopUp(id), http.Caller(), http.RequestAborted)).ToResult(topUp => TopUpResource.Of(topUp, http.Caller().IsOfTheHouse()));

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = Filtered(new ListTopUps(), http.Request) with { Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, topUp => TopUpResource.Of(topUp, http.Caller().IsOfTheHouse()));
    }

    private static async Task<IResult> StatsAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(Filtered(new GetTopUpStats(), http.Request), http.Caller(), http.RequestAborted)).ToResult(TopUpStatsResource.Of);

    private static async Task<IResult> AddEvidenceAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<EvidenceBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        var evidence = new AddEvidence(id, body.Verdict!, body.Reference!, body.Note) { Attempt = body.Attempt };
        return (await relier.SendAsync(evidence, http.Caller(), http.RequestAborted)).ToResult(topUp => TopUpResource.Of(topUp, http.Caller().IsOfTheHouse()));
    }

    /// <summary>The filters that lists, statistics and exports share.</summary>
    internal static T Filtered<T>(T query, HttpRequest request)
        where T : TopUpQuery => query with
        {
            Customer = request.Text("customer"), Status = request.Text("status"), From = request.Text("from"), To = request.Text("to"),
            Phone = request.Text("phone"), Reference = request.Text("reference"),
        };
}

/// <summary>An order.</summary>
internal sealed record TopUpBody(string? Phone, string? Amount, string? Product, string? Currency, string? Reference, bool? AllowDuplicate, string? Customer, string? Operator = null);

/// <summary>A person's word about a top-up.</summary>
internal sealed record EvidenceBody(string? Verdict, string? Reference, string? Note, int? Attempt = null);
