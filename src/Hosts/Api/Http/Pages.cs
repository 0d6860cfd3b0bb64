using Microsoft.AspNetCore.Http.Extensions;
using Relier.Hosting.Resources;
using Relier.Storage;

namespace Relier.Api.Http;

/// <summary>Lists as <c>{ data, has_more, next_cursor }</c>, with a Link to the next part (RFC 8288).</summary>
internal static class Pages
{
    public static IResult ToPage<T, TShown>(this Outcome<Listing<T>> outcome, HttpContext http, Func<T, TShown> show)
    {
        if (outcome.IsRefused(out var refusal, out var listing)) return refusal.ToResult();
        if (listing.NextCursor is { } next) http.Response.Headers.Link = $"<{NextOf(http.Request, next)}>; rel=\"next\"";
        return Answers.Ok(PageResource<TShown>.Of(listing, show));
    }

    private static string NextOf(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder(request.Query.Where(parameter => parameter.Key != "cursor").SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? "")))
        {
            { "cursor", cursor },
        };
        return request.PathBase + request.Path + query.ToQueryString();
    }
}
