using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Notifications;
using Relier.Tenancy;

namespace Relier.Alerts;

/// <summary>
/// Posts alerts as JSON to an address of the house: <c>{"id","tenant","kind","subject","at","text","facts"}</c>. The id is also the header
/// <c>Idempotency-Key</c>: the same alert may come again. <c>Relier-Signature: t=SECONDS,v1=HEX</c> is the HMAC-SHA256, under the
/// secret, of the seconds, a dot and the body; a receiver refuses times that are not now. Anything but an answer of 2xx within
/// the time-out throws, and the alert is sent again later. Follows no redirect and uses no proxy; unless allowed, nothing is sent to
/// addresses that are not public, also when a public name leads there.
/// </summary>
public sealed class AlertWebhook : IAlertSink, IDisposable
{
    private const int LargestAnswer = 64 * 1024;

    private readonly AlertWebhookOptions _options;
    private readonly IClock _clock;
    private readonly HttpClient _http;

    /// <summary>A sink with its own connections.</summary>
    public AlertWebhook(AlertWebhookOptions options, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _clock = clock;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync, PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(handler) { Timeout = options.Timeout.ToTimeSpan(), MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <inheritdoc/>
    public string Name => "webhook";

    /// <inheritdoc/>
    public async Task SendAsync(TenantId tenant, Alert alert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var body = Write(tenant, alert);
        var seconds = _clock.Now().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("Idempotency-Key", alert.Id.Value);
        request.Headers.Add("Relier-Signature", $"t={seconds},v1={Sign(_options.Secret, seconds, body)}");
        using var answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        // The receiver's words may hold anything; its number says enough.
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"The webhook answered {(int)answer.StatusCode}.");
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private static string Sign(string secret, string seconds, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{seconds}."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }

    private static byte[] Write(TenantId tenant, Alert alert)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", alert.Id.Value);
            json.WriteString("tenant", tenant.Value);
            json.WriteString("kind", AlertKinds.Word(alert.Kind));
            json.WriteString("subject", alert.Subject);
            json.WriteString("at", InstantPattern.ExtendedIso.Format(alert.At));
            json.WriteString("text", alert.Text);
            json.WriteStartObject("facts");
            foreach (var (name, fact) in alert.Facts)
            {
                if (fact is not Money money)
                {
                    json.WriteString(name, fact.ToString());
                    continue;
                }

                json.WriteStartObject(name);
                json.WriteString("amount", money.Amount);
                json.WriteString("currency", money.Currency.Code);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Connects to the address that was looked at, and not to what the name leads to a moment later.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        var open = addresses.Where(address => _options.AllowPrivateAddresses || Addresses.IsPublic(address)).ToArray();
        if (open.Length == 0) throw new HttpRequestException($"{context.DnsEndPoint.Host} is no public address; alerts are not sent there unless it is allowed.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Where alerts are posted, and under which secret.</summary>
public sealed record AlertWebhookOptions
{
    /// <summary>The address, http or https.</summary>
    public required Uri Address { get; init; }

    /// <summary>What the receiver checks the signature with.</summary>
    public required string Secret { get; init; }

    /// <summary>Whether it may be an address of this machine or of a private network. Default no.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>How long an answer is waited for. Default 10 s.</summary>
    public Duration Timeout { get; init; } = Duration.FromSeconds(10);

    /// <summary>Without the secret, and of the address the host alone: the path of a chat's webhook often is one, too.</summary>
    public override string ToString() => $"{nameof(AlertWebhookOptions)} {Address.Host}";
}

/// <summary>Which addresses belong to nobody's inside.</summary>
internal static class Addresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32",
            "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !NotPublic.Any(network => network.Contains(plain));
    }
}
