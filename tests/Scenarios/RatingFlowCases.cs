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
        call.Rating.Buckets.Should().Equal(new BucketUse(bucket.Bucket.Id, 120));
        var usage = (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single();
        usage.Value.Should().Be(new UsageCount(2, (498 * 60) + 300, 503 * 60, Rupees(1.50m)));
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left.Should().Be(0);
    }

    [Test]
    public async Task A_bucket_is_granted_once_for_a_key_also_by_many_at_once_and_after_it_was_used()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.50\n", money: "100");
        var order = new GrantBucket(account.Id.Value, new Allowance("included minutes", BucketKind.Seconds, 120)) { IdempotencyKey = "november" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.SendAsync(order)));
        world.World.Clock.Advance(Duration.FromHours(1));
        await world.ReportAsync(Call("1", 60, at: $"{world.World.Clock.Now()}"));
        var later = await world.SendAsync(order);
        var other = await world.SendAsync(order with { IdempotencyKey = "december" });

        answers.Select(answer => answer.Bucket.Id).Distinct().Should().ContainSingle();
        answers.Count(answer => !answer.Replayed).Should().Be(1);
        // One minute of two is used; asked again, it is told as it is.
        (later.Replayed, later.Bucket.Id, later.Bucket.Content.Left).Should().Be((true, answers[0].Bucket.Id, 60m));
        (other.Replayed, other.Bucket.Content.Left).Should().Be((false, 120m));
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Should().HaveCount(2);
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
        (await world.SendAsync(new RetryCalls { Reason = "no_rate" })).Should().Be(new RetriedCalls(3, null));
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
    public async Task Calls_are_looked_at_again_part_by_part_until_the_oldest_and_two_who_ask_at_once_do_it_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        await world.ReportAsync([.. Enumerable.Range(0, 4).Select(number => Call($"new-{number}", 60, "49300000", at: $"2026-11-20T1{number}:00:00+05:30"))]);
        await world.ReportAsync([.. Enumerable.Range(0, 3).Select(number => Call($"old-{number}", 60, "971000000", at: $"2026-11-0{1 + number}T10:00:00+05:30"))]);
        await world.DeckAsync("starter", V1 + "971,3.00\n");

        var (asked, cursor) = (new List<int>(), (string?)null);
        do
        {
            var part = await world.SendAsync(new RetryCalls { Limit = 3, Cursor = cursor });
            await world.World.RunJobsAsync();
            asked.Add(part.Calls);
            cursor = part.NextCursor;
        }
        while (cursor is not null);

        asked.Should().Equal(3, 3, 1);
        (await world.BalanceAsync(account)).Should().Be(91.00m);
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];
        var both = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => processes[number % 2].SendAsync(new RetryCalls(), world.House))));
        both.Sum(one => one.Value.Calls).Should().Be(4, "nothing has come for the new ones, and each is looked at by one");
        (await world.World.Relier.SendAsync(new RetryCalls { Cursor = "x" }, world.House)).Refusal!.Code.Should().Be("cursor_invalid");
    }

    [Test]
    public async Task A_draft_that_a_plan_names_keeps_its_currency_after_it_was_discarded()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await ImportAsync("USD");
        await world.PlanAsync("dollars", "rest", "USD");
        await world.SendAsync(new DiscardDeck("rest", 1));

        (await ImportAsync("INR")).Refusal!.Should().Match<Refusal>(refusal => refusal.Code == "currency_differs" && (string)refusal.Facts["currency"] == "USD");
        (await ImportAsync("USD")).Value.Version.Should().Be(1);

        async Task<Outcome<DeckVersion>> ImportAsync(string currency)
        {
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(V1));
            return await world.World.Relier.SendAsync(new ImportDeck("rest", "deck.csv", content, currency), world.House);
        }
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
        (await AlertsAsync(world)).Select(alert => alert.Facts["level"]).Should().OnlyHaveUniqueItems().And.Contain("overdrawn");
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

    [Test]
    public async Task AC_28_a_corrected_price_gives_back_the_difference_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var before = (await world.ReportAsync(Call("1", 150), Call("2", 60, "912200000000"))).ToList();
        before[0].Amount.Should().Be(Rupees(1.80m), "three minutes at 0.60");
        await world.DeckAsync("starter", V1.Replace("918041,0.60", "918041,0.50", StringComparison.Ordinal));

        (await world.SendAsync(new RerateCalls { Deck = "starter", DryRun = true })).Should().BeEquivalentTo(new Rerating(2, 1, [Rupees(-0.30m)]));
        (await world.BalanceAsync(account)).Should().Be(100m - 1.80m - 1.00m, "a trial changes nothing");
        (await world.SendAsync(new RerateCalls { Deck = "starter" })).Should().BeEquivalentTo(new Rerating(2, 1, [Rupees(-0.30m)]));
        (await world.SendAsync(new RerateCalls { Deck = "starter" })).Should().BeEquivalentTo(new Rerating(2, 0, []));

        var after = await world.SendAsync(new GetCall(before[0].Id.Value));
        (after.Amount, after.Rating!.Version, after.Rating.DeckVersion).Should().Be((Rupees(1.50m), 2, 2));
        after.Record.Should().BeEquivalentTo(before[0].Record);
        (await world.World.Storage.RunAsync(World.Tenant, session => session.Calls.ListRatingsAsync(after.Id, default), default)).Single().Should().Be(before[0].Rating);
        var line = (await world.StatementAsync(account))[0];
        (line.Kind, line.Amount, line.Balance).Should().Be((JournalKind.UsageRecharged, Rupees(0.30m), Rupees(97.50m)));
        (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Sum(count => count.Value.Amount.ToDecimal()).Should().Be(2.50m);
        (await world.StatementAsync(account)).Count(one => one.Kind == JournalKind.UsageRecharged).Should().Be(1);
    }

    [Test]
    public async Task Calls_charged_again_take_from_the_buckets_in_the_order_in_which_they_took_place()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price,first,next\n91,0.60,60,60\n", money: "100");
        await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("free", BucketKind.Seconds, 180)) { From = "2026-11-01T00:00:00Z" });
        // The later call came first: it took two of three minutes, the earlier one the third and one at 0.60.
        await world.ReportAsync(Call("late", 120, at: "2026-11-20T12:00:00+05:30"));
        await world.ReportAsync(Call("early", 120, at: "2026-11-20T10:00:00+05:30"));
        (await world.BalanceAsync(account)).Should().Be(99.40m);
        await world.DeckAsync("starter", "prefix,price,first,next\n91,0.90,60,60\n");

        var rerating = await world.SendAsync(new RerateCalls());

        // Now the earlier one is free, and the later one pays one minute at 0.90: 0.30 more.
        rerating.Should().BeEquivalentTo(new Rerating(2, 2, [Rupees(0.30m)]));
        (await world.BalanceAsync(account)).Should().Be(99.10m);
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left.Should().Be(0);
        (await world.SendAsync(new ListCalls())).Data.Select(call => (call.Record.ExternalId, call.Amount!.Value.Amount)).Should().Equal(("late", "0.90"), ("early", "0.00"));
        (await world.SendAsync(new RerateCalls())).Changed.Should().Be(0);
    }

    [Test]
    public async Task What_the_last_of_many_calls_gives_back_is_for_the_first_ones()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price,first,next\n91,0.60,1,1\n44,0.60,1,1\n", money: "100");
        await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("free", BucketKind.Seconds, 550)) { From = "2026-11-01T00:00:00Z" });
        // One second each: the 500 and 50 of the hundred are free, 50 cost 0.01.
        await world.ReportAsync([.. Enumerable.Range(0, 500).Select(i => Call($"home {i}", 1, at: $"2026-11-20T10:{i / 60:00}:{i % 60:00}+05:30"))]);
        await world.ReportAsync([.. Enumerable.Range(0, 100).Select(i => Call($"away {i}", 1, "442071234567", $"2026-11-20T11:{i / 60:00}:{i % 60:00}+05:30"))]);
        (await world.BalanceAsync(account)).Should().Be(99.50m);
        await world.DeckAsync("starter", "prefix,price,first,next\n91,0.60,2,2\n");

        // Two seconds each: 275 of the 500 are free with what the hundred gave back, 225 cost 0.02; the hundred have no price any more.
        var expected = new Rerating(600, 600, [Rupees(4.00m)]);
        (await world.SendAsync(new RerateCalls { DryRun = true })).Should().BeEquivalentTo(expected);
        (await world.SendAsync(new RerateCalls())).Should().BeEquivalentTo(expected);

        (await world.BalanceAsync(account)).Should().Be(95.50m);
        (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left.Should().Be(0);
        (await world.SendAsync(new RerateCalls())).Should().BeEquivalentTo(new Rerating(500, 0, []));
        (await world.SendAsync(new VerifyLedger())).IsSound.Should().BeTrue();
    }

    [Test]
    public async Task A_prefix_that_went_takes_the_charge_with_it()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var call = (await world.ReportAsync(Call("1", 60, "15550000000"))).Single();
        call.Amount.Should().Be(Rupees(2.00m));
        await world.DeckAsync("starter", V1.Replace("1,2.00\n", "", StringComparison.Ordinal));

        await world.SendAsync(new RerateCalls());

        (await world.SendAsync(new GetCall(call.Id.Value))).Should().Match<Call>(after => after.State == CallState.Unrated && after.Reason == UnratedReason.NoRate && after.Rating == null);
        (await world.BalanceAsync(account)).Should().Be(100m);
        (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single().Value.Should().Be(new UsageCount(0, 0, 0, Rupees(0)));
    }

    [Test]
    public async Task A_call_whose_price_goes_and_comes_again_is_charged_again_each_time_and_every_price_is_kept()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var call = (await world.ReportAsync(Call("1", 60, "15550000000"))).Single();
        foreach (var price in new[] { "3.00", "4.00" })
        {
            await world.DeckAsync("starter", V1.Replace("1,2.00\n", "", StringComparison.Ordinal));
            await world.SendAsync(new RerateCalls());
            await world.DeckAsync("starter", V1.Replace("1,2.00\n", $"1,{price}\n", StringComparison.Ordinal));
            (await world.SendAsync(new RetryCalls())).Calls.Should().Be(1);
            await world.World.RunJobsAsync();
        }

        await world.DeckAsync("starter", V1);
        (await world.SendAsync(new RerateCalls())).Should().BeEquivalentTo(new Rerating(1, 1, [Rupees(-2)]));

        (await world.SendAsync(new GetCall(call.Id.Value))).Should().Match<Call>(after => after.Amount == Rupees(2) && after.RatingVersion == 6 && after.Rating!.Version == 6);
        (await world.World.Storage.RunAsync(World.Tenant, session => session.Calls.ListRatingsAsync(call.Id, default), default))
            .Select(old => (old.Version, old.Amount)).Should().Equal((1, Rupees(2)), (3, Rupees(3)), (5, Rupees(4)));
        (await world.StatementAsync(account)).Select(line => line.Amount.ToDecimal()).Take(6).Should().Equal(-2m + 4m, -4m, 3m, -3m, 2m, -2m);
        (await world.BalanceAsync(account)).Should().Be(98m);
    }

    [Test]
    public async Task A_file_is_charged_once_though_the_process_died_in_its_middle_and_lines_that_nobody_understands_are_kept_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.60\n", money: "100");
        const int Calls = 10_000;
        var csv = new System.Text.StringBuilder("id,to,start,billsec,account_code\n");
        for (var number = 0; number < Calls; number++) csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"c{number},918041000000,2026-11-{1 + (number % 20):D2} 10:00:00,{number % 90},ACC-1\n");
        csv.Append("broken,918041000000,yesterday,60,ACC-1\n");
        // Dies at the third part of its file; the first is tried twice, because its deck is not read yet.
        var parts = 0;
        var dying = world.World.NewProcess("dying", inner => new DyingAtPart(inner, () => ++parts == 4), services => ((RelierOptions)services.Single(service => service.ServiceType == typeof(RelierOptions)).ImplementationInstance!).ImportLinesAtOnce = 1_000);

        var importing = () => ImportAsync(dying.GetRequiredService<IRelier>());
        await importing.Should().ThrowAsync<StorageUnavailableException>();
        (await world.SendAsync(new GetCallTotals())).Sum(totals => totals.Calls).Should().Be(2_000);
        var again = await ImportAsync(world.World.Relier);
        var third = await ImportAsync(world.World.Relier);

        (again.Lines, again.New, again.Duplicates, again.Conflicts, again.Malformed).Should().Be((10_001, 8_000, 2_000, 0, 1));
        (third.New, third.Duplicates, third.Malformed).Should().Be((0, 10_000, 1));
        // Of 90 calls one lasts 0 s, 60 up to a minute, 29 up to two: 118 minutes. 111 times 90 are 9,990, then 0 to 9 s: nine minutes more.
        (await world.BalanceAsync(account)).Should().Be(100m - (((111 * 118) + 9) * 0.60m));
        (await world.World.Storage.RunAsync(World.Tenant, session => session.Calls.ListReportsAsync(CallReportState.Malformed, new PageRequest(null, 10), default), default))
            .Data.Should().ContainSingle().Which.Body.Should().StartWith("broken,");

        async Task<CallImport> ImportAsync(IRelier relier)
        {
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(csv.ToString()));
            return (await relier.SendAsync(new ImportCalls(content, "fs-1") { Zone = "Asia/Kolkata" }, world.House)).Value;
        }
    }

    [Test]
    public async Task What_calls_come_to_is_told_by_the_day_of_the_tenant_and_by_destination()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(money: "100");
        // The tenant is in Mexico City, six hours behind UTC.
        await world.ReportAsync(
            Call("1", 60, at: "2026-11-20T05:59:59+00:00"), Call("2", 60, at: "2026-11-20T06:00:00+00:00"), Call("3", 60, "912200000000", at: "2026-11-20T07:00:00+00:00"),
            Call("4", 60, "447000000000", at: "2026-11-20T08:00:00+00:00"));

        var days = await world.SendAsync(new AnalyseCalls { From = "2026-11-19T06:00:00Z", To = "2026-11-21T06:00:00Z" });
        var top = await world.SendAsync(new ListTopDestinations());

        days.Select(day => (day.From, day.Totals.State, day.Totals.Calls, day.Totals.Amount?.Amount)).Should().Equal(
            (At("2026-11-19T06:00:00+00:00"), CallState.Rated, 1L, "0.60"), (At("2026-11-20T06:00:00+00:00"), CallState.Rated, 2L, "1.60"), (At("2026-11-20T06:00:00+00:00"), CallState.Unrated, 1L, null));
        top.Select(one => (one.Destination, one.Calls, one.Amount!.Value.Amount)).Should().Equal(("918041", 2L, "1.20"), ("91", 1L, "1.00"));
        (await world.World.Relier.SendAsync(new AnalyseCalls { From = "2020-01-01", To = "2026-01-01", GroupBy = "hour" }, world.House)).Refusal!.Fields.Single().Code.Should().Be("too_many");
    }

    [TestCase("prepaid")]
    [TestCase("postpaid")]
    public async Task A_dispute_holds_its_charge_and_ends_with_a_credit(string mode)
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(mode: mode, money: "100");
        var call = (await world.ReportAsync(Call("1", 150))).Single();
        var customer = world.World.Reseller;

        var dispute = (await world.World.Relier.SendAsync(new OpenDispute(call.Id.Value, "never called"), customer)).Value;
        (await world.World.Relier.SendAsync(new OpenDispute(call.Id.Value, "again"), customer)).Refusal!.Code.Should().Be("call_disputed");
        (await world.World.Relier.SendAsync(new CloseDispute(dispute.Id.Value, "mine") { Accept = true }, customer)).Refusal!.Code.Should().Be("forbidden");
        await world.DeckAsync("starter", V1.Replace("918041,0.60", "918041,9.00", StringComparison.Ordinal));
        (await world.SendAsync(new RerateCalls())).Calls.Should().Be(0, "its charge is held");

        (await world.World.Relier.SendAsync(new CloseDispute(dispute.Id.Value, "test") { Accept = true, Credit = "1.81" }, world.House)).Refusal!.Code.Should().Be("credit_too_large");
        var ended = await world.SendAsync(new CloseDispute(dispute.Id.Value, "a test line") { Accept = true, Credit = "1.20" });
        (await world.World.Relier.SendAsync(new CloseDispute(dispute.Id.Value, "again"), world.House)).Refusal!.Code.Should().Be("dispute_closed");

        // Three minutes at 0.60 are 1.80; 1.20 goes back.
        (ended.State, ended.Credit, ended.Amount).Should().Be((DisputeState.Credited, Rupees(1.20m), Rupees(1.80m)));
        var after = await world.SendAsync(new GetCall(call.Id.Value));
        (after.Amount, after.Rating!.Version, after.Rating.Lines.Sum(line => line.Exact)).Should().Be((Rupees(0.60m), 2, 0.60m));
        (await world.BalanceAsync(account)).Should().Be(mode == "prepaid" ? 99.40m : 100m);
        (await world.SendAsync(new ListUsage(account.Id.Value) { FromMonth = "2026-11" })).Single().Value.Should().Be(new UsageCount(1, 150, 180, Rupees(0.60m)));
        (await world.SendAsync(new RerateCalls())).Calls.Should().Be(0, "what was decided stays");
        (await world.World.Relier.SendAsync(new ListDisputes { Status = "credited" }, customer)).Value.Data.Should().ContainSingle();
    }

    [Test]
    public async Task A_dispute_that_is_rejected_leaves_the_charge_as_it_was_and_no_longer_held()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(money: "100");
        var call = (await world.ReportAsync(Call("1", 150), Call("2", 0))).ToList();
        (await world.World.Relier.SendAsync(new OpenDispute(call[1].Id.Value, "free"), world.House)).Refusal!.Code.Should().Be("call_not_charged");
        var dispute = await world.SendAsync(new OpenDispute(call[0].Id.Value, "too long"));

        var endings = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() =>
            world.World.Relier.SendAsync(new CloseDispute(dispute.Id.Value, $"the switch says so, {number}") { Accept = number % 2 == 0 }, world.House))));

        endings.Count(ending => ending.Refusal is null).Should().Be(1, "it ends once");
        var isCredited = endings.Single(ending => ending.Refusal is null).Value.State == DisputeState.Credited;
        (await world.BalanceAsync(account)).Should().Be(isCredited ? 100m : 98.20m);
        (await world.SendAsync(new RerateCalls())).Calls.Should().Be(isCredited ? 1 : 2, "the call of no seconds is looked at too");
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

    /// <summary>Dies at a part of a file.</summary>
    private sealed class DyingAtPart(IStorage inner, Func<bool> dies) : IStorage
    {
        public Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            typeof(T).Name == "ChargedPart" && dies() ? throw new StorageUnavailableException("The process is gone.") : inner.RunAsync(tenant, work, cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
    }
}
