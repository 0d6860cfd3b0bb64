using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>That people are told of each cause once, whichever process sees it, and again when it comes again.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class AlertCases(Engine engine)
{
    private const string Good = "5512345000";
    private const string Refused = "5512345002";
    private const string NeverKnown = "5512345005";

    private static readonly WorldOptions Two = new() { Second = new CallbackProviderOptions() };

    [Test]
    public async Task Case_70_a_low_balance_is_told_once_in_24_hours_across_processes_and_restarts()
    {
        await using var world = await World.StartAsync(engine);
        var other = world.NewProcess("p2");
        await world.SetBalanceAsync(1_001.09m);

        // 1,001.09 - 1.09 = 1,000.00: at the limit itself it is low.
        await world.OrderAsync(Good, "20", "R1");
        await OrderInAsync(other, world, "R2");
        await world.RestartAsync("p3");
        await world.OrderAsync(Good, "20", "R3", allowDuplicate: true);
        await RunJobsEverywhereAsync(world, other);

        (await AlertsAsync(world)).Should().ContainSingle().Which.Text.Should().Be("C1 has 1000.00 USD left; 1000.00 USD and less counts as low.");
        Told(world, "low_balance").Should().Be(1);

        world.Clock.Advance(Duration.FromHours(24) - Duration.FromSeconds(1));
        await world.OrderAsync(Good, "20", "R4");
        (await AlertsAsync(world)).Should().ContainSingle();

        world.Clock.Advance(Duration.FromSeconds(1));
        (await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), world.House)).Value.Should().NotBeNull();
        await Task.WhenAll(world.OrderAsync(Good, "30", "R5"), OrderInAsync(other, world, "R6"));
        await RunJobsEverywhereAsync(world, other);

        (await AlertsAsync(world)).Should().HaveCount(2);
        Told(world, "low_balance").Should().Be(2);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_70_a_streak_of_failures_is_told_at_eleven_when_the_tenth_was_not_seen_and_once()
    {
        await using var world = await World.StartAsync(engine);
        var other = world.NewProcess("p2");
        await FailAsync(world, 9, "A");
        await WatchAsync(world, world.Services);
        (await AlertsAsync(world)).Should().BeEmpty();

        await FailAsync(world, 2, "B");
        await WatchAsync(world, other);
        await world.RestartAsync("p3");
        await FailAsync(world, 5, "C");
        await WatchAsync(world, world.Services);
        await WatchAsync(world, other);

        (await AlertsAsync(world)).Should().ContainSingle().Which.Text.Should().Be("The last 11 submissions to latcom did not deliver.");
        Told(world, "failure_streak").Should().Be(1);

        // A delivery ends the streak, also when nobody looked in between; the next one is told for itself.
        world.Clock.Advance(Duration.FromSeconds(1));
        await world.OrderAsync(Good, "20", "D");
        world.Clock.Advance(Duration.FromSeconds(1));
        await FailAsync(world, 10, "E");
        await WatchAsync(world, other);
        (await AlertsAsync(world)).Should().HaveCount(2);
    }

    [Test]
    public async Task A_customer_who_is_not_to_be_told_is_not_and_another_limit_counts_in_the_wallets_currency()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { LowBalance = "" });
        await world.SetBalanceAsync(1m);
        (await AlertsAsync(world)).Should().BeEmpty();

        await world.SetPoliciesAsync(new PoliciesInput { LowBalance = "50" });
        await world.SetBalanceAsync(60m);
        await world.SetBalanceAsync(50.01m);
        (await AlertsAsync(world)).Should().BeEmpty();
        await world.SetBalanceAsync(50m);

        (await AlertsAsync(world)).Should().ContainSingle().Which.Facts["low"].Should().Be(Money.Of(50m, Currency.USD));
    }

    [Test]
    public async Task Money_that_comes_in_or_comes_back_raises_no_low_balance()
    {
        await using var world = await World.StartAsync(engine, Two);
        await world.SetPoliciesAsync(new PoliciesInput { LowBalance = "" });
        await world.SetBalanceAsync(2m);
        await world.SetPoliciesAsync(new PoliciesInput { LowBalance = "1000" });

        await world.OrderAsync(Refused, "20", "R1");
        await world.SetBalanceAsync(3m);

        (await AlertsAsync(world)).Should().BeEmpty();
    }

    [Test]
    public async Task A_subtraction_that_is_asked_for_twice_under_one_key_is_told_once_and_an_alert_goes_with_its_transaction()
    {
        await using var world = await World.StartAsync(engine);
        var subtract = new AdjustCredit(world.CustomerId, "-9500.00", "correction") { IdempotencyKey = "k1" };

        await world.Relier.SendAsync(subtract, world.House);
        world.Clock.Advance(Duration.FromHours(25));
        await world.Relier.SendAsync(subtract, world.House);
        var refused = await world.Relier.SendAsync(new AdjustCredit(world.CustomerId, "-9500.00", "correction"), world.House);

        refused.Refusal!.Code.Should().Be("insufficient_credit");
        (await AlertsAsync(world)).Should().ContainSingle();
    }

    [Test]
    public async Task Exposure_over_its_limit_is_told_once_and_again_when_it_comes_back()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { ExposureLimit = new ExposureLimit(2, []) });
        foreach (var reference in new[] { "R1", "R2" }) await world.OrderAsync(NeverKnown, "20", reference, allowDuplicate: true);

        await WatchAsync(world, world.Services);
        await WatchAsync(world, world.Services);
        (await AlertsAsync(world)).Should().ContainSingle().Which.Text.Should().Be(
            "Within ten minutes 2 top-ups became unknown with latcom, with 2.18 USD held; it gets nothing more for now.");

        world.Clock.Advance(Duration.FromMinutes(10));
        await WatchAsync(world, world.Services);
        foreach (var reference in new[] { "R3", "R4" }) await world.OrderAsync(NeverKnown, "30", reference, allowDuplicate: true);
        await WatchAsync(world, world.Services);

        (await AlertsAsync(world)).Should().HaveCount(2);
    }

    [Test]
    public async Task A_provider_that_is_down_is_told_once_and_so_is_that_it_is_up_again()
    {
        var up = true;
        await using var world = await World.StartAsync(engine, new WorldOptions { Second = new CallbackProviderOptions { IsUp = () => up } });
        await LookAsync(world, "provider.probe");
        (await AlertsAsync(world)).Should().BeEmpty("what was never down is not up again");

        up = false;
        await LookAsync(world, "provider.probe");
        await LookAsync(world, "provider.probe");
        up = true;
        await LookAsync(world, "provider.probe");
        await LookAsync(world, "provider.probe");

        (await AlertsAsync(world)).Select(alert => (alert.Kind, alert.Subject)).Should().Equal(
            (AlertKind.ProviderUp, CallbackProvider.Id), (AlertKind.ProviderDown, CallbackProvider.Id));
    }

    [Test]
    public async Task A_low_float_is_told_once_until_it_was_filled_and_a_difference_when_it_was_seen_twice()
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, CallbackProvider.Id, "100.00", "500.00");
        await WatchAsync(world, world.Services);
        await WatchAsync(world, world.Services);
        (await AlertsAsync(world)).Should().ContainSingle().Which.Kind.Should().Be(AlertKind.FloatLow);
        await FundAsync(world, CallbackProvider.Id, "800.00");
        await WatchAsync(world, world.Services);

        // 100.00 + 800.00 by our books; the simulated account has 1,000.00.
        await LookAsync(world, "provider.balance");
        await WatchAsync(world, world.Services);
        (await AlertsAsync(world)).Should().ContainSingle("one look may fall in the middle of something");
        await LookAsync(world, "provider.balance");
        await LookAsync(world, "provider.balance");

        var alerts = await AlertsAsync(world);
        alerts.Select(alert => alert.Kind).Should().Equal(AlertKind.FloatDifference, AlertKind.FloatLow);
        alerts[0].Facts["difference"].Should().Be(Money.Of(-100m, Currency.MXN));
    }

    [Test]
    public async Task Orders_that_never_pause_are_no_difference_as_long_as_the_books_follow_them()
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, CallbackProvider.Id, "1000.00");
        await world.SetPoliciesAsync(new PoliciesInput { PinnedProvider = CallbackProvider.Id });

        // 1,000.00 here and there; whenever the alerts are looked at, something is under way or was delivered since the balance was told.
        for (var round = 1; round <= 4; round++)
        {
            await world.OrderAsync(Good, "20", $"R{round}");
            await RunAsync(world, "provider.balance", world.Services);
            world.Second.Decide();
            await WatchAsync(world, world.Services);
            world.Clock.Advance(Duration.FromMinutes(10));
        }

        (await AlertsAsync(world)).Should().BeEmpty();
    }

    [Test]
    public async Task What_is_under_way_explains_no_more_of_a_difference_than_it_costs()
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, CallbackProvider.Id, "900.00");
        await world.SetPoliciesAsync(new PoliciesInput { PinnedProvider = CallbackProvider.Id });
        await world.OrderAsync(Good, "20", "R1");

        await LookAsync(world, "provider.balance");
        await LookAsync(world, "provider.balance");

        // 900.00 by our books, or 18.60 less should it be delivered already; the simulated account has 1,000.00.
        (await AlertsAsync(world)).Should().ContainSingle().Which.Facts["difference"].Should().Be(Money.Of(-100m, Currency.MXN));
    }

    [Test]
    public async Task An_alert_that_could_not_be_told_is_told_later_under_its_id_and_the_other_places_do_not_wait()
    {
        var sink = new UnsteadySink { Failures = 1 };
        await using var world = await World.StartAsync(engine);
        await using var process = world.NewProcess("p2", more: services => services.AddSingleton<IAlertSink>(sink));
        await process.GetRequiredService<IRelier>().SendAsync(new AdjustCredit(world.CustomerId, "-9500.00", "correction"), world.House);

        await process.GetRequiredService<JobLoop>().RunDueAsync();
        Told(world, "low_balance").Should().Be(1);
        sink.Told.Should().BeEmpty();
        world.Clock.Advance(Duration.FromSeconds(12));
        await process.GetRequiredService<JobLoop>().RunDueAsync();

        var alert = (await AlertsAsync(world)).Single();
        sink.Told.Should().Equal(alert.Id.Value);
        Told(world, "low_balance").Should().Be(1);
    }

    private static async Task FailAsync(World world, int count, string prefix)
    {
        for (var i = 0; i < count; i++)
            (await world.OrderAsync(Refused, "20", $"{prefix}{i}", allowDuplicate: true)).Value.TopUp.State.Should().Be(TopUpState.Failed);
    }

    private static Task<Outcome<TopUpReceipt>> OrderInAsync(ServiceProvider process, World world, string reference) =>
        process.GetRequiredService<IRelier>().SendAsync(
            new RequestTopUp(Good, "20") { Reference = reference, AllowDuplicate = true, Wait = Duration.FromSeconds(25) }, world.Reseller);

    private static async Task RunJobsEverywhereAsync(World world, ServiceProvider other)
    {
        await world.RunJobsAsync();
        await other.GetRequiredService<JobLoop>().RunDueAsync();
    }

    /// <summary>Looks at the providers, then at what should be told of them.</summary>
    private static async Task LookAsync(World world, string kind)
    {
        world.Clock.Advance(Duration.FromSeconds(1));
        await RunAsync(world, kind, world.Services);
        await WatchAsync(world, world.Services);
    }

    private static Task WatchAsync(World world, ServiceProvider process) => RunAsync(world, "alerts.watch", process);

    private static async Task RunAsync(World world, string kind, ServiceProvider process)
    {
        var now = world.Clock.Now();
        await world.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(
                    new Job { Id = Ids.New<Job>("job", now), Tenant = World.Tenant, Kind = kind, Subject = kind, RunAt = now, CreatedAt = now }, default);
                return true;
            },
            default);
        (await process.GetRequiredService<JobLoop>().RunDueAsync()).Should().BeGreaterThan(0);
    }

    private static async Task<IReadOnlyList<Alert>> AlertsAsync(World world) => (await world.Relier.SendAsync(new ListAlerts(), world.House)).Value.Data;

    private static int Told(World world, string kind) => world.Logs.Lines.Count(line => line.Contains($"Alert alr_", StringComparison.Ordinal) && line.Contains($", {kind} of ", StringComparison.Ordinal));

    private static async Task FundAsync(World world, string provider, string amount, string? lowAt = null) =>
        (await world.Relier.SendAsync(new FundProvider(provider, amount, "MXN", "SPEI 4711") { LowAt = lowAt }, world.House)).Value.Should().NotBeNull();

    private sealed class UnsteadySink : IAlertSink
    {
        private readonly List<string> _told = [];

        public int Failures { get; set; }

        public IReadOnlyList<string> Told => _told;

        public string Name => "unsteady";

        public Task SendAsync(Tenancy.TenantId tenant, Alert alert, CancellationToken cancellationToken)
        {
            if (Failures-- > 0) throw new IOException("not now");
            _told.Add(alert.Id.Value);
            return Task.CompletedTask;
        }
    }
}
