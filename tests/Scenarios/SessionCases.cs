using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using static Relier.Scenarios.RatingWorld;

namespace Relier.Scenarios;

/// <summary>Sessions from the first message to the call, whatever happens in between. Cases are those of rating (AC-) and of telecom billing (T-).</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class SessionCases(Engine engine)
{
    private const string OnePerMinute = "prefix,price\n91,1.00\n";

    [Test]
    public async Task AC_22_a_session_holds_charges_and_gives_back_and_becomes_a_call()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");

        var created = await CreateAsync(world, "1", 180);
        (created.Answer.Granted, created.Answer.Held, await AvailableAsync(world, account)).Should().Be((180L, Rupees(3), 7.00m));
        var updated = await world.SendAsync(new UpdateSession(created.Session.Id.Value, 2, 180, 180));
        (updated.Answer.Available, await AvailableAsync(world, account)).Should().Be((Rupees(4), 4.00m));
        var released = await world.SendAsync(new ReleaseSession(created.Session.Id.Value, 3, 200));
        var again = await world.SendAsync(new ReleaseSession(created.Session.Id.Value, 3, 200));

        again.Answer.Should().Be(released.Answer);
        (await AvailableAsync(world, account)).Should().Be(6.00m);
        (await HoldAsync(world, $"{created.Session.Id}/1")).State.Should().Be(HoldState.Released);
        (await HoldAsync(world, $"{created.Session.Id}/2")).State.Should().Be(HoldState.Released);
        (await world.StatementAsync(account)).Select(line => (line.Kind, line.Subject, line.Amount)).Take(2).Should().Equal(
            (JournalKind.UsageCharged, $"{created.Session.Id}/3", Rupees(-1)), (JournalKind.UsageCharged, $"{created.Session.Id}/2", Rupees(-3)));
        var call = await world.SendAsync(new GetCall(released.Answer.Call!.Value.Value));
        call.Should().Match<Call>(one => one.State == CallState.Rated && one.Amount == Rupees(4) && one.Record.Quantity == 200 && one.Record.ExternalId == "1" && one.Rating!.Billed == 240);
        var usage = (await world.SendAsync(new ListUsage(account.Id.Value))).Single();
        usage.Value.Should().Be(new UsageCount(1, 200, 240, Rupees(4)));
    }

    [Test]
    public async Task AC_24_five_at_once_share_what_there_is()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];

        var created = await Task.WhenAll(Enumerable.Range(1, 5).Select(number => Task.Run(() => processes[number % 2].SendAsync(Creation($"{number}", 180), world.House))));

        created.Select(one => one.Refusal is null ? one.Value.Answer.Granted : 0).Order().Should().Equal(0, 60, 180, 180, 180);
        created.Single(one => one.Refusal is not null).Refusal!.Code.Should().Be("insufficient_credit");
        var wallet = (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Wallet;
        (wallet.Held, wallet.Available).Should().Be((Rupees(10), Rupees(0)));
    }

    [Test]
    public async Task AC_25_three_slices_of_37_s_cost_what_111_s_cost()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price,first,next\n91,1.99,1,1\n", money: "100");
        var session = (await CreateAsync(world, "1", 37)).Session.Id.Value;

        await world.SendAsync(new UpdateSession(session, 2, 37, 37));
        await world.SendAsync(new UpdateSession(session, 3, 74, 37));
        var released = await world.SendAsync(new ReleaseSession(session, 4, 111));

        (released.Answer.Charged, await world.BalanceAsync(account)).Should().Be((Rupees(3.6815m), 96.3185m));
    }

    [Test]
    public async Task T_12_below_zero_nothing_new_is_let_through_and_calls_that_cost_nothing_are()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price\n91,0.50\n9199,0\n", money: "1");
        await world.ReportAsync(Call("1", 180));
        (await world.BalanceAsync(account)).Should().Be(-0.50m);

        var asked = await world.SendAsync(new AuthoriseCall(Call("2", 0)) { StartsNow = true });
        var free = await world.SendAsync(new AuthoriseCall(Call("2", 0, "9199000")) { StartsNow = true });
        var refused = (await world.World.Relier.SendAsync(Creation("2", 60), world.House)).Refusal!;

        (asked.IsAllowed, asked.Quantity, asked.Reason).Should().Be((false, 0L, "insufficient_credit"));
        (free.IsAllowed, free.Quantity).Should().Be((true, AuthoriseCall.MaxSecondsDefault));
        (refused.Code, refused.Facts["available"]).Should().Be(("insufficient_credit", Rupees(-0.50m)));
    }

    [Test]
    public async Task An_authorisation_says_how_long_a_call_may_last_and_sets_nothing_aside()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "2.50");

        var asked = await world.SendAsync(new AuthoriseCall(Call("1", 0)) { StartsNow = true });
        var unknown = await world.SendAsync(new AuthoriseCall(Call("1", 0, code: "nobody")) { StartsNow = true });
        await world.SendAsync(new ChangeUsageAccount(account.Id.Value) { Status = "suspended" });
        var suspended = await world.SendAsync(new AuthoriseCall(Call("1", 0)) { StartsNow = true });

        (asked.IsAllowed, asked.Quantity, asked.Reason).Should().Be((true, 120L, "insufficient_credit"));
        (unknown.Reason, suspended.Reason).Should().Be(("no_account", "account_not_active"));
        (await AvailableAsync(world, account)).Should().Be(2.50m);
    }

    [Test]
    public async Task One_message_told_to_two_processes_at_once_counts_once_and_of_two_with_one_number_one_counts()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "100");
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];

        var created = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => processes[number % 2].SendAsync(Creation("1", 60), world.House))));
        var session = created[0].Value.Session.Id.Value;
        created.Should().OnlyContain(one => one.Value.Session.Id.Value == session && one.Value.Answer == created[0].Value.Answer);

        var updated = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => processes[number % 2].SendAsync(new UpdateSession(session, 2, 60, 60), world.House))));
        updated.Should().OnlyContain(one => one.Value.Answer == updated[0].Value.Answer);

        var different = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() => processes[number % 2].SendAsync(new UpdateSession(session, 3, 60 + number, 60), world.House))));
        different.Count(one => one.Refusal is null).Should().Be(1);
        different.Where(one => one.Refusal is not null).Should().OnlyContain(one => one.Refusal!.Code == "sequence_conflict" && (string)one.Refusal.Facts["expected"] == "4");
        (await world.SendAsync(new GetSession(session))).Sequence.Should().Be(3);
        (await world.StatementAsync(account)).Count(line => line.Kind == JournalKind.UsageCharged).Should().BeInRange(1, 2);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_process_that_dies_at_any_commit_leaves_all_of_a_message_or_nothing_and_the_message_again_is_one_message(bool isCommitted)
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var dying = world.World.NewProcess("dying", inner => new DyingStorage(inner, isCommitted)).GetRequiredService<IRelier>();

        var created = await TwiceAsync(Creation("1", 180), isCommitted ? 7.00m : 10.00m);
        var session = created.Session.Id.Value;
        await TwiceAsync(new UpdateSession(session, 2, 180, 180), isCommitted ? 4.00m : 7.00m);
        await TwiceAsync(new ReleaseSession(session, 3, 200), isCommitted ? 6.00m : 4.00m);

        (await AvailableAsync(world, account)).Should().Be(6.00m);
        (await world.StatementAsync(account)).Should().HaveCount(3, "the payment and two charges");
        (await world.SendAsync(new ListCalls())).Data.Should().ContainSingle();

        async Task<SessionReply> TwiceAsync(IUseCase<SessionReply> message, decimal availableAfterDeath)
        {
            await FluentActions.Awaiting(() => dying.SendAsync(message, world.House)).Should().ThrowAsync<StorageUnavailableException>();
            (await AvailableAsync(world, account)).Should().Be(availableAfterDeath);
            return await world.SendAsync(message);
        }
    }

    [Test]
    public async Task A_session_from_which_nothing_is_heard_is_charged_for_what_was_granted_last_and_that_is_written_down()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 60)).Session.Id.Value;
        await world.SendAsync(new UpdateSession(session, 2, 60, 120) { ValidSeconds = 30 });

        world.World.Clock.Advance(Duration.FromSeconds(29));
        await PassAsync(world);
        (await world.SendAsync(new GetSession(session))).State.Should().Be(SessionState.Open);
        world.World.Clock.Advance(Duration.FromSeconds(11));
        var other = world.World.NewProcess("p2");
        await FireAsync(world);
        await Task.WhenAll(world.World.RunJobsAsync(), other.GetRequiredService<JobLoop>().RunDueAsync());

        var ended = await world.SendAsync(new GetSession(session));
        (ended.State, ended.IsExpired, ended.Used, ended.Charged, await AvailableAsync(world, account)).Should().Be((SessionState.Released, true, 180L, Rupees(3), 7.00m));
        var late = (await world.World.Relier.SendAsync(new UpdateSession(session, 3, 90, 60), world.House)).Refusal!;
        (late.Code, late.Facts["used"], late.Facts["charged"], late.Facts["call"]).Should().Be(("session_ended", "180", Rupees(3), ended.Call!.Value.Value));
        (await world.SendAsync(new UpdateSession(session, 2, 60, 120) { ValidSeconds = 30 })).Answer.Granted.Should().Be(120, "it is told what it was told");
        (await world.SendAsync(new ListAudit { Subject = session })).Data.Should().ContainSingle().Which.Action.Should().Be("session.expired");
    }

    [Test]
    public async Task A_session_that_cannot_be_ended_keeps_no_other_waiting()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(OnePerMinute, money: "10");
        var sessions = new List<string> { (await CreateAsync(world, "1", 60)).Session.Id.Value };
        world.World.Clock.Advance(Duration.FromSeconds(1));
        sessions.Add((await CreateAsync(world, "2", 60)).Session.Id.Value);
        world.World.Clock.Advance(Duration.FromMinutes(6));
        await FireAsync(world);
        var ends = 0;
        var broken = world.World.NewProcess("broken", inner => new BrokenStorage(inner, () => ++ends == 1));

        await broken.GetRequiredService<JobLoop>().RunDueAsync();

        (await StatesAsync()).Should().Equal(SessionState.Open, SessionState.Released);
        (await world.SendAsync(new ListJobs { Kind = "sessions.expire" })).Data.Should().BeEmpty("the next turn can begin");
        await PassAsync(world);
        (await StatesAsync()).Should().Equal(SessionState.Released, SessionState.Released);

        async Task<List<SessionState>> StatesAsync() => [(await world.SendAsync(new GetSession(sessions[0]))).State, (await world.SendAsync(new GetSession(sessions[1]))).State];
    }

    [Test]
    public async Task A_process_that_dies_where_a_session_expires_leaves_it_to_the_next()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 60)).Session.Id.Value;
        world.World.Clock.Advance(Duration.FromMinutes(6));
        await FireAsync(world);

        await world.World.NewProcess("dying", inner => new DyingStorage(inner, isCommitted: false)).GetRequiredService<JobLoop>().RunDueAsync();
        (await world.SendAsync(new GetSession(session))).State.Should().Be(SessionState.Open);
        world.World.Clock.Advance(Duration.FromMinutes(6));
        await world.World.RunJobsAsync();

        (await world.BalanceAsync(account)).Should().Be(9.00m);
        (await world.SendAsync(new ListAudit { Subject = session })).Data.Should().ContainSingle();
    }

    [TestCase(100, 8.00)]
    [TestCase(240, 6.00)]
    public async Task A_record_of_the_call_ends_its_session_with_its_own_quantity(long seconds, decimal balance)
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 180)).Session.Id.Value;
        await world.SendAsync(new UpdateSession(session, 2, 180, 180));

        var call = (await world.ReportAsync(Call("1", seconds, code: "nobody's"))).Single();
        var again = (await world.SendAsync(new ReportCalls([Call("1", seconds, code: "nobody's")]))).Single();

        (call.State, call.Account, again.Receipt!.Fate).Should().Be((CallState.Rated, account.Id, CallFate.Duplicate));
        (await world.BalanceAsync(account), await AvailableAsync(world, account)).Should().Be((balance, balance));
        var ended = await world.SendAsync(new GetSession(session));
        (ended.State, ended.Used, ended.Call).Should().Be((SessionState.Released, seconds, call.Id));
        (await world.World.Relier.SendAsync(new ReleaseSession(session, 3, 180), world.House)).Refusal!.Code.Should().Be("session_ended");
    }

    [Test]
    public async Task A_release_behind_the_record_of_the_call_charges_by_the_record_once()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 180)).Session.Id.Value;

        await world.SendAsync(new ReportCalls([Call("1", 61)]));
        var released = await world.SendAsync(new ReleaseSession(session, 2, 60));
        await world.World.RunJobsAsync();

        (released.Answer.Charged, await world.BalanceAsync(account)).Should().Be((Rupees(2), 8.00m));
        (await world.SendAsync(new ListCalls())).Data.Should().ContainSingle().Which.Should().Match<Call>(call => call.State == CallState.Rated && call.Record.Quantity == 61);
    }

    [Test]
    public async Task A_record_behind_the_release_is_a_duplicate_when_it_says_the_same_quantity()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 180)).Session.Id.Value;
        var call = (await world.SendAsync(new ReleaseSession(session, 2, 61))).Answer.Call;

        var same = (await world.SendAsync(new ReportCalls([Call("1", 61)]))).Single();
        await world.World.RunJobsAsync();

        (same.Receipt!.Fate, same.Call!.Id, await world.BalanceAsync(account)).Should().Be((CallFate.Duplicate, call!.Value, 8.00m));
    }

    [TestCase(62, 8.00, false)]
    [TestCase(200, 6.00, false)]
    [TestCase(30, 9.00, true)]
    [TestCase(0, 10.00, true)]
    public async Task A_record_that_comes_after_the_end_and_says_another_quantity_is_what_is_charged_once(long seconds, decimal balance, bool isExpired)
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", isExpired ? 120 : 180)).Session.Id.Value;
        world.World.Clock.Advance(Duration.FromMinutes(6));
        if (isExpired) await PassAsync(world);
        else await world.SendAsync(new ReleaseSession(session, 2, 61));
        (await world.BalanceAsync(account)).Should().Be(8.00m);
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];

        var told = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => processes[number % 2].SendAsync(new ReportCalls([Call("1", seconds)]), world.House))));
        var other = (await world.SendAsync(new ReportCalls([Call("1", seconds + 60)]))).Single();
        await world.World.RunJobsAsync();

        told.Select(one => one.Value.Single().Receipt!.Fate).Order().Should().Equal([.. Enumerable.Repeat(CallFate.Duplicate, 5), CallFate.Corrected]);
        (other.Receipt!.Fate, other.Refusal!.Code).Should().Be((CallFate.Conflict, "call_conflict"));
        (await world.BalanceAsync(account)).Should().Be(balance);
        var call = (await world.SendAsync(new ListCalls())).Data.Should().ContainSingle().Subject;
        (call.Record, call.State, call.Batch, call.RatingVersion).Should().Be((call.Record with { Quantity = seconds, Cause = "NORMAL_CLEARING", AnsweredAt = At("2026-11-20T10:00:00+05:30") }, seconds == 0 ? CallState.Zero : CallState.Rated, (string?)null, 2));
        var minutes = (seconds + 59) / 60;
        (await world.SendAsync(new ListUsage(account.Id.Value))).Where(used => used.Value.Calls > 0).Should().ContainSingle().Which.Value.Should().Be(new UsageCount(1, seconds, minutes * 60, Rupees(minutes)));
        (await world.StatementAsync(account)).Where(line => line.Kind == JournalKind.UsageRecharged).Select(line => line.Amount).Should().Equal(balance == 8m ? [] : [Rupees(balance - 8m)]);
    }

    [Test]
    public async Task A_late_record_in_a_file_gives_included_minutes_back_by_the_price_of_the_session()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("included minutes", BucketKind.Seconds, 120)) { From = "2026-01-01T00:00:00Z" });
        await world.SendAsync(new ReleaseSession((await CreateAsync(world, "1", 180)).Session.Id.Value, 2, 179));
        await world.SendAsync(new ReleaseSession((await CreateAsync(world, "2", 60)).Session.Id.Value, 2, 1));
        (await world.BalanceAsync(account)).Should().Be(8.00m);
        await world.DeckAsync("starter", "prefix,price\n91,5.00\n");

        var import = await ImportAsync();
        var again = await ImportAsync();

        (import.New, import.Corrected, import.Conflicts, again.Corrected, again.Duplicates).Should().Be((0, 2, 0, 0, 2));
        var bucket = (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single().Content.Left;
        // The first lasted one minute, which the bucket paid for; the second three at the price of then, of which the bucket paid for one.
        (bucket, await world.BalanceAsync(account)).Should().Be((0m, 8.00m));

        async Task<CallImport> ImportAsync()
        {
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("id,to,start,billsec,account_code\n1,918041000000,2026-11-20 10:00:00,60,ACC-1\n2,918041000000,2026-11-20 10:00:00,180,ACC-1\n"));
            return await world.SendAsync(new ImportCalls(content, "fs-1") { Zone = "Asia/Kolkata" });
        }
    }

    [Test]
    public async Task A_late_record_changes_nothing_while_the_charge_is_disputed_and_when_it_has_no_price()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        var call = (await world.SendAsync(new ReleaseSession((await CreateAsync(world, "1", 180)).Session.Id.Value, 2, 61))).Answer.Call!.Value;

        var unpriced = (await world.SendAsync(new ReportCalls([Call("1", 200, to: "15550000000")]))).Single();
        var incoming = (await world.SendAsync(new ReportCalls([Call("1", 200) with { Direction = CallDirection.Inbound }]))).Single();
        await world.SendAsync(new OpenDispute(call.Value, "never called"));
        var disputed = (await world.SendAsync(new ReportCalls([Call("1", 200)]))).Single();

        new[] { unpriced, incoming, disputed }.Select(one => one.Receipt!.Fate).Should().AllBeEquivalentTo(CallFate.Conflict);
        (await world.BalanceAsync(account)).Should().Be(8.00m);
        (await world.SendAsync(new ListCallReports())).Data.Should().HaveCount(3).And.OnlyContain(report => report.State == CallReportState.Conflict);
    }

    [Test]
    public async Task A_call_that_is_known_begins_no_session_and_a_session_that_ended_begins_no_second_time()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(OnePerMinute, money: "10");
        var call = (await world.ReportAsync(Call("1", 60))).Single();
        var session = (await CreateAsync(world, "2", 60)).Session.Id.Value;
        await world.SendAsync(new ReleaseSession(session, 2, 10));

        var known = (await world.World.Relier.SendAsync(Creation("1", 60), world.House)).Refusal!;
        (known.Code, known.Facts["call"]).Should().Be(("call_known", call.Id.Value));
        (await world.World.Relier.SendAsync(Creation("2", 60), world.House)).Refusal!.Code.Should().Be("call_known");
    }

    [Test]
    public async Task What_is_under_way_keeps_its_price_whatever_is_activated_meanwhile_also_for_the_past()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 60)).Session.Id.Value;

        await world.DeckAsync("starter", "prefix,price\n91,2.00\n");
        var updated = await world.SendAsync(new UpdateSession(session, 2, 60, 60));
        var restarted = world.World.NewProcess("p2").GetRequiredService<IRelier>();
        var released = (await restarted.SendAsync(new ReleaseSession(session, 3, 90), world.House)).Value;
        var next = await CreateAsync(world, "2", 60);

        (updated.Answer.Charged, released.Answer.Charged, next.Answer.Held).Should().Be((Rupees(1), Rupees(2), Rupees(2)));
        (await world.SendAsync(new GetCall(released.Answer.Call!.Value.Value))).Rating!.DeckVersion.Should().Be(1);
    }

    [Test]
    public async Task Included_minutes_pay_first_and_are_set_aside_while_a_session_runs()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync(OnePerMinute, money: "10");
        await world.SendAsync(new GrantBucket(account.Id.Value, new Allowance("included minutes", BucketKind.Seconds, 120)) { From = "2026-01-01T00:00:00Z" });

        var session = (await CreateAsync(world, "1", 180)).Session.Id.Value;
        (await BucketAsync()).Should().Be((120m, 120m));
        await world.ReportAsync(Call("2", 60));
        await world.SendAsync(new UpdateSession(session, 2, 120, 60));
        (await BucketAsync()).Should().Be((0m, 0m));
        var released = await world.SendAsync(new ReleaseSession(session, 3, 121));

        (released.Answer.Charged, await world.BalanceAsync(account)).Should().Be((Rupees(1), 8.00m), "the other call found nothing left in the bucket");
        var call = await world.SendAsync(new GetCall(released.Answer.Call!.Value.Value));
        call.Rating!.Lines.Select(line => (line.Kind, line.Increments)).Should().Equal((ChargeLineKind.Bucket, 2L), (ChargeLineKind.Tier, 1L));

        async Task<(decimal, decimal)> BucketAsync() =>
            (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Buckets.Single() is var bucket ? (bucket.Content.Left, bucket.Reserved) : default;
    }

    [Test]
    public async Task Another_tenant_and_another_customer_find_no_session()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        await world.WithStarterAsync(OnePerMinute, money: "10");
        var session = (await CreateAsync(world, "1", 60)).Session.Id.Value;
        var elsewhere = TenantId.Parse("elsewhere");
        await world.World.Services.GetRequiredService<TenantDirectory>().EnsureAsync(elsewhere, "Elsewhere", DateTimeZone.Utc);

        foreach (var stranger in new[] { Caller.OfAdmin(elsewhere, "eve"), Caller.OfCustomer(World.Tenant, Id<Customers.Customer>.Parse("cus_other"), [Permission.ReportCalls]) })
        {
            (await world.World.Relier.SendAsync(new GetSession(session), stranger)).Refusal!.Code.Should().Be("not_found");
            (await world.World.Relier.SendAsync(new UpdateSession(session, 2, 0, 60), stranger)).Refusal!.Code.Should().Be("not_found");
            (await world.World.Relier.SendAsync(new ReleaseSession(session, 2, 0), stranger)).Refusal!.Code.Should().Be("not_found");
            (await world.World.Relier.SendAsync(Creation("1", 60), stranger)).Refusal!.Code.Should().Be("no_account");
        }

        (await world.World.Relier.SendAsync(new GetSession(session), world.World.Reseller)).Refusal!.Code.Should().Be("forbidden", "nobody reports their own calls");
    }

    [Test]
    public async Task Many_sessions_at_once_on_one_account_end_at_the_exact_balance()
    {
        await using var world = await RatingWorld.StartAsync(engine);
        var account = await world.WithStarterAsync("prefix,price,first,next\n91,1.99,1,1\n", money: "100");
        IRelier[] processes = [world.World.Relier, world.World.NewProcess("p2").GetRequiredService<IRelier>()];

        await Parallel.ForEachAsync(Enumerable.Range(0, 30), new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (number, ended) =>
        {
            var relier = processes[number % 2];
            var session = (await relier.SendAsync(Creation($"{number}", 37), world.House, ended)).Value.Session.Id.Value;
            (await relier.SendAsync(new UpdateSession(session, 2, 37, 37), world.House, ended)).Value.Answer.Granted.Should().Be(37);
            (await relier.SendAsync(new ReleaseSession(session, 3, 50), world.House, ended)).Value.Answer.Charged.Should().Be(Rupees(1.6583m));
        });

        // 50/60 of 1.99 is 1.658333…: thirty times 1.6583 of 100.00.
        (await world.BalanceAsync(account)).Should().Be(50.2510m);
        (await AvailableAsync(world, account)).Should().Be(50.2510m);
    }

    /// <summary>What the schedule does every ten seconds.</summary>
    private static Task FireAsync(RatingWorld world)
    {
        var schedule = world.World.Services.GetServices<Schedule>().Should().ContainSingle(one => one.Kind == "sessions.expire" && one.Every == Duration.FromSeconds(10)).Which;
        var now = world.World.Clock.Now();
        var job = new Job { Id = Ids.New<Job>("job", now), Tenant = World.Tenant, Kind = schedule.Kind, Subject = schedule.Name, RunAt = now, CreatedAt = now };
        return world.World.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(job, default);
                return true;
            },
            default);
    }

    private static async Task PassAsync(RatingWorld world)
    {
        await FireAsync(world);
        await world.World.RunJobsAsync();
    }

    private static CreateSession Creation(string id, long requested) => new(Call(id, 0), requested) { StartsNow = true };

    private static Task<SessionReply> CreateAsync(RatingWorld world, string id, long requested) => world.SendAsync(Creation(id, requested));

    private static Money Rupees(decimal amount) => Money.Of(amount, Currency.INR);

    private static async Task<decimal> AvailableAsync(RatingWorld world, UsageAccount account) => (await world.SendAsync(new GetUsageAccount(account.Id.Value))).Wallet.Available.ToDecimal();

    private static async Task<Hold> HoldAsync(RatingWorld world, string subject) =>
        (await world.World.Storage.RunAsync(World.Tenant, session => session.Ledger.FindHoldAsync(subject, default), default))!;

    /// <summary>Cannot end a session.</summary>
    private sealed class BrokenStorage(IStorage inner, Func<bool> breaks) : IStorage
    {
        public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            typeof(T) == typeof(bool) && breaks() ? throw new InvalidOperationException("This session cannot be ended.") : inner.RunAsync(tenant, work, cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
    }

    /// <summary>Dies where a message, or an expiry, is committed: before, or after and before anybody heard of it.</summary>
    private sealed class DyingStorage(IStorage inner, bool isCommitted) : IStorage
    {
        public async Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            isCommitted
                ? Die(await inner.RunAsync(tenant, work, cancellationToken))
                : await inner.RunAsync(tenant, async session => Die(await work(session)), cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

        private static T Die<T>(T result) => result is Outcome<SessionReply> or true ? throw new StorageUnavailableException("The process is gone.") : result;
    }
}
