#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What a store of orders must keep.</summary>
public sealed class OrderStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync(FullRecords.Customer()));

    [Test]
    public async Task What_orders_leave_is_there_for_every_other_store()
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");

        await InAsync(session => session.Orders.AddAsync(entries, default));

        await InAsync(async session =>
        {
            (await session.TopUps.FindByReferenceAsync(_customer.Id, "r-1", default)).ShouldWhollyBe(topUp);
            (await session.Ledger.FindAsync(wallet.Id, default)).ShouldWhollyBe(wallet with { Version = wallet.Version + 1 });
            (await session.Ledger.FindHoldAsync(topUp.Id.Value, default)).ShouldWhollyBe(entries.Holds[0]);
            (await session.Jobs.FindAsync(entries.Jobs[0].Id, default)).ShouldWhollyBe(entries.Jobs[0]);
            (await session.Idempotency.FindAsync(entries.Answers[0].Actor, entries.Answers[0].Key, default)).ShouldWhollyBe(entries.Answers[0]);
            (await session.UsedAsync(_customer.Id, A.Day, Currency.MXN)).Should().Be(A.Pesos(20));
            (await session.UsedAsync(_customer.Id, topUp.Phone, A.Day, Currency.MXN)).Should().Be(A.Pesos(20));
        });
    }

    [Test]
    public async Task Topups_of_every_kind_come_back_whole()
    {
        TopUp[] topUps = [FullRecords.TopUpOf(_customer) with { Attempts = [], Evidence = [] }, FullRecords.RejectedOf(_customer), A.TopUpOf(_customer)];

        await InAsync(session => session.Orders.AddAsync(new OrderEntries { TopUps = topUps, Day = A.Day }, default));

        foreach (var topUp in topUps) (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).ShouldWhollyBe(topUp);
    }

    [Test]
    public async Task Whoever_locks_reads_what_was_left_whole_and_nothing_of_others()
    {
        var other = await InAsync(session => session.EnrolAsync());
        var (mine, topUp, wallet) = Entries(_customer, "r-1");
        var (theirs, _, _) = Entries(other, "r-1");
        await InAsync(session => session.Orders.AddAsync(mine, default));
        await InAsync(session => session.Orders.AddAsync(theirs, default));

        var found = await InAsync(session => session.Orders.LockAsync(
            A.QuestionsAbout(topUp) with { Keys = [(mine.Answers[0].Actor, mine.Answers[0].Key), (mine.Answers[0].Actor, "not there")] }, default));

        found.Customers.ShouldWhollyBe(new[] { FullRecords.Customer() with { Id = _customer.Id, Wallet = _customer.Wallet, Channel = _customer.Channel } });
        found.Wallets.ShouldWhollyBe(new[] { wallet with { Version = 2 } });
        found.Answers.ShouldWhollyBe(new[] { mine.Answers[0] });
        found.TopUps.ShouldWhollyBe(new[] { topUp });
        found.Used.Should().BeEquivalentTo(new[] { new DailyUse(_customer.Id, A.Pesos(20)) });
    }

    [Test]
    public async Task What_is_not_there_is_left_out()
    {
        var nobody = A.Customer();

        var found = await InAsync(session => session.Orders.LockAsync(A.QuestionsAbout(A.TopUpOf(nobody) with { Reference = "r-1" }) with { Keys = [("a", "k")] }, default));

        (found.Customers.Count + found.Wallets.Count + found.Answers.Count + found.TopUps.Count + found.Used.Count).Should().Be(0);
    }

    [Test]
    public async Task A_twin_is_the_newest_after_the_given_time_that_may_have_been_delivered()
    {
        var topUp = A.TopUpOf(_customer);
        TopUp[] others = [At(-121), At(-60), At(-30), At(-10).In(TopUpState.Failed), At(-5) with { Face = A.Pesos(30) }];
        await InAsync(session => session.Orders.AddAsync(new OrderEntries { TopUps = others, Day = A.Day }, default));

        var found = await InAsync(session => session.Orders.LockAsync(A.QuestionsAbout(topUp), default));

        found.TopUps.ShouldWhollyBe(new[] { others[2] });

        TopUp At(int seconds) => A.TopUpOf(_customer) with { CreatedAt = A.Noon + Duration.FromSeconds(seconds) };
    }

    [Test]
    public async Task The_use_of_a_day_adds_up()
    {
        await InAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(5), default));

        for (var time = 0; time < 2; time++)
            await InAsync(session => session.Orders.AddAsync(
                new OrderEntries { Used = [new DailyUse(_customer.Id, A.Pesos(50)), new DailyUse(_customer.Id, A.Dollars(3))], Day = A.Day }, default));

        // 5 + 2 x 50; 2 x 3.
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Day, Currency.MXN))).Should().Be(A.Pesos(105));
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Day, Currency.USD))).Should().Be(A.Dollars(6));
    }

    [Test]
    public async Task For_a_phone_counts_what_was_or_may_be_delivered_on_the_day()
    {
        var other = await InAsync(session => session.EnrolAsync());
        var guadalajara = Msisdn.Parse("3312345678");
        TopUp[] topUps =
        [
            Of(20), Of(30).In(TopUpState.Unknown), Of(50).In(TopUpState.LateDelivered), Of(7) with { Face = A.Dollars(7) },
            Of(100).In(TopUpState.Failed), Of(100).In(TopUpState.Rejected), Of(100).In(TopUpState.Reversed),
            Of(100) with { Day = A.Day.PlusDays(-1) }, Of(100) with { Phone = guadalajara }, Of(100) with { Customer = other.Id },
        ];
        await InAsync(session => session.Orders.AddAsync(new OrderEntries { TopUps = topUps, Day = A.Day }, default));

        var used = await InAsync(session => session.Orders.UsedAsync([(_customer.Id, A.Phone), (_customer.Id, Msisdn.Parse("8112345678"))], A.Day, default));

        // 20 + 30 + 50.
        used.Should().BeEquivalentTo(new[] { new DailyUseOfPhone(_customer.Id, A.Phone, A.Pesos(100)), new DailyUseOfPhone(_customer.Id, A.Phone, A.Dollars(7)) });

        TopUp Of(decimal pesos) => A.TopUpOf(_customer) with { Face = A.Pesos(pesos) };
    }

    [Test]
    public async Task For_a_phone_the_first_and_the_last_moment_of_the_day_count_in_every_zone()
    {
        // The day of a zone 14 hours ahead begins, and that of one 12 hours behind ends, so long before and after UTC's.
        var midnight = A.Day.AtMidnight().InUtc().ToInstant();
        TopUp[] topUps = [At(midnight - Duration.FromHours(14)), At(midnight + Duration.FromHours(36) - Duration.FromMilliseconds(1))];
        await InAsync(session => session.Orders.AddAsync(new OrderEntries { TopUps = topUps, Day = A.Day }, default));

        (await InAsync(session => session.UsedAsync(_customer.Id, A.Phone, A.Day, Currency.MXN))).Should().Be(A.Pesos(40));

        TopUp At(Instant time) => A.TopUpOf(_customer) with { CreatedAt = time };
    }

    [Test]
    public async Task Rates_are_what_the_store_of_rates_finds()
    {
        var (rate, later) = (A.Rate(), A.Rate() with { AsOf = A.Noon + Duration.FromHours(1), Rate = Ratio.Of(0.07m) });
        await InAsync(session => session.ExchangeRates.AddAsync(rate, default));
        await InAsync(session => session.ExchangeRates.AddAsync(later, default));
        var questions = A.QuestionsAbout(A.TopUpOf(_customer)) with { Pairs = [(rate.Base, rate.Quote), (rate.Quote, rate.Base), (Currency.KWD, Currency.JPY)], Now = rate.AsOf };

        var found = await InAsync(session => session.Orders.LockAsync(questions, default));
        var hourLater = await InAsync(session => session.Orders.LockAsync(questions with { Now = later.AsOf }, default));

        found.Rates.Should().BeEquivalentTo(new Dictionary<(Currency, Currency), ExchangeRate?>
        {
            [(rate.Base, rate.Quote)] = rate, [(rate.Quote, rate.Base)] = rate, [(Currency.KWD, Currency.JPY)] = null,
        });
        hourLater.Rates[(rate.Base, rate.Quote)].Should().Be(later);
    }

    [TestCase(UniqueKey.TopUp)]
    [TestCase(UniqueKey.TopUpReference)]
    [TestCase(UniqueKey.Hold)]
    [TestCase(UniqueKey.Job)]
    [TestCase(UniqueKey.IdempotencyKey)]
    public async Task Of_what_orders_leave_nothing_is_written_when_a_key_is_taken(string key)
    {
        var (first, _, _) = Entries(_customer, "r-1");
        await InAsync(session => session.Orders.AddAsync(first, default));
        var (second, topUp, wallet) = Entries(_customer, "r-2");
        second = second with { Wallets = [wallet with { Version = 2 }] };
        second = key switch
        {
            UniqueKey.TopUp => second with { TopUps = [topUp, topUp with { Id = first.TopUps[0].Id, Reference = "r-3" }] },
            UniqueKey.TopUpReference => second with { TopUps = [topUp, A.TopUpOf(_customer) with { Reference = "r-1" }] },
            UniqueKey.Hold => second with { Holds = [.. second.Holds, first.Holds[0]] },
            UniqueKey.Job => second with { Jobs = [.. second.Jobs, first.Jobs[0]] },
            _ => second with { Answers = [.. second.Answers, first.Answers[0]] },
        };

        await ShouldBeDuplicateAsync(key, () => InAsync(session => session.Orders.AddAsync(second, default)));

        (await InAsync(session => session.TopUps.FindByReferenceAsync(_customer.Id, "r-2", default))).Should().BeNull();
        (await InAsync(session => session.Ledger.FindAsync(_customer.Wallet, default)))!.Version.Should().Be(2);
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Day, Currency.MXN))).Should().Be(A.Pesos(20));
    }

    [Test]
    public async Task Nothing_is_written_on_a_wallet_that_was_changed_since()
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");

        await ShouldBeStaleAsync(() => InAsync(session => session.Orders.AddAsync(entries with { Wallets = [wallet with { Version = 7 }] }, default)));

        (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).Should().BeNull();
    }

    [Test]
    public async Task What_was_assumed_rightly_is_written([Values] bool isExchanged)
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");
        var rate = A.Rate();
        await InAsync(session => session.ExchangeRates.AddAsync(rate with { AsOf = rate.AsOf - Duration.FromSeconds(1) }, default));
        await InAsync(session => session.ExchangeRates.AddAsync(rate, default));
        await InAsync(session => session.ExchangeRates.AddAsync(rate with { AsOf = rate.AsOf + Duration.FromSeconds(2) }, default));
        // Of the same moment, but it is the other one that is quoted straight for dollars.
        await InAsync(session => session.ExchangeRates.AddAsync(rate with { Base = rate.Quote, Quote = rate.Base }, default));
        var assumed = new OrderAssumption(_customer, isExchanged ? A.Dollars(7) : A.Pesos(5), isExchanged ? rate : null, rate.AsOf + Duration.FromSeconds(1));
        await InAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(5), default));
        await InAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Dollars(7), default));

        await InAsync(session => session.Orders.AddAsync(entries with { Assumed = assumed }, default));

        (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).ShouldWhollyBe(topUp);
        (await InAsync(session => session.Ledger.FindAsync(wallet.Id, default))).ShouldWhollyBe(wallet with { Version = wallet.Version + 1 });
    }

    [TestCase("wallet")]
    [TestCase("customer")]
    [TestCase("customer of another tenant")]
    [TestCase("use of the day")]
    [TestCase("rate")]
    [TestCase("rate the other way round")]
    [TestCase("rate of the same moment, quoted straight")]
    [TestCase("what was held")]
    public async Task Nothing_is_written_when_what_was_assumed_is_not_so(string changed)
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");
        var (rate, second) = (A.Rate(), Duration.FromSeconds(1));
        var turned = rate with { Base = rate.Quote, Quote = rate.Base };
        await InAsync(session => session.ExchangeRates.AddAsync(rate, default));
        var assumed = new OrderAssumption(_customer, A.Pesos(0), rate, rate.AsOf + second);
        switch (changed)
        {
            case "wallet": await InAsync(session => session.Ledger.UpdateAsync(wallet with { Held = A.Pesos(1) }, default)); break;
            case "customer": await InAsync(session => session.Customers.UpdateAsync(_customer with { Status = CustomerStatus.Suspended }, default)); break;
            case "customer of another tenant": assumed = assumed with { Customer = A.Customer() }; break;
            case "use of the day": await InAsync(session => session.TopUps.AddUseAsync(_customer.Id, A.Day, A.Pesos(5), default)); break;
            case "rate": await InAsync(session => session.ExchangeRates.AddAsync(rate with { AsOf = rate.AsOf + second }, default)); break;
            case "rate the other way round": await InAsync(session => session.ExchangeRates.AddAsync(turned with { AsOf = rate.AsOf + second }, default)); break;
            case "what was held": entries = entries with { Wallets = [wallet with { Held = A.Pesos(21) }] }; break;
            default: await InAsync(session => session.ExchangeRates.AddAsync(turned, default)); break;
        }

        await ShouldBeStaleAsync(() => InAsync(session => session.Orders.AddAsync(entries with { Assumed = assumed }, default)));

        (await InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).Should().BeNull();
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Day, Currency.MXN))).Should().NotBe(A.Pesos(20));
    }

    [Test]
    public async Task What_many_assume_at_once_one_writes()
    {
        var failures = await AllAtOnceAsync(20, number =>
        {
            var entries = Entries(_customer, $"r-{number}").Entries with { Assumed = new OrderAssumption(_customer, A.Pesos(0), null, A.Noon) };
            return AmongOthersAsync(session => session.Orders.AddAsync(entries, default));
        });

        failures.OfType<StaleVersionException>().Should().HaveCount(19);
        failures.Should().ContainSingle(failure => failure == null);
        (await InAsync(session => session.UsedAsync(_customer.Id, A.Day, Currency.MXN))).Should().Be(A.Pesos(20));
    }

    [Test]
    public async Task What_orders_leave_is_there_for_the_rest_of_the_transaction()
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");

        await InAsync(async session =>
        {
            await session.Orders.AddAsync(entries, default);

            (await session.TopUps.FindAsync(topUp.Id, default)).ShouldWhollyBe(topUp);
            await session.Ledger.UpdateAsync(wallet with { Held = A.Pesos(21), Version = 2 }, default);
        });

        (await InAsync(session => session.Ledger.FindAsync(wallet.Id, default)))!.Should().Match<Account>(after => after.Held == A.Pesos(21) && after.Version == 3);
    }

    [Test]
    public async Task Nothing_of_a_transaction_is_there_when_what_it_wrote_last_is_refused()
    {
        var (entries, topUp, wallet) = Entries(_customer, "r-1");
        await InAsync(session => session.Orders.AddAsync(new OrderEntries { TopUps = [topUp], Day = A.Day }, default));
        var hold = entries.Holds[0] with { Subject = "before" };

        await ShouldBeStaleAsync(() => InAsync(async session =>
        {
            await session.Ledger.AddHoldAsync(hold, default);
            await session.Orders.AddAsync(entries with { TopUps = [], Wallets = [wallet with { Version = 7 }] }, default);
        }));
        await ShouldBeDuplicateAsync(UniqueKey.TopUp, () => InAsync(async session =>
        {
            await session.Ledger.AddHoldAsync(hold, default);
            await session.Orders.AddAsync(new OrderEntries { TopUps = [topUp with { Reference = null }], Day = A.Day }, default);
        }));

        (await InAsync(session => session.Ledger.FindHoldAsync("before", default))).Should().BeNull();
        (await InAsync(session => session.Ledger.FindAsync(wallet.Id, default)))!.Version.Should().Be(1);
    }

    [Test]
    public async Task A_locked_wallet_is_read_and_changed_by_one_at_a_time()
    {
        await AllAtOnceAsync(20, _ => AmongOthersAsync(async session =>
        {
            var found = await session.Orders.LockAsync(A.QuestionsAbout(A.TopUpOf(_customer)), default);
            var wallet = found.Wallets.Single();
            await session.Orders.AddAsync(new OrderEntries { Wallets = [wallet with { Posted = wallet.Posted + A.Pesos(1) }], Day = A.Day }, default);
        }));

        (await InAsync(session => session.Ledger.FindAsync(_customer.Wallet, default)))!.Posted.Should().Be(A.Pesos(20));
    }

    [Test]
    public async Task Those_who_name_the_same_customers_in_another_order_do_not_wait_for_each_other_in_a_ring()
    {
        var customers = new List<Customer> { _customer };
        for (var i = 0; i < 7; i++) customers.Add(await InAsync(session => session.EnrolAsync()));

        var failures = await AllAtOnceAsync(16, number => Enumerable.Range(0, 10).Aggregate(Task.CompletedTask, async (before, _) =>
        {
            await before;
            await AmongOthersAsync(async session =>
            {
                var ids = customers.Select(customer => customer.Id);
                var found = await session.Orders.LockAsync(
                    A.QuestionsAbout(A.TopUpOf(_customer)) with { Customers = [.. number % 2 == 0 ? ids : ids.Reverse()] }, default);
                await session.Orders.AddAsync(
                    new OrderEntries { Wallets = [.. found.Wallets.Select(wallet => wallet with { Posted = wallet.Posted + A.Pesos(1) })], Day = A.Day }, default);
            });
        }));

        failures.Should().OnlyContain(failure => failure == null);
        foreach (var customer in customers)
            (await InAsync(session => session.Ledger.FindAsync(customer.Wallet, default)))!.Posted.Should().Be(A.Pesos(160));
    }

    /// <summary>All that one order of 20 pesos leaves.</summary>
    private static (OrderEntries Entries, TopUp TopUp, Account Wallet) Entries(Customer customer, string reference)
    {
        var topUp = A.TopUpOf(customer) with { Reference = reference };
        var wallet = A.WalletOf(customer) with { Held = A.Pesos(20) };
        var entries = new OrderEntries
        {
            Wallets = [wallet],
            TopUps = [topUp],
            Holds = [A.HoldOf(topUp)],
            Jobs = [FullRecords.Job(Tenant) with { Subject = topUp.Id.Value }],
            Answers = [A.FirstAnswer() with { Actor = $"customer:{customer.Id}", Key = reference, Resource = topUp.Id.Value }],
            Used = [new DailyUse(customer.Id, A.Pesos(20))],
            Day = A.Day,
        };
        return (entries, topUp, wallet);
    }
}
