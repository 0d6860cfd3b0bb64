using System.Text.Json;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class CallTests
{
    [Test]
    public async Task A_call_is_reported_once_rated_and_explained()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();

        var first = await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 90));
        var second = await world.Admin.PostAsync("/api/cdrs", Call("1", 90));
        var other = await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 91));
        await world.RunJobsAsync();
        var call = await world.CallAsync(first.Json.Text("id"));

        (first.Code, first.Json.Text("status"), first.Json.Text("amount")).Should().Be((201, "received", ""));
        first.Header("Location").Should().Be($"/api/v1/cdrs/{first.Json.Text("id")}");
        (second.Code, second.Json.Text("id"), second.Header("Idempotency-Replayed")).Should().Be((200, first.Json.Text("id"), "true"));
        (other.Code, other.ErrorCode, other.Json.Text("call")).Should().Be((409, "call_conflict", first.Json.Text("id")));
        call.Names().Should().Equal(
            "id", "source", "externalId", "leg", "kind", "direction", "from", "to", "startedAt", "answeredAt", "endedAt", "duration", "quantity", "billed", "cause", "account", "customer", "line", "status",
            "reason", "amount", "plan", "deck", "matchedPrefix", "destination", "lines", "buckets", "journal", "ratedAt", "receivedAt", "linkedTo", "pricedTo");
        // 90 s are two minutes at 0.50.
        (call.Text("status"), call.Text("amount.amount"), call.Text("amount.currency"), call.Text("billed"), call.Text("matchedPrefix")).Should().Be(("rated", "1.00", "INR", "120", "91"));
        (call.Text("source"), call.Text("duration"), call.Text("endedAt"), call.Text("startedAt")).Should().Be(("api", "90", "", "2026-11-20T04:30:00Z"));
        (call.Text("account"), call.Text("customer"), call.Text("line.kind"), call.Text("line.value")).Should().Be((account, world.CustomerId, "accountCode", "ACC-1"));
        (call.Text("plan.id"), call.Text("plan.version"), call.Text("deck.id"), call.Text("deck.version")).Should().Be(("starter", "1", "starter", "1"));
        call.At("lines").EnumerateArray().Select(line => $"{line.Text("kind")} {line.Text("increments")} {line.Text("exact")}").Should().Equal("tier 2 1");
        var statement = (await world.Admin.AskAsync($"/api/v1/accounts/{account}/statement")).Json.At("data")[0];
        (statement.Text("kind"), statement.Text("amount.amount"), statement.Text("balance.amount"), statement.Text("call"), statement.Text("topUp")).Should().Be(("usage_charged", "-1.00", "99.00", call.Text("id"), ""));
        statement.Text("id").Should().Be(call.Text("journal"));
    }

    [Test]
    public async Task A_record_says_what_was_used_in_one_way_and_whose_it_is_in_many()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        await world.Admin.PostAsync($"/api/v1/accounts/{account}/lines", new { kind = "number", value = "+918041000001" });
        await world.Admin.PostAsync($"/api/v1/accounts/{account}/lines", new { kind = "sipUser", value = "1001" });
        async Task<JsonElement> ReportAsync(string body) => await world.RatedAsync(body);

        var byNumber = await ReportAsync("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","billsec":60,"to":"918041000000","number":"918041000001"}""");
        var byUser = await ReportAsync("""{"id":"2","startedAt":"2026-11-20T10:00:00Z","quantity":"60","duration":75,"to":"918041000000","accountCode":"unknown","sipUser":"1001"}""");
        var byId = await ReportAsync($$"""{"id":"3","leg":"a","startedAt":"2026-11-20T10:00:00Z","quantity":60,"to":"918041000000","account":"{{account}}","endedAt":"2026-11-20T10:01:00Z"}""");
        var aside = await ReportAsync("""{"id":"3","leg":"b","startedAt":"2026-11-20T10:00:00Z","quantity":60,"to":"918041000000","charged":false,"linkedTo":"3"}""");
        var message = await ReportAsync("""{"id":"4","kind":"message","startedAt":"2026-11-20T10:00:00Z","quantity":1}""");

        new[] { byNumber, byUser, byId }.Select(call => call.Text("line.kind")).Should().Equal("number", "sipUser", "account");
        new[] { byNumber, byUser, byId }.Should().OnlyContain(call => call.Text("amount.amount") == "0.50");
        (byUser.Text("duration"), byId.Text("endedAt"), byId.Text("leg")).Should().Be(("75", "2026-11-20T10:01:00Z", "a"));
        (aside.Text("status"), aside.Text("linkedTo"), aside.Text("amount")).Should().Be(("not_charged", "3", ""));
        (message.Text("status"), message.Text("reason"), message.Text("duration"), message.Text("kind")).Should().Be(("unrated", "no_account", "0", "message"));
    }

    [TestCase("{}", "id required, quantity required, startedAt required")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":60,"billsec":60}""", "billsec value_invalid")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20 10:00","quantity":60}""", "startedAt instant_invalid")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":"many"}""", "quantity type_invalid")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":-1}""", "quantity quantity_invalid")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":1,"kind":"fax","direction":"up","charged":"no"}""", "charged type_invalid, direction value_invalid, kind value_invalid")]
    [TestCase("""{"id":"1","startedAt":"2026-11-20T10:00:00Z","quantity":1,"answeredAt":"2026-11-20T09:59:59Z"}""", "answeredAt times_crossed")]
    [TestCase("""{"id":"1\u0000","startedAt":"2026-11-20T10:00:00Z","quantity":1,"price":"0"}""", "price unknown_member")]
    [TestCase("""{"id":"1\u0000","startedAt":"2026-11-20T10:00:00Z","quantity":1}""", "id text_invalid")]
    public async Task What_is_no_record_is_refused_with_every_member_that_is_wrong(string body, string faults)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Admin.PostAsync("/api/v1/cdrs", body);

        (reply.Code, reply.ErrorCode).Should().Be((422, "validation_failed"));
        string.Join(", ", reply.Json.At("errors").EnumerateArray().Select(error => $"{error.Text("field")} {error.Text("code")}").Order()).Should().Be(faults);
    }

    [Test]
    public async Task A_batch_answers_for_each_record_in_its_order()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.StarterAsync();
        var records = new[] { Call("1", 60), Call("1", 60), new { id = "2" }, Call("1", 61), Call("3", 60) };

        var reply = await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = records });
        var again = await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = records });

        reply.Code.Should().Be(200);
        Shown(reply).Should().Equal("0 created ", "1 duplicate ", "2 invalid validation_failed", "3 conflict call_conflict", "4 created ");
        Shown(again).Should().Equal("0 duplicate ", "1 duplicate ", "2 invalid validation_failed", "3 conflict call_conflict", "4 duplicate ");
        reply.Json.At("results")[4].Text("cdr.externalId").Should().Be("3");
        reply.Json.At("results")[2].At("cdr").ValueKind.Should().Be(JsonValueKind.Null);
        (await world.Admin.AskAsync("/api/v1/cdrs")).Json.At("data").GetArrayLength().Should().Be(2);

        static IEnumerable<string> Shown(Reply reply) => reply.Json.At("results").EnumerateArray()
            .Select(one => $"{one.Text("index")} {one.Text("status")} {(one.At("problem").ValueKind == JsonValueKind.Null ? "" : one.Text("problem.code"))}");
    }

    [TestCase("""{"cdrs":[]}""")]
    [TestCase("{}")]
    [TestCase("""{"cdrs":{}}""")]
    [TestCase("""{"cdrs":[],"more":1}""")]
    public async Task A_batch_of_nothing_is_refused(string body)
    {
        await using var world = await ApiWorld.StartAsync();

        (await world.Admin.PostAsync("/api/v1/cdrs/batch", body)).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_batch_has_at_most_a_thousand_records()
    {
        await using var world = await ApiWorld.StartAsync();

        var full = await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = Enumerable.Range(0, 1000).Select(at => Call($"{at}", 60)) });
        var fuller = await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = Enumerable.Range(0, 1001).Select(at => Call($"{at}", 60)) });

        (full.Code, full.Json.At("results").GetArrayLength()).Should().Be((200, 1000));
        (fuller.Code, fuller.Json.At("errors")[0].Text("code")).Should().Be((422, "too_many"));
    }

    [Test]
    public async Task Calls_are_listed_by_account_time_direction_and_status()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        await world.RatedAsync(Call("1", 60, startedAt: "2026-11-20T10:00:00Z"));
        await world.RatedAsync(Call("2", 60, startedAt: "2026-11-20T11:00:00Z"));
        await world.RatedAsync(Call("3", 60, code: "ACC-9", startedAt: "2026-11-20T12:00:00Z"));
        await world.RatedAsync("""{"id":"4","direction":"inbound","startedAt":"2026-11-20T13:00:00Z","quantity":0,"duration":9,"accountCode":"ACC-1"}""");
        async Task<string> ListAsync(string query) =>
            string.Join(" ", (await world.Admin.AskAsync("/api/v1/cdrs" + query)).Json.At("data").EnumerateArray().Select(call => call.Text("externalId")));

        (await ListAsync("")).Should().Be("4 3 2 1");
        (await ListAsync($"?accountId={account}")).Should().Be("4 2 1");
        (await ListAsync("?startDate=2026-11-20T11:00:00Z&endDate=2026-11-20T13:00:00Z")).Should().Be("3 2");
        (await ListAsync("?direction=inbound")).Should().Be("4");
        (await ListAsync("?processingStatus=unrated")).Should().Be("3");
        var page = (await world.Admin.AskAsync("/api/v1/cdrs?limit=3")).Json;
        (await ListAsync($"?limit=3&cursor={page.Text("next_cursor")}")).Should().Be("1");
        var wrong = await world.Admin.AskAsync("/api/v1/cdrs?startDate=then&endDate=never&direction=up&processingStatus=done");
        wrong.Json.At("errors").EnumerateArray().Select(error => error.Text("field")).Should().BeEquivalentTo("startDate", "endDate", "direction", "processingStatus");
        (await world.Admin.AskAsync("/api/v1/cdrs?account=x")).ErrorCode.Should().Be("unknown_parameter");
        (await world.Admin.AskAsync("/api/v1/cdrs?cursor=x")).ErrorCode.Should().Be("cursor_invalid");
        (await world.Admin.AskAsync("/api/v1/cdrs?limit=101")).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task Calls_are_added_up()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        await world.RatedAsync(Call("1", 60));
        await world.RatedAsync(Call("2", 61));
        await world.RatedAsync(Call("3", 60, code: "ACC-9"));
        await world.RatedAsync("""{"id":"4","direction":"inbound","startedAt":"2026-11-20T13:00:00Z","quantity":0,"duration":9,"accountCode":"ACC-1"}""");

        var sums = (await world.Admin.AskAsync("/api/v1/cdrs/statistics")).Json;
        var own = (await world.Admin.AskAsync($"/api/v1/cdrs/statistics?accountId={account}&processingStatus=rated")).Json;
        var none = (await world.Admin.AskAsync("/api/v1/cdrs/statistics?startDate=2027-01-01")).Json;

        sums.Names().Should().Equal("count", "answered", "inbound", "outbound", "duration", "averageDuration", "quantity", "billed", "amounts", "byStatus");
        // 60 + 61 + 60 + 9 s in four calls; one minute and two at 0.50.
        (sums.Text("count"), sums.Text("answered"), sums.Text("inbound"), sums.Text("outbound")).Should().Be(("4", "3", "1", "3"));
        (sums.Text("duration"), sums.At("averageDuration").GetDecimal(), sums.Text("quantity"), sums.Text("billed"), sums.At("amounts")[0].Text("amount")).Should().Be(("190", 47.5m, "181", "180", "1.50"));
        sums.At("byStatus").EnumerateArray().Select(status => $"{status.Text("status")} {status.Text("count")}").Should().Equal("rated 2", "zero 1", "unrated 1");
        (own.Text("count"), own.Text("duration"), own.At("averageDuration").GetDecimal()).Should().Be(("2", "121", 60.5m));
        (none.Text("count"), none.At("averageDuration").ValueKind, none.At("amounts").GetArrayLength()).Should().Be(("0", JsonValueKind.Null, 0));
        (await world.Admin.AskAsync("/api/v1/cdrs/statistics?endDate=x")).Json.At("errors")[0].Text("field").Should().Be("endDate");
    }

    [Test]
    public async Task AC_33_calls_are_exported_in_thirteen_columns_without_formulas()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        await world.RatedAsync(Call("1", 90, startedAt: "2026-11-20T10:00:00+05:30", from: "1001"));
        await world.RatedAsync(Call("2", 60, to: "=1+2,3", startedAt: "2026-11-20T09:00:00+05:30", from: "desk \"A\""));

        var file = await world.Admin.AskAsync("/api/v1/cdrs/export");

        (file.Code, file.ContentHeaders.ContentType!.MediaType, file.ContentHeaders.ContentDisposition!.FileName).Should().Be((200, "text/csv", "cdrs.csv"));
        file.Text.Split("\r\n").Should().Equal(
            "UUID,Account ID,Calling Number,Called Number,Call Start Time,Call Answer Time,Call End Time,Duration,Billable Seconds,Hangup Cause,Direction,Cost,Status",
            $"1,{account},1001,918041000000,2026-11-20T04:30:00Z,2026-11-20T04:30:00Z,,90,90,NORMAL_CLEARING,outbound,1.00,rated",
            $"2,{account},\"desk \"\"A\"\"\",\"'=1+2,3\",2026-11-20T03:30:00Z,2026-11-20T03:30:00Z,,60,60,NORMAL_CLEARING,outbound,,unrated",
            "");
        (await world.Admin.AskAsync("/api/v1/cdrs/export?processingStatus=zero")).Text.Split("\r\n").Should().HaveCount(2);
        (await world.Admin.AskAsync("/api/v1/cdrs/export?processingStatus=x")).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task What_had_no_price_is_rated_after_all_when_the_missing_thing_has_come()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        var stray = await world.RatedAsync(Call("1", 60, code: "ACC-9"));
        var far = await world.RatedAsync(Call("2", 60, to: "447000000000"));
        (stray.Text("reason"), far.Text("reason")).Should().Be(("no_account", "no_rate"));

        var early = await world.Admin.PostAsync($"/api/v1/cdrs/{stray.Text("id")}/retry", "{}");
        await world.Admin.PostAsync($"/api/v1/accounts/{account}/lines", new { kind = "accountCode", value = "ACC-9" });
        var one = await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/cdrs/{stray.Text("id")}/retry", null);
        await world.DeckAsync("starter", "prefix,price\n91,0.50\n44,5.00\n");
        var all = await world.Admin.PostAsync("/api/v1/cdrs/retry", new { reason = "no_rate" });
        await world.RunJobsAsync();

        (early.Json.Text("calls"), one.Json.Text("calls"), all.Json.Text("calls"), all.Json.Text("nextCursor")).Should().Be(("0", "1", "1", ""));
        (await world.CallAsync(stray.Text("id"))).Text("amount.amount").Should().Be("0.50");
        (await world.CallAsync(far.Text("id"))).Text("amount.amount").Should().Be("5.00");
        (await world.BalanceAsync(account)).Should().Be("94.50");
        (await world.Admin.AskAsync(HttpMethod.Post, "/api/v1/cdrs/retry", null)).Json.Text("calls").Should().Be("0");
        var over = await world.Admin.PostAsync($"/api/v1/cdrs/{stray.Text("id")}/retry", "{}");
        (over.Code, over.ErrorCode).Should().Be((409, "call_not_waiting"));
        (await world.Admin.PostAsync("/api/v1/cdrs/call_x/retry", "{}")).Code.Should().Be(404);
        (await world.Admin.PostAsync("/api/v1/cdrs/retry", new { reason = "bad_luck" })).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_customer_sees_its_own_calls_and_reports_none()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        var call = (await world.RatedAsync(Call("1", 60))).Text("id");
        var other = await world.ProgramOfAsync(await world.NewCustomerAsync("Other", "other"));

        (await world.Reseller.AskAsync($"/api/v1/cdrs/{call}")).Json.Text("id").Should().Be(call);
        (await world.Reseller.AskAsync("/api/v1/cdrs")).Json.At("data").GetArrayLength().Should().Be(1);
        (await world.Reseller.AskAsync("/api/v1/cdrs/export")).Text.Should().Contain("918041000000");
        (await other.AskAsync($"/api/v1/cdrs/{call}")).Code.Should().Be(404);
        (await other.AskAsync($"/api/v1/cdrs?accountId={account}")).Json.At("data").GetArrayLength().Should().Be(0);
        (await other.AskAsync("/api/v1/cdrs/statistics")).Json.Text("count").Should().Be("0");
        (await other.AskAsync("/api/v1/cdrs/export")).Text.Should().NotContain("918041000000");
        foreach (var (path, body) in new (string, object)[]
        {
            ("", Call("2", 60)), ("/batch", new { cdrs = new[] { Call("2", 60) } }), ("/batch", new { cdrs = new[] { "x" } }), ("/retry", new { }), ($"/{call}/retry", new { }),
            ("/reports/rep_x/retry", new { }), ("/reports/rep_x/discard", new { reason = "x" }),
        })
            (await world.Reseller.PostAsync("/api/v1/cdrs" + path, body)).Code.Should().Be(403, path);
        (await world.Reseller.AskAsync("/api/v1/cdrs/reports")).Code.Should().Be(403);
        (await world.Reseller.AskAsync("/api/v1/cdrs/reports/rep_x")).Code.Should().Be(403);
    }
}
