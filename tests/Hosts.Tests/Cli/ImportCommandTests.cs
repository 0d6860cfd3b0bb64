namespace Relier.Hosts.Tests.Cli;

internal sealed class ImportCommandTests
{
    private const string Customers = "customer_id,company_name,api_key,secret_key,current_balance,notes\nUNO,\"Uno, \"\"S.A.\"\"\",old_key,old_secret,100.005,x\nDOS,Dos,old_key_2,old_secret_2,0,\n";

    private const string Header = "transaction_id,customer_id,phone,amount_mxn,amount_usd,status,created_at\n";

    private string _directory = null!;

    [SetUp]
    public void Begin() => _directory = Directory.CreateTempSubdirectory("relier-import-").FullName;

    [TearDown]
    public void End() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Nothing_is_written_unless_it_is_said_and_then_once()
    {
        using var shell = new Shell();
        Export(Header + "RLR1,UNO,5512340001,20,1.09,SUCCESS,2025-10-13 10:00:00\n");

        var trial = await shell.RunAsync("import", "latcom-fix", _directory);
        var before = (await shell.RunAsync("customers", "list", "--json")).Json.GetProperty("data").GetArrayLength();
        var done = await shell.RunAsync("import", "latcom-fix", _directory, "--apply", "--keys", KeyFile);
        var again = await shell.RunAsync("import", "latcom-fix", _directory, "--apply", "--keys", KeyFile + "2", "--json");

        (trial.Exit, before, done.Exit, again.Exit).Should().Be((0, 0, 0, 0));
        trial.Out.Should().Contain("a trial; nothing was written").And.Contain("100.01 USD").And.Contain("Top-ups succeeded:")
            .And.Contain("customers.csv:2: note: current_balance: read as 100.01 USD, +0.005 of what is written (amount_rounded)").And.Contain("customers.csv: notes");
        done.Out.Should().Contain("done");
        again.Json.GetProperty("customers")[0].GetProperty("new").GetBoolean().Should().BeFalse();
        again.Json.GetProperty("topUps")[0].GetProperty("fate").GetString().Should().Be("known");
        (await shell.RunAsync("topup", "show", "RLR1", "--json")).Json.GetProperty("charge").GetProperty("amount").GetString().Should().Be("1.09");
        (await shell.RunAsync("ledger", "verify")).Exit.Should().Be(0);
    }

    [Test]
    public async Task Secrets_go_to_a_file_that_only_its_owner_reads_and_to_nowhere_else()
    {
        using var shell = new Shell();
        Export(null);

        var done = await shell.RunAsync("import", "latcom-fix", _directory, "--apply", "--keys", KeyFile);
        var again = await shell.RunAsync("import", "latcom-fix", _directory, "--apply", "--keys", KeyFile);

        var lines = await File.ReadAllLinesAsync(KeyFile);
        lines.Should().HaveCount(3).And.StartWith("old_id,customer_id,key_id,prefix,secret");
        lines[1].Should().MatchRegex("^\"UNO\",cus_[0-9a-z]+,key_[0-9a-z]+,rk_[A-Za-z0-9]{13},rk_[A-Za-z0-9]{65}$");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(KeyFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var secret in new[] { lines[1].Split(',')[4], "old_key", "old_secret" }) (done.Out + done.Error).Should().NotContain(secret);
        (again.Exit, (await File.ReadAllLinesAsync(KeyFile)).Length).Should().Be((2, 3), "a file of secrets is never written over");
    }

    [Test]
    public async Task Lines_for_people_end_with_1_and_are_named_in_text_and_in_json()
    {
        using var shell = new Shell();
        Export(Header + "RLR1,UNO,12,20,1.09,SUCCESS,2025-10-13 10:00:00\nRLR2,UNO,5512340001,20,,PENDING,2025-10-13 10:00:00\n");

        var text = await shell.RunAsync("import", "latcom-fix", _directory, "--dry-run");
        var json = await shell.RunAsync("import", "latcom-fix", _directory, "--json");

        (text.Exit, json.Exit).Should().Be((1, 1));
        text.Out.Should().Contain("transactions.csv:2: not taken: phone: 2 characters that are no Mexican phone number (phone_invalid)").And.Contain("transactions.csv:3: note: status:");
        text.Error.Should().Contain("2 for people to look at");
        json.Json.GetProperty("forPeople").GetInt64().Should().Be(2);
        json.Json.GetProperty("remarks").EnumerateArray().Select(remark => remark.GetProperty("code").GetString()).Should().Equal("amount_rounded", "phone_invalid", "undecided");
        json.Json.GetProperty("rounded")[0].GetProperty("difference").GetString().Should().Be("+0.005");
        json.Error.Should().BeEmpty();
    }

    [Test]
    public async Task Wrong_files_and_contradicting_options_are_refused()
    {
        using var shell = new Shell();
        (await shell.RunAsync("import", "latcom-fix", _directory)).Exit.Should().Be(2, "there is nothing in it");
        Export("transaction_id,customer_id\n");

        var missing = await shell.RunAsync("import", "latcom-fix", _directory, "--json");

        missing.Exit.Should().Be(2);
        missing.Problem.GetProperty("code").GetString().Should().Be("import_unreadable");
        missing.Problem.GetProperty("facts").GetProperty("column").GetString().Should().Be("phone");
        (await shell.RunAsync("import", "latcom-fix", _directory, "--apply")).Exit.Should().Be(2, "secrets must go somewhere");
        (await shell.RunAsync("import", "latcom-fix", _directory, "--apply", "--dry-run", "--keys", KeyFile)).Exit.Should().Be(2);
        (await shell.RunAsync("import", "latcom-fix", _directory, "--credit-limit", "UNO=-5")).Exit.Should().Be(2);
        (await shell.RunAsync("import", "latcom-fix", _directory, "--zone", "Atlantis")).Exit.Should().Be(2);
        File.Exists(KeyFile).Should().BeFalse();
    }

    private string KeyFile => Path.Combine(_directory, "keys.csv");

    private void Export(string? transactions)
    {
        File.WriteAllText(Path.Combine(_directory, "customers.csv"), Customers);
        if (transactions is not null) File.WriteAllText(Path.Combine(_directory, "transactions.csv"), transactions);
    }
}
