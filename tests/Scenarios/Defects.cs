using NodaTime;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>What went wrong with money in the first version, by number: none of it is here. Those about HTTP are tests of the API host.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
internal sealed class Defects(Engine engine)
{
    private const string Good = "5512345000";
    private const string Refused = "5512345001";

    [Test]
    public async Task Defect_01_a_failure_is_not_erased_whether_it_was_waited_for_or_not()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync(Refused, "20", "R1");
        await world.OrderAsync(Refused, "20", "R2", wait: false);
        await world.RunJobsAsync();
        await world.OrderAsync(Good, "20", "R3");

        var failed = (await world.Relier.SendAsync(new ListTopUps { Status = "failed" }, world.House)).Value.Data;
        var stats = (await world.Relier.SendAsync(new GetTopUpStats(), world.House)).Value;

        failed.Select(topUp => topUp.Reference).Should().BeEquivalentTo("R1", "R2");
        failed.Should().OnlyContain(topUp => topUp.Attempts.Length == 1);
        // 1 of 3
        stats.SuccessRate.Should().BeApproximately(0.3333m, 0.0001m);
    }

    [Test]
    public async Task Defect_02_storage_that_fails_once_after_the_delivery_loses_neither_the_charge_nor_the_answer()
    {
        await using var world = await World.StartAsync(engine);
        var failures = 0;
        var shaky = world.NewProcess("shaky", storage => new FailingStorage(storage)
        {
            FailWhen = () => world.Latcom.Deliveries.Count > 0 && Interlocked.Increment(ref failures) <= 2,
        });
        var waiting = RelierOf(shaky).SendAsync(new RequestTopUp(Good, "20") { Reference = "R1" }, world.Reseller);
        while (!waiting.IsCompleted)
        {
            // Its patience with storage is in the clock's time.
            if (failures > 0) world.Clock.Advance(Duration.FromSeconds(1));
            await Task.Delay(5);
        }

        var topUp = (await world.OrderAsync(Good, "20", "R1")).Value.TopUp;

        topUp.State.Should().Be(TopUpState.Succeeded);
        world.Latcom.Deliveries.Should().HaveCount(1);
        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Defect_03_a_credit_beside_top_ups_is_not_overwritten()
    {
        await using var world = await World.StartAsync(engine);

        var orders = Enumerable.Range(0, 10).Select(number => Task.Run(() => world.OrderAsync(Good, "20", $"R{number}")));
        var credits = Enumerable.Range(0, 10).Select(_ => Task.Run(() => world.Relier.SendAsync(new AdjustCredit(world.CustomerId, "5.00", "payment"), world.House)));
        await Task.WhenAll(orders.Cast<Task>().Concat(credits));

        // 10,000.00 + 10 x 5.00 - 10 x 1.09
        (await world.WalletAsync()).Posted.Amount.Should().Be("10039.10");
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Defect_04_no_answer_is_never_answered_with_a_second_submission()
    {
        await using var world = await World.StartAsync(engine);
        await world.OrderAsync("5512345004", "20", "R1");

        await world.PassAsync(Duration.FromHours(3), Duration.FromMinutes(10));
        await world.RestartAsync("p2");
        await world.OrderAsync("5512345004", "20", "R1");
        await world.RunJobsAsync();

        world.Latcom.Submissions.Should().HaveCount(1);
    }

    [Test]
    public async Task Defect_05_an_asynchronous_order_is_charged_in_the_wallet_currency_and_counts_towards_the_day()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetPoliciesAsync(new Relier.Customers.PoliciesInput { DailyLimit = "30" });

        await world.OrderAsync(Good, "20", "R1", wait: false);
        await world.RunJobsAsync();

        (await world.WalletAsync()).Posted.Amount.Should().Be("9998.91");
        (await world.OrderAsync(Good, "20", "R2", wait: false)).Refusal!.Code.Should().Be("daily_limit_exceeded");
    }

    [Test]
    public async Task Defect_06_asynchronous_orders_cannot_spend_what_others_hold()
    {
        await using var world = await World.StartAsync(engine);
        await world.SetBalanceAsync(2.00m);

        (await world.OrderAsync(Good, "20", "R1", wait: false)).Refusal.Should().BeNull();
        (await world.OrderAsync(Good, "20", "R2", wait: false)).Refusal!.Code.Should().Be("insufficient_credit");
    }

    [Test]
    public async Task Defect_07_storage_is_free_while_the_provider_is_silent()
    {
        await using var world = await World.StartAsync(engine);
        var silent = Enumerable.Range(0, 15).Select(number => world.OrderAsync("5512345005", "20", $"S{number}")).ToList();
        for (var tries = 0; world.Latcom.Submissions.Count < 15 && tries < 500; tries++) await Task.Delay(10);

        // All of these would wait, were a transaction open across any of the calls.
        (await world.WalletAsync()).Held.Amount.Should().Be("16.35");
        silent.Should().OnlyContain(order => !order.IsCompleted);
        (await world.Relier.SendAsync(new AdjustCredit(world.CustomerId, "1.00", "payment"), world.House)).Refusal.Should().BeNull();

        await Task.WhenAll(silent);
        await world.ShouldBeSoundAsync();
    }

    [Test]
    public async Task Defect_13_without_storage_there_is_no_success()
    {
        await using var world = await World.StartAsync(engine);
        var down = world.NewProcess("down", storage => new FailingStorage(storage) { FailWhen = () => true });

        await FluentActions.Awaiting(() => RelierOf(down).SendAsync(new RequestTopUp(Good, "20") { Reference = "R1" }, world.Reseller))
            .Should().ThrowAsync<StorageUnavailableException>();

        world.Latcom.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task Defect_25_what_a_provider_says_stays_in_the_house()
    {
        await using var world = await World.StartAsync(engine);

        var failed = (await world.OrderAsync("5512345002", "20", "R1")).Value.TopUp;

        failed.Code.Should().Be("plan_not_allowed");
        failed.Attempts.Single().Message.Should().Contain("Bolton");
    }

    private static IRelier RelierOf(IServiceProvider process) => (IRelier)process.GetService(typeof(IRelier))!;
}
