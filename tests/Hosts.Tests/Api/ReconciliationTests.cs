using System.Text;
using System.Text.Json;
using NodaTime;

namespace Relier.Hosts.Tests.Api;

internal sealed class ReconciliationTests
{
    private const string Good = "5512345000";
    private const string Query = "?provider=simulator&map=time%3DT%3B%20ourReference%3DR%3B%20phone%3DM%3B%20amount%3DA%3B%20currency%3DMXN%3B%20status%3DS%3B%20delivered%3DOK%3B%20failed%3DNO";

    [Test]
    public async Task A_statement_is_uploaded_and_what_differs_is_listed_given_to_somebody_and_ended()
    {
        await using var world = await ApiWorld.StartAsync();
        var topUp = (await world.Reseller.OrderAsync(Good, "20", "R1")).Json;

        var trial = await UploadAsync(world, Statement(world, topUp.Text("id"), "19.99"), "&dryRun=true");
        var imported = await UploadAsync(world, Statement(world, topUp.Text("id"), "19.99"), "&fileName=day.csv&totals=MXN%3D19.99&rows=1");

        (trial.Code, trial.Json.Text("status"), imported.Code, imported.Json.Text("status")).Should().Be((200, "dry_run", 201, "done"));
        var run = imported.Json.Text("id");
        imported.Header("Location").Should().Be($"/api/v1/reconciliations/{run}");
        imported.Json.At("classes").EnumerateArray().Select(one => $"{one.Text("class")} {one.Text("count")} {one.Text("sum.amount")}").Should().Equal("matched_amount_diff 1 19.99");
        (await world.Admin.AskAsync($"/api/v1/reconciliations/{run}")).Json.Text("fileName").Should().Be("day.csv");
        (await world.Admin.AskAsync("/api/v1/reconciliations")).Json.At("data").GetArrayLength().Should().Be(1);

        var listed = (await world.Admin.AskAsync($"/api/v1/reconciliations/breaks?reconciliation={run}&status=open&class=matched_amount_diff&owner=")).Json.At("data").EnumerateArray().Single();
        (listed.Text("theirs.amount"), listed.Text("ours.amount"), listed.Text("topUp"), listed.Text("line")).Should().Be(("19.99", "20.00", topUp.Text("id"), "2"));
        var path = $"/api/v1/reconciliations/breaks/{listed.Text("id")}";
        world.Clock.Advance(Duration.FromHours(50));
        (await world.Admin.PostAsync(path + "/owner", new { owner = "jorge" })).Json.Text("owner").Should().Be("jorge");
        var applied = await world.Admin.PostAsync(path + "/close", new { outcome = "applied", note = "nothing to move" });
        var closed = await world.Admin.PostAsync(path + "/close", new { outcome = "accepted", note = "=one centavo" });
        var again = await world.Admin.PostAsync(path + "/close", new { outcome = "claimed", note = "again" });

        (applied.Code, applied.ErrorCode, again.Code, again.ErrorCode).Should().Be((409, "nothing_to_apply", 409, "break_closed"));
        (closed.Json.Text("status"), closed.Json.Text("outcome"), closed.Json.Text("ageDays")).Should().Be(("closed", "accepted", "2"));
        (await world.Admin.AskAsync(path)).Json.Text("closedBy").Should().StartWith("admin:");

        var breaks = await world.Admin.AskAsync($"/api/v1/reconciliations/breaks.csv?reconciliation={run}");
        breaks.Text.Should().StartWith("Break ID,Reconciliation,Class,").And.Contain(",'=one centavo,");
        var matches = await world.Admin.AskAsync($"/api/v1/reconciliations/{run}/matches.csv");
        matches.ContentHeaders.ContentType!.MediaType.Should().Be("text/csv");
        matches.Text.Split("\r\n")[1].Should().Be(
            $"2,matched_amount_diff,our_reference,{topUp.Text("id")},1,delivered,5512345000,19.99,MXN,{Time(world, hoursAgo: 50)},,,{topUp.Text("id")},");
    }

    [Test]
    public async Task The_same_file_a_wrong_total_and_what_is_no_statement_are_refused()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = (await world.Reseller.OrderAsync(Good, "20", "R1")).Json.Text("id");
        var statement = Statement(world, id, "20.00");

        var wrong = await UploadAsync(world, statement, "&totals=MXN%3D21.00");
        var first = await UploadAsync(world, statement);
        var second = await UploadAsync(world, statement);
        var broken = await UploadAsync(world, "T,R,M,A,S\r\nnever,x,1,2,OK\r\n");
        var noMap = await world.Admin.ReadAsync(Post("?provider=simulator&map=x", statement, "text/csv"));
        var json = await world.Admin.PostAsync("/api/v1/reconciliations" + Query, new { });
        var misspelt = await UploadAsync(world, statement, "&total=1");

        (wrong.Code, wrong.ErrorCode, wrong.Json.Text("claimed.amount"), wrong.Json.Text("found.amount")).Should().Be((422, "control_total_mismatch", "21.00", "20.00"));
        (first.Code, second.Code, second.ErrorCode).Should().Be((201, 409, "statement_already_imported"));
        (broken.Code, broken.ErrorCode, broken.Json.Text("line")).Should().Be((422, "statement_unreadable", "2"));
        (noMap.ErrorCode, json.Code, misspelt.ErrorCode).Should().Be(("validation_failed", 415, "unknown_parameter"));
    }

    [Test]
    public async Task It_is_for_people_of_the_house()
    {
        await using var world = await ApiWorld.StartAsync();

        foreach (var path in new[] { "", "/breaks", "/breaks.csv", "/rec_1", "/rec_1/matches.csv", "/breaks/brk_1" })
            (await world.Reseller.AskAsync("/api/v1/reconciliations" + path)).Code.Should().Be(403);
        (await world.Reseller.ReadAsync(Post(Query, "T,R,M,A,S\r\n", "text/csv"))).Code.Should().Be(403);
        (await world.Nobody.AskAsync("/api/v1/reconciliations")).Code.Should().Be(401);
    }

    private static Task<Reply> UploadAsync(ApiWorld world, string statement, string more = "") => world.Admin.ReadAsync(Post(Query + more, statement, "text/csv"));

    private static HttpRequestMessage Post(string query, string statement, string type) =>
        new(HttpMethod.Post, "/api/v1/reconciliations" + query) { Content = new StringContent(statement, Encoding.UTF8, type) };

    private static string Statement(ApiWorld world, string reference, string amount) => $"T,R,M,A,S\r\n{Time(world)},{reference},5512345000,{amount},OK\r\n";

    private static string Time(ApiWorld world, int hoursAgo = 0) => NodaTime.Text.InstantPattern.ExtendedIso.Format(world.Clock.Now() - Duration.FromHours(hoursAgo));
}
