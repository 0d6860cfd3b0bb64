using Relier.Storage;

namespace Relier.Api.Http;

/// <summary>
/// The outermost layer: gives every request its id, every answer its headers, and every failure a shape. What goes wrong
/// is logged here, once, with the request id, and never with bodies, secrets or full addresses.
/// </summary>
internal sealed partial class EdgeMiddleware(RequestDelegate next, IClock clock, ILogger<EdgeMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var id = Ids.New<HttpContext>("req", clock.Now()).Value;
        http.TraceIdentifier = id;
        http.Response.Headers[Headers.RequestId] = id;
        SecurityHeaders.Write(http);
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["requestId"] = id });
        try
        {
            await next(http);
            if (!http.Response.HasStarted && http.GetEndpoint() is not RouteEndpoint && http.Response.ContentType is null) await ExplainAsync(http);
        }
        catch (Exception error) when (http.RequestAborted.IsCancellationRequested)
        {
            LogGone(id, error.GetType().Name);
        }
        catch (Exception error)
        {
            await FailAsync(http, id, error);
        }
    }

    /// <summary>What the router only says in a number, in words.</summary>
    private static Task ExplainAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Answers.WriteAsync(http, Refusals.NoSuchPath()),
        StatusCodes.Status405MethodNotAllowed => Answers.WriteAsync(
            http, new Refusal("method_not_allowed", $"{http.Request.Path} cannot be asked with this method.").With("allowed", http.Response.Headers.Allow.ToString())),
        _ => Task.CompletedTask,
    };

    private async Task FailAsync(HttpContext http, string id, Exception error)
    {
        var refusal = error switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Refusals.TooLarge(),
            BadHttpRequestException => Refusals.Malformed("The request could not be read."),
            StorageUnavailableException => Refusals.StorageUnavailable(),
            _ => Refusals.Internal(),
        };
        if (refusal.Code == "internal_error") LogFailed(error, id, http.Request.Method, Route(http));
        else if (refusal.Code == "storage_unavailable") LogUnavailable(error, id, http.Request.Method, Route(http));

        if (http.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            http.Abort();
            return;
        }

        await Answers.WriteAsync(http, refusal);
    }

    /// <summary>The pattern of the path, which names nobody.</summary>
    private static string Route(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";

    [LoggerMessage(2001, LogLevel.Error, "Request {Request}, {Method} {Route}, failed")]
    private partial void LogFailed(Exception error, string request, string method, string route);

    [LoggerMessage(2002, LogLevel.Warning, "Request {Request}, {Method} {Route}: storage is unavailable")]
    private partial void LogUnavailable(Exception error, string request, string method, string route);

    [LoggerMessage(2003, LogLevel.Debug, "Request {Request}: the client went away ({Error})")]
    private partial void LogGone(string request, string error);
}

/// <summary>The id of a request.</summary>
internal static class RequestIds
{
    /// <summary><c>req_</c> and 26 letters; also in the header and in the log.</summary>
    public static string RequestId(this HttpContext http) => http.TraceIdentifier;
}

/// <summary>What browsers are told, should one ever show an answer of ours.</summary>
internal static class SecurityHeaders
{
    private const string OfApi = "default-src 'none'; frame-ancestors 'none'";
    private const string OfDocs = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    public static void Write(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments("/docs") ? OfDocs : OfApi;
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }
}
