using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>
/// The acceptance cases about several providers, on every engine: Latcom at the other end of a socket, and behind it a
/// second one with another contract, which decides later and tells us.
/// </summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class ProviderCases(Engine engine)
{
    private static readonly WorldOptions Two = new() { Second = new CallbackProviderOptions() };

    /// <summary>Latcom lets nobody in with this number, so the second provider gets the order.</summary>
    private const string BlockedAtLatcom = "5512345012";

    [Test]
    public async Task Case_25_what_was_not_sent_is_delivered_by_the_second_provider_and_charged_once()
    {
        await using var world = await World.StartAsync(engine, Two);

        var taken = (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp;
        await DecideAndHearAsync(world);

        var topUp = await world.FindAsync(taken);
        topUp.State.Should().Be(TopUpState.Succeeded);
        topUp.Attempts.Select(attempt => (attempt.Provider, attempt.State)).Should().Equal(
            ("latcom", AttemptState.NotSent), (CallbackProvider.Id, AttemptState.Delivered));
        topUp.Attempts[1].ProviderReference.Should().MatchRegex("^[0-9]{23}$");
        world.Latcom.Deliveries.Should().BeEmpty();
        world.Second.Deliveries.Should().ContainSingle();
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        // 20.00 * 0.93 are owed to the second one, nothing to Latcom.
        (await PayableAsync(world, CallbackProvider.Id)).Should().Be("18.60 MXN");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_product_latcom_does_not_have_is_delivered_by_the_second_provider()
    {
        await using var world = await World.StartAsync(engine, Two);

        var taken = (await world.OrderAsync("5512345001", "20", "R1")).Value.TopUp;

        taken.State.Should().Be(TopUpState.Pending);
        taken.Attempts.Select(attempt => attempt.State).Should().Equal(AttemptState.Refused, AttemptState.Accepted);
    }

    [TestCase("5512345002", TopUpState.Failed)]
    [TestCase("5512345003", TopUpState.Unknown)]
    [TestCase("5512345005", TopUpState.Unknown)]
    public async Task What_the_second_provider_would_refuse_too_or_what_is_unknown_stays_with_the_first(string phone, TopUpState state)
    {
        await using var world = await World.StartAsync(engine, Two);

        var topUp = (await world.OrderAsync(phone, "20", "R1")).Value.TopUp;

        topUp.State.Should().Be(state);
        topUp.Attempts.Should().ContainSingle();
        world.Second.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task Case_28_a_provider_without_enough_funds_is_passed_over_before_anything_is_sent()
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, "latcom", "10.00");

        var topUp = (await world.OrderAsync("5512345000", "20", "R1")).Value.TopUp;

        topUp.Route!.Provider.Should().Be(CallbackProvider.Id);
        topUp.Attempts.Should().ContainSingle();
        world.Latcom.Deliveries.Should().BeEmpty();
    }

    [Test]
    public async Task Funds_are_what_was_put_in_less_what_was_delivered_and_what_is_under_way()
    {
        await using var world = await World.StartAsync(engine);
        await FundAsync(world, "latcom", "100.00");
        await world.OrderAsync("5512345000", "20", "R1");
        await world.OrderAsync("5512345004", "30", "R2");

        var report = (await world.Relier.SendAsync(new ListProviders(), world.House)).Value.Single();

        // 100.00 - 19.00 delivered - 28.50 unknown, each at 95 %.
        report.Standing.Funds!.Value.ToString().Should().Be("52.50 MXN");
        var poor = await world.OrderAsync("5512345000", "60", "R3");
        poor.Refusal!.Code.Should().Be("provider_unavailable");
        (await world.WalletAsync()).Held.Amount.Should().Be("1.63");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Funds_booked_twice_under_one_key_are_booked_once_and_another_currency_is_refused()
    {
        await using var world = await World.StartAsync(engine);
        var fund = new FundProvider("latcom", "5000.00", "MXN", "SPEI 4711") { IdempotencyKey = "k1" };

        var first = (await world.Relier.SendAsync(fund, world.House)).Value;
        var again = (await world.Relier.SendAsync(fund, world.House)).Value;
        var other = await world.Relier.SendAsync(fund with { Amount = "5001.00" }, world.House);
        var dollars = await world.Relier.SendAsync(new FundProvider("latcom", "5.00", "USD", "wire"), world.House);

        again.Journal.Id.Should().Be(first.Journal.Id);
        again.Funds.ToString().Should().Be("5000.00 MXN");
        other.Refusal!.Code.Should().Be("idempotency_key_reused");
        dollars.Refusal!.Code.Should().Be("currency_mismatch");
        await world.ShouldBeSoundAsync();
    }

    [TestCase("990")]
    [TestCase("993")]
    [TestCase("998")]
    [TestCase("970")]
    public async Task Case_34_a_result_that_decides_nothing_is_unknown_and_looked_up(string code)
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, "latcom", "1.00");

        var topUp = (await world.OrderAsync("5512345" + code, "20", "R1")).Value.TopUp;
        topUp.State.Should().Be(TopUpState.Unknown);
        world.Second.Decide();
        await world.PassAsync(Duration.FromSeconds(6), Duration.FromSeconds(6));

        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Succeeded);
        world.Second.Submissions.Should().ContainSingle();
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_41_five_unknowns_in_ten_minutes_close_a_provider_and_move_none_of_them()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { Second = new CallbackProviderOptions(), ExposureLimit = new ExposureLimit(5, []) });
        var unknowns = new List<TopUp>();
        for (var i = 1; i <= 5; i++) unknowns.Add((await world.OrderAsync($"551234{i}003", "20", $"R{i}")).Value.TopUp);

        var sixth = (await world.OrderAsync("5512345000", "20", "R6")).Value.TopUp;

        sixth.Route!.Provider.Should().Be(CallbackProvider.Id);
        foreach (var unknown in unknowns) (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Unknown);
        var exposure = (await world.Relier.SendAsync(new GetExposure(), world.House)).Value;
        exposure.Should().Contain(new Exposure("latcom", ExposureAge.Minutes, 5, Money.Parse("5.45", Currency.USD)));
        // After ten minutes they are still unknown, and no reason any more to give Latcom nothing.
        world.Clock.Advance(Duration.FromMinutes(11));
        (await world.OrderAsync("5512345000", "20", "R7")).Value.TopUp.Route!.Provider.Should().Be("latcom");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Submissions_that_fail_in_a_row_open_the_breaker_and_one_that_succeeds_closes_it()
    {
        var rule = new BreakerRule(0.5m, 4, Duration.FromSeconds(30), Duration.FromSeconds(30));
        await using var world = await World.StartAsync(engine, new WorldOptions { Breaker = rule });
        for (var i = 1; i <= 4; i++) await world.OrderAsync(BlockedAtLatcom, "20", $"R{i}");

        var refused = await world.OrderAsync("5512345000", "20", "R5");
        world.Clock.Advance(Duration.FromSeconds(31));
        var tried = (await world.OrderAsync("5512345000", "20", "R6")).Value.TopUp;

        refused.Refusal!.Code.Should().Be("provider_unavailable");
        tried.State.Should().Be(TopUpState.Succeeded);
        world.Latcom.Deliveries.Should().ContainSingle();
        (await world.WalletAsync()).Held.IsZero.Should().BeTrue();
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_provider_that_lets_nobody_in_gets_no_orders_until_it_does()
    {
        var isUp = false;
        await using var world = await World.StartAsync(engine, new WorldOptions { Second = new CallbackProviderOptions { IsUp = () => isUp } });
        await FundAsync(world, "latcom", "1.00");
        await RunAsync(world, "provider.probe");

        var refused = await world.OrderAsync("5512345000", "20", "R1");
        isUp = true;
        world.Clock.Advance(Duration.FromMinutes(1));
        await RunAsync(world, "provider.probe");
        var taken = await world.OrderAsync("5512345000", "20", "R1");

        refused.Refusal!.Code.Should().Be("provider_unavailable");
        taken.Value.TopUp.Route!.Provider.Should().Be(CallbackProvider.Id);
    }

    [Test]
    public async Task What_another_process_saw_of_a_provider_counts_here_too()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { Second = new CallbackProviderOptions { Withdrawn = () => true } });
        await FundAsync(world, "latcom", "1.00");
        var other = world.NewProcess("p2");
        await RunAsync(world, "provider.catalogue", other);
        world.Clock.Advance(Duration.FromSeconds(3));

        (await world.OrderAsync("5512345000", "20", "R1")).Refusal!.Code.Should().Be("provider_unavailable");
    }

    [Test]
    public async Task Our_books_are_held_against_what_the_provider_says_we_have()
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, CallbackProvider.Id, "1000.00", lowAt: "990.00");
        (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp.State.Should().Be(TopUpState.Pending);
        await DecideAndHearAsync(world);
        await RunAsync(world, "provider.balance");

        var second = await SecondAsync(world);
        second.Standing.Funds!.Value.ToString().Should().Be("981.40 MXN");
        second.Difference!.Value.IsZero.Should().BeTrue();
        second.IsLow.Should().BeTrue();

        await FundAsync(world, CallbackProvider.Id, "50.00");
        (await SecondAsync(world)).Difference!.Value.ToString().Should().Be("50.00 MXN", "the provider has not seen that transfer");
        await world.ShouldBeSoundAsync();

        static async Task<ProviderReport> SecondAsync(World world) =>
            (await world.Relier.SendAsync(new ListProviders(), world.House)).Value.Single(report => report.Offer.Provider == CallbackProvider.Id);
    }

    [Test]
    public async Task Case_43_messages_repeated_and_in_any_order_are_applied_once([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        await using var world = await World.StartAsync(engine, Two);
        await FundAsync(world, "latcom", "1.00");
        // 000 is delivered, 206 refused, 207 delivered and taken back, 204 delivered though nobody answered.
        var ordered = new List<TopUp>();
        foreach (var suffix in new[] { "000", "206", "207", "204" }) ordered.Add((await world.OrderAsync("5512345" + suffix, "20", suffix)).Value.TopUp);
        world.Second.Decide();
        var random = new Random(seed);
        var messages = world.Second.Messages.SelectMany(message => Enumerable.Repeat(message, 1 + random.Next(5))).ToArray();
        random.Shuffle(messages);

        foreach (var message in messages)
        {
            (await HearAsync(world, message)).Value.Text.Should().Be("RECEIVED");
            if (random.Next(2) == 0) await world.RunJobsAsync();
        }

        await world.RunJobsAsync();
        var states = new List<TopUpState>();
        foreach (var topUp in ordered) states.Add((await world.FindAsync(topUp)).State);
        states.Should().Equal([TopUpState.Succeeded, TopUpState.Failed, TopUpState.Reversed, TopUpState.Succeeded], string.Join(Environment.NewLine, world.Logs.Lines));
        // Two of four at 1.09.
        var wallet = await world.WalletAsync();
        wallet.Posted.Amount.Should().Be("9997.82");
        wallet.Held.IsZero.Should().BeTrue();
        (await MessagesAsync(world, null)).Should().HaveCount(5).And.OnlyContain(message => message.State == ProviderMessageState.Applied);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_45_a_wrong_signature_leaves_no_trace_and_a_reference_that_is_not_ours_is_kept_and_acknowledged()
    {
        await using var world = await World.StartAsync(engine, Two);
        var orphan = world.Second.Sign("""{"id":"m1","reference":"999","status":"delivered","transaction":"C1"}""");
        var forged = orphan with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(orphan.Body.Span).Replace("delivered", "reversed")) };
        var unreadable = world.Second.Sign("{\"id\":\"m2\"}");

        (await HearAsync(world, forged)).Refusal!.Code.Should().Be("signature_invalid");
        (await MessagesAsync(world, null)).Should().BeEmpty();
        (await HearAsync(world, orphan)).Value.Text.Should().Be("RECEIVED");
        (await HearAsync(world, unreadable)).Value.Text.Should().Be("RECEIVED");
        await world.RunJobsAsync();

        (await MessagesAsync(world, "orphan")).Should().ContainSingle().Which.Reference.Should().Be("999");
        (await MessagesAsync(world, "unreadable")).Should().ContainSingle().Which.Body.Should().Be("{\"id\":\"m2\"}");
    }

    [Test]
    public async Task A_message_signed_too_long_ago_is_not_believed()
    {
        await using var world = await World.StartAsync(engine, Two);
        var message = world.Second.Sign("""{"id":"m1","reference":"999","status":"delivered","transaction":"C1"}""");

        world.Clock.Advance(Duration.FromMinutes(6));

        (await HearAsync(world, message)).Refusal!.Code.Should().Be("signature_invalid");
    }

    [Test]
    public async Task Case_46_a_message_that_cannot_be_kept_is_not_acknowledged_and_counts_when_it_comes_again()
    {
        await using var world = await World.StartAsync(engine, Two);
        var away = false;
        var process = world.NewProcess("p2", storage => new FailingStorage(storage) { FailWhen = () => away });
        var taken = (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp;
        world.Second.Decide();
        var callback = ToCallback(world.Second.Messages.Single());

        away = true;
        var hear = () => process.GetRequiredService<IRelier>().SendAsync(callback, world.House);
        await hear.Should().ThrowAsync<StorageUnavailableException>();
        away = false;
        (await hear()).Value.Text.Should().Be("RECEIVED");
        await world.RunJobsAsync();

        (await world.FindAsync(taken)).State.Should().Be(TopUpState.Succeeded);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_message_that_contradicts_what_is_decided_moves_nothing_and_is_kept_for_people()
    {
        await using var world = await World.StartAsync(engine, Two);
        var failed = (await world.OrderAsync("5512345002", "20", "R1")).Value.TopUp;
        var submission = (await world.OrderAsync(BlockedAtLatcom, "30", "R2")).Value.TopUp.Attempts[1].ProviderReference;
        world.Second.Decide();
        await HearAsync(world, world.Second.Messages.Single());
        await world.RunJobsAsync();
        await HearAsync(world, world.Second.Sign($$"""{"id":"x","reference":"{{submission}}","status":"refused","transaction":"C1"}"""));
        await world.RunJobsAsync();

        (await MessagesAsync(world, "contradicts")).Should().ContainSingle().Which.Note.Should().Contain("cannot be proven not delivered");
        failed.State.Should().Be(TopUpState.Failed);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_reversal_asked_of_the_provider_refunds_the_original_charge_once()
    {
        await using var world = await World.StartAsync(engine, Two);
        var taken = (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp;
        await DecideAndHearAsync(world);
        await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0700"), world.House);

        var reversed = (await world.Relier.SendAsync(new ReverseTopUp(taken.Id.Value), world.House)).Value;
        var again = (await world.Relier.SendAsync(new ReverseTopUp(taken.Id.Value), world.House)).Value;
        await HearAsync(world, world.Second.Messages[^1]);
        await world.RunJobsAsync();

        reversed.State.Should().Be(TopUpState.Reversed);
        again.ShouldWhollyBe(reversed);
        world.Second.Deliveries.Should().BeEmpty();
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");
        (await PayableAsync(world, CallbackProvider.Id)).Should().Be("0.00 MXN");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Whichever_commit_a_process_dies_at_a_reversal_the_provider_made_is_booked_once()
    {
        await using var world = await World.StartAsync(engine, Two);
        var taken = (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp;
        await DecideAndHearAsync(world);

        var asked = 0;
        for (var transactions = 0; asked == 0 || transactions < 5; transactions++)
        {
            var process = world.NewProcess($"mortal-{transactions}", storage => new MortalStorage(storage, transactions));
            try
            {
                (await process.GetRequiredService<IRelier>().SendAsync(new ReverseTopUp(taken.Id.Value), world.House)).Value.State.Should().Be(TopUpState.Reversed);
                asked++;
            }
            catch (StorageUnavailableException)
            {
                // Nobody asks again: when the lease is over, another process does it by itself.
                world.Clock.Advance(Duration.FromMinutes(6));
                await world.RunJobsAsync();
            }
        }

        (await world.FindAsync(taken)).State.Should().Be(TopUpState.Reversed);
        world.Second.Deliveries.Should().BeEmpty();
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");
        (await world.Relier.SendAsync(new ListJobs { Kind = "provider.reverse" }, world.House)).Value.Data.Should().BeEmpty();
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_reversal_whose_answer_was_lost_is_asked_for_again_by_itself()
    {
        await using var world = await World.StartAsync(engine, Two);
        await world.SetPoliciesAsync(new PoliciesInput { PinnedProvider = CallbackProvider.Id });
        var taken = (await world.OrderAsync("5512345208", "20", "R1")).Value.TopUp;
        await DecideAndHearAsync(world);

        var first = await world.Relier.SendAsync(new ReverseTopUp(taken.Id.Value), world.House);
        world.Clock.Advance(Duration.FromMinutes(6));
        await world.RunJobsAsync();

        first.Refusal!.Code.Should().Be("provider_unavailable");
        (await world.FindAsync(taken)).State.Should().Be(TopUpState.Reversed);
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_48_what_was_never_delivered_cannot_be_reversed_and_latcom_takes_nothing_back()
    {
        await using var world = await World.StartAsync(engine, Two);
        var failed = (await world.OrderAsync("5512345002", "20", "R1")).Value.TopUp;
        var delivered = (await world.OrderAsync("5512345000", "20", "R2")).Value.TopUp;

        (await world.Relier.SendAsync(new ReverseTopUp(failed.Id.Value), world.House)).Refusal!.Code.Should().Be("invalid_state_transition");
        (await world.Relier.SendAsync(new ReverseTopUp(delivered.Id.Value), world.House)).Refusal!.Code.Should().Be("reversal_refused");
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
    }

    [Test]
    public async Task Case_49_a_rate_older_than_a_day_holds_nothing()
    {
        await using var world = await World.StartAsync(engine);
        world.Clock.Advance(Duration.FromHours(24) + Duration.FromSeconds(1));

        var refused = await world.OrderAsync("5512345000", "20", "R1");
        await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0600"), world.House);
        var taken = await world.OrderAsync("5512345000", "20", "R1");

        refused.Refusal!.Code.Should().Be("fx_unavailable");
        // 20.00 * 0.06
        taken.Value.TopUp.Charge!.Value.ToString().Should().Be("1.20 USD");
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.80");
    }

    [Test]
    public async Task A_commission_is_part_of_the_price_and_less_revenue()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { Commission = "0.02" });

        var topUp = (await world.OrderAsync("5512345000", "20", "R1")).Value.TopUp;

        // 20.00 - 0.40 are 19.60, at 0.0544 1.06624; Latcom is owed 19.00, so 0.60 is left.
        topUp.Charge!.Value.ToString().Should().Be("1.07 USD");
        topUp.Commission!.Value.ToString().Should().Be("0.40 MXN");
        var balances = (await world.Relier.SendAsync(new VerifyLedger(), world.House)).Value.Balances;
        balances.Single(balance => balance.Account == AccountCode.TopUpRevenue).Balance.ToString().Should().Be("0.60 MXN");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task A_delivery_of_the_first_provider_that_comes_to_light_beside_the_second_ones_is_the_loss_of_the_house()
    {
        await using var world = await World.StartAsync(engine, Two);
        var taken = (await world.OrderAsync(BlockedAtLatcom, "20", "R1")).Value.TopUp;
        await DecideAndHearAsync(world);

        var proof = new AddEvidence(taken.Id.Value, "delivered", "operator file 2026-11, line 3") { Attempt = 1 };
        var one = await world.Relier.SendAsync(proof, world.House);
        var two = await world.Relier.SendAsync(proof, Caller.OfAdmin(World.Tenant, "pedro"));
        var third = await world.Relier.SendAsync(proof, Caller.OfAdmin(World.Tenant, "ana"));

        one.Value.Attempts[0].State.Should().Be(AttemptState.NotSent);
        two.Value.Attempts[0].State.Should().Be(AttemptState.Delivered);
        third.Refusal!.Code.Should().Be("invalid_state_transition");
        (await world.FindAsync(taken)).State.Should().Be(TopUpState.Succeeded);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        (await PayableAsync(world, "latcom")).Should().Be("19.00 MXN");
        await world.ShouldBeSoundAsync();
    }

    private static async Task DecideAndHearAsync(World world)
    {
        world.Second.Decide();
        foreach (var message in world.Second.Messages) (await HearAsync(world, message)).Value.Should().NotBeNull();
        await world.RunJobsAsync();
    }

    private static Task<Outcome<CallbackReceipt>> HearAsync(World world, SignedMessage message) => world.Relier.SendAsync(ToCallback(message), world.House);

    private static ReceiveCallback ToCallback(SignedMessage message) => new(CallbackProvider.Id, message.Headers, message.Body);

    private static async Task<IReadOnlyList<ProviderMessage>> MessagesAsync(World world, string? state) =>
        (await world.Relier.SendAsync(new ListProviderMessages { State = state }, world.House)).Value.Data;

    private static async Task FundAsync(World world, string provider, string amount, string? lowAt = null) =>
        (await world.Relier.SendAsync(new FundProvider(provider, amount, "MXN", "SPEI 4711") { LowAt = lowAt }, world.House)).Value.Should().NotBeNull();

    private static async Task<string> PayableAsync(World world, string provider) =>
        (await world.Relier.SendAsync(new VerifyLedger(), world.House)).Value.Balances
            .Where(balance => balance.Account == AccountCode.ProviderPayable(provider)).Select(balance => balance.Balance.ToString()).SingleOrDefault() ?? "nothing";

    private static async Task RunAsync(World world, string kind, ServiceProvider? process = null)
    {
        var now = world.Clock.Now();
        await world.Storage.RunAsync(
            World.Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(
                    new Job { Id = Ids.New<Job>("job", now), Tenant = World.Tenant, Kind = kind, Subject = "all", RunAt = now, CreatedAt = now }, default);
                return true;
            },
            default);
        (await (process ?? world.Services).GetRequiredService<JobLoop>().RunDueAsync()).Should().BeGreaterThan(0);
    }
}
