using System.Text.Json;
using System.Text.Json.Nodes;
using Relier.Hosting.Resources;

namespace Relier.Hosts.Tests.Api;

/// <summary>Whatever a quote says, it has an answer or a refusal: nothing overflows, and nothing takes for ever.</summary>
internal sealed class QuoteFuzzTests
{
    private const string Whole = """
        { "plan": { "zone": "Asia/Kolkata", "fallback": ["other"],
            "bands": [ { "name": "day", "priority": 10, "weekDays": ["Mon"], "months": [1], "monthDays": [1], "dates": ["2026-08-15"], "from": "09:00", "to": "21:00", "deck": "A" }, { "priority": 0, "deck": "B" } ] },
          "plans": { "other": { "bands": [ { "deck": "B" } ], "fallback": ["plan"] } },
          "decks": { "A": { "entries": [ { "prefix": "9180", "rate": "r" }, { "prefix": "112", "rate": "r", "shortCode": true } ],
                            "rates": { "r": { "connectFee": "0.25", "tiers": [ { "from": 0, "price": "1.20", "per": 60, "increment": 60 }, { "from": 180, "price": "0.30", "per": 7, "increment": 30 } ],
                                              "graceSeconds": 0, "minCharge": "0.5", "maxCharge": "9", "capStrategy": "free", "rounding": "halfUp", "scale": 4 } } },
                     "B": { "entries": [ { "prefix": "*", "rate": "x" } ], "rates": { "x": { "tiers": [ { "price": "100000", "per": 1, "increment": 1 } ] } } } },
          "buckets": [ { "id": "a", "kind": "seconds", "left": 120, "unit": 60, "priority": 5, "expires": "2026-12-01T00:00:00+05:30", "prefixes": ["91"] }, { "id": "b", "kind": "money", "left": "5" } ],
          "balance": "10.00", "country": "IN",
          "call": { "kind": "voice", "to": "+918041000000", "start": "2026-11-20T10:00:00Z", "quantity": 190, "continuation": false },
          "mode": "authorize" }
        """;

    private static readonly string[] Values =
    [
        "0", "1", "2", "10", "30", "3600", "86400", "31536000", "\"1\"", "\"0.01\"", "\"12\"", "\"99999\"", "\"B\"", "-1", "7", "60", "999999999989", "100000000000", "1000000000", "9223372036854775807", "-9223372036854775808", "1e28", "-1e28", "79228162514264337593543950335", "1e400", "0.0000000001", "0.000000001",
        "100000", "\"100000\"", "\"99999999999\"", "null", "true", "[]", "{}", "\"\"", "\"x\"", "\"*\"", "\"broken\"", "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"", "\"none\"", "\"data\"", "\"consume\"", "\"price\"",
        "\"disconnect\"", "\"bytes\"", "\"23:59\"", "\"Pacific/Apia\"", "[\"other\",\"plan\"]",
    ];

    [Test]
    public async Task Every_document_has_an_answer_or_a_refusal()
    {
        var random = new Random(20_261_121);
        var answered = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var document = JsonNode.Parse(Whole)!;
            for (var change = random.Next(1, 3); change > 0; change--) Mutate(document, random);
            // Half a surrogate pair, which cannot be written any other way.
            using var text = JsonDocument.Parse(document.ToJsonString().Replace("\"broken\"", "\"\\ud800\"", StringComparison.Ordinal));
            try
            {
                if (!(await QuoteDocument.AnswerAsync(text.RootElement, quote => Task.FromResult(quote.Answer()), refusal => refusal)).IsRefused(out _, out _)) answered++;
            }
            catch (Exception error)
            {
                throw new AssertionException($"{document.ToJsonString()}: {error}");
            }
        }

        answered.Should().BeGreaterThan(2_000, "else the changes leave nothing to rate");
    }

    /// <summary>The largest charge there is, to the last decimal: 100,000 for each of a hundred thousand million.</summary>
    [Test]
    public async Task The_largest_charge_is_still_a_number()
    {
        var document = JsonNode.Parse(Whole)!;
        document["plan"] = new JsonObject { ["bands"] = new JsonArray(new JsonObject { ["deck"] = "B" }) };
        document["call"]!["kind"] = "data";
        document["call"]!["quantity"] = 100_000_000_000;
        document["mode"] = "price";
        document["buckets"] = new JsonArray();
        using var text = JsonDocument.Parse(document.ToJsonString());

        var answer = (await QuoteDocument.AnswerAsync(text.RootElement, quote => Task.FromResult(quote.Answer()), refusal => refusal)).Value;

        ((RatedUsageResource)answer).Amount.Should().Be("10000000000000000.0000");
    }

    private static void Mutate(JsonNode document, Random random)
    {
        var places = new List<(JsonNode? Now, Action<JsonNode?> Change)>();
        Collect(document, places);
        var (now, change) = places[random.Next(places.Count)];
        // Mostly by something of its kind, so that much of it is still a quote.
        var alike = Values.Where(value => random.Next(8) == 0 || JsonNode.Parse(value)?.GetValueKind() == now?.GetValueKind()).ToArray();
        change(alike.Length == 0 ? null : JsonNode.Parse(alike[random.Next(alike.Length)]));
    }

    private static void Collect(JsonNode node, List<(JsonNode? Now, Action<JsonNode?> Change)> places)
    {
        if (node is JsonObject members)
            foreach (var (name, value) in members.ToList())
            {
                places.Add((value, changed => members[name] = changed));
                if (value is not null) Collect(value, places);
            }
        else if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++)
            {
                var place = i;
                places.Add((items[place], changed => items[place] = changed));
                if (items[i] is { } item) Collect(item, places);
            }
    }
}
