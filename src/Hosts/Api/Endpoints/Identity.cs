using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Identity;

namespace Relier.Api.Endpoints;

/// <summary>Keys: of customers, and of people of the house.</summary>
internal static class IdentityEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("").WithTags(Tags.Keys);
        keys.MapPost("/customers/{id}/keys", CreateForCustomerAsync).As(KeyDocs.CreateForCustomer);
        keys.MapGet("/customers/{id}/keys", ListOfCustomerAsync).As(KeyDocs.ListOfCustomer);
        keys.MapPost("/keys", CreateForHouseAsync).As(KeyDocs.CreateForHouse);
        keys.MapGet("/keys", ListOfHouseAsync).As(KeyDocs.ListOfHouse);
        keys.MapPost("/keys/{id}/rotate", RotateAsync).As(KeyDocs.Rotate);
        keys.MapPost("/keys/{id}/revoke", RevokeAsync).As(KeyDocs.Revoke);
        keys.MapDelete("/keys/{id}", DeleteAsync).As(KeyDocs.Delete);
    }

    private static Task<IResult> CreateForCustomerAsync(string id, HttpContext http, IRelier relier) => CreateAsync(id, http, relier);

    private static Task<IResult> CreateForHouseAsync(HttpContext http, IRelier relier) => CreateAsync(null, http, relier);

    private static async Task<IResult> CreateAsync(string? customer, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<KeyBody>(optional: customer is not null)).IsRefused(out var unread, out var body)) return unread.ToResult();
        if (customer is not null && !Id<Customers.Customer>.TryParse(customer, out _)) return Refusals.NoSuchPath().ToResult();
        var key = new CreateKey(body.Name ?? (customer is null ? null! : "api")) { Customer = customer, Scopes = body.Scopes, ExpiresAt = body.ExpiresAt };
        return (await relier.SendAsync(key, http.Caller(), http.RequestAborted)).ToResult(key => KeyResource.Of(key), StatusCodes.Status201Created);
    }

    private static Task<IResult> ListOfCustomerAsync(string id, HttpContext http, IRelier relier) => ListAsync(id, http, relier);

    private static Task<IResult> ListOfHouseAsync(HttpContext http, IRelier relier) => ListAsync(null, http, relier);

    private static async Task<IResult> ListAsync(string? customer, HttpContext http, IRelier relier) =>
        customer is not null && !Id<Customers.Customer>.TryParse(customer, out _)
            ? Refusals.NoSuchPath().ToResult()
            : (await relier.SendAsync(new ListKeys(customer), http.Caller(), http.RequestAborted)).ToPage(http, key => KeyResource.Of(key));

    private static async Task<IResult> RotateAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<RotationBody>(optional: true)).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new RotateKey(id, body.GraceHours ?? 0), http.Caller(), http.RequestAborted)).ToResult(key => KeyResource.Of(key), StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new RevokeKey(id), http.Caller(), http.RequestAborted)).ToResult(key => KeyResource.Of(key));

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new RevokeKey(id), http.Caller(), http.RequestAborted)).IsRefused(out var refusal, out _) ? refusal.ToResult() : Results.NoContent();
}

/// <summary>A key to be issued.</summary>
internal sealed record KeyBody(string? Name, IReadOnlyList<string>? Scopes, string? ExpiresAt);

/// <summary>How a key is to be replaced.</summary>
internal sealed record RotationBody(int? GraceHours);
