using System.Text.Json;
using NodaTime;
using Relier.Hosting.Resources;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.Hosts.Tests.Api;

/// <summary>Statements over HTTP: it is 20 November 2026, and the tenant's clocks are six hours behind UTC.</summary>
internal sealed class StatementTests
{
    private const string Good = "5512345000";

    [Test]
    public async Task A_statement_as_json_has_its_balances_its_sums_and_its_lines()
    {
        await using var world = await ApiWorld.StartAsync();
        var topUp = (await world.Reseller.OrderAsync(Good, "20", "R1")).Json.Text("id");

        var reply = await world.Admin.AskAsync($"/api/v1/customers/{world.CustomerId}/statements/2026-11.json");

        reply.Code.Should().Be(200);
        reply.ContentHeaders.ContentType!.MediaType.Should().Be("application/json");
        var json = reply.Json;
        (json.Text("from"), json.Text("to"), json.Text("zone"), json.Text("running")).Should().Be(("2026-11-01", "2026-12-01", "America/Mexico_City", "True"));
        (json.Text("opening.amount"), json.Text("closing.amount"), json.Text("wallet.available.amount")).Should().Be(("0.00", "9998.91", "9998.91"));
        json.At("events").EnumerateArray().Select(one => $"{one.Text("title")} {one.Text("count")} {one.Text("amount.amount")}").Should().Equal("Credit added 1 10000.00", "Top-up 1 -1.09");
        json.At("topups").EnumerateArray().Select(one => $"{one.Text("kind")} {one.Text("face.amount")} {one.Text("amount.amount")}").Should().Equal("topup_captured 20.00 -1.09");
        var line = json.At("lines").EnumerateArray().Last();
        (line.Text("entry"), line.Text("kind"), line.Text("topUp"), line.Text("reference"), line.Text("balance.amount")).Should().Be(("2", "topup_captured", topUp, "R1", "9998.91"));
    }

