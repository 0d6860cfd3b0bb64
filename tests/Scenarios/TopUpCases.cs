using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;
using Relier.Auditing;
using Relier.Contracts;
using Relier.Customers;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Latcom;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>
/// The acceptance cases of prepaid top-ups that are about money, by their numbers, on every engine, against a provider
/// that counts what it truly delivered.
/// </summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class TopUpCases(Engine engine)
{
    private const string Good = "5512345000";

    [Test]
    public async Task Case_01_a_waiting_order_is_delivered_and_charged_once()
    {
        await using var world = await World.StartAsync(engine);

        var receipt = (await world.OrderAsync(Good, "20", "R1")).Value;

        receipt.TopUp.State.Should().Be(TopUpState.Succeeded);
        receipt.TopUp.Id.Value.Should().MatchRegex(@"^RLR\d{13,}$");
        receipt.TopUp.Charge!.Value.Amount.Should().Be("1.09");
        receipt.TopUp.OperatorReference.Should().NotBeNullOrEmpty();
        world.Latcom.Deliveries.Should().ContainSingle(delivery => delivery.Amount == 20m && delivery.Msisdn == Good);
        var wallet = await world.WalletAsync();
        wallet.Posted.Amount.Should().Be("9998.91");
        wallet.Held.Amount.Should().Be("0.00");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_02_an_asynchronous_order_holds_the_price_in_the_wallet_currency_until_it_is_delivered()
    {
        await using var world = await World.StartAsync(engine);

        var accepted = (await world.OrderAsync(Good, "20", "R1", wait: false)).Value;
        accepted.TopUp.State.Should().Be(TopUpState.Reserved);
        var meanwhile = await world.WalletAsync();
        (meanwhile.Posted.Amount, meanwhile.Held.Amount, meanwhile.Available.Amount).Should().Be(("10000.00", "1.09", "9998.91"));

        await world.RunJobsAsync();

        (await world.FindAsync(accepted.TopUp)).State.Should().Be(TopUpState.Succeeded);
        var after = await world.WalletAsync();
        (after.Posted.Amount, after.Held.Amount).Should().Be(("9998.91", "0.00"));
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_03_a_fixed_product_is_preferred_and_the_open_range_takes_the_rest()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { Latcom = latcom => latcom.TaxQuantum = 0.01m });

        (await world.OrderAsync(Good, "70", "R70")).Value.TopUp.Route!.Product.Should().Be("XOOM_70_MXN");
        // 25 / 1.16 = 21.5517 -> 21.55; 21.55 x 1.16 = 24.998 -> 25.00
        (await world.OrderAsync(Good, "25", "R25")).Value.TopUp.Route!.Send.Amount.Should().Be("21.55");

        world.Latcom.Deliveries.Select(delivery => (delivery.ProductId, delivery.Amount)).Should().Equal(("XOOM_70_MXN", 70m), ("TFE_MXN_20_TO_2000", 25.00m));
    }

    [Test]
    public async Task Case_04_what_cannot_be_delivered_to_the_centavo_is_refused_before_anything_is_held()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions
        {
            Latcom = latcom =>
            {
                latcom.TaxQuantum = 0.01m;
                latcom.FixedProducts = [];
            },
        });

        (await world.OrderAsync(Good, "30", "R30")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        var refused = await world.OrderAsync(Good, "70", "R70");

        refused.Refusal!.Code.Should().Be("amount_not_deliverable");
        world.Latcom.Submissions.Should().ContainSingle().Which.Amount.Should().Be(25.86m);
        world.Latcom.Deliveries.Should().ContainSingle().Which.Amount.Should().Be(30.00m);
        (await world.WalletAsync()).Held.Amount.Should().Be("0.00");
    }

    [Test]
    public async Task Case_09_the_same_reference_twice_is_one_order()
    {
        await using var world = await World.StartAsync(engine);

        var first = (await world.OrderAsync(Good, "20", "R1")).Value;
        var second = (await world.OrderAsync(Good, "20", "R1")).Value;

        second.TopUp.Id.Should().Be(first.TopUp.Id);
        (first.Replayed, second.Replayed).Should().Be((false, true));
        world.Latcom.Deliveries.Should().HaveCount(1);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
    }

    [Test]
    public async Task Case_10_fifty_at_once_with_one_reference_are_one_order()
    {
        await using var world = await World.StartAsync(engine);

        var receipts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => world.OrderAsync(Good, "20", "R1"))));

        receipts.Select(receipt => receipt.Value.TopUp.Id).Distinct().Should().HaveCount(1);
        receipts.Count(receipt => !receipt.Value.Replayed).Should().Be(1);
        world.Latcom.Deliveries.Should().HaveCount(1);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_11_the_same_reference_for_another_amount_is_a_conflict_and_moves_nothing()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync(Good, "20", "R1");

        var second = await world.OrderAsync(Good, "50", "R1");

        second.Refusal!.Code.Should().Be("reference_conflict");
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
    }

    [Test]
    public async Task Case_13_asked_again_while_it_is_under_way_nothing_is_submitted_twice()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { Simulator = new() { Latency = TimeSpan.FromMilliseconds(400) } });
        var first = world.OrderAsync(Good, "20", "R1");
        await UntilAsync(() => world.Latcom.Submissions.Count == 1);

        var second = (await world.OrderAsync(Good, "20", "R1")).Value;

        second.Replayed.Should().BeTrue();
        second.TopUp.State.Should().Be(TopUpState.Submitting);
        (await first).Value.TopUp.Id.Should().Be(second.TopUp.Id);
        world.Latcom.Submissions.Should().HaveCount(1);
    }

    [Test]
    public async Task Case_14_a_failed_order_stays_failed_for_its_reference_and_a_new_reference_works()
    {
        await using var world = await World.StartAsync(engine);
        var failed = (await world.OrderAsync("5512345001", "20", "R1")).Value;

        var again = (await world.OrderAsync("5512345001", "20", "R1")).Value;
        var other = (await world.OrderAsync(Good, "20", "R2")).Value;

        failed.TopUp.State.Should().Be(TopUpState.Failed);
        (again.TopUp.Id, again.TopUp.State, again.Replayed).Should().Be((failed.TopUp.Id, TopUpState.Failed, true));
        other.TopUp.State.Should().Be(TopUpState.Succeeded);
        world.Latcom.Submissions.Should().HaveCount(2);
    }

    [Test]
    public async Task Case_14_a_final_no_is_given_again_for_its_reference()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetBalanceAsync(1.00m);
        var poor = await world.OrderAsync(Good, "20", "R1");
        await world.SetBalanceAsync(100.00m);

        var again = await world.OrderAsync(Good, "20", "R1");

        (poor.Refusal!.Code, poor.Refusal.Replayed).Should().Be(("insufficient_credit", false));
        (again.Refusal!.Code, again.Refusal.Replayed).Should().Be(("insufficient_credit", true));
        again.Refusal.Facts["available"].Should().Be(Money.Of(1.00m, Currency.USD));
        (await world.OrderAsync(Good, "20", "R2")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task Case_15_without_a_reference_the_same_again_within_two_minutes_is_suspected()
    {
        await using var world = await World.StartAsync(engine);
        var first = (await world.OrderAsync(Good, "20")).Value;

        world.Clock.Advance(Duration.FromSeconds(60));
        var at60 = await world.OrderAsync(Good, "20");
        var meant = await world.OrderAsync(Good, "20", allowDuplicate: true);
        world.Clock.Advance(Duration.FromSeconds(121));
        var later = await world.OrderAsync(Good, "20");

        at60.Refusal!.Code.Should().Be("duplicate_suspected");
        at60.Refusal.Facts["id"].Should().Be(first.TopUp.Id.Value);
        meant.Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        later.Value.TopUp.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task Case_15_after_121_seconds_it_is_an_order_of_its_own()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync(Good, "20");

        world.Clock.Advance(Duration.FromSeconds(121));

        (await world.OrderAsync(Good, "20")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task Case_16_orders_of_one_millisecond_have_ids_of_their_own()
    {
        await using var world = await World.StartAsync(engine);

        // The clock stands, so all of them fall into the same millisecond.
        var receipts = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => world.OrderAsync(Good, "20", $"R{number}", wait: false)));

        receipts.Select(receipt => receipt.Value.TopUp.Id).Distinct().Should().HaveCount(20);
    }

    [Test]
    public async Task Case_17_twenty_at_once_are_twenty_deliveries_and_twenty_charges()
    {
        await using var world = await World.StartAsync(engine);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => world.OrderAsync(Good, "20", $"R{number}"))));

        world.Latcom.Deliveries.Should().HaveCount(20);
        // 10,000.00 - 20 x 1.09
        (await world.WalletAsync()).Posted.Amount.Should().Be("9978.20");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_18_the_last_unit_of_credit_is_spent_once()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetBalanceAsync(1.09m);

        var both = await Task.WhenAll(Task.Run(() => world.OrderAsync(Good, "20", "R1")), Task.Run(() => world.OrderAsync(Good, "20", "R2")));

        both.Count(outcome => outcome.Refusal is null).Should().Be(1);
        both.Single(outcome => outcome.Refusal is not null).Refusal!.Code.Should().Be("insufficient_credit");
        world.Latcom.Submissions.Should().HaveCount(1);
        (await world.WalletAsync()).Posted.Amount.Should().Be("0.00");
    }

    [Test]
    public async Task Case_20_a_credit_limit_is_spent_to_its_end_and_not_beyond()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetBalanceAsync(0m);
        await world.SetPoliciesAsync(new PoliciesInput(), creditLimit: "50.00");

        // 500 MXN x 0.0544 = 27.20
        (await world.OrderAsync(Good, "500", "R1")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        var second = await world.OrderAsync(Good, "500", "R2");

        (await world.WalletAsync()).Posted.Amount.Should().Be("-27.20");
        second.Refusal!.Code.Should().Be("insufficient_credit");
        second.Refusal.Facts["available"].Should().Be(Money.Of(22.80m, Currency.USD));
    }

    [Test]
    public async Task Case_21_of_two_that_would_break_the_daily_limit_together_one_is_taken()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "100" });
        await world.OrderAsync(Good, "50", "R0");

        var both = await Task.WhenAll(Task.Run(() => world.OrderAsync(Good, "50", "R1")), Task.Run(() => world.OrderAsync(Good, "50", "R2")));

        var refused = both.Single(outcome => outcome.Refusal is not null).Refusal!;
        refused.Code.Should().Be("daily_limit_exceeded");
        refused.Facts["used"].Should().Be(Money.Of(100m, Currency.MXN));
        refused.Facts["available"].Should().Be(Money.Of(0m, Currency.MXN));
    }

    [Test]
    public async Task Case_21_unknown_amounts_count_towards_the_day_failed_ones_do_not_and_the_day_is_the_tenants()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "100" });
        (await world.OrderAsync("5512345003", "50", "unknown")).Value.TopUp.State.Should().Be(TopUpState.Unknown);
        (await world.OrderAsync("5512345001", "50", "failed")).Value.TopUp.State.Should().Be(TopUpState.Failed);

        (await world.OrderAsync(Good, "50", "R1")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        (await world.OrderAsync(Good, "50", "R2")).Refusal!.Code.Should().Be("daily_limit_exceeded");

        // 2026-11-21T05:59Z is still the 20th in Mexico City (UTC-6); one minute later is the 21st.
        world.Clock.Set(Instant.FromUtc(2026, 11, 21, 5, 59));
        (await world.OrderAsync(Good, "50", "R3")).Refusal!.Code.Should().Be("daily_limit_exceeded");
        world.Clock.Set(Instant.FromUtc(2026, 11, 21, 6, 0));
        (await world.OrderAsync(Good, "50", "R4")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task Case_23_a_recognised_no_gives_the_money_back_and_leaves_its_trace()
    {
        await using var world = await World.StartAsync(engine);

        var failed = (await world.OrderAsync("5512345001", "20", "R1")).Value.TopUp;

        (failed.State, failed.Code).Should().Be((TopUpState.Failed, "product_unavailable"));
        var attempt = failed.Attempts.Should().ContainSingle().Subject;
        attempt.State.Should().Be(AttemptState.Refused);
        attempt.TransactionId.Should().MatchRegex(@"^LT\d{8}$");
        attempt.Code.Should().Be("-120054");
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount).Should().Be(("10000.00", "0.00"));
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_25_a_blocked_address_sends_nothing_and_gives_the_money_back()
    {
        await using var world = await World.StartAsync(engine);
        world.Latcom.BlockLogin = true;

        var failed = (await world.OrderAsync(Good, "20", "R1")).Value.TopUp;

        (failed.State, failed.Code).Should().Be((TopUpState.Failed, "provider_unavailable"));
        failed.Attempts.Single().State.Should().Be(AttemptState.NotSent);
        failed.Attempts.Single().Code.Should().Be("provider_ip_blocked");
        world.Latcom.Submissions.Should().BeEmpty();
        (await world.WalletAsync()).Available.Amount.Should().Be("10000.00");
    }

    [Test]
    public async Task Case_26_an_expired_token_is_renewed_once_and_the_same_reference_sent()
    {
        await using var world = await World.StartAsync(engine);

        var topUp = (await world.OrderAsync("5512345011", "20", "R1")).Value.TopUp;

        topUp.State.Should().Be(TopUpState.Succeeded);
        world.Latcom.Logins.Should().Be(2);
        world.Latcom.Submissions.Select(submission => submission.Reference).Distinct().Should().HaveCount(1);
        world.Latcom.Deliveries.Should().HaveCount(1);
    }

    [Test]
    public async Task Case_29_no_answer_keeps_the_money_held_until_two_people_bring_proof()
    {
        await using var world = await World.StartAsync(engine);

        var unknown = (await world.OrderAsync("5512345004", "20", "R1")).Value.TopUp;
        unknown.State.Should().Be(TopUpState.Unknown);
        var held = await world.WalletAsync();
        (held.Posted.Amount, held.Held.Amount).Should().Be(("10000.00", "1.09"));
        world.Latcom.Submissions.Should().HaveCount(1);

        var proof = new AddEvidence(unknown.Id.Value, "delivered", "statement 2026-11-20, line 7");
        (await world.Relier.SendAsync(proof, world.House)).Value.State.Should().Be(TopUpState.Unknown);
        (await world.Relier.SendAsync(proof, world.House)).Refusal!.Code.Should().Be("second_person_required");
        var second = Identity.Caller.OfAdmin(World.Tenant, "pedro");
        (await world.Relier.SendAsync(proof, second)).Value.State.Should().Be(TopUpState.Succeeded);

        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        world.Latcom.Deliveries.Should().HaveCount(1);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_30_not_found_gives_the_money_back_from_ten_minutes_on_and_not_before()
    {
        await using var world = await World.StartAsync(engine);
        // A provider whose "not found" is proof ten minutes after the order.
        var provider = new SimulatedProvider(world.Clock, new SimulatedProviderOptions { NotFoundFinalAfter = Duration.FromMinutes(10) });
        var process = world.NewProcess("p2", more: services => services.RemoveAll<ITopUpProvider>().AddSingleton<ITopUpProvider>(provider));
        var relier = process.GetRequiredService<IRelier>();
        var loop = process.GetRequiredService<JobLoop>();
        var unknown = (await relier.SendAsync(new RequestTopUp("5512345005", "20") { Reference = "R1" }, world.Reseller)).Value.TopUp;
        unknown.State.Should().Be(TopUpState.Unknown);

        for (var minute = 1; minute <= 9; minute++)
        {
            world.Clock.Advance(Duration.FromMinutes(1));
            await loop.RunDueAsync();
            (await world.FindAsync(unknown)).State.Should().Be(TopUpState.Unknown, $"{minute} minutes prove nothing");
            var held = await world.WalletAsync();
            (held.Posted.Amount, held.Held.Amount).Should().Be(("10000.00", "1.09"));
        }

        world.Clock.Advance(Duration.FromMinutes(1));
        await loop.RunDueAsync();

        var failed = await world.FindAsync(unknown);
        (failed.State, failed.Code).Should().Be((TopUpState.Failed, "not_delivered"));
        failed.Evidence.Should().ContainSingle().Which.Source.Should().Be(EvidenceSource.Lookup);
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount, wallet.Available.Amount).Should().Be(("10000.00", "0.00", "10000.00"));
        (provider.Submissions.Count, provider.Deliveries.Count).Should().Be((1, 0));
        await world.PassAsync(Duration.FromHours(2), Duration.FromMinutes(10));
        await loop.RunDueAsync();
        (await world.FindAsync(unknown)).Version.Should().Be(failed.Version, "it is final");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_40_a_resolution_by_hand_needs_two_persons_and_something_to_show_and_both_are_in_the_log()
    {
        await using var world = await World.StartAsync(engine);
        var unknown = (await world.OrderAsync("5512345004", "20", "R1")).Value.TopUp;
        var proof = new AddEvidence(unknown.Id.Value, "delivered", "statement 2026-11-20, line 7");
        var pedro = Identity.Caller.OfAdmin(World.Tenant, "pedro");

        var nothingToShow = await world.Relier.SendAsync(proof with { Reference = " " }, world.House);
        var reseller = await world.Relier.SendAsync(proof, world.Reseller);
        var first = await world.Relier.SendAsync(proof, world.House);
        var same = await world.Relier.SendAsync(proof with { Reference = "another line" }, world.House);

        nothingToShow.Refusal!.Fields.Should().ContainSingle(error => error.Field == "reference" && error.Code == "required");
        reseller.Refusal!.Code.Should().Be("forbidden");
        (first.Value.State, same.Refusal!.Code).Should().Be((TopUpState.Unknown, "second_person_required"));
        var held = await world.WalletAsync();
        (held.Posted.Amount, held.Held.Amount).Should().Be(("10000.00", "1.09"), "one person alone moves no money");
        (await LoggedAsync()).Should().Equal("admin:maria");

        var second = (await world.Relier.SendAsync(proof with { Reference = "operator's file, line 3" }, pedro)).Value;

        second.State.Should().Be(TopUpState.Succeeded);
        second.Evidence.Select(evidence => (evidence.By, evidence.Reference)).Should().Equal(
            ("admin:maria", "statement 2026-11-20, line 7"), ("admin:pedro", "operator's file, line 3"));
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount).Should().Be(("9998.91", "0.00"));
        (await LoggedAsync()).Should().BeEquivalentTo("admin:maria", "admin:pedro");
        await world.ShouldBeSoundAsync();

        async Task<IEnumerable<string>> LoggedAsync() =>
            from entry in (await world.Relier.SendAsync(new ListAudit { Subject = unknown.Id.Value }, world.House)).Value.Data
            where entry.Action == "topup.evidence_added"
            select entry.Actor;
    }

    [TestCase("003")]
    [TestCase("005")]
    [TestCase("006")]
    [TestCase("007")]
    [TestCase("008")]
    [TestCase("009")]
    [TestCase("013")]
    [TestCase("014")]
    public async Task Case_32_what_is_not_plain_is_unknown_and_its_money_stays_held(string suffix)
    {
        await using var world = await World.StartAsync(engine);

        var topUp = (await world.OrderAsync("5512345" + suffix, "20", "R1")).Value.TopUp;
        topUp.State.Should().Be(TopUpState.Unknown);
        await world.PassAsync(Duration.FromMinutes(2), Duration.FromSeconds(15));

        var later = await world.FindAsync(topUp);
        later.State.Should().BeOneOf(TopUpState.Unknown, TopUpState.Succeeded);
        if (later.State == TopUpState.Succeeded) world.Latcom.Deliveries.Should().HaveCount(1);
        else (await world.WalletAsync()).Held.Amount.Should().Be("1.09");
        world.Latcom.Submissions.Should().HaveCount(1);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_32_a_pending_answer_is_looked_up_until_it_is_decided()
    {
        await using var world = await World.StartAsync(engine);

        var topUp = (await world.OrderAsync("5512345010", "20", "R1")).Value.TopUp;
        topUp.State.Should().BeOneOf(TopUpState.Unknown, TopUpState.Pending);
        (await world.WalletAsync()).Held.Amount.Should().Be("1.09");
        await world.PassAsync(Duration.FromSeconds(10), Duration.FromSeconds(5));

        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Succeeded);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [TestCase("033", TopUpState.Succeeded)]
    [TestCase("034", TopUpState.Succeeded)]
    [TestCase("035", TopUpState.Unknown)]
    [TestCase("036", TopUpState.Unknown)]
    [TestCase("037", TopUpState.Unknown)]
    public async Task Case_33_success_is_recognised_in_any_case_and_nothing_else_is(string suffix, TopUpState expected)
    {
        await using var world = await World.StartAsync(engine);

        (await world.OrderAsync("5512345" + suffix, "20", "R1")).Value.TopUp.State.Should().Be(expected);
    }

    [Test]
    public async Task Case_35_asking_five_times_while_it_is_unknown_submits_once()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync("5512345004", "20", "R1");

        for (var again = 0; again < 5; again++) (await world.OrderAsync("5512345004", "20", "R1")).Value.Replayed.Should().BeTrue();

        world.Latcom.Submissions.Should().HaveCount(1);
    }

    [Test]
    public async Task Case_36_a_job_that_comes_three_times_submits_once()
    {
        await using var world = await World.StartAsync(engine, new WorldOptions { Simulator = new() { Latency = TimeSpan.FromMilliseconds(300) } });
        var topUp = (await world.OrderAsync(Good, "20", "R1", wait: false)).Value.TopUp;
        var slow = world.NewProcess("slow", storage => new FailingStorage(storage) { FailWhen = () => false, FailSystemWhen = () => world.Latcom.Submissions.Count > 0 });
        var other = world.NewProcess("p2");

        // The first cannot prolong its lease while it is at the provider, so the second takes the job over; then the first's answer comes late.
        var first = slow.GetRequiredService<JobLoop>().RunDueAsync();
        await UntilAsync(() => world.Latcom.Submissions.Count == 1);
        world.Clock.Advance(Duration.FromMinutes(2));
        await other.GetRequiredService<JobLoop>().RunDueAsync();
        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Unknown);
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<StorageUnavailableException>("it cannot look for more work");
        await other.GetRequiredService<JobLoop>().RunDueAsync();

        world.Latcom.Submissions.Should().HaveCount(1);
        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Succeeded);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_38_when_the_answer_cannot_be_written_it_is_looked_up_and_charged_once()
    {
        await using var world = await World.StartAsync(engine);
        var broken = world.NewProcess("p2", storage => new FailingStorage(storage) { FailWhen = () => world.Latcom.Submissions.Count > 0 });
        var order = new RequestTopUp("5512345010", "20") { Reference = "R1" };

        // The process that submits cannot write what came of it, however often it tries, and dies.
        var lost = broken.GetRequiredService<IRelier>().SendAsync(order, world.Reseller);
        await UntilAsync(() => world.Latcom.Submissions.Count == 1);
        for (var second = 0; second < 120 && !lost.IsCompleted; second++)
        {
            world.Clock.Advance(Duration.FromSeconds(1));
            await Task.Delay(10);
        }

        (await Task.WhenAny(lost, Task.Delay(TimeSpan.FromSeconds(20)))).Should().Be(lost);
        world.Clock.Advance(Duration.FromMinutes(2));
        await world.RunJobsAsync();
        var unknown = (await world.OrderAsync("5512345010", "20", "R1")).Value;

        unknown.TopUp.State.Should().Be(TopUpState.Unknown);
        (await world.WalletAsync()).Held.Amount.Should().Be("1.09");
        var proof = new AddEvidence(unknown.TopUp.Id.Value, "delivered", "statement");
        await world.Relier.SendAsync(proof, world.House);
        (await world.Relier.SendAsync(proof, Identity.Caller.OfAdmin(World.Tenant, "pedro"))).Value.State.Should().Be(TopUpState.Succeeded);
        world.Latcom.Submissions.Should().HaveCount(1);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task What_is_sent_minutes_after_it_was_written_down_is_proven_not_found_by_the_time_since_it_was_sent()
    {
        await using var world = await World.StartAsync(engine);
        var provider = new SimulatedProvider(world.Clock, new SimulatedProviderOptions { NotFoundFinalAfter = Duration.FromMinutes(10) });
        var process = world.NewProcess(
            "p2", storage => new UnconfirmedStorage(storage, () => world.Clock.Advance(Duration.FromMinutes(4))),
            services => services.RemoveAll<ITopUpProvider>().AddSingleton<ITopUpProvider>(provider));
        var loop = process.GetRequiredService<JobLoop>();
        var ordered = world.Clock.Now();
        var order = new RequestTopUp("5512345005", "20") { Reference = "R1", Wait = Duration.Zero };
        var topUp = (await process.GetRequiredService<IRelier>().SendAsync(order, world.Reseller)).Value.TopUp;

        // Four minutes until it is known that the attempt was written down, and then it is sent.
        var running = loop.RunDueAsync();
        while (!running.IsCompleted)
        {
            if (world.Clock.Now() > ordered) world.Clock.Advance(Duration.FromMilliseconds(100));
            await Task.Delay(5);
        }

        await running;
        world.Clock.Set(ordered + Duration.FromMinutes(13));
        await loop.RunDueAsync();
        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Unknown, "nine minutes prove nothing");
        (await world.WalletAsync()).Held.Amount.Should().Be("1.09");

        world.Clock.Set(ordered + Duration.FromMinutes(15));
        await loop.RunDueAsync();
        (await world.FindAsync(topUp)).State.Should().Be(TopUpState.Failed);
        provider.Submissions.Should().ContainSingle();
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_42_a_week_moves_no_money_of_an_unknown_one()
    {
        await using var world = await World.StartAsync(engine);
        var topUp = (await world.OrderAsync("5512345005", "20", "R1")).Value.TopUp;

        world.Clock.Advance(Duration.FromDays(7));
        await world.RunJobsAsync();
        await world.PassAsync(Duration.FromDays(2), Duration.FromHours(6));

        var later = await world.FindAsync(topUp);
        later.State.Should().Be(TopUpState.InReview);
        var wallet = await world.WalletAsync();
        (wallet.Posted.Amount, wallet.Held.Amount).Should().Be(("10000.00", "1.09"));
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_50_a_rate_that_moves_after_the_hold_changes_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var topUp = (await world.OrderAsync(Good, "20", "R1", wait: false)).Value.TopUp;
        world.Clock.Advance(Duration.FromSeconds(1));
        await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0600"), world.House);

        await world.RunJobsAsync();

        (await world.FindAsync(topUp)).Charge!.Value.Amount.Should().Be("1.09");
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        // 20 x 0.06 = 1.20 from now on
        (await world.OrderAsync(Good, "20", "R2")).Value.TopUp.Charge!.Value.Amount.Should().Be("1.20");
    }

    [Test]
    public async Task Case_51_a_peso_wallet_needs_no_rate()
    {
        await using var pesos = await World.StartAsync(engine, new WorldOptions { Wallet = "MXN" });

        var topUp = (await pesos.OrderAsync(Good, "10", "R1")).Value.TopUp;

        (topUp.Charge!.Value.ToString(), topUp.Rate).Should().Be(("10.00 MXN", null));
        var balances = (await pesos.Relier.SendAsync(new VerifyLedger(), pesos.House)).Value.Balances;
        // Face 10.00, discount 5 %: 9.50 is owed to the provider, 0.50 earned.
        balances.Single(balance => balance.Account == AccountCode.ProviderPayable("latcom")).Balance.Amount.Should().Be("9.50");
        balances.Single(balance => balance.Account == AccountCode.TopUpRevenue).Balance.Amount.Should().Be("0.50");
        balances.Should().NotContain(balance => balance.Account == AccountCode.FxPosition);
    }

    [Test]
    public async Task Case_51_ten_pesos_from_a_dollar_wallet_pass_through_one_position_per_currency()
    {
        await using var world = await World.StartAsync(engine);

        (await world.OrderAsync(Good, "10", "R1")).Value.TopUp.Charge!.Value.ToString().Should().Be("0.54 USD");

        var fx = (await world.Relier.SendAsync(new VerifyLedger(), world.House)).Value.Balances.Where(balance => balance.Account == AccountCode.FxPosition);
        fx.Select(balance => balance.Balance.ToString()).Should().BeEquivalentTo("0.54 USD", "-10.00 MXN");
    }

    [Test]
    public async Task Case_65_the_counters_of_the_queue_count_for_life_and_survive_a_restart()
    {
        await using var world = await World.StartAsync(engine);
        for (var number = 0; number < 7; number++) await world.OrderAsync(Good, "20", $"R{number}");
        await world.RestartAsync("p2");
        await world.OrderAsync(Good, "20", "R7");
        await world.OrderAsync(Good, "20", "R8", wait: false);

        var stats = (await world.Relier.SendAsync(new GetQueueStats(), world.House)).Value;

        (stats.Waiting, stats.Active, stats.Delayed, stats.Completed, stats.Failed).Should().Be((1, 0, 0, 8, 0));
        stats.Total.Should().Be(9);
    }

    [Test]
    public async Task Case_66_the_success_rate_leaves_the_undecided_out_and_shows_what_they_hold()
    {
        await using var world = await World.StartAsync(engine);
        for (var number = 0; number < 3; number++) await world.OrderAsync(Good, "20", $"R{number}");
        await world.OrderAsync("5512345001", "20", "failed");
        await world.OrderAsync("5512345003", "50", "unknown");

        var stats = (await world.Relier.SendAsync(new GetTopUpStats(), world.Reseller)).Value;

        // 3 of 4 decided
        (stats.SuccessRate, stats.Undecided).Should().Be((0.75m, 1L));
        stats.Held.Single().ToString().Should().Be("2.72 USD");
    }

    [Test]
    public async Task Case_67_an_export_over_many_pages_is_complete_and_comes_to_what_the_ledger_says()
    {
        await using var world = await World.StartAsync(engine);
        for (var number = 0; number < 250; number++)
        {
            await world.OrderAsync(number % 5 == 0 ? "5512345001" : Good, "20", $"R{number}");
            // Several rows share a time, so that pages end inside one.
            if (number % 7 == 0) world.Clock.Advance(Duration.FromMilliseconds(1));
        }

        world.Clock.Advance(Duration.FromSeconds(1));

        var rows = new List<ExportedTopUp>();
        await foreach (var row in (await world.Relier.SendAsync(new ExportTopUps(), world.House)).Value) rows.Add(row);

        rows.Select(row => row.TopUp.Reference).Should().BeEquivalentTo(Enumerable.Range(0, 250).Select(number => $"R{number}"));
        // 200 x 1.09
        var charged = rows.Where(row => row.TopUp.State == TopUpState.Succeeded).Sum(row => row.TopUp.Charge!.Value.ToDecimal());
        charged.Should().Be(218.00m);
        (await world.WalletAsync()).Posted.ToDecimal().Should().Be(10_000m - charged);
    }

    [Test]
    public async Task Late_delivery_after_a_release_is_charged_to_the_customer_who_may_go_below_zero()
    {
        await using var world = await World.StartAsync(engine);
        var failed = (await world.OrderAsync("5512345001", "20", "R1")).Value.TopUp;
        await world.SetBalanceAsync(0.50m);

        var proof = new AddEvidence(failed.Id.Value, "delivered", "operator file 2026-11, line 3");
        await world.Relier.SendAsync(proof, world.House);
        var late = (await world.Relier.SendAsync(proof, Identity.Caller.OfAdmin(World.Tenant, "pedro"))).Value;

        late.State.Should().Be(TopUpState.LateDelivered);
        // 0.50 - 1.09
        (await world.WalletAsync()).Posted.Amount.Should().Be("-0.59");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Late_delivery_may_be_the_loss_of_the_house_by_policy()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new PoliciesInput { LateDelivery = "house" });
        var failed = (await world.OrderAsync("5512345001", "20", "R1")).Value.TopUp;
        var before = await world.WalletAsync();

        var proof = new AddEvidence(failed.Id.Value, "delivered", "operator file 2026-11, line 3");
        await world.Relier.SendAsync(proof, world.House);
        await world.Relier.SendAsync(proof, Identity.Caller.OfAdmin(World.Tenant, "pedro"));

        var after = await world.WalletAsync();
        after.Posted.Amount.Should().Be("10000.00");
        after.Version.Should().Be(before.Version + 1, "it counts towards the day, and who decides an order by the wallet that it knows must notice");
        var balances = (await world.Relier.SendAsync(new VerifyLedger(), world.House)).Value.Balances;
        balances.Single(balance => balance.Account == AccountCode.DeliveryLosses).Balance.ToString().Should().Be("-19.00 MXN");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Case_48_a_reversal_refunds_exactly_what_was_charged_at_its_own_rate_and_a_second_one_nothing()
    {
        await using var world = await World.StartAsync(engine);
        var topUp = (await world.OrderAsync("5512345016", "20", "R1")).Value.TopUp;
        world.Clock.Advance(Duration.FromDays(1));
        await world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0700"), world.House);

        var proof = new AddEvidence(topUp.Id.Value, "reversed", "provider mail");
        await world.Relier.SendAsync(proof, world.House);
        var reversed = (await world.Relier.SendAsync(proof, Identity.Caller.OfAdmin(World.Tenant, "pedro"))).Value;
        var again = (await world.Relier.SendAsync(proof, Identity.Caller.OfAdmin(World.Tenant, "ana"))).Value;

        reversed.State.Should().Be(TopUpState.Reversed);
        again.ShouldWhollyBe(reversed);
        (await world.WalletAsync()).Posted.Amount.Should().Be("10000.00");
        await world.ShouldBeSoundAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.Should().BeLessThan(1000, "what is waited for happens within ten seconds");
            await Task.Delay(10);
        }
    }
}
