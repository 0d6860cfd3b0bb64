using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>Orders that share a commit: each is decided as if it had come alone, after those before it.</summary>
[TestFixture(Engine.Memory)]
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
public sealed class SharedCommits(Engine engine)
{
    private World _world = null!;
    private GatedStorage _gate = null!;
    private IRelier _relier = null!;

    [SetUp]
    public async Task Begin()
    {
        _world = await World.StartAsync(engine);
        _relier = _world.NewProcess("shared", inner => _gate = new GatedStorage(inner)).GetRequiredService<IRelier>();
        // The first order of a process reads its tenant; from then on an order stands in the queue before SendAsync returns.
        (await OrderAsync("0000", "first")).Value.Replayed.Should().BeFalse();
    }

    [TearDown]
    public async Task End()
    {
        await _world.ShouldBeSoundAsync();
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Orders_that_come_during_a_commit_share_the_next_one()
    {
        var before = _gate.Runs;

        var outcomes = await TogetherAsync(Enumerable.Range(1, 50).Select(number => Order(number)));

        outcomes.Should().OnlyContain(outcome => outcome.Refusal == null);
        outcomes.Select(outcome => outcome.Value.TopUp.Id).Distinct().Should().HaveCount(50);
        (_gate.Runs - before).Should().Be(2, "the one that came first, and all others together");
        // 0000, the one that held the gate and these, at 1.09 each.
        (await _world.WalletAsync()).Held.Should().Be(Dollars(52 * 1.09m));
    }

    [Test]
    public async Task Of_sixty_four_on_a_wallet_with_credit_for_exactly_ten_ten_are_taken()
    {
        // Twelve at 1.09: one is held since the start, one will hold the gate.
        await _world.SetBalanceAsync(12 * 1.09m);
        await AskAgainAsync();

        var outcomes = await TogetherAsync(Enumerable.Range(1, 64).Select(number => Order(number)));

        outcomes.Count(outcome => outcome.Refusal is null).Should().Be(10);
        outcomes.Where(outcome => outcome.Refusal is not null).Should().OnlyContain(outcome => outcome.Refusal!.Code == "insufficient_credit").And.HaveCount(54);
        (await _world.WalletAsync()).Available.Should().Be(Dollars(0));
    }

    [Test]
    public async Task Of_sixty_four_at_once_from_everywhere_exactly_as_many_are_taken_as_there_is_credit_for()
    {
        await _world.SetBalanceAsync(11 * 1.09m);
        var other = _world.NewProcess("other").GetRequiredService<IRelier>();

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 64).Select(number => Task.Run(() => (number % 2 == 0 ? _relier : other).SendAsync(Order(number), _world.Reseller))));

