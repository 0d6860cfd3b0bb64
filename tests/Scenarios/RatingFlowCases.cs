using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.Storage;
using static Relier.Scenarios.RatingWorld;

namespace Relier.Scenarios;

/// <summary>From what a switch reports to what is charged: once, explained, whatever happens in between. Cases are those of rating (AC-) and of telecom billing (T-).</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class RatingFlowCases(Engine engine)
{
    [Test]
    public async Task AC_03_every_way_to_dial_is_one_price_and_what_no_deck_knows_is_unrated_without_a_posting()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");

        var calls = await world.ReportAsync(Call("1", 90, "+91 80 41000000"), Call("2", 90, "00918041000000"), Call("3", 90, "08041000000"), Call("4", 90, "447000000000"));

        // 90 s are two minutes at 0.60, three times.
        calls.Take(3).Should().OnlyContain(call => call.Amount == Rupees(1.20m) && call.Rating!.Prefix == "918041" && call.Rating.Billed == 120);
        calls[3].Should().Match<Call>(call => call.State == CallState.Unrated && call.Reason == UnratedReason.NoRate && call.Amount == null);
        (await world.BalanceAsync(account)).Should().Be(100m - 3.60m);
    }

    [Test]
    public async Task AC_05_a_call_costs_what_the_deck_said_when_it_began()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(money: "100");
        await world.DeckAsync("starter", V1.Replace("918041,0.60", "918041,0.50", StringComparison.Ordinal), "2025-04-01T00:00:00+05:30");

        var calls = await world.ReportAsync(Call("1", 120, at: "2025-03-31T23:59:30+05:30"), Call("2", 120, at: "2025-04-01T00:00:00+05:30"));

        calls.Select(call => (call.Amount!.Value.Amount, call.Rating!.DeckVersion)).Should().Equal(("1.20", 1), ("1.00", 2));
    }

    [Test]
    public async Task AC_27_T_09_the_same_again_is_a_duplicate_another_content_a_conflict_another_leg_another_call()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var first = (await world.ReportAsync(Call("7", 60) with { Leg = "A" })).Single();

        var again = await world.SendAsync(new ReportCalls([Call("7", 60) with { Leg = "A" }, Call("7", 60) with { Leg = "A" }]));
        var other = (await world.SendAsync(new ReportCalls([Call("7", 61) with { Leg = "A" }]))).Single();
        var leg = (await world.ReportAsync(Call("7", 60) with { Leg = "B" })).Single();

        again.Select(one => (one.Receipt!.Fate, one.Call!.Id)).Should().Equal((CallFate.Duplicate, first.Id), (CallFate.Duplicate, first.Id));
        (other.Receipt!.Fate, other.Refusal!.Code, other.Call!.Id).Should().Be((CallFate.Conflict, "call_conflict", first.Id));
        (await world.World.Storage.RunAsync(World.Tenant, session => session.Calls.ListReportsAsync(CallReportState.Conflict, new PageRequest(null, 10), default), default))
            .Data.Should().ContainSingle().Which.Should().Match<CallReport>(report => report.Call == first.Id && report.Body.Contains("61"));
        leg.Id.Should().NotBe(first.Id);
        (await world.SendAsync(new GetCall(first.Id.Value))).Record.Quantity.Should().Be(60, "what was charged stays");
        (await world.BalanceAsync(account)).Should().Be(100m - 0.60m - 0.60m);
    }

    [Test]
    public async Task AC_27_what_stands_twice_in_one_batch_is_one_call()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");

        var reported = await world.SendAsync(new ReportCalls([Call("1", 60), Call("1", 60), Call("1", 120), Call("2", 60) with { Quantity = -1 }, Call("3", 60)]));
        await world.World.RunJobsAsync();

        reported.Select(one => one.Receipt?.Fate).Should().Equal(CallFate.New, CallFate.Duplicate, CallFate.Conflict, null, CallFate.New);
        reported[3].Refusal!.Fields.Should().ContainSingle().Which.Field.Should().Be("quantity");
        (await world.BalanceAsync(account)).Should().Be(100m - 1.20m);
    }

    [Test]
    public async Task T_06_a_call_across_the_end_of_the_allowance_is_split_at_a_whole_minute()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.50\n", money: "100");
        var bucket = await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("included minutes", BucketKind.Seconds, 500 * 60) { Unit = 60 }) { From = "2026-11-01T00:00:00+05:30" });
        // 498 of 500 minutes.
        await world.ReportAsync(Call("1", 498 * 60));

        var call = (await world.ReportAsync(Call("2", 300, at: "2026-11-21T10:00:00+05:30"))).Single();

        // Five minutes: two that are left, three at 0.50.
        call.Amount.Should().Be(Rupees(1.50m));
        call.Rating!.Lines.Select(line => (line.Kind, line.Increments, line.Exact)).Should().Equal((ChargeLineKind.Bucket, 2, 0m), (ChargeLineKind.Tier, 3, 1.50m));
        call.Rating.Buckets.Should().Equal(new BucketUse(bucket.Id, 120));
        var usage = (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single();
        usage.Value.Should().Be(new UsageCount(2, (498 * 60) + 300, 503 * 60, Rupees(1.50m)));
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left.Should().Be(0);
    }

    [Test]
    public async Task T_07_AC_07_whole_minutes_are_charged()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync("prefix,price\n91,1.99\n", money: "1000");

        var calls = await world.ReportAsync([.. new[] { 0L, 1, 59, 60, 61, 175, 3600 }.Select(seconds => Call($"{seconds}", seconds))]);

        calls.Select(call => (call.Rating?.Billed ?? 0) / 60).Should().Equal(0, 1, 1, 1, 2, 3, 60);
        calls.Select(call => call.Amount?.Amount).Should().Equal(null, "1.99", "1.99", "1.99", "3.98", "5.97", "119.40");
        calls[0].State.Should().Be(CallState.Zero);
    }

    [Test]
    public async Task T_10_a_prepaid_call_is_taken_from_the_balance_with_the_call_as_its_reference()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.50\n", money: "500");

        var call = (await world.ReportAsync(Call("1", 180))).Single();

        var line = (await world.StatementAsync(account))[0];
        (line.Kind, line.Subject, line.Amount, line.Balance).Should().Be((JournalKind.UsageCharged, call.Id.Value, Rupees(-1.50m), Rupees(498.50m)));
        call.Rating!.Journal.Should().Be(line.Journal);
    }

    [Test]
    public async Task T_12_a_shortfall_is_charged_in_full_and_told_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.50\n", money: "1");

        await world.ReportAsync(Call("1", 180));
        await world.ReportAsync(Call("2", 60, at: "2026-11-20T11:00:00+05:30"));

        (await world.BalanceAsync(account)).Should().Be(-1.00m, "1.00 less 1.50 less 0.50");
        (await AlertsAsync(world)).Should().ContainSingle().Which.Text.Should().Be("C1 has -0.50 INR: overdrawn.");
    }

    [Test]
    public async Task T_12_each_level_is_told_when_the_balance_comes_down_to_it_and_again_after_it_recovered()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,10.00\n", money: "120");

        await world.ReportAsync(Call("1", 120)); // 100.00: low
        await world.ReportAsync(Call("2", 60, at: "2026-11-20T11:00:00+05:30")); // 90.00
        await world.ReportAsync(Call("3", 240, at: "2026-11-20T12:00:00+05:30")); // 50.00: critical
        await world.SendAsync(new AdjustCredit(world.World.CustomerId, "100", "payment") { Account = account.Id.Value }); // 150.00
        await world.ReportAsync(Call("4", 660, at: "2026-11-20T13:00:00+05:30")); // 40.00: both

        (await AlertsAsync(world)).Select(alert => (string)alert.Facts["level"]).Should().BeEquivalentTo(["low", "critical", "low", "critical"]);
    }

    [Test]
    public async Task A_postpaid_call_is_rated_and_counted_and_takes_nothing_from_the_balance()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(mode: "postpaid");

        var call = (await world.ReportAsync(Call("1", 90))).Single();

        call.Amount.Should().Be(Rupees(1.20m));
        call.Rating!.Journal.Should().BeNull();
        (await world.StatementAsync(account)).Should().BeEmpty();
        (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single().Value.Amount.Should().Be(Rupees(1.20m));
    }

    [Test]
    public async Task Usage_counts_in_the_month_of_the_call_in_the_zone_of_the_account_however_late_it_comes()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(mode: "postpaid");

        // 18:29:59 UTC is 23:59:59 in Kolkata.
        await world.ReportAsync(Call("1", 60, at: "2026-09-30T18:29:59+00:00"), Call("2", 60, at: "2026-09-30T18:30:00+00:00"));

        var usage = await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-09", ToMonth = "2026-11" });
        usage.Select(count => (count.Key.Month, count.Key.Line, count.Value.Calls)).Should().Equal(
            ("2026-09", new LineRef(LineKind.AccountCode, "ACC-1"), 1L), ("2026-10", new LineRef(LineKind.AccountCode, "ACC-1"), 1L));
    }

    [Test]
    public async Task AC_30_what_had_no_price_is_rated_after_the_missing_prefix_came_and_says_what_it_said()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var unrated = await world.ReportAsync(Call("1", 60, "971000000000"), Call("2", 60, "971000000001"), Call("3", 60, "971000000002"));
        unrated.Should().OnlyContain(call => call.Reason == UnratedReason.NoRate);
        (await world.SendAsync(new RetryCalls())).Calls.Should().Be(3);
        await world.World.RunJobsAsync();
        (await world.SendAsync(new GetCall(unrated[0].Id.Value))).Reason.Should().Be(UnratedReason.NoRate, "nothing has come yet");

        await world.DeckAsync("starter", V1 + "971,3.00\n", "1970-01-02T00:00:00Z");
        (await world.SendAsync(new RetryCalls { Reason = "no_rate" })).Should().Be(new RetriedCalls(3, AreMore: false));
        await world.World.RunJobsAsync();

        foreach (var before in unrated)
        {
            var after = await world.SendAsync(new GetCall(before.Id.Value));
            after.Amount.Should().Be(Rupees(3.00m));
            after.Record.Should().BeEquivalentTo(before.Record);
        }

        (await world.BalanceAsync(account)).Should().Be(91.00m);
        (await world.SendAsync(new RetryCalls())).Calls.Should().Be(0);
    }

    [Test]
    public async Task A_call_that_nobody_is_known_for_waits_and_is_charged_to_whoever_gets_its_line()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var stray = (await world.ReportAsync(Call("1", 60, code: "ACC-9"))).Single();
        stray.Should().Match<Call>(call => call.State == CallState.Unrated && call.Reason == UnratedReason.NoAccount && call.Account == null);

        await world.SendAsync(new AddLine(account.Id.Value, new LineRef(LineKind.AccountCode, "ACC-9")));
        (await world.SendAsync(new RetryCalls { Call = stray.Id.Value })).Calls.Should().Be(1);
        await world.World.RunJobsAsync();

        (await world.SendAsync(new GetCall(stray.Id.Value))).Should().Match<Call>(call => call.Account == account.Id && call.Amount == Rupees(0.60m));
        (await world.BalanceAsync(account)).Should().Be(99.40m);
    }

    [Test]
    public async Task Being_called_costs_nothing_unless_a_plan_says_so()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var inbound = Call("1", 60, "918041000000") with { Direction = CallDirection.Inbound };
        (await world.ReportAsync(inbound)).Single().State.Should().Be(CallState.Zero);

        await world.DeckAsync("tollfree", "prefix,price\n91,0.30\n");
        await world.PlanAsync("tollfree");
        await world.SendAsync(new AssignPlan(account.Id.Value, "tollfree") { Use = "inbound", From = "2026-11-01T00:00:00Z" });
        (await world.ReportAsync(inbound with { ExternalId = "2" })).Single().Amount.Should().Be(Rupees(0.30m));
    }

    [Test]
    public async Task A_leg_beside_the_charged_one_is_kept_and_costs_nothing()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");

        var call = (await world.ReportAsync(Call("b-1", 60) with { IsCharged = false, LinkedTo = "a-1" })).Single();

        (call.State, call.Record.LinkedTo, call.Amount).Should().Be((CallState.NotCharged, "a-1", null));
        (await world.BalanceAsync(account)).Should().Be(100m);
    }

    [Test]
    public async Task Two_hundred_calls_at_once_some_told_twice_to_two_processes_end_at_the_exact_balance()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,1.99\n", money: "100");
        await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("free", BucketKind.Seconds, 50 * 60) { Unit = 60 }) { From = "2026-11-01T00:00:00Z" });
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];
        var other = world.World.NewProcess("p3");

        // Forty at a time: a server has so many connections for all cases together.
        await Parallel.ForEachAsync(Enumerable.Range(0, 260), new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (number, ended) =>
            (await processes[number % 2].SendAsync(new ReportCalls([Call($"{number % 200}", 60)]), world.House, ended)).Value.Single().Refusal.Should().BeNull());
        await Task.WhenAll(world.World.RunJobsAsync(), other.GetRequiredService<JobLoop>().RunDueAsync());
        await world.World.RunJobsAsync();

        // Fifty minutes are free, 150 cost 1.99: 298.50 of 100.00.
        (await world.BalanceAsync(account)).Should().Be(-198.50m);
        var totals = await world.SendAsync(new GetCallTotals());
        totals.Should().ContainSingle().Which.Should().Match<CallTotals>(one => one.State == CallState.Rated && one.Calls == 200 && one.Amount == Rupees(298.50m));
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left.Should().Be(0);
        (await AlertsAsync(world)).Select(alert => alert.Facts["level"]).Should().OnlyHaveUniqueItems();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_process_that_dies_at_the_commit_of_a_charge_leaves_one_charge_to_the_next(bool isCommitted)
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        await world.SendAsync(new ReportCalls([Call("1", 60), Call("2", 60)]));
        var dying = world.World.NewProcess("dying", inner => new DyingStorage(inner, isCommitted));

        await dying.GetRequiredService<JobLoop>().RunDueAsync();
        (await world.BalanceAsync(account)).Should().Be(isCommitted ? 98.80m : 100m);

        world.World.Clock.Advance(Duration.FromMinutes(5));
        await world.World.RunJobsAsync();
        (await world.BalanceAsync(account)).Should().Be(98.80m);
        (await world.StatementAsync(account)).Should().HaveCount(2, "the payment and one charge");
    }

    [Test]
    public async Task Another_tenant_sees_none_of_it_and_may_use_the_same_names()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(money: "100");
        var call = (await world.ReportAsync(Call("1", 60))).Single();
        var stranger = Caller.OfCustomer(World.Tenant, Id<Customers.Customer>.Parse("cus_other"));

        (await world.World.Relier.SendAsync(new GetCall(call.Id.Value), stranger)).Refusal!.Code.Should().Be("not_found");
        (await world.World.Relier.SendAsync(new ListCalls(), stranger)).Value.Data.Should().BeEmpty();
        (await world.World.Relier.SendAsync(new GetUsageAccount(call.Account!.Value.Value), stranger)).Refusal!.Code.Should().Be("not_found");
        (await world.World.Relier.SendAsync(new ReportCalls([Call("2", 60)]), stranger)).Refusal!.Code.Should().Be("forbidden", "nobody reports their own calls");
        (await world.World.Relier.SendAsync(new ListCalls(), world.World.Reseller)).Value.Data.Should().ContainSingle();
    }

    private static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);

    private static async Task<IReadOnlyList<Alert>> AlertsAsync(RatingWorld world) => (await world.SendAsync(new ListAlerts { Limit = 100 })).Data;

    /// <summary>Dies where a charge is committed: before, or after and before anybody heard of it.</summary>
    private sealed class DyingStorage(IStorage inner, bool isCommitted) : IStorage
    {
        public async Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            isCommitted
                ? Die(await inner.RunAsync(tenant, work, cancellationToken))
                : await inner.RunAsync(tenant, async session => Die(await work(session)), cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

        private static T Die<T>(T result) => result is int and > 0 ? throw new StorageUnavailableException("The process is gone.") : result;
    }
}
