using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>
/// One order of a customer right after the other: they are decided on what the one before left, without reading it again, and yet whatever anybody else
/// has changed in between counts at once. "Others" are another process on the same storage.
/// </summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
public sealed class Bursts(Engine engine)
{
    private World _world = null!;
    private GatedStorage _watched = null!;
    private IRelier _relier = null!;

    [SetUp]
    public async Task Begin()
    {
        _world = await World.StartAsync(engine);
        _relier = _world.NewProcess("burst", inner => _watched = new GatedStorage(inner)).GetRequiredService<IRelier>();
        (await OrderAsync("first")).Value.Replayed.Should().BeFalse();
    }

    [TearDown]
    public async Task End()
    {
        await _world.ShouldBeSoundAsync();
        await _world.DisposeAsync();
    }

    [Test]
    public async Task A_burst_is_read_once()
    {
        var (readings, runs) = (_watched.Readings, _watched.Runs);

        for (var i = 0; i < 20; i++) (await OrderAsync($"r-{i}")).Value.TopUp.State.Should().Be(TopUpState.Reserved);

        (_watched.Readings - readings, _watched.Runs - runs).Should().Be((0, 20));
        // 21 at 1.09.
        (await _world.WalletAsync()).Should().Match<Account>(wallet => wallet.Held == Money.Parse("22.89", Currency.USD) && wallet.Version == 23);
    }

    [Test]
    public async Task Without_an_exchange_it_is_the_same()
    {
        var created = (await _world.Relier.SendAsync(new CreateCustomer("Pesos") { WalletCurrency = "MXN" }, _world.House)).Value.Customer;
        (await _world.Relier.SendAsync(new AdjustCredit(created.Id.Value, "100", "payment"), _world.House)).Value.Should().NotBeNull();
        var caller = Caller.OfCustomer(World.Tenant, created.Id);
        var before = _watched.Readings;

        var outcomes = new List<Outcome<TopUpReceipt>>();
        for (var i = 0; i < 6; i++) outcomes.Add(await _relier.SendAsync(Order($"r-{i}"), caller));

        outcomes.Take(5).Should().OnlyContain(outcome => outcome.Refusal == null);
        outcomes[5].Refusal!.Code.Should().Be("insufficient_credit");
        (_watched.Readings - before).Should().Be(2, "the first, and the one that is refused");
    }

    [Test]
    public async Task A_customer_that_was_suspended_is_refused_at_once()
    {
        var customer = (await _world.Relier.SendAsync(new GetCustomer(_world.CustomerId), _world.House)).Value.Customer;
        var before = await _world.WalletAsync();
        (await _world.Relier.SendAsync(new UpdateCustomer(_world.CustomerId, customer.Version) { Status = "suspended" }, _world.House)).Value.Should().NotBeNull();

        (await OrderAsync("r-1")).Refusal!.Code.Should().Be("customer_suspended");
        (await _world.WalletAsync()).Version.Should().Be(before.Version + 1, "an order that waits for the wallet meanwhile must notice, too");
    }

