using System.Text;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class CallFileTests
{
    private const string Calls = """
        id,to,start,billsec,account_code
        1,918041000000,2026-11-20T10:00:00+05:30,90,ACC-1
        1,918041000000,2026-11-20T10:00:00+05:30,90,ACC-1
        2,447000000000,2026-11-20T11:00:00+05:30,60,ACC-1
        3,918041000000,yesterday,60,ACC-1

        """;

    [Test]
    public async Task A_file_of_calls_is_taken_in_once()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();

        var first = await ImportAsync(world.Admin, Calls);
        var again = await ImportAsync(world.Admin, Calls);

        first.Code.Should().Be(200, first.Text);
        (first.Json.Text("lines"), first.Json.Text("new"), first.Json.Text("duplicates"), first.Json.Text("malformed")).Should().Be(("4", "2", "1", "1"));
        (again.Json.Text("new"), again.Json.Text("duplicates")).Should().Be(("0", "3"));
        (first.Json.Text("states.rated"), first.Json.Text("states.no_rate"), first.Json.At("amounts")[0].Text("amount")).Should().Be(("1", "1", "1.00"));
        (await world.BalanceAsync(account)).Should().Be("99.00");
        (await world.Admin.AskAsync("/api/v1/cdrs/reports?status=malformed")).Json.At("data").GetArrayLength().Should().Be(1);
        (await ImportAsync(world.Admin, "a,b\n1,2\n")).ErrorCode.Should().Be("import_unreadable");
        (await ImportAsync(world.Admin, Calls, "?layout=generic")).ErrorCode.Should().Be("validation_failed");
        (await world.Admin.PostAsync("/api/v1/cdrs/import?source=x", "{}")).Code.Should().Be(415);
        (await ImportAsync(world.Reseller, Calls)).Code.Should().Be(403);
    }

    [Test]
    public async Task Calls_are_charged_again_after_a_price_was_corrected()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        var call = await world.RatedAsync(Call("1", 90));
        await world.DeckAsync("starter", "prefix,price\n91,0.40\n");

        var tried = await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { deck = "starter", dryRun = true });
        var before = await world.BalanceAsync(account);
        var done = await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { deck = "starter" });
        var again = await world.Admin.AskAsync(HttpMethod.Post, "/api/v1/cdrs/rerate", null);

        (tried.Code, tried.Json.Text("changed"), tried.Json.Text("dryRun"), tried.Json.At("differences")[0].Text("amount"), before).Should().Be((200, "1", "True", "-0.20", "99.00"));
        (done.Json.Text("changed"), done.Json.Text("dryRun"), again.Json.Text("changed")).Should().Be(("1", "False", "0"));
        // Two minutes at 0.40 and not at 0.50.
        (await world.CallAsync(call.Text("id"))).Text("amount.amount").Should().Be("0.80");
        (await world.BalanceAsync(account)).Should().Be("99.20");
        (await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { from = "then" })).ErrorCode.Should().Be("validation_failed");
        (await world.Reseller.PostAsync("/api/v1/cdrs/rerate", new { })).Code.Should().Be(403);
    }

    [Test]
    public async Task Calls_are_added_up_by_time_and_destination()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.StarterAsync();
        await world.RatedAsync(Call("1", 90));
        await world.RatedAsync(Call("2", 0, startedAt: "2026-11-20T10:30:00+05:30"));
        await world.RatedAsync(Call("3", 60, startedAt: "2026-11-20T10:45:00+05:30"));
        var other = await world.ProgramOfAsync(await world.NewCustomerAsync("Other", "other"));

        var days = (await world.Admin.AskAsync("/api/v1/cdrs/analytics?groupBy=day&startDate=2026-11-19T06:00:00Z&endDate=2026-11-20T06:00:00Z")).Json.At("data");
        var top = (await world.Admin.AskAsync("/api/v1/cdrs/top-destinations?groupBy=number&limit=1")).Json.At("data");

        days.GetArrayLength().Should().Be(1);
        // Two of three were answered, 150 s in all: two minutes and one at 0.50.
        (days[0].Text("calls"), days[0].Text("answered"), days[0].At("answerSeizureRatio").GetDecimal(), days[0].At("averageCallDuration").GetDecimal()).Should().Be(("3", "2", 66.67m, 75m));
        (top[0].Text("destination"), top[0].Text("calls"), top[0].Text("amount.amount")).Should().Be(("918041000000", "2", "1.50"));
        (await world.Admin.AskAsync("/api/v1/cdrs/analytics?groupBy=week&startDate=2026-11-19&endDate=2026-11-20")).ErrorCode.Should().Be("validation_failed");
        (await world.Admin.AskAsync("/api/v1/cdrs/analytics?startDate=x&endDate=2026-11-20")).Json.At("errors")[0].Text("field").Should().Be("startDate");
        (await world.Admin.AskAsync("/api/v1/cdrs/top-destinations?limit=x")).ErrorCode.Should().Be("validation_failed");
        (await other.AskAsync("/api/v1/cdrs/analytics?startDate=2026-11-19&endDate=2026-11-21")).Json.At("data").GetArrayLength().Should().Be(0);
        (await other.AskAsync("/api/v1/cdrs/top-destinations")).Json.At("data").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Suppliers_are_ordered_for_a_number()
    {
        await using var world = await ApiWorld.StartAsync();
        foreach (var (supplier, price) in new[] { ("carrier-x", "0.40"), ("carrier-y", "0.25") })
        {
            await world.DeckAsync(supplier, $"prefix,price\n91,{price}\n");
            await world.PlanAsync(supplier);
        }

        var routes = await world.Admin.AskAsync("/api/v1/routes?to=918041000000&suppliers=carrier-x,carrier-y");

        routes.Json.At("data").EnumerateArray().Select(route => $"{route.Text("supplier")} {route.Text("matchedPrefix")} {route.Text("cost")}").Should().Equal("carrier-y 91 0.25", "carrier-x 91 0.4");
        (await world.Admin.AskAsync("/api/v1/routes?to=918041000000&suppliers=carrier-z")).ErrorCode.Should().Be("plan_unknown");
        (await world.Admin.AskAsync("/api/v1/routes?to=918041000000&suppliers=carrier-x&order=prettiest")).ErrorCode.Should().Be("validation_failed");
        (await world.Reseller.AskAsync("/api/v1/routes?to=918041000000&suppliers=carrier-x")).Code.Should().Be(403);
    }

    private static Task<Reply> ImportAsync(HttpClient client, string file, string query = "?source=fs-1") =>
        client.ReadAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/cdrs/import" + query) { Content = new StringContent(file, Encoding.UTF8, "text/csv") });
}