    [Test]
    public async Task The_json_that_is_written_in_pieces_is_the_json_of_the_document()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "R1");

        var json = (await world.Admin.AskAsync($"/api/v1/customers/{world.CustomerId}/statements/2026-11.json")).Json;

        var read = json.Deserialize<StatementSummaryResource>(JsonSerializerOptions.Web)!;
        var lines = json.At("lines").Deserialize<List<StatementLineResource>>(JsonSerializerOptions.Web)!;
        var whole = JsonSerializer.SerializeToElement(new StatementResource(read, lines), JsonSerializerOptions.Web);
        json.EnumerateObject().Select(member => member.Name).Should().BeEquivalentTo(whole.EnumerateObject().Select(member => member.Name));
        JsonElement.DeepEquals(json, whole).Should().BeTrue();
    }

    [Test]
    public async Task A_page_escapes_what_came_from_outside_and_needs_nothing_from_elsewhere()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.NewCustomerAsync("<script>alert('x')</script> & \"Co\"", "evil");
        var program = await world.ProgramOfAsync(id);
        await program.OrderAsync(Good, "20", "<img src=x onerror=alert(1)>");
        await world.SendAsync(new AdjustCredit(id, "1234567.00", "correction") { Note = "</table><b>" });

        var reply = await program.AskAsync($"/api/v1/customers/{id}/statements/2026-11.html");

        reply.ContentHeaders.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        reply.Header("Content-Security-Policy").Should().Be("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        reply.Text.Should().Contain("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Co&quot;").And.Contain("&lt;img src=x onerror=alert(1)&gt;").And.Contain("&lt;/table&gt;&lt;b&gt;");
        reply.Text.Should().NotContain("<script").And.NotContain("<img").And.NotContain("</table><b>").And.NotContain("http://").And.NotContain("https://").And.NotContain("url(");
        reply.Text.Should().Contain("This period is not over").And.Contain("1 November 2026 to 30 November 2026").And.Contain("+1,234,567.00").And.Contain("−1.09");
        reply.Text.Should().EndWith("</html>\n");
        reply.Text.Should().NotContain("5512345000", "a statement names no phones");
    }

    [Test]
    public async Task A_csv_keeps_its_numbers_and_makes_texts_harmless()
    {
        await using var world = await ApiWorld.StartAsync();
        var topUp = (await world.Reseller.OrderAsync(Good, "20", "=cmd|' /C calc'!A0")).Json.Text("id");
        var journals = (await world.SendAsync(new GetStatement { Customer = world.CustomerId })).Data.Select(line => line.Journal.Value).ToList();
        world.Clock.Set(Instant.FromUtc(2026, 12, 1, 6, 0));

        var reply = await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/statements/2026-11.csv");

        reply.ContentHeaders.ContentDisposition!.ToString().Should().Be($"attachment; filename=\"statement_{world.CustomerId}_2026-11.csv\"");
        reply.Text.Split("\r\n").Should().Equal(
            "Entry,Date,Event,Transaction ID,Reference,Product,Face value,Commission,Face currency,Amount,Balance,Currency,Reason,Posting ID",
            ",2026-11-01T00:00:00-06:00,Opening balance,,,,,,,,0.00,USD,,",
            $"1,2026-11-20T06:00:00-06:00,Credit added,,,,,,,10000.00,10000.00,USD,opening_balance,{journals[1]}",
            $"2,2026-11-20T06:00:00-06:00,Top-up,{topUp},'=cmd|' /C calc'!A0,,20.00,,MXN,-1.09,9998.91,USD,,{journals[0]}",
            ",2026-12-01T00:00:00-06:00,Closing balance,,,,,,,,9998.91,USD,,",
            "");
    }

    [Test]
    public async Task A_period_of_days_is_a_statement_too()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/statements.json?from=2026-11-20&to=2026-11-21");
        var file = await world.Reseller.AskAsync($"/api/customers/{world.CustomerId}/statements.csv?from=2026-11-20&to=2026-11-21");

        reply.Json.At("lines").GetArrayLength().Should().Be(1);
        file.ContentHeaders.ContentDisposition!.ToString().Should().Contain($"statement_{world.CustomerId}_2026-11-20_2026-11-21.csv");
    }

    [Test]
    public async Task A_month_without_anything_says_so()
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/statements/2024-02.html");

        reply.Text.Should().Contain("1 February 2024 to 29 February 2024").And.Contain("None in this period.").And.NotContain("not over");
    }

    [TestCase("statements/2026-11.html")]
    [TestCase("statements/2026-11.csv")]
    [TestCase("statements/2026-11.json")]
    [TestCase("statements.csv?from=2026-11-20&to=2026-11-21")]
    public async Task A_customers_key_reads_its_own_alone_and_nobody_without_one(string what)
    {
        await using var world = await ApiWorld.StartAsync();
        var other = await world.ProgramOfAsync(await world.NewCustomerAsync("Other", "other"));
        var path = $"/api/v1/customers/{world.CustomerId}/{what}";

        (await world.Reseller.AskAsync(path)).Code.Should().Be(200);
        (await world.Admin.AskAsync(path)).Code.Should().Be(200);
        var others = await other.AskAsync(path);
        (others.Code, others.ErrorCode).Should().Be((404, "not_found"));
        (await world.Nobody.AskAsync(path)).Code.Should().Be(401);
        (await world.Admin.AskAsync(path.Replace(world.CustomerId, "cus_nobody", StringComparison.Ordinal))).Code.Should().Be(404);
    }

    [TestCase("statements/2026-13.html", "month", "month_invalid", "expected a month, as in 2026-11")]
    [TestCase("statements/x.csv", "month", "month_invalid", "expected a month, as in 2026-11")]
    [TestCase("statements/2027-01.json", "month", "period_in_future", "expected a period that has begun; today is 2026-11-20")]
    [TestCase("statements.html", "from", "required", "is required where there is no month: the first day")]
    [TestCase("statements.html?from=2026-11-20&to=2026-11-19", "to", "period_invalid", "to is the day after the last one, 1 to 366 days after from")]
    public async Task A_wrong_period_is_a_problem_with_its_field_and_what_was_expected(string what, string field, string code, string expected)
    {
        await using var world = await ApiWorld.StartAsync();

        var reply = await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/{what}");

        (reply.Code, reply.ErrorCode, reply.ContentHeaders.ContentType!.MediaType).Should().Be((422, "validation_failed", "application/problem+json"));
        var error = reply.Json.At("errors").EnumerateArray().First();
        (error.Text("field"), error.Text("code"), error.Text("message")).Should().Be((field, code, expected));
    }

    [TestCase("statements/2026-11.pdf", 404)]
    [TestCase("statements/2026-11.html?from=2026-11-01", 400)]
    public async Task What_there_is_not_is_refused(string what, int status)
    {
        await using var world = await ApiWorld.StartAsync();

        (await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/{what}")).Code.Should().Be(status);
    }

    [Test]
    public async Task A_statement_that_cannot_be_written_to_its_end_is_broken_off_and_one_that_cannot_begin_is_an_answer_of_its_own()
    {
        await using var world = await ApiWorld.StartAsync();
        var path = $"/api/v1/customers/{world.CustomerId}/statements/2026-11.html";
        (await world.Reseller.AskAsync(path)).Code.Should().Be(200);
        world.Storage.Failure = new StorageUnavailableException("down");

        (await world.Reseller.AskAsync(path)).Code.Should().Be(503);
        // From where to where it goes, and the lines once; the second time they are not there.
        world.Storage.Spared = 2;
        await FluentActions.Awaiting(() => world.Reseller.AskAsync(path)).Should().ThrowAsync<Exception>().Where(error => error is HttpRequestException || error is IOException || error is OperationCanceledException);
    }

    [Test]
    public async Task Books_that_do_not_add_up_are_an_error_with_a_code_that_stays_and_are_told_in_the_log()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = (await world.SendAsync(new GetBalance(world.CustomerId))).Account;
        await world.Storage.RunAsync(
            world.House.Tenant,
            async session =>
            {
                // A posting that is on the account and among no others.
                await session.Ledger.UpdateAsync(account with { Posted = account.Posted + account.Posted, Entries = account.Entries + 1 }, default);
                return true;
            },
            default);

        var reply = await world.Reseller.AskAsync($"/api/v1/customers/{world.CustomerId}/statements/2026-11.html");

        (reply.Code, reply.ErrorCode, reply.Json.Text("expected"), reply.Json.Text("found")).Should().Be((500, "statement_out_of_balance", "postings up to 2", "postings up to 1"));
        world.Logs.Should().Contain(line => line.StartsWith("Error") && line.Contains(account.Id.Value) && line.Contains("do not add up"));
    }

    [Test]
    public async Task Usage_is_told_as_the_call_or_the_session_it_is_about_and_never_as_a_topup()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync();
        await world.PlanAsync();
        var customer = await world.NewCustomerAsync("Seller", "calls", wallet: "INR", credit: "100.00");
        var account = (await world.Admin.PostAsync("/api/v1/accounts", new { customer, mode = "prepaid", useWallet = true, zone = "Asia/Kolkata" })).Json.Text("id");
        await world.Admin.PostAsync($"/api/v1/accounts/{account}/plans", new { plan = "starter", from = RatingApi.Since });
        await world.Admin.PostAsync($"/api/v1/accounts/{account}/lines", new { kind = "accountCode", value = "ACC-1" });
        var first = (await world.RatedAsync(RatingApi.Call("1", 60))).Text("id");
        await world.DeckAsync(csv: "prefix,price\n91,0.40\n");
        await world.Admin.PostAsync("/api/v1/cdrs/rerate", new { });
        var second = (await world.RatedAsync(RatingApi.Call("2", 60))).Text("id");
        var dispute = (await world.Admin.PostAsync($"/api/v1/cdrs/{second}/disputes", new { reason = "never called" })).Json.Text("id");
        await world.Admin.PostAsync($"/api/v1/disputes/{dispute}/close", new { accept = true, note = "a test" });
        var session = (await world.Admin.PostAsync("/api/v1/sessions", new { source = "pbx", id = "s-1", to = "918041000000", accountCode = "ACC-1", requested = 60 })).Json.Text("id");
        (await world.Admin.PostAsync($"/api/v1/sessions/{session}/release", new { sequence = 2, usedTotal = 60 })).Code.Should().Be(200);

        var rows = (await world.Admin.AskAsync($"/api/v1/accounts/{account}/statement?limit=5")).Json.At("data").EnumerateArray().Reverse().ToList();
        var month = (await world.Admin.AskAsync($"/api/v1/customers/{customer}/statements/2026-11.json")).Json;
        var csv = (await world.Admin.AskAsync($"/api/v1/customers/{customer}/statements/2026-11.csv")).Text.Split('\n');
        var page = (await world.Admin.AskAsync($"/api/v1/customers/{customer}/statements/2026-11.html")).Text;

        // 0.50 for a call, 0.10 of it back; 0.40 for another, all of it back; 0.40 for a minute of a session.
        string[] expected =
        [
            $"usage_charged -0.50 {first} - -", $"usage_recharged 0.10 {first} - -", $"usage_charged -0.40 {second} - -", $"usage_recharged 0.40 {second} - -", $"usage_charged -0.40 - {session} -",
        ];
        static string Or(string text) => text.Length == 0 ? "-" : text;
        static string Said(JsonElement row) => $"{row.Text("kind")} {row.Text("amount.amount")} {Or(row.Text("call"))} {Or(row.Text("session"))} {Or(row.Text("topUp"))}";
        rows.Select(Said).Should().Equal(expected);
        month.At("lines").EnumerateArray().Skip(1).Select(Said).Should().Equal(expected);
        month.At("topups").GetArrayLength().Should().Be(0);
        // Behind the header, the opening balance and the credit.
        csv.Skip(3).Take(5).Select(line => line.Split(',')[3]).Should().Equal(first, first, second, second, session);
        page.Should().Contain($">{first}<").And.Contain($">{session}<").And.NotContain($"{session}/").And.NotContain($"{first}.2");
    }

    [Test]
    public async Task Several_calls_charged_at_once_are_one_posting_about_none_of_them()
    {
        await using var world = await ApiWorld.StartAsync();
        var account = await world.StarterAsync();
        (await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = new[] { RatingApi.Call("1", 60), RatingApi.Call("2", 60) } })).Code.Should().Be(200);
        await world.RunJobsAsync();

        var row = (await world.Admin.AskAsync($"/api/v1/accounts/{account}/statement?limit=1")).Json.At("data")[0];

        (row.Text("kind"), row.Text("amount.amount"), row.Text("call"), row.Text("session"), row.Text("topUp")).Should().Be(("usage_charged", "-1.00", "", "", ""));
    }
}