    [Test]
    public async Task A_limit_that_was_lowered_counts_at_once()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "30" });

        (await OrderAsync("r-1")).Refusal!.Code.Should().Be("daily_limit_exceeded");
    }

    [Test]
    public async Task A_limit_per_phone_that_was_set_counts_what_went_before()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimitPerPhone = "30" });

        (await OrderAsync("r-1")).Refusal!.Code.Should().Be("daily_limit_exceeded");
        (await OrderAsync("r-2", phone: "5512345555")).Refusal.Should().BeNull();
        (await OrderAsync("r-3", phone: "5512345555")).Refusal!.Code.Should().Be("daily_limit_exceeded");
    }

    [TestCase("MXN", "USD", "0.06", "1.20")]
    [TestCase("USD", "MXN", "16", "1.25")]
    public async Task A_newer_rate_is_used_at_once(string one, string other, string rate, string charge)
    {
        _world.Clock.Advance(Duration.FromSeconds(1));
        (await _world.Relier.SendAsync(new AddExchangeRate(one, other, rate), _world.House)).Value.Should().NotBeNull();

        (await OrderAsync("r-1")).Value.TopUp.Charge.Should().Be(Money.Parse(charge, Currency.USD));
    }

    [Test]
    public async Task Credit_that_was_taken_away_is_gone_at_once()
    {
        await _world.SetBalanceAsync(1.50m);

        (await OrderAsync("r-1")).Refusal!.Code.Should().Be("insufficient_credit");
    }

    [Test]
    public async Task Credit_that_was_added_is_there_at_once()
    {
        await _world.SetBalanceAsync(2.18m);
        (await OrderAsync("r-1")).Refusal.Should().BeNull("all of it is held now");
        await _world.SetBalanceAsync(3.27m);

        (await OrderAsync("r-2")).Refusal.Should().BeNull();
    }

    [Test]
    public async Task What_failed_in_the_meantime_counts_no_longer_towards_the_day()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "60" });
        (await OrderAsync("r-1", phone: "5512345001")).Refusal.Should().BeNull();
        (await OrderAsync("r-2")).Refusal.Should().BeNull();
        while (await _world.RunJobsAsync() > 0)
        {
        }

        (await OrderAsync("r-3")).Refusal.Should().BeNull("60.00 were ordered, of which 20.00 were not delivered");
        (await OrderAsync("r-4")).Refusal!.Code.Should().Be("daily_limit_exceeded");
    }

    [Test]
    public async Task What_others_count_towards_the_day_without_charging_it_counts_at_once()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "60" });
        var topUp = (await OrderAsync("r-1")).Value.TopUp;

        // As when what the old system delivered today is taken over.
        await _world.Storage.RunAsync(
            World.Tenant, async session => { await session.TopUps.AddUseAsync(topUp.Customer, topUp.Day, Money.Parse("5", Currency.MXN), default); return true; }, default);

        (await OrderAsync("r-2")).Refusal!.Facts["used"].Should().Be(Money.Parse("45", Currency.MXN));
    }

    [Test]
    public async Task An_order_asked_again_is_answered_again()
    {
        var keyed = Order("-") with { Reference = null, AllowDuplicate = true, IdempotencyKey = "k-1" };
        var (first, withKey) = (await OrderAsync("r-1"), await _relier.SendAsync(keyed, _world.Reseller));

        await AssumingAsync();
        (await OrderAsync("r-1")).Value.Should().Match<TopUpReceipt>(again => again.Replayed && again.TopUp.Id == first.Value.TopUp.Id);
        await AssumingAsync();
        (await _relier.SendAsync(keyed, _world.Reseller)).Value.Should().Match<TopUpReceipt>(again => again.Replayed && again.TopUp.Id == withKey.Value.TopUp.Id);
        await AssumingAsync();
        (await OrderAsync("r-1", amount: "50")).Refusal!.Code.Should().Be("reference_conflict");
        await AssumingAsync();
        (await _relier.SendAsync(keyed with { Amount = "50" }, _world.Reseller)).Refusal!.Code.Should().Be("idempotency_key_reused");
        await AssumingAsync();
        (await _relier.SendAsync(Order("-") with { Reference = null, IdempotencyKey = "k-2" }, _world.Reseller)).Refusal!.Code.Should().Be("duplicate_suspected");

        // first, r-1, k-1, and two each time to come to assume again; nothing of what was asked again.
        (await _world.WalletAsync()).Held.Should().Be(Money.Parse("14.17", Currency.USD));
    }

    [Test]
    public async Task What_another_process_ordered_is_found_by_its_reference()
    {
        var theirs = await _world.Relier.SendAsync(Order("r-1"), _world.Reseller);

        var ours = await OrderAsync("r-1");

        (ours.Value.Replayed, ours.Value.TopUp.Id).Should().Be((true, theirs.Value.TopUp.Id));
    }

    [Test]
    public async Task Two_processes_in_turns_take_what_there_is_credit_for_and_soon_stop_assuming()
    {
        // 1 is held, 100 more.
        await _world.SetBalanceAsync(101 * 1.09m);
        var before = _watched.Runs;

        var taken = 0;
        for (var i = 0; i < 110; i++)
            if ((await (i % 2 == 0 ? _relier : _world.Relier).SendAsync(Order($"r-{i}"), _world.Reseller)).Refusal is null) taken++;

        taken.Should().Be(100);
        (await _world.WalletAsync()).Available.Should().Be(Money.Zero(Currency.USD));
        // Assumed in vain before 1, 2, 4, 8 and so on batches that were read.
        (_watched.Runs - before).Should().BeInRange(56, 55 + 7);
    }

    [Test]
    public async Task After_a_commit_that_nobody_confirmed_everything_is_read()
    {
        _watched.LoseCommit = LostCommit.Done;
        await FluentActions.Awaiting(() => OrderAsync("r-1")).Should().ThrowAsync<StorageUnavailableException>();
        _watched.LoseCommit = null;
        var before = _watched.Readings;

        (await OrderAsync("r-2")).Refusal.Should().BeNull();

        (_watched.Readings - before).Should().Be(1);
        // first, r-1, r-2.
        (await _world.WalletAsync()).Held.Should().Be(Money.Parse("3.27", Currency.USD));
    }

    [Test]
    public async Task What_is_older_than_two_seconds_is_read_again()
    {
        _world.Clock.Advance(Duration.FromSeconds(2));
        (await OrderAsync("r-1")).Refusal.Should().BeNull();
        _watched.Readings.Should().Be(1);

        _world.Clock.Advance(Duration.FromMilliseconds(2001));
        (await OrderAsync("r-2")).Refusal.Should().BeNull();
        _watched.Readings.Should().Be(2);
    }

    [Test]
    public async Task A_new_day_begins_at_nothing()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "40" });
        // In Mexico City.
        _world.Clock.Advance(Instant.FromUtc(2030, 1, 1, 5, 59, 59) - _world.Clock.Now());
        (await _world.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), _world.House)).Value.Should().NotBeNull();
        for (var i = 0; i < 2; i++) (await OrderAsync($"r-{i}")).Refusal.Should().BeNull();

        _world.Clock.Advance(Duration.FromSeconds(1));

        for (var i = 2; i < 4; i++) (await OrderAsync($"r-{i}")).Refusal.Should().BeNull();
        (await OrderAsync("too much")).Refusal!.Code.Should().Be("daily_limit_exceeded");
    }

    private static RequestTopUp Order(string reference) => new("5512341000", "20") { Reference = reference, Wait = Duration.Zero };

    /// <summary>Two orders, of which the second is not read, nor would be the next one.</summary>
    private async Task AssumingAsync()
    {
        (await OrderAsync($"{Guid.NewGuid()}")).Refusal.Should().BeNull();
        var before = _watched.Readings;
        (await OrderAsync($"{Guid.NewGuid()}")).Refusal.Should().BeNull();
        _watched.Readings.Should().Be(before);
    }

    private Task<Outcome<TopUpReceipt>> OrderAsync(string reference, string phone = "5512341000", string amount = "20") =>
        _relier.SendAsync(Order(reference) with { Phone = phone, Amount = amount }, _world.Reseller);
}
