using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>One request as it came over the socket.</summary>
internal sealed record CannedRequest(string Method, string Path, string Head, string Body, int Connection)
{
    public bool IsLogin => Path.EndsWith("/api/dislogin", StringComparison.Ordinal);
}

/// <summary>What to do with a request: bytes to write, and what becomes of the connection then.</summary>
internal sealed record CannedReply(string Bytes, CannedEnd End = CannedEnd.KeepAlive)
{
    public static readonly CannedReply LoggedIn = Json(200, """{"access":"canned-token-of-one-login"}""");

    public static readonly CannedReply LoggedInAndClosed = Json(200, """{"access":"canned-token-of-one-login"}""", "Connection: close\r\n") with { End = CannedEnd.Close };

    public static CannedReply Json(int status, string body, string head = "") => new(string.Create(CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status} Canned\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{head}\r\n{body}"));
}

/// <summary>What becomes of the connection after the prepared bytes.</summary>
public enum CannedEnd { KeepAlive, Close, Reset, Hang }

/// <summary>
/// Answers with prepared bytes over a raw socket, so that a test can break HTTP itself: close a kept connection under an
/// order, promise more bytes than it sends, redirect. Logins get a token unless the test says otherwise.
/// </summary>
internal sealed class CannedLatcom : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<CannedRequest> _requests = new();
    private readonly ConcurrentBag<TcpClient> _connections = [];
    private readonly Func<CannedRequest, CannedReply?> _answer;
    private readonly Task _accepting;

    private CannedLatcom(Func<CannedRequest, CannedReply?> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public IReadOnlyList<CannedRequest> Requests => [.. _requests];

    public IReadOnlyList<CannedRequest> Orders => [.. _requests.Where(request => request.Path.EndsWith("/api/tn/fast", StringComparison.Ordinal))];

    /// <summary>Starts. Where <paramref name="answer"/> gives null, a login gets a token and anything else a 404.</summary>
    public static CannedLatcom Start(Func<CannedRequest, CannedReply?> answer) => new(answer);

    /// <summary>Every order gets this; logins get a token.</summary>
    public static CannedLatcom Answering(CannedReply reply) => new(request => request.IsLogin ? null : reply);

    public static CannedLatcom Answering(int status, string body) => Answering(CannedReply.Json(status, body));

    /// <summary>Closes everything and listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        foreach (var connection in _connections) connection.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        for (var no = 1; ; no++)
        {
            var connection = await _listener.AcceptTcpClientAsync(_stopping.Token);
            _connections.Add(connection);
            _ = ServeAsync(connection, no);
        }
    }

    private async Task ServeAsync(TcpClient connection, int no)
    {
        try
        {
            var stream = connection.GetStream();
            while (await ReadAsync(stream, no) is { } request)
            {
                _requests.Enqueue(request);
                var reply = _answer(request) ?? (request.IsLogin ? CannedReply.LoggedIn : CannedReply.Json(404, "{}"));
                await stream.WriteAsync(Encoding.UTF8.GetBytes(reply.Bytes), _stopping.Token);
                switch (reply.End)
                {
                    case CannedEnd.Hang:
                        await Task.Delay(Timeout.Infinite, _stopping.Token);
                        return;
                    case CannedEnd.Reset:
                        connection.LingerState = new LingerOption(true, 0);
                        connection.Close();
                        return;
                    case CannedEnd.Close:
                        connection.Close();
                        return;
                    case CannedEnd.KeepAlive:
                        continue;
                    default:
                        throw new InvalidOperationException($"{reply.End} is no end.");
                }
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side has left, or the test is over.
        }
    }

    private async Task<CannedRequest?> ReadAsync(NetworkStream stream, int no)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!EndsHead(bytes))
        {
            if (await stream.ReadAsync(one, _stopping.Token) == 0) return null;
            bytes.Add(one[0]);
        }

        var head = Encoding.ASCII.GetString([.. bytes]);
        var length = head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture)).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _stopping.Token);
        var start = head.Split(' ', 3);
        return new CannedRequest(start[0], start[1], head, Encoding.UTF8.GetString(body), no);
    }

    private static bool EndsHead(List<byte> bytes) => bytes is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'];
}
