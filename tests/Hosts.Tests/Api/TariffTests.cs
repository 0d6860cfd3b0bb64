using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class TariffTests
{
    private const string Csv = "prefix,price\n91,0.50\n";

    [Test]
    public async Task A_deck_is_brought_in_activated_and_replaced()
    {
        await using var world = await ApiWorld.StartAsync();

        var draft = await world.ImportAsync("starter", Csv, "?currency=INR&name=Starter%20overage");
        var same = await world.ImportAsync("starter", Csv);
        var active = await world.Admin.PostAsync("/api/v1/decks/starter/versions/1/activate", new { effectiveFrom = "2026-12-01T00:00:00+05:30" });
        var twice = await world.Admin.PostAsync("/api/v1/decks/starter/versions/1/activate", new { });
        var next = await world.ImportAsync("starter", "prefix,price\n91,0.60\n");
        var now = await world.Admin.AskAsync(HttpMethod.Post, "/api/decks/starter/versions/2/activate", null);

        (draft.Code, draft.Header("Location"), draft.Json.Text("status"), draft.Json.Text("name"), draft.Json.Text("entries")).Should().Be((201, "/api/v1/decks/starter", "draft", "Starter overage", "1"));
        draft.Json.Names().Should().Equal("deck", "version", "name", "currency", "status", "effectiveFrom", "entries", "hash", "createdAt", "activatedAt", "retiredAt");
        (same.Code, same.Json.Text("version")).Should().Be((201, "1"));
        (active.Code, active.Json.Text("status"), active.Json.Text("effectiveFrom")).Should().Be((200, "active", "2026-11-30T18:30:00Z"));
        (twice.Code, twice.ErrorCode).Should().Be((409, "deck_not_draft"));
        (next.Json.Text("version"), now.Json.Text("effectiveFrom")).Should().Be(("2", NodaTime.Text.InstantPattern.ExtendedIso.Format(world.Clock.Now())));
        (await world.Admin.AskAsync("/api/v1/decks")).Json.At("data").EnumerateArray().Select(deck => $"{deck.Text("deck")} {deck.Text("version")}").Should().Equal("starter 1", "starter 2");
        (await world.Admin.AskAsync("/api/v1/decks/starter")).Json.At("data").GetArrayLength().Should().Be(2);
    }

    [Test]
    public async Task A_draft_is_taken_away_and_what_was_rated_by_is_not()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();
        await world.ImportAsync("starter", "prefix,price\n91,0.60\n");

        (await world.Admin.AskAsync(HttpMethod.Delete, "/api/v1/decks/starter/versions/2", null)).Code.Should().Be(204);
        (await world.Admin.AskAsync(HttpMethod.Delete, "/api/v1/decks/starter/versions/1", null)).ErrorCode.Should().Be("deck_not_draft");
        (await world.Admin.AskAsync(HttpMethod.Delete, "/api/v1/decks/starter/versions/2", null)).Code.Should().Be(404);
    }

    [Test]
    public async Task What_is_no_deck_is_refused_with_the_line_that_is_wrong()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();

        var wrong = await world.ImportAsync("next", "prefix,price\n91,0.50\n91,x\n");
        var unreadable = await world.ImportAsync("next", "number,price\n91,1\n");
        var other = await world.ImportAsync("starter", Csv, "?currency=USD");
        var none = await world.ImportAsync("next", Csv, "");
        var json = await world.Admin.PostAsync("/api/v1/decks/next/versions?currency=INR", "{}");

        (wrong.Code, wrong.ErrorCode).Should().Be((422, "deck_invalid"));
        wrong.Json.At("errors").EnumerateArray().Select(error => $"{error.Text("field")} {error.Text("code")}").Should().BeEquivalentTo("line 3, price price_invalid", "line 3, prefix prefix_duplicate");
        (unreadable.Code, unreadable.ErrorCode).Should().Be((422, "import_unreadable"));
        (other.Code, other.ErrorCode, other.Json.Text("currency")).Should().Be((409, "currency_differs", "INR"));
        (none.ErrorCode, json.Code).Should().Be(("validation_failed", 415));
        (await world.ImportAsync("a%20b", Csv)).ErrorCode.Should().Be("validation_failed");
        (await world.ImportAsync("next", Csv, "?curency=INR")).ErrorCode.Should().Be("unknown_parameter");
        (await world.Admin.AskAsync("/api/v1/decks/next")).Code.Should().Be(404);
        (await world.Admin.PostAsync("/api/v1/decks/starter/versions/7/activate", new { })).Code.Should().Be(404);
        (await world.Admin.PostAsync("/api/v1/decks/starter/versions/one/activate", new { })).Code.Should().Be(404);
        (await world.Admin.PostAsync("/api/v1/decks/starter/versions/1/activate", new { effectiveFrom = "soon" })).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_plan_is_made_shown_and_replaced()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();
        await world.DeckAsync("night");
        var body = new
        {
            name = "Starter", currency = "INR", zone = "Asia/Kolkata", country = "IN", mode = "prepaid",
            bands = new object[] { new { name = "day", from = "08:00", to = "20:00", deck = "starter", priority = 1, weekDays = new[] { "Fri", "Mon" } }, new { name = "always", deck = "night" } },
            allowances = new[] { new { name = "included minutes", kind = "seconds", amount = 30_000, unit = 60, prefixes = new[] { "91" } } },
            prices = new { monthly = "349.00", setup = 0 }, limits = new { numbers = 1, concurrent_calls = 2 },
        };

        var first = await world.PutAsync("starter", body);
        var second = await world.PutAsync("starter", body);
        var fallback = await world.PutAsync("travel", new { name = "Travel", currency = "INR", deck = "night", fallback = new[] { "starter" }, effectiveFrom = "2027-01-01T00:00:00Z" });

        (first.Code, second.Code, second.Json.Text("version")).Should().Be((200, 200, "2"));
        var plan = first.Json;
        plan.Names().Should().Equal(
            "plan", "version", "name", "currency", "status", "effectiveFrom", "zone", "country", "mode", "bands", "fallback", "allowances", "prices", "limits", "createdAt", "retiredAt");
        (plan.Text("status"), plan.Text("effectiveFrom"), plan.Text("zone"), plan.Text("country"), plan.Text("mode")).Should().Be(("active", "1970-01-01T00:00:00Z", "Asia/Kolkata", "IN", "prepaid"));
        plan.At("bands")[0].GetRawText().Should().Be("""{"name":"day","priority":1,"weekDays":["Mon","Fri"],"monthDays":[],"months":[],"dates":[],"from":"08:00:00","to":"20:00:00","deck":"starter"}""");
        plan.At("allowances")[0].GetRawText().Should().Be("""{"name":"included minutes","kind":"seconds","amount":"30000","unit":60,"priority":0,"prefixes":["91"],"blocker":false}""");
        (plan.Text("prices.monthly"), plan.Text("prices.setup"), plan.Text("limits.concurrent_calls")).Should().Be(("349.00", "0.00", "2"));
        (fallback.Json.At("fallback")[0].GetString(), fallback.Json.Text("effectiveFrom"), fallback.Json.At("bands")[0].Text("name")).Should().Be(("starter", "2027-01-01T00:00:00Z", "always"));
        (await world.Admin.AskAsync("/api/v1/plans")).Json.At("data").EnumerateArray().Select(one => $"{one.Text("plan")} {one.Text("version")}").Should().Equal("starter 1", "starter 2", "travel 1");
        (await world.Admin.AskAsync("/api/v1/plans/travel")).Json.At("data")[0].GetRawText().Should().Be(fallback.Json.GetRawText());
        (await world.Admin.AskAsync("/api/v1/plans/none")).Code.Should().Be(404);
    }

    [TestCase("""{"currency":"INR","deck":"starter"}""", 422, "validation_failed", "name")]
    [TestCase("""{"name":"x","currency":"INR"}""", 422, "validation_failed", "deck")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","bands":[{"deck":"starter"}]}""", 422, "validation_failed", "deck")]
    [TestCase("""{"name":"x","currency":"rupees","deck":"starter"}""", 422, "validation_failed", "currency")]
    [TestCase("""{"name":"x","currency":"INR","bands":[{"deck":"starter","to":"12:00"}]}""", 422, "validation_failed", "bands")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","zone":"India"}""", 422, "validation_failed", "zone")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","prices":{"monthly":"349.001","a b":"1"}}""", 422, "validation_failed", "prices")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","prices":{"monthly":"x"}}""", 422, "validation_failed", "prices.monthly")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","limits":{"numbers":1.5}}""", 422, "validation_failed", "limits.numbers")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","limits":{"numbers":-1}}""", 422, "validation_failed", "limits.numbers")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","allowances":[{"name":"free","amount":1}]}""", 422, "validation_failed", "allowances[0].kind")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","allowances":[{"name":"free","kind":"seconds","amount":0.5}]}""", 422, "validation_failed", "allowances[0].amount")]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","effectiveFrom":"then"}""", 422, "validation_failed", "effectiveFrom")]
    [TestCase("""{"name":"x","currency":"INR","deck":"none"}""", 422, "deck_unknown", null)]
    [TestCase("""{"name":"x","currency":"USD","deck":"starter"}""", 409, "currency_differs", null)]
    [TestCase("""{"name":"x","currency":"INR","deck":"starter","fallback":["nobody"]}""", 422, "plan_unknown", null)]
    public async Task What_is_no_plan_is_refused(string body, int status, string code, string? field)
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();

        var reply = await world.PutAsync("starter", body);

        (reply.Code, reply.ErrorCode).Should().Be((status, code), reply.Text);
        if (field is not null) reply.Json.At("errors").EnumerateArray().Select(error => error.Text("field")).Should().Contain(name => name == field || name.StartsWith(field + "["), reply.Text);
        (await world.Admin.AskAsync("/api/v1/plans")).Json.At("data").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Plans_do_not_fall_back_in_a_circle_and_have_an_id()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();
        await world.PlanAsync();
        await world.PutAsync("b", new { name = "b", currency = "INR", deck = "starter", fallback = new[] { "starter" } });

        var circle = await world.PutAsync("starter", new { name = "starter", currency = "INR", deck = "starter", fallback = new[] { "b" } });
        var nameless = await world.PutAsync("a%20b", new { name = "x", currency = "INR", deck = "starter" });

        (circle.Code, circle.ErrorCode).Should().Be((409, "fallback_circle"));
        (nameless.Code, nameless.ErrorCode).Should().Be((422, "validation_failed"));
    }

    [Test]
    public async Task Tariffs_are_for_people_of_the_house()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();
        await world.PlanAsync();

        foreach (var path in new[] { "/decks", "/decks/starter", "/plans", "/plans/starter" }) (await world.Reseller.AskAsync("/api/v1" + path)).Code.Should().Be(403, path);
        (await world.Reseller.PostAsync("/api/v1/decks/starter/versions/1/activate", new { })).Code.Should().Be(403);
        (await world.Reseller.AskAsync(HttpMethod.Delete, "/api/v1/decks/starter/versions/1", null)).Code.Should().Be(403);
        (await world.Reseller.AskAsync(HttpMethod.Put, "/api/v1/plans/starter", """{"name":"x","currency":"INR","deck":"starter"}""")).Code.Should().Be(403);
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/api/v1/decks/starter/versions?currency=INR") { Content = new StringContent(Csv, System.Text.Encoding.UTF8, "text/csv") };
        (await world.Reseller.ReadAsync(upload)).Code.Should().Be(403);
    }
}
