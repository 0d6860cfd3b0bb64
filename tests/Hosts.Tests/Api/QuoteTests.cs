using System.Text.Json;

namespace Relier.Hosts.Tests.Api;

internal sealed class QuoteTests
{
    private const string Deck = """
        "decks": { "A": { "entries": [ { "prefix": "9180", "rate": "r" }, { "prefix": "*", "rate": "r" }, { "prefix": "44", "forbidden": true } ],
                          "rates": { "r": { "connectFee": "0.25", "tiers": [ { "price": "1.20" } ] } } } }
        """;

    [Test]
    public async Task A_call_is_priced_by_the_tariff_in_the_question()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await QuoteAsync(world, Question("\"plan\": {}, \"country\": \"IN\", \"balance\": 10, \"mode\": \"consume\"", Call("+918041000000", 90)));

        // 0.25 and two minutes at 1.20.
        reply.Code.Should().Be(200, reply.Text);
        (reply.Json.Text("status"), reply.Json.Text("amount"), reply.Json.Text("exact"), reply.Json.Text("matchedPrefix"), reply.Json.Text("balance"))
            .Should().Be(("rated", "2.6500", "2.65", "9180", "7.35"));
        reply.Json.GetProperty("quantity").ToString().Should().Be("""{"actual":90,"billed":120,"granted":null,"final":null}""");
        reply.Json.GetProperty("lines").EnumerateArray().Select(line => $"{line.Text("kind")} {line.Text("exact")}").Should().Equal("connect 0.25", "tier 2.4");
    }

    // Of 3.00 the fee leaves 2.75: two minutes at 1.20.
    [Test]
    public async Task What_a_balance_pays_for_is_granted_and_nothing_is_consumed()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await QuoteAsync(world, Question("\"plan\": {}, \"balance\": \"3.00\", \"mode\": \"authorize\"", Call("918041000000", 300)));

        reply.Json.GetProperty("quantity").ToString().Should().Be("""{"actual":300,"billed":120,"granted":120,"final":true}""");
        decimal.Parse(reply.Json.Text("balance"), System.Globalization.CultureInfo.InvariantCulture).Should().Be(3m);
    }

    [TestCase("44207", "forbidden")]
    [TestCase("nobody", "bad_number")]
    public async Task A_call_without_a_price_has_no_amount_and_a_reason(string to, string reason)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await QuoteAsync(world, Question("\"plan\": {}", Call(to, 60)));

        (reply.Code, reply.Json.Text("status"), reply.Json.Text("reason")).Should().Be((200, "unrated", reason));
        reply.Json.GetProperty("amount").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [TestCase("""{ "bands": [ { "deck": "A", "to": "21:00" } ] }""", "plan_not_continuous", "plan.bands")]
    [TestCase("""{ "bands": [ { "deck": "A" }, { "deck": "A", "from": "09:00" } ] }""", "bands_overlap", "plan.bands[1].priority")]
    [TestCase("""{ "bands": [ { "deck": "Z" } ] }""", "deck_unknown", "plan.bands[0].deck")]
    [TestCase("""{ "zone": "Mars/Olympus" }""", "validation_failed", "plan.zone")]
    [TestCase("""{ "bands": [ { "deck": "A", "wekDays": [] } ] }""", "validation_failed", "plan.bands[0].wekDays")]
    public async Task A_tariff_that_cannot_be_rated_by_is_refused_with_the_place(string plan, string code, string field)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await QuoteAsync(world, Question($"\"plan\": {plan}", Call("918041000000", 60)));

        (reply.Code, reply.ErrorCode).Should().Be((422, code), reply.Text);
        reply.Json.GetProperty("errors")[0].Text("field").Should().Be(field);
    }

    [Test]
    public async Task Each_of_many_has_its_answer_or_its_problem()
    {
        await using var world = await ApiWorld.StartAsync();
        var good = Question("\"plan\": {}", Call("918041000000", 60));
        var bad = Question("\"plan\": { \"bands\": [ { \"deck\": \"A\", \"to\": \"21:00\" } ] }", Call("918041000000", 60));

        var reply = await QuoteAsync(world, $"[{good},{bad},7]");
        var many = await QuoteAsync(world, $"[{string.Join(',', Enumerable.Repeat("{}", 1001))}]");

        reply.Code.Should().Be(200);
        reply.Json[0].Text("amount").Should().Be("1.4500");
        reply.Json[1].GetProperty("problem").Text("code").Should().Be("plan_not_continuous");
        reply.Json[2].GetProperty("problem").Text("code").Should().Be("validation_failed");
        (many.Code, many.ErrorCode).Should().Be((422, "validation_failed"));
    }

    private static Task<Reply> QuoteAsync(ApiWorld world, string body) => world.Reseller.AskAsync(HttpMethod.Post, "/api/v1/quotes/rating", body);

    private static string Question(string members, string call) => $"{{ {members}, {Deck}, {call} }}";

    private static string Call(string to, int seconds) => $"\"call\": {{ \"to\": \"{to}\", \"start\": \"2026-11-20T10:00:00Z\", \"quantity\": {seconds} }}";
}
