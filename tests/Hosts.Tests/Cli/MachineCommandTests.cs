using FluentAssertions;
using NUnit.Framework;
using Relier.Cli;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Cli;

/// <summary>The schema, the configuration, arguments and exit codes.</summary>
internal sealed class MachineCommandTests
{
    [Test]
    public async Task A_fresh_installation_begins_with_the_schema_and_the_first_admin()
    {
        using var file = new Shell { Settings = [] };
        var production = file.FreshFile;
        using var shell = new Shell
        {
            Environment = "Production",
            Settings = new()
            {
                ["Relier:ConnectionString"] = production, ["Relier:AutoMigrate"] = "false", ["Relier:Providers:0"] = "latcom", ["Relier:Latcom:BaseAddress"] = "https://latcom.example",
                ["Relier:Latcom:Username"] = "u", ["Relier:Latcom:Password"] = "p", ["Relier:Latcom:DistributorKey"] = new string('a', 64), ["Relier:Latcom:UserUid"] = "00000001",
            },
        };

        var before = await shell.RunAsync("db", "status");
        var early = await shell.RunAsync("customers", "list", "--json");
        var migrated = await shell.RunAsync("db", "migrate");
        var again = await shell.RunAsync("db", "migrate", "--json");
        var after = await shell.RunAsync("db", "status", "--json");
        var admin = await shell.RunAsync("keys", "create", "--admin", "maria");

        before.Exit.Should().Be(76);
        early.Exit.Should().Be(76);
        early.Problem.GetProperty("code").GetString().Should().Be("schema_mismatch");
        migrated.Exit.Should().Be(0);
        migrated.Out.Should().Contain("0001");
        again.Json.GetProperty("applied").GetArrayLength().Should().Be(0);
        after.Json.GetProperty("upToDate").GetBoolean().Should().BeTrue();
        admin.Exit.Should().Be(0);
        admin.Out.Should().Contain("ra_");
    }

    [Test]
    public async Task A_storage_that_is_away_ends_with_7()
    {
        using var shell = new Shell { Settings = [] };

        var list = await shell.RunAsync("topup", "list", "--connection", "Host=127.0.0.1;Port=1;Timeout=2", "--json");

        list.Exit.Should().Be(7);
        list.Problem.GetProperty("code").GetString().Should().Be("storage_unavailable");
    }

    [Test]
    public async Task A_configuration_is_found_valid()
    {
        using var shell = new Shell();

        var people = await shell.RunAsync("config", "validate");
        var document = await shell.RunAsync("config", "validate", "--json");

        people.Exit.Should().Be(0);
        people.Out.Should().Contain("valid").And.Contain("memory");
        document.Json.GetProperty("valid").GetBoolean().Should().BeTrue();
    }

