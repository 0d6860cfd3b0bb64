using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Rating;

namespace Relier.Api.Endpoints;

/// <summary>Prices by what is in the question alone; nothing is kept.</summary>
internal static class QuoteEndpoints
{
    public static void MapQuotes(this IEndpointRouteBuilder api) => api.MapPost("/quotes/rating", RatingAsync).As(QuoteDocs.Rating).WithTags(Tags.Quotes);

    private static async Task<IResult> RatingAsync(HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadOneOrManyAsync()).IsRefused(out var unread, out var document)) return unread.ToResult();
        var caller = http.Caller();
        return (await QuoteDocument.AnswerAsync(document, quote => relier.SendAsync(new QuoteRating(quote), caller, http.RequestAborted), refusal => Problems.Document(http, refusal)))
            .ToResult(answer => answer);
    }
}
