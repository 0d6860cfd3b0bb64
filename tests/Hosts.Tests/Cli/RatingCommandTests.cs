using Microsoft.Extensions.DependencyInjection;
using Relier.Identity;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.Hosts.Tests.Cli;

internal sealed class RatingCommandTests
{
    private const string Deck = "prefix,price\n91,0.50\n";
    private const string Plan = """{"name":"Starter","currency":"INR","zone":"Asia/Kolkata","country":"IN","deck":"starter"}""";

    [Test]
    public async Task A_seller_of_calls_is_set_up_from_files()
    {
        using var files = new Files(("prices.csv", Deck), ("starter.json", Plan));
        using var shell = new Shell();
        var customer = await shell.ResellerAsync();

        var deck = await shell.RunAsync("deck", "import", files["prices.csv"], "--deck", "starter", "--currency", "INR", "--activate", "--from", "2020-01-01", "--json");
        var again = await shell.RunAsync("deck", "import", files["prices.csv"], "--deck", "starter", "--currency", "INR", "--activate", "--json");
        var plan = await shell.RunAsync("plan", "put", files["starter.json"]);
        var opened = await shell.RunAsync("account", "open", customer, "--mode", "prepaid", "--currency", "INR", "-q");
        var account = opened.Out.Trim();
        var assigned = await shell.RunAsync("account", "plan", account, "starter", "--from", "2020-01-01T00:00:00Z");
        var line = await shell.RunAsync("account", "line", account, "accountCode", "ACC-1");
        var bucket = await shell.RunAsync("account", "bucket", account, "seconds", "120", "--name", "included minutes", "--unit", "60", "--prefix", "91", "--id", "nov");
        string[] more = ["account", "bucket", account, "bytes", "1000", "--name", "data"];
        var vague = await shell.RunAsync([.. more, "--json"]);
        var keyed = await shell.RunAsync([.. more, "--idempotency-key", "november", "-q"]);
        var replayed = await shell.RunAsync([.. more, "--idempotency-key", "november", "-q"]);
        var shown = await shell.RunAsync("account", "show", account);

        (vague.Exit, vague.Problem.GetProperty("code").GetString(), keyed.Exit, replayed.Out).Should().Be((2, "idempotency_key_missing", 0, keyed.Out));
        new[] { deck, again, plan, opened, assigned, line, bucket, shown }.Should().OnlyContain(ran => ran.Exit == 0);
        (deck.Json.GetProperty("status").GetString(), deck.Json.GetProperty("effectiveFrom").GetString()).Should().Be(("active", "2020-01-01T00:00:00Z"));
        again.Json.GetProperty("version").GetInt32().Should().Be(1, "the same prices again are no version");
        plan.Out.Should().Contain("starter");
        shown.Out.Should().Contain("starter from 2020-01-01T00:00:00Z, usage").And.Contain("accountCode ACC-1").And.Contain("included minutes: 120 of 120 seconds");
        (await shell.RunAsync("deck", "list")).Out.Should().Contain("starter\t1\tactive\t2020-01-01T00:00:00Z\tINR\t1\tstarter");
        (await shell.RunAsync("plan", "list", "--json")).Json.GetProperty("data")[0].GetProperty("name").GetString().Should().Be("Starter");
        (await shell.RunAsync("account", "line", account, "accountCode", "ACC-1", "--remove", "--json")).Json.GetProperty("lines").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task What_cannot_be_is_refused_with_an_exit_code()
    {
        using var files = new Files(("wrong.csv", "prefix,price\n91,x\n"), ("prices.csv", Deck), ("broken.json", "{"), ("starter.json", Plan));
        using var shell = new Shell();
        async Task<int> ExitAsync(params string[] args) => (await shell.RunAsync(args)).Exit;

        (await ExitAsync("deck", "import", files["none.csv"], "--deck", "a", "--currency", "INR")).Should().Be(2);
        (await ExitAsync("deck", "import", files["wrong.csv"], "--deck", "a", "--currency", "INR")).Should().Be(2);
        (await ExitAsync("deck", "import", files["prices.csv"], "--deck", "a", "--currency", "INR", "--from", "2020-01-01")).Should().Be(2);
        (await ExitAsync("plan", "put", files["none.json"])).Should().Be(2);
        (await ExitAsync("plan", "put", files["broken.json"])).Should().Be(2);
        (await ExitAsync("plan", "put", files["starter.json"])).Should().Be(1, "there is no such deck");
        (await ExitAsync("account", "show", "acc_x")).Should().Be(3);
        (await ExitAsync("cdr", "show", "call_x")).Should().Be(3);
        (await ExitAsync("cdr", "list", "--status", "lost")).Should().Be(2);
        (await ExitAsync("cdr", "retry", "--reason", "bad_luck")).Should().Be(2);
    }

    [Test]
    public async Task Calls_are_listed_shown_and_retried()
    {
        using var shell = new Shell();
        await shell.ResellerAsync();
        var id = await ReportAsync(shell, 60);
        await ReportAsync(shell, 61);

        (await shell.RunAsync("cdr", "list", "--json")).Json.GetProperty("data")[0].GetProperty("id").GetString().Should().Be(id);
        (await shell.RunAsync("cdr", "list", "--status", "rated", "--json")).Json.GetProperty("data").GetArrayLength().Should().Be(0);
        (await shell.RunAsync("cdr", "show", id)).Out.Should().Contain("unrated").And.Contain("no_account");
        (await shell.RunAsync("cdr", "retry", id, "--json")).Json.GetProperty("calls").GetInt32().Should().Be(0);
        (await shell.RunAsync("cdr", "retry", "--reason", "no_account", "--json")).Json.GetProperty("calls").GetInt32().Should().Be(0);
        (await shell.RunAsync("cdr", "reports", "--status", "conflict")).Out.Should().Contain("call_conflict").And.Contain(id);
    }

    private static async Task<string> ReportAsync(Shell shell, long seconds)
    {
        var call = new CallRecord { Source = "api", ExternalId = "1", StartedAt = shell.Clock.Now(), Quantity = seconds, To = "918041000000" };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRelier().UseStorage(_ => shell.Storage).UseSimulator();
        services.AddSingleton<IClock>(shell.Clock);
        await using var provider = services.BuildServiceProvider();
        var reported = await provider.GetRequiredService<IRelier>().SendAsync(new ReportCalls([call]), Caller.OfSystem(TenantId.Parse("main"), "tests"));
        return reported.Value[0].Call!.Id.Value;
    }
}
