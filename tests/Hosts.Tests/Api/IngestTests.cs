using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class IngestTests
{
    private const string Path = "/ingest/freeswitch/json-cdr";
    private const string Switch = "fs-blr-1";
    private const string Password = "correct-horse-battery";
    private const string Leg = "aaaaaaaa-0000-4000-8000-000000000001";

    [Test]
    public async Task What_a_switch_reports_becomes_a_call_once()
    {
        await using var world = await StartAsync();
        var account = await world.StarterAsync();

        var first = await ReportAsync(world, Document(), query: "?uuid=" + Leg);
        var second = await ReportAsync(world, Document());
        await world.RunJobsAsync();
        var call = await world.CallAsync(first.Json.Text("call"));

        (first.Code, first.Json.Text("status"), second.Code, second.Json.Text("status")).Should().Be((200, "accepted", 200, "duplicate"));
        (second.Json.Text("call"), second.Json.Text("report")).Should().Be((first.Json.Text("call"), ""));
        // 68 s are two minutes at 0.50.
        (call.Text("source"), call.Text("externalId"), call.Text("quantity"), call.Text("amount.amount"), call.Text("account")).Should().Be((Switch, Leg, "68", "1.00", account));
        var reports = (await world.Admin.AskAsync("/api/v1/cdrs/reports")).Json.At("data").EnumerateArray().ToList();
        reports.Should().ContainSingle().Which.Text("status").Should().Be("accepted");
        reports[0].Text("body").Should().BeEmpty();
        (await world.Admin.AskAsync($"/api/v1/cdrs/reports/{first.Json.Text("report")}")).Json.Text("body").Should().Be(Document());
        world.Logs.Should().NotContain(line => line.Contains("918041000000"), "numbers are nobody's business but the books'");
    }

    [Test]
    public async Task A_file_of_a_switch_is_read_by_its_settings_and_what_was_reported_is_known()
    {
        await using var world = await StartAsync(world =>
        {
            world.Settings["Relier:FreeSwitch:Switches:0:InboundContexts:0"] = "public";
            world.Settings["Relier:FreeSwitch:Switches:0:Zone"] = "Asia/Kolkata";
        });
        await world.StarterAsync();
        var reported = await ReportAsync(world, Document(context: "public"));
        // The clock of the switch is five and a half hours before UTC: 11:25:44 there is 05:55:44.
        const string Known = "1001,1001,918041000000,public,2026-04-10 11:25:44,2026-04-10 11:25:47,2026-04-10 11:26:55,71,68,NORMAL_CLEARING," + Leg + ",,ACC-1,PCMU,PCMU";
        const string New = "1001,1001,918041000000,public,2026-04-11 11:25:44,2026-04-11 11:25:47,2026-04-11 11:26:55,71,68,NORMAL_CLEARING,new-one,,ACC-1,PCMU,PCMU";

        var imported = await ImportAsync(world, $"{Known}\n{New}\n");
        var elsewhere = await ImportAsync(world, New.Replace("new-one", "new-two"), "&zone=UTC");
        var stranger = await ImportAsync(world, New.Replace("new-one", "new-three"), source: "fs-unknown");

        (reported.Json.Text("status"), imported.Text("duplicates"), imported.Text("new"), imported.Text("conflicts")).Should().Be(("accepted", "1", "1", "0"));
        (elsewhere.Text("new"), stranger.Text("new")).Should().Be(("1", "1"));
        var calls = (await world.Admin.AskAsync("/api/v1/cdrs")).Json.At("data").EnumerateArray().ToDictionary(call => call.Text("externalId"), call => $"{call.Text("direction")} {call.Text("startedAt")}");
        calls["new-one"].Should().StartWith("inbound 2026-04-11T05:55:44");
        calls["new-two"].Should().StartWith("inbound 2026-04-11T11:25:44", "a zone that is given comes before that of the switch");
        // 11:25:44 in Mexico City, the zone of the tenant, six hours behind UTC.
        calls["new-three"].Should().StartWith("outbound 2026-04-11T17:25:44", "nobody set this switch up");
    }

    private static async Task<System.Text.Json.JsonElement> ImportAsync(ApiWorld world, string csv, string more = "", string source = Switch)
    {
        var reply = await world.Admin.ReadAsync(new HttpRequestMessage(HttpMethod.Post, $"/api/v1/cdrs/import?source={source}&layout=freeswitch{more}") { Content = new StringContent(csv, Encoding.UTF8, "text/csv") });
        reply.Code.Should().Be(200, reply.Text);
        return reply.Json;
    }

    [Test]
    public async Task All_three_encodings_are_taken()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();

        var form = await ReportAsync(world, "cdr=" + Uri.EscapeDataString(Document("b")), "application/x-www-form-urlencoded");
        var base64 = await ReportAsync(world, "cdr=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(Document("c"))), "application/x-www-form-base64-encoded");

        (form.Json.Text("status"), base64.Json.Text("status")).Should().Be(("accepted", "accepted"));
    }

    [Test]
    public async Task What_is_not_understood_is_kept_and_acknowledged()
    {
        await using var world = await StartAsync();

        var noJson = await ReportAsync(world, "<cdr/>");
        var other = await ReportAsync(world, Document(), query: "?uuid=" + new string('b', 8));
        var binary = await ReportAsync(world, new byte[] { 0, 255, 1 });
        var empty = await ReportAsync(world, "");
        var again = await ReportAsync(world, "<cdr/>");

        new[] { noJson, other, binary, empty }.Should().OnlyContain(reply => reply.Code == 200 && reply.Json.Text("status") == "malformed" && reply.Json.Text("call") == "");
        again.Json.Text("report").Should().Be(noJson.Json.Text("report"), "the same report again is no other");
        var reports = (await world.Admin.AskAsync("/api/v1/cdrs/reports?status=malformed")).Json.At("data").EnumerateArray().ToList();
        reports.Select(report => report.Text("reason")).Should().BeEquivalentTo("not_json", "uuid_differs", "not_json", "not_json");
        var kept = (await world.Admin.AskAsync($"/api/v1/cdrs/reports/{binary.Json.Text("report")}")).Json;
        (kept.Text("base64"), kept.Text("body"), kept.Text("source"), kept.Text("reader")).Should().Be(("True", "AP8B", Switch, "freeswitch"));
    }

    [Test]
    public async Task A_contradiction_leaves_the_call_as_it_was_and_waits()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();
        var first = await ReportAsync(world, Document());

        var other = await ReportAsync(world, Document(seconds: 69));
        await world.RunJobsAsync();

        (other.Code, other.Json.Text("status"), other.Json.Text("call")).Should().Be((200, "conflict", first.Json.Text("call")));
        (await world.CallAsync(first.Json.Text("call"))).Text("quantity").Should().Be("68");
        var kept = (await world.Admin.AskAsync("/api/v1/cdrs/reports?status=conflict")).Json.At("data")[0];
        (kept.Text("id"), kept.Text("reader"), kept.Text("reason"), kept.Text("call")).Should().Be((other.Json.Text("report"), "freeswitch", "call_conflict", first.Json.Text("call")));
        var again = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{kept.Text("id")}/retry", "{}");
        (again.Code, again.Json.Text("status")).Should().Be((200, "conflict"));
    }

    [Test]
    public async Task A_report_that_waits_is_read_again_or_ended_with_a_reason()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();
        // Its address named another leg; people find that the document is right.
        var waiting = (await ReportAsync(world, Document(), query: "?uuid=other")).Json.Text("report");
        var hopeless = (await ReportAsync(world, "<cdr/>")).Json.Text("report");

        var read = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{waiting}/retry", "{}");
        var again = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{waiting}/retry", "{}");
        var still = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{hopeless}/retry", "{}");
        var mute = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{hopeless}/discard", new { reason = " " });
        var ended = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{hopeless}/discard", new { reason = "no report of ours" });
        var endedAgain = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{hopeless}/discard", new { reason = "no report of ours" });
        await world.RunJobsAsync();

        (read.Code, read.Json.Text("status"), read.Json.Text("reason")).Should().Be((200, "accepted", ""));
        (await world.CallAsync(read.Json.Text("call"))).Text("amount.amount").Should().Be("1.00");
        (again.Code, again.ErrorCode).Should().Be((409, "report_not_waiting"));
        (still.Code, still.Json.Text("status"), still.Json.Text("reason")).Should().Be((200, "malformed", "not_json"));
        (mute.Code, mute.ErrorCode).Should().Be((422, "validation_failed"));
        (ended.Json.Text("status"), endedAgain.ErrorCode).Should().Be(("discarded", "report_not_waiting"));
        var audit = (await world.Admin.AskAsync($"/api/v1/audit?subject={hopeless}")).Json.At("data").EnumerateArray().Select(entry => entry.Text("action"));
        audit.Should().BeEquivalentTo("call_report.retried", "call_report.discarded");
        (await world.Admin.PostAsync("/api/v1/cdrs/reports/rep_x/retry", "{}")).Code.Should().Be(404);
        (await world.Admin.PostAsync("/api/v1/cdrs/reports/rep_x/discard", new { reason = "x" })).Code.Should().Be(404);
        (await world.Admin.AskAsync("/api/v1/cdrs/reports/rep_x")).Code.Should().Be(404);
        (await world.Admin.AskAsync("/api/v1/cdrs/reports?status=lost")).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_contradicting_record_of_the_api_cannot_be_read_again()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();
        await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 60));
        var report = (await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 61))).Json.Text("report");

        var retried = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{report}/retry", "{}");
        var ended = await world.Admin.PostAsync($"/api/v1/cdrs/reports/{report}/discard", new { reason = "the first is right" });

        (retried.Code, retried.ErrorCode, ended.Json.Text("status")).Should().Be((409, "reader_unknown", "discarded"));
    }

    [Test]
    public async Task Only_a_switch_with_its_password_is_let_in()
    {
        await using var world = await StartAsync(world => world.Settings["Relier:FreeSwitch:Switches:0:AllowedAddresses:0"] = "192.0.2.0/24");
        world.RemoteAddress = IPAddress.Parse("192.0.2.7");

        (await ReportAsync(world, Document())).Code.Should().Be(200);
        foreach (var credentials in new[] { null, "", $"{Switch}:", $"{Switch}:wrong-horse-battery", $":{Password}", $"nobody:{Password}", Switch })
        {
            var reply = await ReportAsync(world, Document(), credentials: credentials);
            (reply.Code, reply.ErrorCode, reply.Header("WWW-Authenticate")).Should().Be((401, "unauthenticated", "Basic realm=\"relier\""), credentials);
        }

        (await ReportAsync(world, Document(), path: "/ingest/asterisk/json-cdr")).Code.Should().Be(401);
        (await world.Admin.PostAsync(Path, Document())).Code.Should().Be(401, "a key of the house is no switch's password");
        world.RemoteAddress = IPAddress.Parse("198.51.100.7");
        (await ReportAsync(world, Document())).Code.Should().Be(401);
        (await world.Admin.AskAsync("/api/v1/cdrs/reports")).Json.At("data").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task Without_a_switch_in_the_settings_nobody_is_let_in()
    {
        await using var world = await ApiWorld.StartAsync();

        (await ReportAsync(world, Document())).Code.Should().Be(401);
    }

    [Test]
    public async Task Too_large_is_refused_and_what_could_not_be_stored_is_asked_for_again()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();

        (await ReportAsync(world, new byte[(1024 * 1024) + 1])).Code.Should().Be(413);
        (await ReportAsync(world, new byte[1024 * 1024])).Json.Text("status").Should().Be("malformed");
        world.Storage.Failure = new Relier.Storage.StorageUnavailableException("down", new IOException());
        var (call, broken) = (await ReportAsync(world, Document()), await ReportAsync(world, "<cdr/>"));
        world.Storage.Failure = null;

        (call.Code, broken.Code).Should().Be((503, 503));
        (await ReportAsync(world, Document())).Json.Text("status").Should().Be("accepted");
    }

    private static Task<ApiWorld> StartAsync(Action<ApiWorld>? configure = null) => ApiWorld.StartAsync(world =>
    {
        world.Settings["Relier:FreeSwitch:Switches:0:Name"] = Switch;
        world.Settings["Relier:FreeSwitch:Switches:0:Password"] = Password;
        configure?.Invoke(world);
    });

    private static string Document(string end = "1", int seconds = 68, string context = "outbound") => new JsonObject
    {
        ["variables"] = new JsonObject
        {
            ["uuid"] = Leg[..^1] + end, ["accountcode"] = "ACC-1", ["hangup_cause"] = "NORMAL_CLEARING", ["start_epoch"] = "1775800544", ["answer_epoch"] = "1775800547",
            ["end_epoch"] = $"{1775800547 + seconds}", ["duration"] = $"{3 + seconds}", ["billsec"] = $"{seconds}",
        },
        ["callflow"] = new JsonArray(new JsonObject { ["caller_profile"] = new JsonObject { ["caller_id_number"] = "1001", ["destination_number"] = "918041000000", ["context"] = context } }),
    }.ToJsonString();

    private static Task<Reply> ReportAsync(ApiWorld world, string body, string type = "application/json", string query = "", string? credentials = $"{Switch}:{Password}", string path = Path) =>
        ReportAsync(world, Encoding.UTF8.GetBytes(body), type, query, credentials, path);

    private static async Task<Reply> ReportAsync(ApiWorld world, byte[] body, string type = "application/json", string query = "", string? credentials = $"{Switch}:{Password}", string path = Path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path + query) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (credentials is not null) request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return await world.Nobody.ReadAsync(request);
    }
}
