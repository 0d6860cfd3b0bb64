using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Identity;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.Hosts.Tests.Cli;

internal sealed class ArchiveCommandTests
{
    private string _folder = null!;

    [SetUp]
    public void MakeAFolder() => _folder = Directory.CreateTempSubdirectory("relier-archive-").FullName;

    [TearDown]
    public void RemoveIt() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Old_calls_are_moved_listed_shown_and_verified()
    {
        using var shell = Open();
        await shell.ResellerAsync();
        var id = await ReportAsync(shell);

        (await shell.RunAsync("archive", "run", "--json")).Json.GetProperty("calls").GetInt64().Should().Be(0);
        shell.Clock.Set(Instant.FromUtc(2027, 3, 1, 0, 0));
        var run = await shell.RunAsync("archive", "run");
        var shown = await shell.RunAsync("archive", "show", "calls-2026-11-0001");
        var sound = await shell.RunAsync("archive", "verify");

        (run.Exit, run.Out).Should().Match<(int Exit, string Out)>(ran => ran.Exit == 0 && ran.Out.Contains("Calls:         1"));
        (await shell.RunAsync("archive", "list")).Out.Should().Contain("calls-2026-11-0001\t1\t").And.Contain("2028-12-01T00:00:00Z\tmain/calls/2026-11/0001-");
        (shown.Exit, shown.Out).Should().Match<(int Exit, string Out)>(ran => ran.Exit == 0 && ran.Out.StartsWith($"{{\"id\":\"{id}\",\"source\":\"api\","));
        (sound.Exit, sound.Error.Trim()).Should().Be((0, "1 parts with 1 rows are as they should be."));
        (await shell.RunAsync("cdr", "show", id)).Error.Should().Contain("call_archived").And.Contain("part: calls-2026-11-0001");
        (await shell.RunAsync("archive", "show", "calls-2026-11-0002")).Exit.Should().Be(3);

        File.AppendAllText(Directory.GetFiles(_folder, "*.gz", SearchOption.AllDirectories).Single(), "x");
        var changed = await shell.RunAsync("archive", "verify", "--json");
        (changed.Exit, changed.Json.GetProperty("sound").GetBoolean(), changed.Json.GetProperty("findings")[0].GetProperty("kind").GetString()).Should().Be((1, false, "changed"));
    }

    [Test]
    public async Task Without_an_archive_and_with_one_that_is_away_it_is_said()
    {
        using var none = new Shell();
        using var wrong = Open(("Relier:Archive:HotDays", "0"));
        using var away = Open();
        Directory.Delete(_folder);

        var (refused, misset, unreached) = (await none.RunAsync("archive", "run"), await wrong.RunAsync("config", "validate"), await MovedAsync(away));
        Directory.CreateDirectory(_folder);

        (refused.Exit, refused.Error).Should().Match<(int Exit, string Error)>(ran => ran.Exit == 78 && ran.Error.Contains("archive_not_set"));
        (misset.Exit, misset.Out + misset.Error).Should().Match<(int Exit, string Text)>(ran => ran.Exit == 78 && ran.Text.Contains("expected 1 to 3,650"));
        (unreached.Exit, unreached.Error).Should().Match<(int Exit, string Error)>(ran => ran.Exit == 7 && ran.Error.Contains(_folder));
    }

    private static async Task<Ran> MovedAsync(Shell shell)
    {
        await shell.ResellerAsync();
        await ReportAsync(shell);
        shell.Clock.Set(Instant.FromUtc(2027, 3, 1, 0, 0));
        return await shell.RunAsync("archive", "run");
    }

    private Shell Open(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Relier:Storage"] = "memory", ["Relier:Archive:Folder"] = _folder };
        foreach (var (name, value) in more) settings[name] = value;
        return new Shell { Settings = settings };
    }

    /// <summary>A leg that is not charged, so that it is finished without anybody.</summary>
    private static async Task<string> ReportAsync(Shell shell)
    {
        var call = new CallRecord { Source = "api", ExternalId = "1", StartedAt = shell.Clock.Now(), Quantity = 60, To = "918041000000", IsCharged = false };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRelier().UseStorage(_ => shell.Storage).UseSimulator();
        services.AddSingleton<IClock>(shell.Clock);
        await using var provider = services.BuildServiceProvider();
        var reported = await provider.GetRequiredService<IRelier>().SendAsync(new ReportCalls([call]), Caller.OfSystem(TenantId.Parse("main"), "tests"));
        return reported.Value[0].Call!.Id.Value;
    }
}
