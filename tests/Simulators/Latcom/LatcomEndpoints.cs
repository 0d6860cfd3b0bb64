using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Relier.Simulators;

/// <summary>A body as read: the value, or what was wrong with it.</summary>
internal readonly record struct LatcomReading<T>(T? Value, string? Flaw) where T : class;

/// <summary>HTTP in, <see cref="LatcomBooks"/>, HTTP out: Latcom's own four calls, and <c>/simulator</c> for whoever wants the truth.</summary>
internal sealed class LatcomEndpoints(LatcomBooks books, LatcomSimulatorOptions options, CancellationToken stopping)
{
    /// <summary>A top-up order takes some 300 bytes.</summary>
    public const int RequestBytesMax = 64 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/dislogin", LoginAsync);
        routes.MapPost("/api/tn/fast", TopUpAsync);
        routes.MapGet("/api/transaction/{transId}", http => WriteAsync(http, books.Lookup(TransIdOf(http), TokenOf(http))));
        routes.MapGet("/api/gp", http => WriteAsync(http, books.Products(TokenOf(http))));

        routes.MapGet("/simulator/deliveries", http => WriteAsync(http, 200, books.Deliveries));
        routes.MapGet("/simulator/submissions", http => WriteAsync(http, 200, books.Submissions));
        routes.MapGet("/simulator/counters", http => WriteAsync(http, 200, books.Counters));
        routes.MapPost("/simulator/reset", ResetAsync);
        routes.MapPost("/simulator/reverse/{transId}", ReverseAsync);
        routes.MapPut("/simulator/block-login/{blocked:bool}", BlockLoginAsync);
    }

    private async Task LoginAsync(HttpContext http)
    {
        var login = await ReadAsync<LatcomLoginRequest>(http);
        await WriteAsync(http, books.Login(login));
    }

    private async Task TopUpAsync(HttpContext http)
    {
        var order = await ReadAsync<LatcomTopUpRequest>(http);
        var answer = books.Submit(order, TokenOf(http)); // from here on it is delivered, or never will be

        await WaitAsync(http, answer.Way == LatcomAnswerWay.Hang ? options.HangTime : options.Latency);
        await (answer.Way switch
        {
            LatcomAnswerWay.Whole => WriteAsync(http, answer),
            LatcomAnswerWay.HalfBody => WriteHalfAsync(http, answer),
            LatcomAnswerWay.BadGateway => WriteBadGatewayAsync(http),
            LatcomAnswerWay.ServerError => WriteAsync(http, 500, InternalServerError()),
            _ => CutAsync(http), // a hang ends like a reset: never with an answer
        });
    }

    private Task ResetAsync(HttpContext http)
    {
        books.Reset();
        return WriteAsync(http, 200, books.Counters);
    }

    private Task ReverseAsync(HttpContext http)
    {
        var reversed = books.Reverse(TransIdOf(http));
        return WriteAsync(http, reversed ? 200 : 404, new { reversed });
    }

    private Task BlockLoginAsync(HttpContext http)
    {
        books.BlockLogin = bool.Parse((string)http.GetRouteValue("blocked")!);
        return WriteAsync(http, 200, books.Counters);
    }

    private static string TransIdOf(HttpContext http) => (string)http.GetRouteValue("transId")!;

    private static string? TokenOf(HttpContext http)
    {
        const string scheme = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..] : null;
    }

    private static async Task<LatcomReading<T>> ReadAsync<T>(HttpContext http) where T : class
    {
        if (!http.Request.HasJsonContentType()) return new(null, "Content-Type must be application/json");
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(http.Request.Body, LatcomWire.Incoming, http.RequestAborted);
            return new(value, value is null ? "the body must be an object" : null);
        }
        catch (JsonException unreadable)
        {
            return new(null, unreadable.Message);
        }
    }

    // Ends early when the client goes away or the simulator stops; nobody is listening then.
    private async Task WaitAsync(HttpContext http, TimeSpan time)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await Task.Delay(time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static Task WriteAsync(HttpContext http, LatcomAnswer answer) => WriteAsync(http, answer.HttpStatus, answer.Body);

    private static Task WriteAsync(HttpContext http, int status, object? body) =>
        WriteAsync(http, status, "application/json", JsonSerializer.SerializeToUtf8Bytes(body, LatcomWire.Outgoing));

    // Half the document under a matching length: HTTP is content, only a parser notices.
    private static Task WriteHalfAsync(HttpContext http, LatcomAnswer answer)
    {
        var whole = JsonSerializer.SerializeToUtf8Bytes(answer.Body, LatcomWire.Outgoing);
        return WriteAsync(http, answer.HttpStatus, "application/json", whole.AsMemory(0, whole.Length / 2));
    }

    private static Task WriteBadGatewayAsync(HttpContext http) =>
        WriteAsync(http, 502, "text/html", Encoding.UTF8.GetBytes("<html><body><h1>502 Bad Gateway</h1></body></html>"));

    private static Task WriteAsync(HttpContext http, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static Task CutAsync(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    private LatcomError InternalServerError() =>
        new("Internal Server Error", "Unexpected error", 500, LatcomWire.ErrorTime(options.Clock.GetUtcNow()));
}
