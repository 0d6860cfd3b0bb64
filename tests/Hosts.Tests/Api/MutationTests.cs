using System.Text;
using System.Text.Json.Nodes;
using Relier.Customers;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Api;

/// <summary>Valid requests, damaged at random from a fixed seed: none is an error of ours, and what is refused leaves nothing behind.</summary>
internal sealed class MutationTests
{
    private const int Rounds = 10_000;
    private const int Seed = 20261120;

    private static readonly string[] Odd =
    [
        "", " ", "\0", "\u0000x", "null", "-1", "0", "1e999", "NaN", "99999999999999999999", "0.0000001", "--1", "+1", "20.000000000", "\ud800", "𝟙𝟚", "٢٠", "<script>", "' or 1=1 --",
        "../..", "%00", "\r\nX: y", new string('9', 300), new string('a', 5000), "true", "[]", "{}", "20\n", "2026-13-45", "9999-12-31T23:59:59-18:00", "-9999-01-01",
    ];

    [Test]
    public async Task Damaged_requests_are_refused_and_store_nothing()
    {
        await using var world = await ApiWorld.StartAsync();
        var random = new Random(Seed);
        var before = await StateAsync(world);
        var requests = Requests(world);
        var odd = new List<string>();

        for (var round = 0; round < Rounds; round++)
        {
            var (client, method, path, body) = requests[random.Next(requests.Length)];
            using var request = Damaged(random, method, path, body);
            var reply = await client.ReadAsync(request);
            if (reply.Code is < 400 or 500 or > 503) odd.Add($"round {round}: {reply.Code} {request.Method} {request.RequestUri} {(request.Content is null ? "" : await Shown(request.Content))} {reply.Text}");
        }

        odd.Where(line => !IsHarmless(line)).Take(5).Should().BeEmpty();
        (await StateAsync(world)).Should().Be(before);
    }

    private static async Task<string> Shown(HttpContent content) => Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync());

    /// <summary>Some damage leaves a question that may be asked, as a list with another filter.</summary>
    private static bool IsHarmless(string line) => line.Contains(": 200 GET", StringComparison.Ordinal);

    private static async Task<string> StateAsync(ApiWorld world)
    {
        var topUps = (await world.SendAsync(new ListTopUps())).Data.Count;
        var customers = await world.SendAsync(new ListCustomers());
        return $"{topUps} {string.Join(";", customers.Data.Select(details => $"{details.Customer.Version} {details.Customer.Name} {details.Wallet.Posted} {details.Wallet.Held}"))}";
    }

    private static (HttpClient Client, HttpMethod Method, string Path, string? Body)[] Requests(ApiWorld world) =>
    [
        (world.Reseller, HttpMethod.Post, "/api/v1/topups", """{"phone":"5512345000","amount":"20","reference":"R"}"""),
        (world.OldReseller, HttpMethod.Post, "/api/demo/topup", """{"phone":"5512345000","amount":20}"""),
        (world.Admin, HttpMethod.Post, "/api/v1/customers", """{"name":"X","channel":"xx","creditLimit":"1","policies":{"minAmount":"10","fixedAmounts":["20"],"allowedAddresses":["10.0.0.1"]}}"""),
        (world.Admin, HttpMethod.Patch, $"/api/v1/customers/{world.CustomerId}", """{"name":"X","policies":{"maxAmount":"100"}}"""),
        (world.Admin, HttpMethod.Post, $"/api/v1/customers/{world.CustomerId}/credits", """{"amount":"-5.00","reason":"correction","note":"x"}"""),
        (world.Admin, HttpMethod.Post, "/api/admin/add-credit", $$"""{"customer_id":"{{world.CustomerId}}","amount":5}"""),
        (world.Admin, HttpMethod.Post, "/api/v1/exchange-rates", """{"base":"INR","quote":"USD","rate":"0.01","asOf":"2020-01-01T00:00:00Z"}"""),
        (world.Admin, HttpMethod.Post, "/api/v1/keys", """{"name":"x","scopes":["topups:read"],"expiresAt":"2030-01-01T00:00:00Z"}"""),
        (world.Reseller, HttpMethod.Get, "/api/v1/topups?from=2026-01-01&to=2026-12-01&status=held&limit=5&phone=5512345000&reference=R", null),
        (world.Reseller, HttpMethod.Get, "/api/v1/statement?from=2026-01-01&cursor=abc", null),
        (world.Reseller, HttpMethod.Get, "/api/v1/topups/RLR176359680012300417265", null),
    ];

    /// <summary>
    /// Damage that cannot leave an order as it was: a member the order needs gets a type or a value that it cannot have, or
    /// the text of the body is broken.
    /// </summary>
    private static HttpRequestMessage Damaged(Random random, HttpMethod method, string path, string? body)
    {
        if (body is null)
        {
            var parts = path.Split('=', '&', '?');
            var at = random.Next(parts.Length == 1 ? 0 : 1, parts.Length);
            var odd = Uri.EscapeDataString(WithoutHalves(Odd[random.Next(Odd.Length)]));
            return new HttpRequestMessage(method, parts.Length == 1 ? "/api/v1/topups/" + odd : path.Replace(parts[at], odd, StringComparison.Ordinal));
        }

        var request = new HttpRequestMessage(method, path);
        var bytes = random.Next(3) switch
        {
            0 => Cut(random, Encoding.UTF8.GetBytes(body)),
            1 => Encoding.UTF8.GetBytes(Spoilt(random, body)),
            _ => Encoding.UTF8.GetBytes(Retyped(random, body)),
        };
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("If-Match", random.Next(2) == 0 ? "\"v1\"" : "\"x\"");
        if (random.Next(2) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(2) == 0 ? "k" : new string('k', 300));
        return request;
    }

    private static byte[] Cut(Random random, byte[] bytes) => random.Next(3) switch
    {
        0 => bytes[..random.Next(bytes.Length)],
        1 => [.. bytes[..^1], (byte)random.Next(128, 256)],
        _ => [.. bytes, (byte)'}'],
    };

    private static string Spoilt(Random random, string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json[$"m{random.Next(5)}\u0000"] = Odd[random.Next(Odd.Length)] is var text && text.Any(char.IsSurrogate) ? "x" : text;
        // The first version ignored what it did not know; there the damage must be to what it knows.
        foreach (var name in new[] { "amount", "phone" }.Where(json.ContainsKey)) json[name] = new JsonObject();
        return json.ToJsonString();
    }

    private static string Retyped(Random random, string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        var names = json.Select(member => member.Key).Where(name => name is "phone" or "amount" or "name" or "reason" or "customer_id" or "base" or "rate" or "scopes" or "expiresAt").ToList();
        var name = names[random.Next(names.Count)];
        json[name] = random.Next(6) switch
        {
            0 => JsonValue.Create(random.Next(2) == 0),
            1 => new JsonArray(JsonValue.Create(1)),
            2 => new JsonObject { ["x"] = 1 },
            3 => JsonValue.Create(-1.5e300),
            4 when name is not ("expiresAt" or "scopes") => null,
            _ => JsonValue.Create(name is "name" or "reason" ? "\0" : Odd.Where(text => text is not ("true" or "0.0000001") && !text.Any(char.IsSurrogate)).ElementAt(random.Next(5))),
        };
        return json.ToJsonString();
    }

    /// <summary>What the client of the tests can send in an address; the server refuses the rest before it reaches us.</summary>
    private static string WithoutHalves(string text) => text.Contains('\0') || text.Any(char.IsSurrogate) ? "x" : text;
}