        outcomes.Count(outcome => outcome.Refusal is null).Should().Be(10);
        (await _world.WalletAsync()).Available.Should().Be(Dollars(0));
    }

    [Test]
    public async Task One_reference_fifty_times_in_a_batch_is_one_topup()
    {
        var outcomes = await TogetherAsync(Enumerable.Repeat(Order(1), 50));

        outcomes.Select(outcome => outcome.Value.TopUp.Id).Distinct().Should().ContainSingle();
        outcomes.Count(outcome => outcome.Value.Replayed).Should().Be(49);
        (await _world.WalletAsync()).Held.Should().Be(Dollars(3 * 1.09m));
    }

    [Test]
    public async Task One_reference_from_fifty_clients_of_two_processes_is_one_topup()
    {
        var other = _world.NewProcess("other").GetRequiredService<IRelier>();

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 50).Select(number => Task.Run(() => (number % 2 == 0 ? _relier : other).SendAsync(Order(1), _world.Reseller))));

        outcomes.Select(outcome => outcome.Value.TopUp.Id).Distinct().Should().ContainSingle();
        outcomes.Count(outcome => !outcome.Value.Replayed).Should().Be(1);
    }

    [Test]
    public async Task One_reference_for_two_contents_in_a_batch_is_a_conflict_for_the_second_alone()
    {
        var outcomes = await TogetherAsync([Order(1), Order(1) with { Amount = "50" }, Order(2)]);

        outcomes.Select(outcome => outcome.Refusal?.Code).Should().Equal(null, "reference_conflict", null);
    }

    [Test]
    public async Task A_key_reused_for_other_content_in_its_own_batch_is_refused_for_that_one_alone()
    {
        var keyed = Order(1) with { Reference = null, IdempotencyKey = "k-1" };

        var outcomes = await TogetherAsync([keyed, keyed, keyed with { Amount = "50" }, Order(2)]);

        outcomes.Select(outcome => outcome.Refusal?.Code).Should().Equal(null, null, "idempotency_key_reused", null);
        outcomes[1].Value.TopUp.Id.Should().Be(outcomes[0].Value.TopUp.Id);
        outcomes[1].Value.Replayed.Should().BeTrue();
    }

    [Test]
    public async Task A_twin_in_the_same_batch_is_suspected_and_one_that_is_meant_is_not()
    {
        var order = Order(1) with { Reference = null, IdempotencyKey = "k-1" };

        var outcomes = await TogetherAsync([order, order with { IdempotencyKey = "k-2" }, order with { IdempotencyKey = "k-3", AllowDuplicate = true }]);

        outcomes.Select(outcome => outcome.Refusal?.Code).Should().Equal(null, "duplicate_suspected", null);
        outcomes[1].Refusal!.Facts["id"].Should().Be(outcomes[0].Value.TopUp.Id.Value);
    }

    [Test]
    public async Task A_daily_limit_counts_those_before_in_the_batch()
    {
        // 20.00 were used at the start and 20.00 hold the gate; 70.00 leave room for one more.
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimit = "70" });
        await AskAgainAsync();

        var outcomes = await TogetherAsync([Order(1), Order(2)]);

        outcomes.Select(outcome => outcome.Refusal?.Code).Should().Equal(null, "daily_limit_exceeded");
        outcomes[1].Refusal!.Facts["used"].Should().Be(Money.Parse("60.00", Currency.MXN));
    }

    [Test]
    public async Task A_daily_limit_per_phone_counts_those_before_in_the_batch()
    {
        await _world.SetPoliciesAsync(new PoliciesInput { DailyLimitPerPhone = "30" });
        await AskAgainAsync();

        var outcomes = await TogetherAsync([Order(1), Order(1) with { Reference = "again" }, Order(2)]);

        outcomes.Select(outcome => outcome.Refusal?.Code).Should().Equal(null, "daily_limit_exceeded", null);
    }

    [Test]
    public async Task An_order_that_cannot_be_decided_fails_alone()
    {
        // A customer whose wallet is not there: our own books are broken for this one.
        var broken = A.Customer();
        await _world.Storage.RunAsync(World.Tenant, async session => { await session.Customers.AddAsync(broken, default); return true; }, default);
        var poison = Order(5) with { Customer = broken.Id.Value };

        var (sent, poisoned) = await HoldingAsync(() =>
        {
            var orders = Enumerable.Range(1, 3).Select(number => _relier.SendAsync(Order(number), _world.Reseller)).ToList();
            var alone = _relier.SendAsync(poison, _world.House);
            orders.AddRange(Enumerable.Range(6, 3).Select(number => _relier.SendAsync(Order(number), _world.Reseller)));
            return (orders, alone);
        });

        (await Task.WhenAll(sent)).Should().OnlyContain(outcome => outcome.Refusal == null && !outcome.Value.Replayed).And.HaveCount(6);
        await FluentActions.Awaiting(() => poisoned).Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{broken.Id}*");
        (await _world.WalletAsync()).Held.Should().Be(Dollars(8 * 1.09m));
    }

    [Test]
    public async Task Who_gives_up_before_the_batch_orders_nothing_and_who_gives_up_later_undoes_nothing()
    {
        using var early = new CancellationTokenSource();
        using var late = new CancellationTokenSource();
        var (late1, rest) = await HoldingAsync(() =>
        {
            var gone = _relier.SendAsync(Order(1), _world.Reseller, early.Token);
            var staying = _relier.SendAsync(Order(2), _world.Reseller);
            early.Cancel();
            return (_relier.SendAsync(Order(3), _world.Reseller, late.Token), (gone, staying));
        }, whenHeldAgain: () => late.Cancel());

        await FluentActions.Awaiting(() => rest.gone).Should().ThrowAsync<OperationCanceledException>();
        (await rest.staying).Value.Replayed.Should().BeFalse();
        (await late1).Value.Replayed.Should().BeFalse();
        (await OrderAsync("0001", "r-1")).Value.Replayed.Should().BeFalse("it was never taken");
        (await OrderAsync("0003", "r-3")).Value.Replayed.Should().BeTrue("it was taken");
    }

    [Test]
    public async Task When_a_commit_is_not_confirmed_everyone_in_it_is_told_so_and_asking_again_finds_what_was_done([Values] bool done)
    {
        var (sent, _) = await HoldingAsync(() =>
        {
            _gate.LoseCommit = done ? LostCommit.Done : LostCommit.NotDone;
            return (Enumerable.Range(1, 20).Select(number => _relier.SendAsync(Order(number), _world.Reseller)).ToList(), true);
        });

        foreach (var order in sent) await FluentActions.Awaiting(() => order).Should().ThrowAsync<StorageUnavailableException>();
        _gate.LoseCommit = null;
        var again = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => _relier.SendAsync(Order(number), _world.Reseller)));
        again.Should().OnlyContain(outcome => outcome.Refusal == null && outcome.Value.Replayed == done);
        (await _world.WalletAsync()).Held.Should().Be(Dollars(22 * 1.09m));
    }

    [Test]
    public async Task Two_processes_that_take_orders_of_the_same_two_resellers_the_other_way_round_do_not_stop_each_other()
    {
        var second = await EnrolAsync(_world.House, "second");
        var other = _world.NewProcess("other").GetRequiredService<IRelier>();

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 200).Select(number => Task.Run(() =>
        {
            var relier = number % 2 == 0 ? _relier : other;
            var caller = number / 2 % 2 == number % 2 ? _world.Reseller : second;
            return relier.SendAsync(Order(number), caller);
        })));

        outcomes.Should().OnlyContain(outcome => outcome.Refusal == null && !outcome.Value.Replayed);
        (await _world.WalletAsync()).Held.Should().Be(Dollars(101 * 1.09m));
    }

    [Test]
    public async Task Two_tenants_at_once_each_have_their_own()
    {
        var tenant = TenantId.Parse("sur");
        await _world.Services.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, "Sur", DateTimeZone.Utc);
        var house = Caller.OfAdmin(tenant, "maria");
        (await _relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), house)).Value.Should().NotBeNull();
        var theirs = await EnrolAsync(house, "theirs");
        (await _relier.SendAsync(Order(0) with { Reference = "warm" }, theirs)).Refusal.Should().BeNull();

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 40).Select(number => _relier.SendAsync(Order(number / 2), number % 2 == 0 ? _world.Reseller : theirs)));

        outcomes.Should().OnlyContain(outcome => outcome.Refusal == null);
        outcomes.Count(outcome => outcome.Value.Replayed).Should().Be(0, "one reference of two tenants is two references");
        (await _relier.SendAsync(new VerifyLedger(), house)).Value.Findings.Should().BeEmpty();
    }

    private static Money Dollars(decimal amount) => Money.Parse(amount.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture), Currency.USD);

    private static RequestTopUp Order(int number) => new($"551234{number:D4}", "20") { Reference = $"r-{number}", Wait = Duration.Zero };

    private Task<Outcome<TopUpReceipt>> OrderAsync(string lastDigits, string reference) =>
        _relier.SendAsync(new RequestTopUp($"551234{lastDigits}", "20") { Reference = reference, Wait = Duration.Zero }, _world.Reseller);

    /// <summary>From then on the process knows what others have changed, so that the next order is one transaction.</summary>
    private async Task AskAgainAsync() => (await OrderAsync("0000", "first")).Value.Replayed.Should().BeTrue();

    private async Task<Caller> EnrolAsync(Caller house, string channel)
    {
        var customer = (await _relier.SendAsync(new CreateCustomer(channel) { Channel = channel, WalletCurrency = "USD" }, house)).Value.Customer;
        (await _relier.SendAsync(new AdjustCredit(customer.Id.Value, "10000.00", "payment"), house)).Value.Should().NotBeNull();
        return Caller.OfCustomer(house.Tenant, customer.Id);
    }

    /// <summary>These orders in one batch, in this order.</summary>
    private async Task<IReadOnlyList<Outcome<TopUpReceipt>>> TogetherAsync(IEnumerable<RequestTopUp> orders)
    {
        var (sent, _) = await HoldingAsync(() => (orders.Select(order => _relier.SendAsync(order, _world.Reseller)).ToList(), true));
        return await Task.WhenAll(sent);
    }

    /// <summary>What is sent while an order of its own stands before its commit, so that all of it shares the next one.</summary>
    private async Task<(TSent Sent, TOther Other)> HoldingAsync<TSent, TOther>(Func<(TSent, TOther)> send, Action? whenHeldAgain = null)
    {
        _gate.Close();
        var holding = OrderAsync("9999", "holds-the-gate");
        var sent = send();
        // What fails is the batch of those, not the one before it.
        var lose = _gate.LoseCommit;
        _gate.LoseCommit = null;
        _gate.Open(closeBehind: true);
        (await holding).Refusal.Should().BeNull();
        await _gate.NextArrival;
        _gate.LoseCommit = lose;
        whenHeldAgain?.Invoke();
        _gate.Open(closeBehind: false);
        return sent;
    }
}
