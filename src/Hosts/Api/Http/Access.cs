using Microsoft.Extensions.Primitives;
using Relier.Identity;
using Relier.Rating;

namespace Relier.Api.Http;

/// <summary>Who is let in at an endpoint. Every endpoint says it; one that does not lets nobody in without credentials.</summary>
/// <param name="Kind">Which credentials.</param>
/// <param name="IsOfFirstVersion">Whether it answers in the shapes of the first version.</param>
internal sealed record Access(AccessKind Kind, bool IsOfFirstVersion = false);

/// <summary>Which credentials an endpoint takes.</summary>
internal enum AccessKind
{
    /// <summary>Any key, in any of the headers.</summary>
    AnyKey,

    /// <summary>X-Api-Key and X-Customer-Id, both: as in the first version.</summary>
    CustomerKeyAndId,

    /// <summary>X-Admin-Key: as in the first version.</summary>
    AdminKey,

    /// <summary>None: says nothing about anybody.</summary>
    Open,

    /// <summary>The name and password of a switch (Basic), as the source of its calls knows them.</summary>
    Switch,
}

/// <summary>
/// Turns the headers of a request into its caller, before anything of the request is read. Answers
/// <c>unauthenticated</c>, <c>ip_not_allowed</c> or, for a key of a customer where an admin's is needed, the former.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, Authenticator authenticator, IEnumerable<ICallSource> sources)
{
    private static readonly Access Strictest = new(AccessKind.AnyKey);

    public async Task InvokeAsync(HttpContext http)
    {
        // Without an endpoint there is nothing to see (404); what is no route is the router saying 405.
        if (http.GetEndpoint() is not RouteEndpoint endpoint || (endpoint.Metadata.GetMetadata<Access>() ?? Strictest) is { Kind: AccessKind.Open })
        {
            await next(http);
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        var access = endpoint.Metadata.GetMetadata<Access>() ?? Strictest;
        if (access.Kind == AccessKind.Switch)
        {
            if (SwitchLogin.Of(http, sources) is { } login)
            {
                http.Features.Set(login);
                await next(http);
            }
            else await Answers.WriteAsync(http, Refusals.Unauthenticated());
            return;
        }

        if ((await AuthenticateAsync(http, access.Kind)).IsRefused(out var refusal, out var caller))
        {
            await Answers.WriteAsync(http, refusal);
            return;
        }

        http.Features.Set(caller);
        await next(http);
    }

    private async Task<Outcome<Caller>> AuthenticateAsync(HttpContext http, AccessKind kind)
    {
        var headers = http.Request.Headers;
        var (apiKey, adminKey, customer) = (Single(headers[Headers.ApiKey]), Single(headers[Headers.AdminKey]), Single(headers[Headers.CustomerId]));
        var secret = kind switch
        {
            AccessKind.CustomerKeyAndId => string.IsNullOrEmpty(customer) ? null : apiKey,
            AccessKind.AdminKey => adminKey,
            _ => OnlyOne(Bearer(headers.Authorization), apiKey, adminKey),
        };
        if (string.IsNullOrEmpty(secret)) return Refusals.Unauthenticated();

        var named = kind == AccessKind.AdminKey ? null : customer;
        var outcome = await authenticator.AuthenticateAsync(secret, named, http.Connection.RemoteIpAddress, http.RequestAborted);
        if (outcome.IsRefused(out _, out var caller)) return outcome;
        var mustBeAdmin = kind == AccessKind.AdminKey || (kind == AccessKind.AnyKey && adminKey is not null);
        return mustBeAdmin && caller.Customer is not null ? Refusals.Unauthenticated() : outcome;
    }

    /// <summary>The one secret that was sent; null when none or two different ones were: then nobody can say who asks.</summary>
    private static string? OnlyOne(params string?[] secrets)
    {
        var sent = secrets.Where(secret => secret is not null).Distinct().ToList();
        return sent.Count == 1 ? sent[0] : null;
    }

    /// <summary>The value of a header that was sent once; an empty text, which opens nothing, when it was sent twice.</summary>
    private static string? Single(StringValues values) => values.Count switch { 0 => null, 1 => values[0] ?? "", _ => "" };

    private static string? Bearer(StringValues values)
    {
        if (Single(values) is not { } text) return null;
        return text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? text[7..].Trim() : "";
    }
}

/// <summary>Who asks.</summary>
internal static class Callers
{
    /// <summary>The authenticated caller. Throws where the endpoint is open and there is none.</summary>
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException($"{http.Request.Path} has no caller.");

    /// <summary>Whether a person of the house asks, who may see providers and costs.</summary>
    public static bool IsOfTheHouse(this Caller caller) => caller.Customer is null;
}
