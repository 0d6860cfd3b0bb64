using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Relier.FreeSwitch;
using Relier.Identity;
using Relier.Jobs;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Scenarios;

/// <summary>What a switch could not deliver is taken in by whoever sweeps its folder: each call once, nothing lost, and nobody stopped by it. A minute costs 0.60.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class ErrorFolderCases(Engine engine)
{
    private static readonly TenantId Other = TenantId.Parse("other");

    private string _path = "";

    [SetUp]
    public void MakeFolder() => _path = Directory.CreateTempSubdirectory("relier-sweeps-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_path, recursive: true);

    [Test]
    public async Task Processes_that_sweep_one_folder_at_once_charge_each_call_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        for (var number = 0; number < 40; number++) Leave($"u-{number}");
        var processes = new[] { "s1", "s2", "s3", "s4" }.Select(name => NewProcess(world, name)).ToList();

        var swept = await Task.WhenAll(processes.Select(process => Task.Run(() => SweepAsync(process))));

        swept.Sum(one => one.States.GetValueOrDefault("accepted")).Should().Be(40);
        swept.SelectMany(one => one.States.Keys).Distinct().Should().BeSubsetOf(["accepted", "duplicate"], "a file that another took is no error");
        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(100m - (40 * 0.60m));
        Left().Should().BeEmpty();
        Directory.GetFiles(Path.Combine(_path, "done")).Select(file => Path.GetFileName(file)).Should().Contain(Enumerable.Range(0, 40).Select(number => $"u-{number}.cdr.json"));
        (await SweepAsync(processes[0])).Should().BeEquivalentTo(new { Taken = 0, Kept = 0 });
    }

    [Test]
    public async Task A_process_that_sweeps_begins_at_once_and_looks_again_after_each_interval_until_it_is_told_to_stop()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var (clock, sweeper) = (world.World.Clock, SweeperOf(NewProcess(world, "s1")));
        Leave("u-1");

        await sweeper.StartAsync(default);
        await UntilAsync(() => clock.Waiting == 1);
        Left().Should().BeEmpty();
        Leave("u-2");
        clock.Advance(Duration.FromMinutes(2) - Duration.FromSeconds(1));
        Left().Should().ContainSingle();
        clock.Advance(Duration.FromSeconds(1));
        await UntilAsync(() => Left().Length == 0 && clock.Waiting == 1);
        await sweeper.StopAsync(default);
        Leave("u-3");
        clock.Advance(Duration.FromMinutes(2));

        clock.Waiting.Should().Be(0, "it has stopped");
        Left().Should().ContainSingle().Which.Should().EndWith("u-3.cdr.json");
        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(98.80m);
        world.World.Logs.Lines.Should().Contain(line => line.Contains("What switch fs-1 could not deliver was taken in: 1 accepted"));
    }

    [Test]
    public async Task A_folder_that_vanishes_is_told_each_time_and_swept_when_it_is_there_again()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(money: "100");
        var (clock, sweeper, away) = (world.World.Clock, SweeperOf(NewProcess(world, "s1")), _path + "-away");
        await sweeper.StartAsync(default);
        await UntilAsync(() => clock.Waiting == 1);
        Directory.Move(_path, away);

        for (var turn = 1; turn <= 2; turn++)
        {
            clock.Advance(Duration.FromMinutes(2));
            await UntilAsync(() => FailuresIn(world).Count == turn && clock.Waiting == 1);
        }

        FailuresIn(world).Should().OnlyContain(line => line.Contains(_path));
        Directory.Move(away, _path);
        Leave("u-1");
        clock.Advance(Duration.FromMinutes(2));
        await UntilAsync(() => Left().Length == 0 && clock.Waiting == 1);
        await sweeper.StopAsync(default);
        FailuresIn(world).Should().HaveCount(2);
    }

    [Test]
    public async Task What_cannot_be_read_stays_and_is_told_and_what_nobody_understands_waits_for_people()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(money: "100");
        Leave("large", new string('x', ErrorFolder.BytesMax + 1));
        Leave("empty", "");
        Leave("torn", "{");
        Leave("u-1");
        var process = NewProcess(world, "s1");
        var sweeper = SweeperOf(process);

        await sweeper.StartAsync(default);
        await UntilAsync(() => world.World.Clock.Waiting == 1);
        await sweeper.StopAsync(default);

        Left().Select(file => Path.GetFileName(file)).Should().BeEquivalentTo("large.cdr.json", "empty.cdr.json");
        world.World.Logs.Lines.Should().ContainSingle(line => line.StartsWith("Warning 2 files that switch fs-1 left stay where they are (1 accepted, 1 empty, 1 malformed, 1 too_large)", StringComparison.Ordinal));
        (await ReportsAsync(world, World.Tenant, CallReportState.Malformed)).Should().ContainSingle();
        (await SweepAsync(process)).Should().BeEquivalentTo(new { Taken = 0, Kept = 2 });
    }

    [Test]
    public async Task While_storage_is_away_nothing_is_moved_and_afterwards_nothing_is_missing()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var isAway = true;
        var process = NewProcess(world, "s1", storage => new FailingStorage(storage) { FailWhen = () => isAway });
        var (clock, sweeper) = (world.World.Clock, SweeperOf(process));
        foreach (var id in new[] { "u-1", "u-2" }) Leave(id);

        await sweeper.StartAsync(default);
        await UntilAsync(() => clock.Waiting == 1);
        Left().Should().HaveCount(2);
        FailuresIn(world).Should().ContainSingle();
        isAway = false;
        clock.Advance(Duration.FromMinutes(2));
        await UntilAsync(() => Left().Length == 0 && clock.Waiting == 1);
        await sweeper.StopAsync(default);

        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(98.80m);
    }

    [Test]
    public async Task A_process_that_is_told_to_stop_in_the_middle_stops_and_the_next_one_goes_on()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        using var isUnderWay = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var sweeper = SweeperOf(NewProcess(world, "s1", storage => new FailingStorage(storage)
        {
            FailWhen = () =>
            {
                isUnderWay.Set();
                mayGoOn.Wait();
                return false;
            },
        }));
        foreach (var id in new[] { "u-1", "u-2", "u-3" }) Leave(id);
        await sweeper.StartAsync(default);
        await UntilAsync(() => isUnderWay.IsSet);

        var stopped = sweeper.StopAsync(default);
        mayGoOn.Set();
        await stopped;

        Left().Length.Should().BeGreaterThanOrEqualTo(2, "no other file was begun");
        FailuresIn(world).Should().BeEmpty("it was told to");
        (await SweepAsync(NewProcess(world, "s2"))).Kept.Should().Be(0);
        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(98.20m);
    }

    [Test]
    public async Task A_process_that_dies_before_a_file_is_moved_leaves_a_duplicate()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var process = NewProcess(world, "s1");
        Leave("u-1");
        await SweepAsync(process);

        // As it lay there before the move.
        File.Move(Path.Combine(_path, "done", "u-1.cdr.json"), Path.Combine(_path, "u-1.cdr.json"));
        var again = await SweepAsync(process);

        again.States.Should().Equal(new Dictionary<string, int> { ["duplicate"] = 1 });
        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(99.40m);
    }

    [Test]
    public async Task Reports_are_calls_of_the_tenant_whose_switch_it_is()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.World.Services.GetRequiredService<TenantDirectory>().EnsureAsync(Other, "Other", DateTimeZone.Utc);
        var sweeper = SweeperOf(NewProcess(world, "s1", tenant: Other));
        Leave("u-1");

        await sweeper.StartAsync(default);
        await UntilAsync(() => world.World.Clock.Waiting == 1);
        await sweeper.StopAsync(default);

        (await ReportsAsync(world, Other, CallReportState.Accepted)).Should().ContainSingle();
        (await ReportsAsync(world, World.Tenant, CallReportState.Accepted)).Should().BeEmpty();
    }

    private void Leave(string id, string? text = null)
    {
        var path = Path.Combine(_path, $"{id}.cdr.json");
        File.WriteAllText(path, text ?? $$$"""
            {"variables":{"uuid":"{{{id}}}","start_epoch":"1775800544","answer_epoch":"1775800547","end_epoch":"1775800607","duration":"63","billsec":"60","hangup_cause":"NORMAL_CLEARING","accountcode":"ACC-1"},
             "callflow":[{"caller_profile":{"caller_id_number":"1001","destination_number":"918041000000","context":"default"}}]}
            """);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    private string[] Left() => Directory.GetFiles(_path);

    private ServiceProvider NewProcess(RatingWorld world, string name, Func<IStorage, IStorage>? around = null, TenantId? tenant = null) =>
        world.World.NewProcess(name, around, services => new RelierBuilder(services)
            .UseFreeSwitch(options =>
            {
                options.SweepInterval = TimeSpan.FromMinutes(2);
                options.Switches.Add(new SwitchOptions { Name = "fs-1", Password = "sixteen-letters-1", ErrorFolder = _path, Tenant = tenant?.Value });
            })
            .SweepErrorFolders(World.Tenant));

    private Task<ErrorFolderSwept> SweepAsync(ServiceProvider process) =>
        process.GetRequiredService<ErrorFolderSweep>().RunAsync(new ErrorFolder(_path), "fs-1", Caller.OfSystem(World.Tenant, "test"), default);

    private static IHostedService SweeperOf(ServiceProvider process) => process.GetServices<IHostedService>().Single(service => service.GetType().Name == "ErrorFolderSweeper");

    private static List<string> FailuresIn(RatingWorld world) => [.. world.World.Logs.Lines.Where(line => line.StartsWith("Error The error folder of switch fs-1 could not be swept", StringComparison.Ordinal))];

    private static async Task<IReadOnlyList<CallReport>> ReportsAsync(RatingWorld world, TenantId tenant, CallReportState state) =>
        (await world.World.Storage.RunAsync(tenant, session => session.Calls.ListReportsAsync(state, new PageRequest(null, 100), default), default)).Data;

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; !holds(); tries++)
        {
            if (tries == 2_000) throw new TimeoutException("It did not come to that.");
            await Task.Delay(10);
        }
    }
}