    [Test]
    public async Task Everything_wrong_with_a_configuration_is_said_at_once()
    {
        using var shell = new Shell { Environment = "Production", Settings = new() { ["Relier:Storage"] = "tape", ["Relier:JobConcurrency"] = "many", ["Relier:Jobs:Concurrency:topup.submit"] = "lots", ["Relier:Zone"] = "Mars" } };

        var validated = await shell.RunAsync("config", "validate", "--json");

        validated.Exit.Should().Be(78);
        var problems = validated.Problem.GetProperty("facts").GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).ToList();
        problems.Should().Contain(text => text!.Contains("tape")).And.Contain(text => text!.Contains("many")).And.Contain(text => text!.Contains("Jobs:Concurrency:topup.submit") && text.Contains("lots")).And.Contain(text => text!.Contains("Providers")).And.Contain(text => text!.Contains("Mars"));
    }

    [Test]
    public async Task A_switch_reports_for_no_tenant_that_is_not_there()
    {
        using var shell = new Shell { Settings = SwitchWith("Tenant", "branch") };

        var before = await shell.RunAsync("customers", "list");
        shell.Settings["Relier:Tenant"] = "branch";
        var made = await shell.RunAsync("customers", "list");
        shell.Settings["Relier:Tenant"] = "main";
        var after = await shell.RunAsync("customers", "list");

        (before.Exit, made.Exit, after.Exit).Should().Be((78, 0, 0), after.Error);
        before.Error.Should().Contain("fs-1").And.Contain("'branch'").And.NotContain(" at Relier.");
    }

    [TestCase("DecodeValues", "no", "DecodeValues")]
    [TestCase("BilledLeg", "C", "BilledLeg")]
    [TestCase("InbundContexts:0", "public", "InbundContexts")]
    public async Task A_setting_of_a_switch_that_cannot_be_read_or_is_unknown_is_said(string setting, string value, string named)
    {
        using var shell = new Shell { Settings = SwitchWith(setting, value) };

        var validated = await shell.RunAsync("config", "validate");
        var list = await shell.RunAsync("customers", "list");

        (validated.Exit, list.Exit).Should().Be((78, 78));
        validated.Error.Should().Contain("Relier:FreeSwitch").And.Contain(named).And.NotContain(" at Relier.").And.NotContain("correct-horse");
        list.Error.Should().Contain(named);
    }

    [Test]
    public async Task Settings_of_switches_without_a_switch_are_said()
    {
        using var shell = new Shell { Settings = new() { ["Relier:Storage"] = "memory", ["Relier:FreeSwitch:Switchs:0:Name"] = "fs-1" } };

        (await shell.RunAsync("config", "validate")).Error.Should().Contain("Switchs");
    }

    [TestCase("OpenRangeEnabled", "no")]
    [TestCase("FixedProduct", "XOOM_10_MXN")]
    public async Task A_setting_of_a_provider_that_cannot_be_read_or_is_unknown_is_said(string setting, string value)
    {
        using var shell = new Shell
        {
            Settings = new()
            {
                ["Relier:Storage"] = "memory", ["Relier:Providers:0"] = "latcom", ["Relier:Latcom:BaseAddress"] = "https://latcom.example", ["Relier:Latcom:Username"] = "u", ["Relier:Latcom:Password"] = "p",
                ["Relier:Latcom:DistributorKey"] = new string('a', 64), ["Relier:Latcom:UserUid"] = "00000001", [$"Relier:Latcom:{setting}"] = value,
            },
        };

        var validated = await shell.RunAsync("config", "validate");

        validated.Exit.Should().Be(78);
        validated.Error.Should().Contain("Relier:Latcom").And.Contain(setting).And.NotContain(" at Relier.");
    }

    private static Dictionary<string, string?> SwitchWith(string setting, string value) => new()
    {
        ["Relier:Storage"] = "memory", ["Relier:FreeSwitch:Switches:0:Name"] = "fs-1", ["Relier:FreeSwitch:Switches:0:Password"] = "correct-horse-battery", [$"Relier:FreeSwitch:Switches:0:{setting}"] = value,
    };

    [TestCase("sqlite", "", "no file")]
    [TestCase("sqlite", "Data Source=", "no file")]
    [TestCase("postgres", "Port=5432", "Host")]
    [TestCase("postgres", "nonsense", "a name of a setting is none")]
    public async Task A_connection_string_that_cannot_be_read_is_a_wrong_setting(string storage, string connection, string why)
    {
        foreach (var environment in new[] { "Development", "Production" })
        {
            using var shell = new Shell { Environment = environment, Settings = new() { ["Relier:Storage"] = storage, ["Relier:ConnectionString"] = connection, ["Relier:Providers:0"] = "simulator" } };

            var list = await shell.RunAsync("customers", "list");

            list.Exit.Should().Be(78, environment);
            list.Error.Should().MatchRegex("(?i)connection ?string").And.Contain(why).And.NotContain(" at Relier.");
        }
    }

    [Test]
    public async Task What_is_unsafe_in_production_is_refused_by_every_command()
    {
        using var shell = new Shell { Environment = "Production", Settings = new() { ["Relier:Storage"] = "memory", ["Relier:Providers:0"] = "simulator" } };

        var list = await shell.RunAsync("customers", "list");

        list.Exit.Should().Be(78);
        list.Error.Should().Contain("simulator").And.Contain("memory");
    }

    [Test]
    public async Task An_address_from_DATABASE_URL_is_understood()
    {
        using var shell = new Shell { Settings = new() { ["DATABASE_URL"] = "postgres://relier:s%3Acret@127.0.0.1:1/relier?sslmode=prefer" } };

        var list = await shell.RunAsync("customers", "list");

        list.Exit.Should().Be(7);
        list.Error.Should().NotContain("cret");
    }

    [TestCase("topup", "sned", "send")]
    [TestCase("topup", "list", "--custmer", "--customer")]
    public async Task A_typo_is_answered_with_what_may_have_been_meant(params string[] words)
    {
        using var shell = new Shell();

        var ran = await shell.RunAsync(words[..^1]);

        ran.Exit.Should().Be(2);
        ran.Error.Should().Contain("Did you mean").And.Contain(words[^1]);
        ran.Out.Should().BeEmpty();
    }

    [Test]
    public async Task A_wrong_usage_is_a_document_too()
    {
        using var shell = new Shell();

        var ran = await shell.RunAsync("topup", "send", "--json");

        ran.Exit.Should().Be(2);
        ran.Problem.GetProperty("code").GetString().Should().Be("usage");
    }

    [Test]
    public async Task A_password_on_the_command_line_is_refused_and_not_repeated()
    {
        using var shell = new Shell();

        var ran = await shell.RunAsync("db", "status", "--connection", "Host=db;Password=hunter2");

        ran.Exit.Should().Be(2);
        ran.Error.Should().Contain("Relier__ConnectionString").And.NotContain("hunter2");
    }

    [Test]
    public async Task A_command_that_has_only_begun_is_answered_with_its_help()
    {
        using var shell = new Shell();

        var ran = await shell.RunAsync("keys");

        ran.Exit.Should().Be(2);
        ran.Error.Should().Contain("relier keys [command]").And.Contain("rotate");
    }

    [Test]
    public async Task Help_and_version_need_no_configuration()
    {
        using var shell = new Shell { Environment = "Production", Settings = [] };

        var help = await shell.RunAsync("topup", "send", "-h");
        var version = await shell.RunAsync("--version");

        help.Exit.Should().Be(0);
        help.Out.Should().Contain("relier topup send <PHONE>").And.Contain("--allow-duplicate");
        version.Out.Should().MatchRegex(@"^\d+\.\d+\.\d+");
    }

    [TestCase("forbidden", 5)]
    [TestCase("ip_not_allowed", 5)]
    [TestCase("provider_unavailable", 7)]
    [TestCase("stale_version", 4)]
    [TestCase("daily_limit_exceeded", 1)]
    [TestCase("cursor_invalid", 2)]
    public void A_refusal_ends_with_the_code_of_its_kind(string code, int exit) =>
        ExitCode.Of(new Refusal(code, "no")).Should().Be(exit);

    [Test]
    public void Only_a_delivery_ends_with_0()
    {
        var zero = Enum.GetValues<TopUpState>().Where(state => ExitCode.Of(state) == 0);

        zero.Should().BeEquivalentTo([TopUpState.Succeeded, TopUpState.LateDelivered]);
    }

    [Test]
    public void Trouble_outside_has_words_and_a_mistake_of_ours_is_a_1()
    {
        ExitCode.Of(ExitCode.Explain(new StorageUnavailableException("away"))).Should().Be(7);
        ExitCode.Of(ExitCode.Explain(new SchemaMismatchException("old"))).Should().Be(76);
        ExitCode.Of(ExitCode.Explain(new RelierConfigurationException(["wrong"]))).Should().Be(78);
        ExitCode.Of(ExitCode.Explain(new OperationCanceledException())).Should().Be(130);
        ExitCode.Of(ExitCode.Explain(new InvalidOperationException("bug"))).Should().Be(1);
    }
}
