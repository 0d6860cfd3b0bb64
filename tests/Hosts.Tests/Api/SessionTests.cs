using System.Text.Json;
using Relier.Ledger;
using Relier.Rating;

namespace Relier.Hosts.Tests.Api;

internal sealed class SessionTests
{
    [Test]
    public async Task AC_22_a_session_over_http_from_the_first_message_to_the_call()
    {
        await using var world = await SellingAsync("10");

        var created = await world.Admin.PostAsync("/api/v1/sessions", Creation("c-1", 180));
        created.Code.Should().Be(201, created.Text);
        var path = $"/api/v1/sessions/{created.Json.Text("id")}";
        created.Header("Location").Should().Be(path);
        Said(created).Should().Be("open 1 0 180 0.00 3.00 7.00");

        var updated = await world.Admin.PostAsync($"{path}/update", """{ "sequence": 2, "usedTotal": 180, "requested": 180 }""");
        Said(updated).Should().Be("open 2 180 180 3.00 3.00 4.00");
        var released = await world.Admin.PostAsync($"{path}/release", """{ "sequence": 3, "usedTotal": 200 }""");
        var again = await world.Admin.PostAsync($"{path}/release", """{ "sequence": 3, "usedTotal": 200 }""");

        Said(released).Should().Be("released 3 200 0 4.00 0.00 6.00");
        again.Text.Should().Be(released.Text);
        (await world.Admin.AskAsync(path)).Text.Should().Be(released.Text);
        var call = await world.Admin.AskAsync($"/api/v1/cdrs/{released.Json.Text("cdr")}");
        (call.Code, call.Json.Text("status"), call.Json.GetProperty("amount").Text("amount")).Should().Be((200, "rated", "4.00"));
    }

    [Test]
    public async Task Messages_that_are_refused_say_why_and_what_would_be_right()
    {
        await using var world = await SellingAsync("2");
        var created = await world.Admin.PostAsync("/api/v1/sessions", Creation("c-1", 60));
        var path = $"/api/v1/sessions/{created.Json.Text("id")}";

        var conflict = await world.Admin.PostAsync($"{path}/update", """{ "sequence": 5, "usedTotal": 0 }""");
        var poor = await world.Admin.PostAsync("/api/v1/sessions", Creation("c-2", 60));
        poor = await world.Admin.PostAsync("/api/v1/sessions", Creation("c-3", 60));
        var nobody = await world.Admin.PostAsync("/api/v1/sessions", Creation("c-4", 60, "ACC-9"));
        var unread = await world.Admin.PostAsync($"{path}/update", """{ "sequence": "x", "used": 1 }""");
        var unknown = await world.Admin.PostAsync("/api/v1/sessions/ses_x/release", """{ "sequence": 1, "usedTotal": 0 }""");

        (conflict.Code, conflict.ErrorCode, conflict.Json.Text("expected")).Should().Be((409, "sequence_conflict", "2"));
        (poor.Code, poor.ErrorCode, poor.Json.GetProperty("available").Text("amount"), poor.Json.GetProperty("required").Text("amount")).Should().Be((402, "insufficient_credit", "0.00", "1.00"));
        (nobody.Code, nobody.ErrorCode).Should().Be((422, "no_account"));
        (unread.Code, unread.ErrorCode).Should().Be((422, "validation_failed"));
        unread.Json.GetProperty("errors").EnumerateArray().Select(error => error.Text("field")).Should().BeEquivalentTo("sequence", "usedTotal", "used");
        (unknown.Code, unknown.ErrorCode).Should().Be((404, "not_found"));
    }

    [Test]
    public async Task An_authorisation_is_an_answer_also_when_it_is_no()
    {
        await using var world = await SellingAsync("2.50");

        var yes = await world.Admin.PostAsync("/api/rating/authorize", """{ "id": "c-1", "to": "918041000000", "accountCode": "ACC-1", "maxSeconds": 60 }""");
        var less = await world.Admin.PostAsync("/api/v1/rating/authorize", """{ "to": "918041000000", "accountCode": "ACC-1" }""");
        var no = await world.Admin.PostAsync("/api/v1/rating/authorize", """{ "id": "c-1", "to": "44", "accountCode": "ACC-1" }""");

        yes.Text.Should().Contain("\"allowed\":true").And.Contain("\"maxSeconds\":60");
        (less.Json.GetProperty("maxSeconds").GetInt64(), less.Json.Text("reason")).Should().Be((120L, "insufficient_credit"));
        (no.Code, no.Json.GetProperty("allowed").GetBoolean(), no.Json.Text("reason")).Should().Be((200, false, "no_rate"));
    }

    [Test]
    public async Task Only_who_may_report_calls_may_begin_sessions()
    {
        await using var world = await SellingAsync("10");

        (await world.Reseller.PostAsync("/api/v1/sessions", Creation("c-1", 60))).Code.Should().Be(403);
        (await world.Nobody.PostAsync("/api/v1/sessions", Creation("c-1", 60))).Code.Should().Be(401);
        (await world.Nobody.PostAsync("/api/v1/rating/authorize", "{}")).Code.Should().Be(401);
        (await world.Nobody.AskAsync("/api/v1/sessions/ses_1")).Code.Should().Be(401);
    }

    private static string Creation(string id, int seconds, string code = "ACC-1") =>
        $$"""{ "source": "pbx-1", "id": "{{id}}", "from": "1001", "to": "+91 80 4100 0000", "accountCode": "{{code}}", "requested": {{seconds}} }""";

    private static string Said(Reply reply)
    {
        reply.Code.Should().BeLessThan(300, reply.Text);
        var json = reply.Json;
        return $"{json.Text("status")} {json.GetProperty("sequence")} {json.GetProperty("usedTotal")} {json.GetProperty("granted")} {Amount("charged")} {Amount("held")} {Amount("available")}";

        string Amount(string name) => json.GetProperty(name).Text("amount");
    }

    /// <summary>One account with so much money, to which calls at 1.00 a minute are charged.</summary>
    private static async Task<ApiWorld> SellingAsync(string money)
    {
        var world = await ApiWorld.StartAsync();
        using var deck = new MemoryStream("prefix,price\n91,1.00\n"u8.ToArray());
        await world.SendAsync(new ImportDeck("starter", "deck.csv", deck, "INR"));
        await world.SendAsync(new ActivateDeck("starter", 1) { EffectiveFrom = "1970-01-02T00:00:00Z" });
        await world.SendAsync(new PutPlan("starter", new PlanVersion
        {
            Plan = Id<RatePlan>.Parse("starter"), Version = 1, Name = "starter", Currency = Currency.INR, EffectiveFrom = NodaTime.Instant.FromUnixTimeSeconds(0), Zone = NodaTime.DateTimeZone.Utc,
            Bands = [new CalendarBand { Name = "always", Deck = "starter" }], CreatedAt = NodaTime.Instant.FromUnixTimeSeconds(0), Numbers = NumberPlan.India,
        }));
        var account = (await world.SendAsync(new OpenUsageAccount(world.CustomerId, "prepaid") { Currency = "INR" })).Account.Id.Value;
        await world.SendAsync(new AssignPlan(account, "starter") { From = "1970-01-02T00:00:00Z" });
        await world.SendAsync(new AddLine(account, new LineRef(LineKind.AccountCode, "ACC-1")));
        await world.SendAsync(new AdjustCredit(world.CustomerId, money, "payment") { Account = account });
        return world;
    }
}
