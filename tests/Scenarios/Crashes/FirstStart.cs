using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relier.Scenarios.Crashes;

/// <summary>The host as somebody meets it who has only the README, and as somebody meets it who forgot something.</summary>
internal sealed partial class FirstStart
{
    private string _directory = null!;

    [SetUp]
    public void MakeAnEmptyDirectory() => _directory = Directory.CreateTempSubdirectory("relier-first-start-").FullName;

    [TearDown]
    public void DeleteIt() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task The_first_start_shows_a_command_that_sends_a_topup_and_the_second_shows_no_key()
    {
        await using var first = HostProcess.Start(_directory, Development());
        await first.ListenAsync();
        await first.SaysAsync(line => line.Contains("/api/v1/balance", StringComparison.Ordinal), "how to read the balance");
        first.Output.Should().Contain($"Relier answers at {first.Address.GetLeftPart(UriPartial.Authority)}").And.MatchRegex("Admin key +ra_[A-Za-z0-9]{20,}");
        var commands = first.Output.Split('\n').Where(line => line.TrimStart().StartsWith("curl ", StringComparison.Ordinal)).ToList();
        commands.Should().HaveCount(2);

        var (status, topUp) = await PasteAsync(commands[0]);
        var (_, balance) = await PasteAsync(commands[1]);

        status.Should().Be(HttpStatusCode.Created);
        topUp.GetProperty("status").GetString().Should().Be("succeeded");
        topUp.GetProperty("charge").GetProperty("amount").GetString().Should().Be("1.09");
        // 10,000.00 of credit less 1.09
        balance.GetProperty("posted").GetProperty("amount").GetString().Should().Be("9998.91");
        balance.GetProperty("held").GetProperty("amount").GetString().Should().Be("0.00");

        var secrets = Secrets().Matches(first.Output).Select(match => match.Value).Distinct().ToList();
        await first.KillAsync();
        await using var second = HostProcess.Start(_directory, Development());
        await second.ListenAsync();
        await second.SaysAsync(line => line.Contains("start again", StringComparison.Ordinal), "what to do without the keys");
        secrets.Should().HaveCount(2);
        Secrets().IsMatch(second.Output).Should().BeFalse();
    }

    [Test]
    public async Task Case_52_a_simulator_does_not_start_in_production()
    {
        var settings = Production();
        settings["Relier__Providers__0"] = "simulator";

        await ShouldRefuseAsync(settings, "does not deliver for real");
    }

    [Test]
    public async Task Case_54_without_an_admin_key_production_does_not_start()
    {
        var settings = Production();
        settings.Remove("Relier__AdminKey");

        await ShouldRefuseAsync(settings, "There is no admin key", "Relier__AdminKey");
    }

    [Test]
    public async Task Without_a_database_production_does_not_start()
    {
        var settings = Production();
        settings.Remove("Relier__ConnectionString");

        await ShouldRefuseAsync(settings, "Relier__ConnectionString");
    }

    [Test]
    public async Task What_production_asks_for_is_enough_to_start()
    {
        await using var host = HostProcess.Start(_directory, Production());

        await host.ListenAsync();

        host.IsRunning.Should().BeTrue();
    }

    private static Dictionary<string, string> Development() => new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" };

    private Dictionary<string, string> Production() => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Relier__ConnectionString"] = $"Data Source={Path.Combine(_directory, "relier.db")}",
        ["Relier__AdminKey"] = "ra_scenarios_first_admin_0123456789abcdef",
        ["Relier__Providers__0"] = "latcom",
        // Nobody listens there; no order is sent.
        ["Relier__Latcom__BaseAddress"] = "http://127.0.0.1:9",
        ["Relier__Latcom__Username"] = "user",
        ["Relier__Latcom__Password"] = "password",
        ["Relier__Latcom__DistributorKey"] = new string('0', 64),
        ["Relier__Latcom__UserUid"] = "00000001",
    };

    private async Task ShouldRefuseAsync(Dictionary<string, string> settings, params string[] words)
    {
        // sysexits.h: EX_CONFIG
        const int configurationError = 78;
        await using var host = HostProcess.Start(_directory, settings);

        (await host.EndAsync()).Should().Be(configurationError, host.Output);

        foreach (var word in words) host.Output.Should().Contain(word);
        host.Output.Should().NotContain("   at ", "who starts it is told what to set, and no stack");
    }

    /// <summary>Does what the shell does with a line as it is shown: the address, each -H, and -d for the body.</summary>
    private static async Task<(HttpStatusCode Status, JsonElement Body)> PasteAsync(string command)
    {
        var body = Body().Match(command);
        using var request = new HttpRequestMessage(body.Success ? HttpMethod.Post : HttpMethod.Get, Address().Match(command).Groups[1].Value);
        if (body.Success) request.Content = new StringContent(body.Groups[1].Value, Encoding.UTF8, "application/json");
        foreach (Match header in Header().Matches(command))
            if (header.Groups[1].Value != "Content-Type") request.Headers.Add(header.Groups[1].Value, header.Groups[2].Value);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    [GeneratedRegex(@"curl -s (http://\S+)")]
    private static partial Regex Address();

    [GeneratedRegex("-H '([^:']+): ([^']*)'")]
    private static partial Regex Header();

    [GeneratedRegex("-d '([^']*)'")]
    private static partial Regex Body();

    [GeneratedRegex("r[ak]_[A-Za-z0-9]{20,}")]
    private static partial Regex Secrets();
}
