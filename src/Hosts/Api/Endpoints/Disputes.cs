using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Disputes about the charges of calls.</summary>
internal static class DisputeEndpoints
{
    public static void MapDisputes(this IEndpointRouteBuilder api)
    {
        api.MapPost("/cdrs/{id}/disputes", OpenAsync).As(DisputeDocs.Open).WithTags(Tags.Calls);
        var disputes = api.MapGroup("/disputes").WithTags(Tags.Calls);
        disputes.MapGet("", ListAsync).As(DisputeDocs.List);
        disputes.MapGet("/{id}", GetAsync).As(DisputeDocs.Get);
        disputes.MapPost("/{id}/close", CloseAsync).As(DisputeDocs.Close);
    }

    private static async Task<IResult> OpenAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<DisputeBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if ((await relier.SendAsync(new OpenDispute(id, body.Reason!), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var dispute)) return refusal.ToResult();
        http.Response.Headers.Location = $"/api/v1/disputes/{dispute.Id}";
        return Answers.Ok(DisputeResource.Of(dispute), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var list = new ListDisputes { Status = http.Request.Text("status"), Cursor = http.Request.Text("cursor"), Limit = http.Request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, DisputeResource.Of);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetDispute(id), http.Caller(), http.RequestAborted)).ToResult(DisputeResource.Of);

    private static async Task<IResult> CloseAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<DisputeEndBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (body.Accept is not { } accept) return Refusals.Invalid("accept", "required", "expected true or false").ToResult();
        return (await relier.SendAsync(new CloseDispute(id, body.Note!) { Accept = accept, Credit = body.Credit }, http.Caller(), http.RequestAborted)).ToResult(DisputeResource.Of);
    }
}

/// <summary>What is wrong with a charge.</summary>
internal sealed record DisputeBody(string? Reason);

/// <summary>How a dispute ends.</summary>
internal sealed record DisputeEndBody(bool? Accept, string? Credit, string? Note);
