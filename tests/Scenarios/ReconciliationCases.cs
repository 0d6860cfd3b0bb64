using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>The acceptance cases of reconciliation by their numbers, on every engine.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class ReconciliationCases(Engine engine)
{
    private static readonly Caller Second = Caller.OfAdmin(World.Tenant, "jorge");

    [Test]
    public async Task Case_58_every_line_and_every_submission_falls_into_one_class_and_the_unknown_settles_itself()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 8);
        var failed = await OrderAsync(world, "5512399001");
        var unknown = await OrderAsync(world, "5512399004");
        (failed.State, unknown.State).Should().Be((TopUpState.Failed, TopUpState.Unknown));
        var file = new StatementFile();
        foreach (var topUp in good.Take(6)) file.With(topUp);
        file.With(good[6], amount: 19.99m).With(failed).With(unknown)
            .With(world.Clock.Now(), "LT99999999", "7001", "RLR9", "5599999999", 20m).Again(0);

        var trial = (await world.Relier.SendAsync(world.Complete(file) with { DryRun = true }, world.House)).Value;
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Unknown, "a trial keeps nothing");
        var run = (await world.Relier.SendAsync(world.Complete(file), world.House)).Value;

        // 6 x 20.00; 19.99; five of 20.00 each, of which one is not in the file.
        var expected = new[]
        {
            "matched 6 120.00 MXN", "matched_amount_diff 1 19.99 MXN", "provider_delivered_we_failed 1 20.00 MXN", "provider_delivered_we_unknown 1 20.00 MXN",
            "provider_only 1 20.00 MXN", "our_only 1 20.00 MXN", "duplicate_at_provider 1 20.00 MXN",
        };
        run.Words().Should().Equal(expected);
        trial.Words().Should().Equal(expected);
        (run.State, run.Rows, run.Settled, run.IsFlagged).Should().Be((ReconciliationState.Done, 11, 1, false));
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Succeeded);
        (await world.FindAsync(failed)).State.Should().Be(TopUpState.Failed, "what was given back takes a person");
        // 8 delivered and charged, and the unknown one: 9 x 1.09 = 9.81.
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount).Should().Be(("9990.19", "0.00"));
        (await world.BreaksAsync(run, "open")).Should().HaveCount(5);
        (await world.BreaksAsync(run, "closed")).Should().ContainSingle().Which.Outcome.Should().Be(BreakOutcome.Settled);
        await world.ShouldBeSoundAsync();

        // The same lines again, in a file of another hash that takes its place: the same line by line, but for what is known now.
        var before = await world.FindingsAsync(run);
        var again = (await world.Relier.SendAsync(world.Complete(file) with { Content = file.ToStream("\r\n"), Supersedes = run.Id.Value }, world.House)).Value;
        (await world.FindingsAsync(again)).Should().Equal(before.Select(line => line.Replace("provider_delivered_we_unknown", "matched", StringComparison.Ordinal)));
        (await world.WalletAsync()).Posted.Amount.Should().Be("9990.19");
        (await world.BreaksAsync(run, "open")).Should().BeEmpty();
    }

    [Test]
    public async Task Case_60_a_file_counts_once_a_period_has_one_file_and_a_wrong_total_posts_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var unknown = await OrderAsync(world, "5512399004");
        var file = new StatementFile().With(unknown).With(world.Clock.Now(), "LT1", null, null, "5599999999", 1_541_008.50m - 20m);

        // 20.00 + 1,540,988.50 = 1,541,008.50.
        var wrong = (await world.Relier.SendAsync(world.Complete(file, "MXN=1007493.00"), world.House)).Refusal!;

        wrong.Code.Should().Be("control_total_mismatch");
        wrong.Facts["claimed"].Should().Be(Money.Of(1_007_493.00m, Currency.MXN));
        wrong.Facts["found"].Should().Be(Money.Of(1_541_008.50m, Currency.MXN));
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Unknown);
        var invalid = (await world.Relier.SendAsync(new GetReconciliation((string)wrong.Facts["run"]), world.House)).Value;
        (invalid.State, invalid.Classes.Length).Should().Be((ReconciliationState.Invalid, 0));

        var run = (await world.Relier.SendAsync(world.Complete(file, "MXN=1541008.50"), world.House)).Value;
        run.State.Should().Be(ReconciliationState.Done);

        var twice = (await world.Relier.SendAsync(world.Complete(file, "MXN=1541008.50"), world.House)).Refusal!;
        (twice.Code, twice.Facts["run"]).Should().Be(("statement_already_imported", run.Id.Value));
        var overlapping = (await world.Relier.SendAsync(world.Complete(new StatementFile().With(unknown)), world.House)).Refusal!;
        (overlapping.Code, overlapping.Facts["run"]).Should().Be(("period_overlaps", run.Id.Value));
        (await world.Relier.SendAsync(new ListReconciliations(), world.House)).Value.Data.Should().HaveCount(2, "a refused file leaves nothing behind");
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [TestCase("1.0000000001E+11")]
    [TestCase(" 100000000010 ")]
    [TestCase("100000000010.0")]
    [TestCase("'100000000010")]
    public async Task Case_61_an_id_that_a_spreadsheet_wrote_is_the_same_id(string written)
    {
        await using var world = await World.StartAsync(engine);
        var unknown = await OrderAsync(world, "5512352004");
        await SetOperatorReferenceAsync(world, unknown, "100000000010");

        var file = new StatementFile().With(world.Clock.Now(), null, written, null, "5512352004", 20m);
        var run = (await world.Relier.SendAsync(world.Statement(file), world.House)).Value;

        run.Words().Should().Equal("provider_delivered_we_unknown 1 20.00 MXN");
        (await world.FindingsAsync(run)).Should().Equal($"2 provider_delivered_we_unknown OperatorId {unknown.Id} 1");
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Succeeded, "the phone has a 52 inside and is the same phone");
    }

    [Test]
    public async Task Case_62_half_past_eleven_at_night_in_Mexico_City_is_the_same_settlement_day()
    {
        await using var world = await World.StartAsync(engine);
        // 23:30 in Mexico City is 05:30 of the next day in UTC.
        var night = Instant.FromUtc(2030, 3, 2, 5, 30);
        world.Clock.Advance(night - world.Clock.Now());
        await RefreshRateAsync(world);
        var topUp = await OrderAsync(world, "5512345000");

        var file = new StatementFile().With(topUp);
        var statement = world.Statement(file) with { From = "2030-03-01", To = "2030-03-02" };
        var run = (await world.Relier.SendAsync(statement, world.House)).Value;

        run.Words().Should().Equal("matched 1 20.00 MXN");
        run.RowsOutside.Should().Be(0);
    }

    [Test]
    public async Task Case_63_two_currencies_are_never_summed()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 3);
        var file = new StatementFile().With(good[0]).With(good[1]).With(good[2], currency: "USD", amount: 20m)
            .With(world.Clock.Now(), "LT77", null, null, "5599999999", 7.50m, currency: "USD");

        var run = (await world.Relier.SendAsync(world.Complete(file, "MXN=40.00", "USD=27.50"), world.House)).Value;

        run.Words().Should().Equal("matched 2 40.00 MXN", "provider_only 1 7.50 USD", "currency_mismatch 1 20.00 USD");
        run.Totals.Select(total => $"{total}").Should().Equal("40.00 MXN", "27.50 USD");
        run.Walks.Should().HaveCount(2);
    }

    [Test]
    public async Task Case_64_a_balance_that_does_not_follow_flags_the_run_even_if_every_line_matches()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 2);
        var attempt = good[1].Attempts[0];
        var file = new StatementFile().With(good[0])
            .With(attempt.StartedAt + Duration.FromSeconds(5), attempt.TransactionId, attempt.OperatorReference, attempt.ProviderReference, good[1].Phone.National, 20m, jump: -20m);

        var run = (await world.Relier.SendAsync(world.Complete(file, "MXN=40.00"), world.House)).Value;

        run.Words().Should().Equal("matched 2 40.00 MXN");
        run.IsFlagged.Should().BeTrue();
        run.IsComplete.Should().BeFalse();
        // 5,000.00 - 40.00 = 4,960.00 expected, 4,940.00 found; the second line, the file's third, does not follow.
        var walk = run.Walks.Should().ContainSingle().Subject;
        (walk.Opening.Amount, walk.Moved.Amount, walk.Closing.Amount, walk.Difference.Amount, walk.BrokenAt).Should().Be(("5000.00", "-40.00", "4940.00", "-20.00", 3));
    }

    [Test]
    public async Task Case_31_without_any_look_up_the_statement_says_what_became_of_it()
    {
        await using var world = await World.StartAsync(engine);
        var delivered = await OrderAsync(world, "5512377004");
        var lost = await OrderAsync(world, "5512388005");
        await world.PassAsync(Duration.FromHours(25), Duration.FromHours(1));
        (await world.FindAsync(lost)).State.Should().Be(TopUpState.InReview);
        (await world.WalletAsync()).Held.Amount.Should().Be("2.18");
        var file = new StatementFile().With(delivered);
        var period = world.Statement(file) with { From = Reconciling.Day(world, -1), To = Reconciling.Day(world, 0) };

        var incomplete = (await world.Relier.SendAsync(period with { DryRun = true }, world.House)).Value;
        incomplete.IsComplete.Should().BeFalse("nobody declared what it should come to");
        var run = (await world.Relier.SendAsync(period with { Rows = 1, Totals = ["MXN=20.00"] }, world.House)).Value;

        (run.IsComplete, run.Settled).Should().Be((true, 2));
        (await world.FindAsync(delivered)).State.Should().Be(TopUpState.Succeeded);
        var failed = await world.FindAsync(lost);
        (failed.State, failed.Code).Should().Be((TopUpState.Failed, "not_delivered"));
        failed.Evidence.Should().ContainSingle().Which.Source.Should().Be(EvidenceSource.Statement);
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount).Should().Be(("9998.91", "0.00"));
        var audit = (await world.Relier.SendAsync(new ListAudit { Subject = lost.Id.Value }, world.House)).Value.Data;
        audit.Should().ContainSingle(entry => entry.Action == "topup.evidence_added");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_statement_that_is_not_complete_proves_nothing_by_what_is_missing()
    {
        await using var world = await World.StartAsync(engine);
        var lost = await OrderAsync(world, "5512388005");
        await world.PassAsync(Duration.FromHours(24), Duration.FromHours(1));
        var file = new StatementFile().With(world.Clock.Now() - Duration.FromHours(24), "LT5", null, null, "5599999999", 20m, "FAIL");

        var run = (await world.Relier.SendAsync(
            world.Statement(file) with { From = Reconciling.Day(world, -1), To = Reconciling.Day(world, 0), Rows = 1 }, world.House)).Value;

        (run.Settled, run.IsComplete).Should().Be((0, false));
        (await world.FindAsync(lost)).IsHeld.Should().BeTrue();
        (await world.BreaksAsync(run, "open")).Should().Contain(one => one.Class == StatementClass.OurOnly && one.TopUp == lost.Id);
    }

    [Test]
    public async Task A_delivery_left_over_for_the_same_phone_keeps_absence_from_proving()
    {
        await using var world = await World.StartAsync(engine);
        var lost = await OrderAsync(world, "5512388005");
        await world.PassAsync(Duration.FromHours(24), Duration.FromHours(1));
        // The same phone at another amount: it may be this one.
        var file = new StatementFile().With(world.Clock.Now() - Duration.FromHours(24), "LT5", null, null, "5512388005", 23.20m);

        var run = (await world.Relier.SendAsync(
            world.Statement(file) with { From = Reconciling.Day(world, -1), To = Reconciling.Day(world, 0), Rows = 1, Totals = ["MXN=23.20"] }, world.House)).Value;

        (run.IsComplete, run.Settled).Should().Be((true, 0));
        (await world.FindAsync(lost)).IsHeld.Should().BeTrue();
    }

    [Test]
    public async Task What_we_gave_back_is_charged_late_when_a_person_has_the_statement_count_and_only_once()
    {
        await using var world = await World.StartAsync(engine);
        var failed = await OrderAsync(world, "5512399001");
        var run = (await world.Relier.SendAsync(world.Statement(new StatementFile().With(failed)), world.House)).Value;
        var found = (await world.BreaksAsync(run)).Should().ContainSingle().Subject;
        found.Class.Should().Be(StatementClass.ProviderDeliveredWeFailed);
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");

        var closed = (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "checked with the operator"), world.House)).Value;
        var again = (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "once more"), Second)).Refusal!;

        (closed.Outcome, closed.ClosedBy, again.Code).Should().Be((BreakOutcome.Applied, "admin:maria", "break_closed"));
        (await world.FindAsync(failed)).State.Should().Be(TopUpState.LateDelivered);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task What_only_looks_alike_moves_money_with_the_word_of_two_persons()
    {
        await using var world = await World.StartAsync(engine);
        var unknown = await OrderAsync(world, "5512399004");
        // No id that we know: the phone, the amount and the minute are all there is.
        var file = new StatementFile().With(unknown.Attempts[0].StartedAt, "LT123", null, null, "5512399004", 20m);
        var run = (await world.Relier.SendAsync(world.Statement(file), world.House)).Value;
        var found = (await world.BreaksAsync(run)).Should().ContainSingle().Subject;
        (found.Class, found.NeedsConfirmation, found.SettlesItself, run.Settled).Should().Be((StatementClass.ProviderDeliveredWeUnknown, true, false, 0));

        var first = (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "it is this one"), world.House)).Value;
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Unknown);
        var same = (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "I say it again"), world.House)).Refusal!;
        var second = (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "yes"), Second)).Value;

        (first.IsOpen, same.Code, second.Outcome).Should().Be((true, "second_person_required", BreakOutcome.Applied));
        (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Succeeded);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task What_they_took_back_is_refunded_when_a_person_says_so()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 1);
        // Both lines are there: the delivery, and its being taken back an hour later.
        var file = new StatementFile().With(good[0]).With(good[0], "REVERSED", later: Duration.FromHours(1));

        var run = (await world.Relier.SendAsync(world.Statement(file), world.House)).Value;
        run.Words().Should().Equal("matched 1 20.00 MXN", "reversed_not_refunded 1 20.00 MXN");
        var found = (await world.BreaksAsync(run)).Should().ContainSingle().Subject;
        (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "applied", "refund it"), world.House)).Value.IsOpen.Should().BeFalse();

        (await world.FindAsync(good[0])).State.Should().Be(TopUpState.Reversed);
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_delivery_that_a_later_file_lists_again_is_a_duplicate()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 1);
        await world.Relier.SendAsync(world.Statement(new StatementFile().With(good[0])), world.House);

        var next = (await world.Relier.SendAsync(world.Statement(new StatementFile().With(good[0], later: Duration.FromDays(2))), world.House)).Value;

        next.Words().Should().Equal("duplicate_at_provider 1 20.00 MXN");
    }

    [Test]
    public async Task Of_two_who_import_the_same_file_at_once_one_does()
    {
        await using var world = await World.StartAsync(engine);
        var unknown = await OrderAsync(world, "5512399004");
        var file = new StatementFile().With(unknown);

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => world.Relier.SendAsync(world.Statement(file), world.House))));

        both.Where(one => one.Refusal is null).Should().ContainSingle();
        both.Single(one => one.Refusal is not null).Refusal!.Code.Should().BeOneOf("statement_being_imported", "statement_already_imported");
        (await world.FindAsync(unknown)).Evidence.Should().ContainSingle();
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Of_two_files_about_one_day_at_once_one_counts()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 1);
        var files = new[] { new StatementFile().With(good[0]), new StatementFile().With(good[0], later: Duration.FromSeconds(3)) };

        var both = await Task.WhenAll(files.Select(file => Task.Run(() => world.Relier.SendAsync(world.Complete(file), world.House))));

        both.Where(one => one.Refusal is null).Should().ContainSingle().Which.Value.Words().Should().Equal("matched 1 20.00 MXN");
        both.Single(one => one.Refusal is not null).Refusal!.Code.Should().Be("period_overlaps");
        (await world.Relier.SendAsync(new ListReconciliations(), world.House)).Value.Data.Should().ContainSingle();
    }

    [Test]
    public async Task Whichever_commit_a_process_dies_at_the_next_import_of_the_file_ends_with_the_same_result_once()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 1);
        var unknown = await OrderAsync(world, "5512399004");
        var file = new StatementFile().With(good[0], amount: 19.99m).With(unknown);

        ReconciliationRun? run = null;
        var deaths = 0;
        for (; run is null; deaths++)
        {
            var process = world.NewProcess($"mortal-{deaths}", storage => new MortalStorage(storage, deaths));
            try
            {
                run = (await process.GetRequiredService<IRelier>().SendAsync(world.Complete(file, "MXN=39.99"), world.House)).Value;
            }
            catch (StorageUnavailableException)
            {
                world.Clock.Advance(Duration.FromMinutes(6));
            }
        }

        deaths.Should().BeGreaterThan(10, "there are so many commits to die at");
        run.Words().Should().Equal("matched_amount_diff 1 19.99 MXN", "provider_delivered_we_unknown 1 20.00 MXN");
        (run.State, run.Settled).Should().Be((ReconciliationState.Done, 1));
        (await world.FindAsync(unknown)).Evidence.Should().ContainSingle();
        (await world.FindingsAsync(run)).Should().HaveCount(2);
        (await world.BreaksAsync(run)).Should().HaveCount(2);
        (await world.Relier.SendAsync(new ListReconciliations(), world.House)).Value.Data.Should().ContainSingle();
        (await world.WalletAsync()).Posted.Amount.Should().Be("9997.82");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Another_tenants_people_see_none_of_it()
    {
        await using var world = await World.StartAsync(engine);
        var good = await DeliveredAsync(world, 1);
        var run = (await world.Relier.SendAsync(world.Statement(new StatementFile().With(good[0], amount: 19m)), world.House)).Value;
        var found = (await world.BreaksAsync(run)).Should().ContainSingle().Subject;
        var stranger = Caller.OfAdmin(TenantId.Parse("other"), "eve");

        (await world.Relier.SendAsync(new GetReconciliation(run.Id.Value), stranger)).Refusal!.Code.Should().Be("not_found");
        (await world.Relier.SendAsync(new CloseBreak(found.Id.Value, "accepted", "mine"), stranger)).Refusal!.Code.Should().Be("not_found");
        (await world.Relier.SendAsync(new ListBreaks(), stranger)).Value.Data.Should().BeEmpty();
        (await world.Relier.SendAsync(new ListReconciliations(), world.Reseller)).Refusal!.Code.Should().Be("forbidden");
    }

    private static async Task<List<TopUp>> DeliveredAsync(World world, int count)
    {
        var topUps = new List<TopUp>();
        for (var number = 0; number < count; number++)
        {
            topUps.Add(await OrderAsync(world, $"55123{number:D2}000"));
            topUps[^1].State.Should().Be(TopUpState.Succeeded);
        }

        return topUps;
    }

    private static async Task<TopUp> OrderAsync(World world, string phone) =>
        await world.FindAsync((await world.OrderAsync(phone, "20", $"R-{phone}")).Value.TopUp);

    private static Task SetOperatorReferenceAsync(World world, TopUp topUp, string reference) => world.Storage.RunAsync(
        World.Tenant,
        session => session.TopUps.UpdateAsync(topUp with { Attempts = [topUp.Attempts[0] with { OperatorReference = reference }] }, default),
        default);

    private static async Task RefreshRateAsync(World world) =>
        (await world.Relier.SendAsync(new Ledger.AddExchangeRate("MXN", "USD", "0.0544"), world.House)).Refusal.Should().BeNull();
}

/// <summary>A storage that is gone after so many transactions: what a process that dies there can still do is nothing.</summary>
internal sealed class MortalStorage(IStorage inner, int transactions) : IStorage
{
    private int _left = transactions;

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        Interlocked.Decrement(ref _left) >= 0 ? inner.RunAsync(tenant, work, cancellationToken) : Task.FromException<T>(new StorageUnavailableException("dead"));

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
}
