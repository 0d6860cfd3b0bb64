namespace Relier.Api.Http;

/// <summary>From outcomes to answers.</summary>
internal static class Answers
{
    /// <summary>The resource, or the refusal as a problem.</summary>
    public static IResult ToResult<T>(this Outcome<T> outcome, Func<T, object> show, int status = StatusCodes.Status200OK)
        where T : notnull => outcome.IsRefused(out var refusal, out var value) ? refusal.ToResult() : Ok(show(value), status);

    /// <summary>A resource.</summary>
    public static IResult Ok(object resource, int status = StatusCodes.Status200OK) => Results.Json(resource, Json.Options, statusCode: status);

    /// <summary>A refusal in the shape that the path speaks.</summary>
    public static IResult ToResult(this Refusal refusal) => new RefusalResult(refusal);

    /// <summary>Writes a refusal in the shape that the path speaks: problem details, or that of the first version.</summary>
    public static Task WriteAsync(HttpContext http, Refusal refusal)
    {
        Problems.WriteHeaders(http, refusal);
        if (http.GetEndpoint()?.Metadata.GetMetadata<Access>() is { IsOfFirstVersion: true })
        {
            http.Response.StatusCode = Endpoints.FirstVersion.Noes.StatusOf(refusal.Code);
            return http.Response.WriteAsJsonAsync(Endpoints.FirstVersion.Noes.Body(refusal), Json.Options, http.RequestAborted);
        }

        http.Response.StatusCode = Problems.StatusOf(refusal.Code);
        return http.Response.WriteAsJsonAsync(Problems.Document(http, refusal), Json.Options, "application/problem+json", http.RequestAborted);
    }

    private sealed class RefusalResult(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, refusal);
    }
}
