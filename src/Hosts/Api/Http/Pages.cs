using Microsoft.AspNetCore.Http.Extensions;
using Relier.Storage;

namespace Relier.Api.Http;

/// <summary>Lists as <c>{ data, has_more, next_cursor }</c>, with a Link to the next part (RFC 8288).</summary>
internal static class Pages
{
    public static IResult ToPage<T, TShown>(this Outcome<Listing<T>> outcome, HttpContext http, Func<T, TShown> show)
    {
        if (outcome.IsRefused(out var refusal, out var listing)) return refusal.ToResult();
        if (listing.NextCursor is { } next) http.Response.Headers.Link = $"<{NextOf(http.Request, next)}>; rel=\"next\"";
        return Answers.Ok(new Page<TShown>([.. listing.Data.Select(show)], listing.NextCursor is not null, listing.NextCursor));
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

/// <summary>A part of a list.</summary>
/// <param name="Data">The items, newest first.</param>
/// <param name="HasMore">Whether there are more.</param>
/// <param name="NextCursor">Give it back as cursor for the next part; null at the end.</param>
internal sealed record Page<T>(
    IReadOnlyList<T> Data,
    [property: System.Text.Json.Serialization.JsonPropertyName("has_more")] bool HasMore,
    [property: System.Text.Json.Serialization.JsonPropertyName("next_cursor")] string? NextCursor);
