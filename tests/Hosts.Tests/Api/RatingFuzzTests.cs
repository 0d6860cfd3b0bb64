using System.Text;
using System.Text.Json.Nodes;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

/// <summary>Valid requests about calls, damaged at random from a fixed seed: none is an error of ours.</summary>
internal sealed class RatingFuzzTests
{
    private const int Rounds = 4_000;
    private const int Seed = 20261121;

    private static readonly JsonNode?[] Odd =
    [
        null, "", " ", "\0", "none", "-1", "1e999", "NaN", "99999999999999999999", "0.0000001", "𝟙𝟚", "<script>", "../..", "%00", new string('9', 300), "9999-12-31T23:59:59-18:00", "-9999-01-01",
        "2026-13-45", 0, -1, 1.5, 1e300, 9223372036854775807, true, new JsonArray(), new JsonArray(1, "x", null), new JsonObject(), new JsonObject { ["x"] = 1, ["kind"] = "number", ["value"] = "\0" },
    ];

    [Test]
    public async Task Damaged_requests_are_answered_by_rule()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        (HttpMethod Method, string Path, string Body)[] requests =
        [
            (HttpMethod.Post, "/api/v1/cdrs", """{"source":"s","id":"1","leg":"a","kind":"voice","direction":"outbound","from":"1","to":"91","startedAt":"2026-11-20T10:00:00Z","answeredAt":"2026-11-20T10:00:00Z","endedAt":"2026-11-20T10:01:00Z","duration":60,"quantity":60,"cause":"x","account":"a","accountCode":"ACC-1","number":"91","sipUser":"1","charged":true,"linkedTo":"1"}"""),
            (HttpMethod.Post, "/api/v1/cdrs/batch", """{"cdrs":[{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":60}]}"""),
            (HttpMethod.Post, "/api/v1/cdrs/retry", """{"reason":"no_rate"}"""),
            (HttpMethod.Put, "/api/v1/plans/fuzz", """{"name":"x","currency":"INR","zone":"Asia/Kolkata","country":"IN","mode":"prepaid","effectiveFrom":"2026-11-20T10:00:00Z","bands":[{"name":"always","deck":"starter","priority":1,"weekDays":["Mon"]},{"deck":"starter"}],"fallback":["starter"],"allowances":[{"name":"x","kind":"seconds","amount":60,"unit":60,"priority":0,"prefixes":["91"],"blocker":false}],"prices":{"monthly":"1.00"},"limits":{"numbers":1}}"""),
            (HttpMethod.Post, "/api/v1/accounts", $$"""{"customer":"{{world.CustomerId}}","mode":"prepaid","name":"x","currency":"INR","zone":"Asia/Kolkata","useWallet":false,"creditLimit":"1.00","lowBalance":"1","criticalBalance":"none"}"""),
            (HttpMethod.Patch, $"/api/v1/accounts/{account}", """{"name":"x","status":"active","lowBalance":"1","criticalBalance":"1"}"""),
            (HttpMethod.Post, $"/api/v1/accounts/{account}/plans", """{"plan":"starter","from":"2026-11-20T10:00:00Z","use":"calls","line":{"kind":"number","value":"91"}}"""),
            (HttpMethod.Post, $"/api/v1/accounts/{account}/lines", """{"kind":"number","value":"918041000001"}"""),
            (HttpMethod.Post, $"/api/v1/accounts/{account}/buckets", """{"id":"b","name":"x","kind":"seconds","amount":60,"unit":60,"priority":0,"prefixes":["91"],"blocker":false,"from":"2026-11-20T10:00:00Z","expires":"2026-12-20T10:00:00Z"}"""),
            (HttpMethod.Post, "/api/v1/decks/starter/versions/1/activate", """{"effectiveFrom":"2026-11-20T10:00:00Z"}"""),
            (HttpMethod.Post, "/api/v1/cdrs/reports/rep_x/discard", """{"reason":"x"}"""),
        ];
        var random = new Random(Seed);
        var (odd, refused) = (new List<string>(), 0);

        for (var round = 0; round < Rounds; round++)
        {
            var (method, path, body) = requests[random.Next(requests.Length)];
            var damaged = Damaged(random, body);
            using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(damaged) };
            request.Content.Headers.ContentType = new(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
            var reply = await world.Admin.ReadAsync(request);
            if (reply.Code >= 500) odd.Add($"round {round}: {reply.Code} {method} {path} {Encoding.UTF8.GetString(damaged)}");
            if (reply.Code is >= 400 and < 500) refused++;
        }

        await world.RunJobsAsync();
        odd.Take(5).Should().BeEmpty();
        refused.Should().BeGreaterThan(Rounds / 2);
        (await world.Admin.AskAsync("/api/v1/ledger/verify")).Json.At("sound").GetBoolean().Should().BeTrue();
    }

    private static byte[] Damaged(Random random, string body)
    {
        if (random.Next(5) == 0) return Encoding.UTF8.GetBytes(body)[..random.Next(body.Length)];
        var json = JsonNode.Parse(body)!;
        Spoil(random, json);
        var text = json.ToJsonString();
        // Half a surrogate pair, which no JSON of this machine can be made to hold.
        return Encoding.UTF8.GetBytes(random.Next(20) == 0 ? text.Replace("\"x\"", "\"\\ud800\"", StringComparison.Ordinal) : text);
    }

    /// <summary>Puts something odd in the place of a member, somewhere in the document.</summary>
    private static void Spoil(Random random, JsonNode json)
    {
        if (json is JsonArray { Count: > 0 } list)
        {
            var at = random.Next(list.Count);
            if (list[at] is JsonObject or JsonArray && random.Next(4) > 0) Spoil(random, list[at]!);
            else list[at] = Odd[random.Next(Odd.Length)]?.DeepClone();
        }
        else if (json is JsonObject { Count: > 0 } members)
        {
            var name = members.ElementAt(random.Next(members.Count)).Key;
            if (random.Next(12) == 0) members[$"m{random.Next(5)}\0"] = 1;
            else if (members[name] is JsonObject or JsonArray && random.Next(4) > 0) Spoil(random, members[name]!);
            else members[name] = Odd[random.Next(Odd.Length)]?.DeepClone();
        }
    }
}
