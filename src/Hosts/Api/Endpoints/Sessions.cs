using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Usage that is under way: granted, charged, and given back.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapPost("/sessions", CreateAsync).As(SessionDocs.Create).WithTags(Tags.Sessions);
        api.MapGet("/sessions/{id}", GetAsync).As(SessionDocs.Get).WithTags(Tags.Sessions);
        api.MapPost("/sessions/{id}/update", UpdateAsync).As(SessionDocs.Update).WithTags(Tags.Sessions);
        api.MapPost("/sessions/{id}/release", ReleaseAsync).As(SessionDocs.Release).WithTags(Tags.Sessions);
        api.MapPost("/rating/authorize", AuthoriseAsync).As(SessionDocs.Authorise).WithTags(Tags.Sessions);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (SessionReader.ReadCreation(json).IsRefused(out var wrong, out var create)) return wrong.ToResult();
        if ((await relier.SendAsync(create, http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out var reply)) return refusal.ToResult();
        http.Response.Headers.Location = $"/api/v1/sessions/{reply.Session.Id}";
        return Answers.Ok(SessionResource.Of(reply), StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetSession(id), http.Caller(), http.RequestAborted)).ToResult(SessionResource.Of);

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (SessionReader.ReadUpdate(id, json).IsRefused(out var wrong, out var update)) return wrong.ToResult();
        return (await relier.SendAsync(update, http.Caller(), http.RequestAborted)).ToResult(SessionResource.Of);
    }

    private static async Task<IResult> ReleaseAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (SessionReader.ReadRelease(id, json).IsRefused(out var wrong, out var release)) return wrong.ToResult();
        return (await relier.SendAsync(release, http.Caller(), http.RequestAborted)).ToResult(SessionResource.Of);
    }

    private static async Task<IResult> AuthoriseAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadLooseAsync()).IsRefused(out var unread, out var json)) return unread.ToResult();
        if (SessionReader.ReadQuestion(json).IsRefused(out var wrong, out var question)) return wrong.ToResult();
        return (await relier.SendAsync(question, http.Caller(), http.RequestAborted)).ToResult(AuthorisationResource.Of);
    }
}
