using System.Text;
using System.Text.Json;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

/// <summary>Many calls at once over HTTP: files, charging again, what they come to, where to send them, and disputes.</summary>
internal sealed class CallFileTests
{
    private const string Calls = """
        id,to,start,billsec,account_code
        1,918041000000,2026-11-20T10:00:00+05:30,90,ACC-1
        2,918041000000,2026-11-20T11:00:00+05:30,0,ACC-1
        3,447000000000,2026-11-20T12:00:00+05:30,60,ACC-1
        4,918041000000,tomorrow,60,ACC-1

        """;

    [Test]
    public async Task A_file_is_charged_line_by_line_and_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();

        var first = (await UploadAsync(world, Calls)).Json;
        var second = (await UploadAsync(world, Calls)).Json;

        (first.Text("lines"), first.Text("new"), first.Text("malformed"), first.Text("states.rated"), first.Text("states.zero"), first.Text("states.no_rate")).Should().Be(("4", "3", "1", "1", "1", "1"));
        first.At("amounts").EnumerateArray().Select(amount => $"{amount.Text("amount")} {amount.Text("currency")}").Should().Equal("1.00 INR");
        (second.Text("new"), second.Text("duplicates"), second.Text("malformed")).Should().Be(("0", "3", "1"));
        (await world.BalanceAsync(account)).Should().Be("99.00");
        (await world.Admin.AskAsync("/api/v1/cdrs/reports?status=malformed")).Json.At("data").EnumerateArray().Single().Text("reason").Should().Be("instant_invalid");
    }

    [TestCase("?layout=generic", "source required")]
    [TestCase("?source=fs&layout=nothing%3D1", "layout layout_invalid")]
    [TestCase("?source=fs&zone=Mars", "zone zone_unknown")]
    public async Task What_is_wrong_with_an_upload_is_said(string query, string fault)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await UploadAsync(world, Calls, query);

        (reply.Code, string.Join(", ", reply.Json.At("errors").EnumerateArray().Select(error => $"{error.Text("field")} {error.Text("code")}"))).Should().Be((422, fault));
    }

    [Test]
    public async Task A_file_without_the_columns_or_of_another_type_is_refused()
    {
        await using var world = await ApiWorld.StartAsync();

        (await UploadAsync(world, "when,who\r\n1,2\r\n")).ErrorCode.Should().Be("import_unreadable");
        (await world.Admin.PostAsync("/api/v1/cdrs/import?source=fs", new { })).ErrorCode.Should().Be("unsupported_media_type");
    }

    [TestCase("/api/v1/cdrs/import?source=fs", "calls:write")]
    [TestCase("/api/v1/decks/starter/versions?currency=INR", "tariffs:write")]
    [TestCase("/api/v1/reconciliations?provider=latcom", "reconciliation:write")]
    public async Task Who_may_not_send_a_file_is_told_before_it_is_read(string path, string permission)
    {
        await using var world = await ApiWorld.StartAsync();

        async Task<Reply> SendAsync(HttpClient client) => await client.ReadAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(Calls, Encoding.UTF8, "text/csv") });
        var refused = await SendAsync(world.Reseller);
        var readOfThat = world.BodyBytesRead;
        var taken = await SendAsync(world.Admin);

        (refused.Code, refused.ErrorCode, refused.Json.Text("permission"), readOfThat).Should().Be((403, "forbidden", permission, 0));
        (taken.Code, world.BodyBytesRead).Should().Match<(int, long)>(answer => answer.Item1 != 403 && answer.Item2 == Encoding.UTF8.GetByteCount(Calls));
    }

    [Test]
    public async Task Calls_are_charged_again_after_a_trial()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        var call = await world.RatedAsync(Call("1", 90));
        await world.DeckAsync(csv: "prefix,price\n91,0.40\n");

        var trial = (await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { deck = "starter", dryRun = true })).Json;
        (await world.BalanceAsync(account)).Should().Be("99.00");
        var done = (await world.Admin.PostAsync("/api/cdrs/rerate", new { })).Json;

        // Two minutes at 0.40 instead of 0.50.
        (trial.Text("calls"), trial.Text("changed"), trial.At("differences")[0].Text("amount"), trial.Text("dryRun")).Should().Be(("1", "1", "-0.20", "True"));
        (done.Text("changed"), done.Text("dryRun")).Should().Be(("1", "False"));
        (await world.BalanceAsync(account)).Should().Be("99.20");
        (await world.CallAsync(call.Text("id"))).Text("amount.amount").Should().Be("0.80");
        (await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { from = "never" })).ErrorCode.Should().Be("validation_failed");
        (await world.Reseller.PostAsync("/api/v1/cdrs/rerate", new { })).Code.Should().Be(403);
    }

    [Test]
    public async Task What_calls_come_to_is_told_by_time_and_by_destination()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.StarterAsync();
        await UploadAsync(world, Calls);

        var days = (await world.Reseller.AskAsync("/api/v1/cdrs/analytics?groupBy=month&startDate=2026-11-01&endDate=2026-12-01")).Json.At("data").EnumerateArray().Single();
        var top = (await world.Admin.AskAsync("/api/v1/cdrs/top-destinations?groupBy=number&limit=1")).Json.At("data").EnumerateArray().Single();

        // Two of three were answered: 66.67 per cent, 150 s, 75 s on the average.
        (days.Text("calls"), days.Text("answered"), days.Text("answerSeizureRatio"), days.Text("averageCallDuration"), days.At("amounts")[0].Text("amount")).Should().Be(("3", "2", "66.67", "75", "1.00"));
        (top.Text("destination"), top.Text("calls")).Should().Be(("447000000000", "1"));
        (await world.Admin.AskAsync("/api/v1/cdrs/analytics?groupBy=week&startDate=2026-11-01")).Json.At("errors").EnumerateArray().Select(error => error.Text("field")).Should().BeEquivalentTo("groupBy", "endDate");
        (await world.Admin.AskAsync("/api/v1/cdrs/top-destinations?limit=many")).Code.Should().Be(422);
    }

    [Test]
    public async Task Suppliers_are_ordered_for_a_number()
    {
        await using var world = await ApiWorld.StartAsync();
        foreach (var (name, prefix, price) in new[] { ("x", "9180", "0.30"), ("y", "91", "0.25"), ("z", "918041", "0.40") })
        {
            await world.DeckAsync(name, $"prefix,price\n{prefix},{price}\n");
            await world.PlanAsync(name);
        }

        async Task<string> RoutesAsync(string more) => string.Join(' ', (await world.Admin.AskAsync($"/api/v1/routes?to=918041000000&suppliers=x,y,z{more}")).Json.At("data").EnumerateArray().Select(route => $"{route.Text("supplier")} {route.Text("cost")}"));

        (await RoutesAsync("")).Should().Be("y 0.25 x 0.3 z 0.4");
        (await RoutesAsync("&order=longestPrefix&seconds=61")).Should().Be("z 0.8 x 0.6 y 0.5");
        (await RoutesAsync("&plan=x")).Should().Be("y 0.25");
        (await world.Admin.AskAsync("/api/v1/routes?to=918041000000&suppliers=x,w")).ErrorCode.Should().Be("plan_unknown");
        (await world.Admin.AskAsync("/api/v1/routes?to=918041000000")).ErrorCode.Should().Be("validation_failed");
        (await world.Reseller.AskAsync("/api/v1/routes?to=918041000000&suppliers=x")).Code.Should().Be(403);
    }

    [Test]
    public async Task What_calls_cost_at_suppliers_is_told_to_the_house_alone()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.StarterAsync();
        await UploadAsync(world, Calls);
        foreach (var (name, price) in new[] { ("x", "0.30"), ("y", "0.25") })
        {
            await world.DeckAsync(name, $"prefix,price\n91,{price}\n");
            await world.PlanAsync(name);
        }

        const string November = "/cdrs/margins?startDate=2026-11-01&endDate=2026-12-01";
        var months = (await world.Admin.AskAsync($"/api/v1{November}&suppliers=x,y&groupBy=month")).Json;
        var numbers = (await world.Admin.AskAsync($"/api{November}&suppliers=x&groupBy=number&limit=1")).Json;

        // Two minutes at 0.50 for 2 x 0.25; the call to 44 has neither price nor cost.
        var month = months.At("data").EnumerateArray().Single();
        (month.Text("calls"), month.Text("seconds"), month.Text("revenue.amount"), month.Text("cost.amount"), month.Text("margin.amount"), month.Text("margin.currency")).Should().Be(("1", "90", "1.00", "0.50", "0.50", "INR"));
        (month.Text("withoutCost.calls"), month.Text("withoutCost.seconds"), month.Text("withoutCost.revenue.amount"), month.Text("from")).Should().Be(("1", "60", "0.00", "2026-11-01T06:00:00Z"));
        months.Text("total.margin.amount").Should().Be("0.50");
        (numbers.At("data").EnumerateArray().Single().Text("destination"), numbers.Text("areMore"), numbers.Text("total.cost.amount")).Should().Be(("447000000000", "True", "0.60"));
        (await world.Reseller.AskAsync($"/api/v1{November}&suppliers=x")).Code.Should().Be(403);
        (await world.Admin.AskAsync("/api/v1/cdrs/margins")).Json.At("errors").EnumerateArray().Select(error => error.Text("field")).Should().BeEquivalentTo("suppliers", "startDate", "endDate");
        (await world.Admin.AskAsync($"/api/v1{November}&suppliers=x,w")).ErrorCode.Should().Be("plan_unknown");
    }

    [Test]
    public async Task A_customer_disputes_a_charge_and_the_house_ends_it()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        var call = await world.RatedAsync(Call("1", 90));

        var opened = await world.Reseller.PostAsync($"/api/v1/cdrs/{call.Text("id")}/disputes", new { reason = "never called" });
        var again = await world.Admin.PostAsync($"/api/v1/cdrs/{call.Text("id")}/disputes", new { reason = "never called" });
        var path = $"/api/v1/disputes/{opened.Json.Text("id")}";
        var own = await world.Reseller.PostAsync(path + "/close", new { accept = true, note = "mine" });
        var tooMuch = await world.Admin.PostAsync(path + "/close", new { accept = true, credit = "1.01", note = "n" });
        var vague = await world.Admin.PostAsync(path + "/close", new { note = "n" });
        var ended = await world.Admin.PostAsync(path + "/close", new { accept = true, note = "a test line" });

        (opened.Code, opened.Json.Text("status"), opened.Json.Text("amount.amount"), opened.Header("Location")).Should().Be((201, "open", "1.00", path));
        (again.Code, again.ErrorCode, own.Code, tooMuch.Code, tooMuch.ErrorCode, vague.Code).Should().Be((409, "call_disputed", 403, 422, "credit_too_large", 422));
        (ended.Json.Text("status"), ended.Json.Text("credit.amount")).Should().Be(("credited", "1.00"));
        (await world.BalanceAsync(account)).Should().Be("100.00");
        (await world.Reseller.AskAsync(path)).Json.Text("note").Should().Be("a test line");
        (await world.Reseller.AskAsync("/api/v1/disputes?status=credited")).Json.At("data").GetArrayLength().Should().Be(1);
        (await world.Reseller.PostAsync("/api/v1/cdrs/call_x/disputes", new { reason = "none" })).Code.Should().Be(404);
    }

    private static Task<Reply> UploadAsync(ApiWorld world, string csv, string query = "?source=fs-1") =>
        world.Admin.ReadAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/cdrs/import" + query) { Content = new StringContent(csv, Encoding.UTF8, "text/csv") });
}
