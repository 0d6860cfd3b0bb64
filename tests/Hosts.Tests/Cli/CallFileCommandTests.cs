namespace Relier.Hosts.Tests.Cli;

internal sealed class CallFileCommandTests
{
    private const string Calls = """
        id,to,start,billsec,account_code
        1,918041000000,2026-11-20 10:00:00,90,ACC-1
        2,447000000000,2026-11-20 11:00:00,60,ACC-1
        3,918041000000,tomorrow,60,ACC-1
        """;

    [Test]
    public async Task A_file_is_taken_in_once_and_charged_again_after_a_correction()
    {
        using var files = new Files(("calls.csv", Calls), ("deck.csv", "prefix,price\n91,0.50\n"), ("better.csv", "prefix,price\n91,0.40\n"), ("plan.json", """{"name":"starter","currency":"INR","zone":"Asia/Kolkata","country":"IN","deck":"starter"}"""));
        using var shell = new Shell();
        await shell.RunAsync("deck", "import", files["deck.csv"], "--deck", "starter", "--currency", "INR", "--activate", "--from", "2020-01-01T00:00:00Z");
        (await shell.RunAsync("plan", "put", files["plan.json"], "--plan", "starter")).Exit.Should().Be(0);
        var customer = (await shell.RunAsync("customers", "create", "Seller", "--currency", "INR", "--json")).Json.GetProperty("id").GetString()!;
        var account = (await shell.RunAsync("account", "open", customer, "--mode", "postpaid", "--json")).Json.GetProperty("id").GetString()!;
        await shell.RunAsync("account", "plan", account, "starter", "--from", "2020-01-01T00:00:00Z");
        await shell.RunAsync("account", "line", account, "accountCode", "ACC-1");

        var first = await shell.RunAsync("cdr", "import", files["calls.csv"], "--source", "fs-1", "--zone", "Asia/Kolkata", "--json");
        var second = await shell.RunAsync("cdr", "import", files["calls.csv"], "--source", "fs-1", "--zone", "Asia/Kolkata", "--json");
        await shell.RunAsync("deck", "import", files["better.csv"], "--deck", "starter", "--currency", "INR", "--activate", "--from", "2020-01-01T00:00:00Z");
        var trial = await shell.RunAsync("cdr", "rerate", "--deck", "starter", "--json");
        var done = await shell.RunAsync("cdr", "rerate", "--deck", "starter", "--apply", "--json");
        var again = await shell.RunAsync("cdr", "rerate", "--deck", "starter", "--apply", "--json");

        (first.Exit, $"{first.Json.GetProperty("new")} {first.Json.GetProperty("malformed")} {first.Json.GetProperty("states")}").Should().Be((1, """2 1 {"rated":1,"no_rate":1}"""), first.Error);
        $"{second.Json.GetProperty("new")} {second.Json.GetProperty("duplicates")}".Should().Be("0 2");
        // Two minutes at 0.40 instead of 0.50.
        foreach (var (said, changed) in new[] { (trial, 1), (done, 1), (again, 0) }) said.Json.GetProperty("changed").GetInt32().Should().Be(changed, said.Error);
        done.Json.GetProperty("differences")[0].GetProperty("amount").GetString().Should().Be("-0.20");

        // At its own prices, as if it were its own supplier: 0.80 for 0.80; the call to 44 has neither.
        string[] margins = ["cdr", "margins", "--supplier", "starter", "--from", "2026-11-01", "--to", "2026-12-01", "--by", "number"];
        var table = (await shell.RunAsync(margins)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        table.Should().Equal(
            "GROUP\tCALLS\tSECONDS\tREVENUE\tCOST\tMARGIN\tCALLS WITHOUT COST\tTHEIR REVENUE", "447000000000\t0\t0\t0.00 INR\t0.00 INR\t0.00 INR\t1\t0.00 INR",
            "918041000000\t1\t90\t0.80 INR\t0.80 INR\t0.00 INR\t0\t0.00 INR", "total\t1\t90\t0.80 INR\t0.80 INR\t0.00 INR\t1\t0.00 INR");
        (await shell.RunAsync([.. margins, "--json"])).Json.GetProperty("total").GetProperty("cost").GetProperty("amount").GetString().Should().Be("0.80");
        (await shell.RunAsync("cdr", "margins", "--supplier", "nobody", "--from", "2026-11-01", "--to", "2026-12-01")).Exit.Should().NotBe(0);
    }

    [Test]
    public async Task Reports_that_a_switch_left_are_taken_in_and_moved_away()
    {
        const string Report = """{"core-uuid":"c","variables":{"uuid":"u-1","start_epoch":"1775800544","answer_epoch":"1775800547","end_epoch":"1775800615","duration":"71","billsec":"68","hangup_cause":"NORMAL_CLEARING","accountcode":"ACC-1"},"callflow":[{"caller_profile":{"caller_id_number":"1001","destination_number":"918041000000","context":"default"}}]}""";
        using var files = new Files(("u-1.cdr.json", Report), ("u-2.cdr.json", "{"));
        foreach (var name in new[] { "u-1.cdr.json", "u-2.cdr.json" }) File.SetLastWriteTimeUtc(files[name], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var folder = Path.GetDirectoryName(files["u-1.cdr.json"])!;
        using var shell = new Shell();
        shell.Settings["Relier:FreeSwitch:Switches:0:Name"] = "fs-1";
        shell.Settings["Relier:FreeSwitch:Switches:0:Password"] = "sixteen-letters-1";

        (await shell.RunAsync("cdr", "sweep", folder, "--switch", "fs-9")).Exit.Should().NotBe(0);
        var swept = await shell.RunAsync("cdr", "sweep", folder, "--switch", "fs-1", "--json");
        var again = await shell.RunAsync("cdr", "sweep", folder, "--switch", "fs-1", "--json");

        (swept.Exit, swept.Json.ToString()).Should().Be((1, """{"accepted":1,"malformed":1}"""), swept.Error);
        (again.Exit, again.Json.ToString()).Should().Be((0, "{}"));
        Directory.GetFiles(Path.Combine(folder, "done")).Should().HaveCount(2, "what is malformed is kept for people");
        (await shell.RunAsync("cdr", "sweep", folder, "--switch", "fs-1")).Should().BeEquivalentTo(new { Exit = 0, Out = "Files: 0\n" });
    }

    [Test]
    public async Task More_files_than_one_sweep_takes_are_all_taken_in()
    {
        var names = Enumerable.Range(0, 10_001).Select(number => $"u-{number}.cdr.json").ToList();
        using var files = new Files([.. names.Select(name => (name, "{"))]);
        foreach (var name in names) File.SetLastWriteTimeUtc(files[name], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        using var shell = new Shell();
        shell.Settings["Relier:FreeSwitch:Switches:0:Name"] = "fs-1";
        shell.Settings["Relier:FreeSwitch:Switches:0:Password"] = "sixteen-letters-1";

        var swept = await shell.RunAsync("cdr", "sweep", Path.GetDirectoryName(files[names[0]])!, "--switch", "fs-1", "--json");

        (swept.Exit, swept.Json.ToString()).Should().Be((1, """{"malformed":10001}"""), swept.Error);
    }

    [Test]
    public async Task Reports_of_another_tenants_switch_are_that_tenants()
    {
        using var files = new Files(("u-1.cdr.json", "{"));
        File.SetLastWriteTimeUtc(files["u-1.cdr.json"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        using var shell = new Shell();
        shell.Settings["Relier:FreeSwitch:Switches:0:Name"] = "fs-1";
        shell.Settings["Relier:FreeSwitch:Switches:0:Password"] = "sixteen-letters-1";
        shell.Settings["Relier:FreeSwitch:Switches:0:Tenant"] = "other";
        await shell.Storage.RunSystemAsync(
            async session =>
            {
                await session.Tenants.AddAsync(new Tenancy.Tenant(Tenancy.TenantId.Parse("other"), "Other", NodaTime.DateTimeZone.Utc, NodaTime.NodaConstants.UnixEpoch), default);
                return true;
            },
            default);

        var swept = await shell.RunAsync("cdr", "sweep", Path.GetDirectoryName(files["u-1.cdr.json"])!, "--switch", "fs-1", "--json");

        swept.Json.ToString().Should().Be("""{"malformed":1}""", swept.Error);
        foreach (var (tenant, reports) in new[] { ("main", 0), ("other", 1) })
            (await shell.Storage.RunAsync(Tenancy.TenantId.Parse(tenant), session => session.Calls.ListReportsAsync(null, new Storage.PageRequest(null, 9), default), default)).Data.Should().HaveCount(reports, tenant);
    }

    [TestCase("soon", "Relier:FreeSwitch:SweepInterval")]
    [TestCase("00:00:01", "SweepInterval is 00:00:01; it must be 00:00:10 to 1.00:00:00")]
    public async Task A_wrong_interval_is_said_like_everything_else_that_is_wrong(string interval, string said)
    {
        using var shell = new Shell();
        shell.Settings["Relier:FreeSwitch:Switches:0:Name"] = "fs-1";
        shell.Settings["Relier:FreeSwitch:Switches:0:Password"] = "sixteen-letters-1";
        shell.Settings["Relier:FreeSwitch:SweepInterval"] = interval;

        var validated = await shell.RunAsync("config", "validate");

        validated.Exit.Should().Be(78);
        validated.Error.Should().Contain(said);
    }
}
