using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Relier.Latcom;

/// <summary>What came of one request.</summary>
internal sealed record LatcomReply
{
    /// <summary>Whether a byte of the request's body may have left.</summary>
    public required bool Left { get; init; }

    /// <summary>The HTTP status; null when none arrived.</summary>
    public int? Status { get; init; }

    /// <summary>What arrived, whole or not.</summary>
    public string Body { get; init; } = "";

    /// <summary>Why there is no whole answer, as one of <see cref="LatcomCodes"/>; null when there is one.</summary>
    public string? Trouble { get; init; }

    /// <summary>The trouble in a sentence.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What arrived, as it may be kept; null when nothing did.</summary>
    public string? Evidence { get; init; }
}

/// <summary>One request, one reply, never a second request. Knows whether a body began to leave; throws nothing that the network does.</summary>
internal sealed class LatcomHttp : IDisposable
{
    /// <summary>An answer takes some 500 bytes.</summary>
    public const int AnswerBytesMax = 64 * 1024;

    // Servers commonly close idle connections after five seconds or more. An order written to a connection that the other
    // side has just closed would be unknown for nothing, so ours are closed well before.
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ConnectionAgeMax = TimeSpan.FromMinutes(1); // a changed DNS entry is noticed
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _client;
    private readonly Uri _base;
    private readonly LatcomEvidence _evidence;

    public LatcomHttp(LatcomOptions options)
    {
        _base = new Uri(options.BaseAddress!.AbsoluteUri.TrimEnd('/') + "/");
        _evidence = new LatcomEvidence(options);
        _client = new HttpClient(NewHandler()) { Timeout = Timeout.InfiniteTimeSpan }; // deadlines come with each call
    }

    public async Task<LatcomReply> SendAsync(HttpMethod method, string path, string? token, object? body, CancellationToken deadline)
    {
        using var content = body is null ? null : new WatchedContent(JsonSerializer.SerializeToUtf8Bytes(body, Json));
        using var request = new HttpRequestMessage(method, new Uri(_base, path));
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content = content;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var received = new Received();
        string? trouble = null;
        var detail = "";
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline).ConfigureAwait(false);
            received.Status = (int)response.StatusCode;
            await received.ReadAsync(response.Content, deadline).ConfigureAwait(false);
            if (received.IsTooLarge) (trouble, detail) = (LatcomCodes.AnswerTooLarge, $"The answer is larger than {AnswerBytesMax} bytes.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            (trouble, detail) = (LatcomCodes.Timeout, "No whole answer in time.");
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException)
        {
            (trouble, detail) = (LatcomCodes.ConnectionLost, _evidence.Clean(lost.Message));
        }

        var left = content?.HasStarted ?? true;
        var text = received.Text();
        return new LatcomReply
        {
            Left = left,
            Status = received.Status,
            Body = text,
            Trouble = left ? trouble : LatcomCodes.Unreachable,
            Detail = detail,
            Evidence = received.Status is { } status ? _evidence.Of(status, text, token) : null,
        };
    }

    public void Dispose() => _client.Dispose();

    // The handler resends a request whose kept connection was closed under it, but never one whose body has begun to leave;
    // every order has a body. No redirect, no cookie, no credentials, no proxy from the environment: nothing else sends twice
    // or elsewhere.
    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16, // KB
        ConnectTimeout = ConnectMax,
        PooledConnectionIdleTimeout = IdleMax,
        PooledConnectionLifetime = ConnectionAgeMax,
    };

    /// <summary>Remembers whether it was asked for its first byte: before that, nobody can have received an order.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly byte[] _json;
        private volatile bool _hasStarted;

        public WatchedContent(byte[] json)
        {
            _json = json;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool HasStarted => _hasStarted;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _hasStarted = true;
            return stream.WriteAsync(_json, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _json.Length;
            return true;
        }
    }

    /// <summary>What has arrived so far; kept also when the rest never does.</summary>
    private sealed class Received
    {
        private readonly MemoryStream _bytes = new();

        public int? Status { get; set; }

        public bool IsTooLarge => _bytes.Length > AnswerBytesMax;

        public async Task ReadAsync(HttpContent content, CancellationToken deadline)
        {
            var stream = await content.ReadAsStreamAsync(deadline).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            var buffer = new byte[4096];
            int count;
            while (!IsTooLarge && (count = await stream.ReadAsync(buffer, deadline).ConfigureAwait(false)) > 0)
                _bytes.Write(buffer, 0, count);
        }

        public string Text() => Encoding.UTF8.GetString(_bytes.GetBuffer(), 0, (int)_bytes.Length);
    }
}
