#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What a store of accounts, holds and journals must keep.</summary>
public sealed class LedgerStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    [Test]
    public async Task An_account_comes_back_whole_found_locked_and_listed()
    {
        var customer = A.Customer();
        var account = FullRecords.WalletOf(customer);

        await InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, default);
            await session.Ledger.OpenAsync(account, default);
        });

        (await FindAsync(account.Id)).ShouldWhollyBe(account);
        (await InAsync(session => session.Ledger.LockAsync(account.Id, default))).ShouldWhollyBe(account);
        (await InAsync(session => session.Ledger.ListAsync([customer.Id], default))).ShouldWhollyBe(new[] { account });
    }

    [Test]
    public async Task An_account_that_is_not_there_is_neither_found_nor_locked()
    {
        var nobodys = A.New<Account>("acc");

        (await FindAsync(nobodys)).Should().BeNull();
        (await InAsync(session => session.Ledger.LockAsync(nobodys, default))).Should().BeNull();
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Micros))]
    public async Task A_balance_survives_to_the_last_millionth(long micros)
    {
        var customer = A.Customer();
        var account = A.WalletOf(customer) with { Posted = Money.FromMicros(micros, Currency.MXN), CreditLimit = Money.FromMicros(long.MaxValue, Currency.MXN) };

        await InAsync(session => session.Ledger.OpenAsync(account, default));

        (await FindAsync(account.Id)).ShouldWhollyBe(account);
    }

    [Test]
    public async Task Every_currency_survives()
    {
        var accounts = Currency.All.Select(currency => Account.Open(A.New<Account>("acc"), A.New<Customer>("cus"), Money.Of(5, currency), A.Noon)).ToList();

        await InAsync(async session =>
        {
            foreach (var account in accounts) await session.Ledger.OpenAsync(account, default);
        });

        foreach (var account in accounts) (await FindAsync(account.Id)).ShouldWhollyBe(account);
    }

    [Test]
    public async Task The_accounts_of_many_customers_are_listed_by_account_id_and_nobody_elses()
    {
        var accounts = new[] { "x-b", "x0", "xA", "x_", "xa" }
            .Select(id => A.WalletOf(A.Customer() with { Wallet = Id<Account>.Parse(id) })).ToList();
        var strangers = A.WalletOf(A.Customer());
        await InAsync(async session =>
        {
            foreach (var account in EdgeValues.Shuffled(accounts).Append(strangers)) await session.Ledger.OpenAsync(account, default);
        });
        var asked = accounts.Select(account => account.Customer).Concat(Enumerable.Range(0, 1_200).Select(_ => A.New<Customer>("nobody"))).ToList();

        var listed = await InAsync(session => session.Ledger.ListAsync(asked, default));

        listed.ShouldWhollyBe(accounts);
        (await InAsync(session => session.Ledger.ListAsync([], default))).Should().BeEmpty();
    }

    [Test]
    public async Task An_update_writes_balances_and_limit_and_counts_the_version_up()
    {
        var account = A.WalletOf(A.Customer());
        await InAsync(session => session.Ledger.OpenAsync(account, default));
        var after = account with { CreditLimit = A.Pesos(50), Posted = A.Pesos(-1.000001m), Held = A.Pesos(7), Entries = 9 };

        var returned = await InAsync(session => session.Ledger.UpdateAsync(after, default));

        returned.ShouldWhollyBe(after with { Version = 2 });
        (await FindAsync(account.Id)).ShouldWhollyBe(after with { Version = 2 });
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public async Task An_update_of_any_version_but_the_stored_one_is_stale_and_writes_nothing(long version)
    {
        var account = A.WalletOf(A.Customer());
        await InAsync(session => session.Ledger.OpenAsync(account, default));
        var stored = await InAsync(session => session.Ledger.UpdateAsync(account, default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Ledger.UpdateAsync(account with { Posted = A.Pesos(1), Version = version }, default)));

        (await FindAsync(account.Id)).ShouldWhollyBe(stored);
    }

    [Test]
    public async Task Of_twenty_debits_that_race_for_the_last_peso_exactly_one_wins()
    {
        var customer = A.Customer();
        await InAsync(async session =>
        {
            await session.EnrolAsync(customer);
            await session.CreditAsync(customer, A.Pesos(20));
        });
        var topUps = Enumerable.Range(0, 20).Select(_ => A.TopUpOf(customer)).ToList(); // 20.00 each

        var won = 0;
        var problems = await AllAtOnceAsync(topUps.Count, number => InAsync(async session =>
        {
            var account = await session.Ledger.LockAsync(customer.Wallet, default);
            await Task.Yield(); // others may come between what was read and what is decided with it
            if (account!.Reserve(A.Pesos(20)).IsRefused(out _, out var reserved)) return;
            await session.Ledger.UpdateAsync(reserved, default);
            await session.Ledger.AddHoldAsync(A.HoldOf(topUps[number]), default);
            Interlocked.Increment(ref won);
        }));

        problems.Should().AllBeEquivalentTo((Exception?)null, "who locks waits for the lock, and is never told to try again");
        won.Should().Be(1);
        (await FindAsync(customer.Wallet))!.Held.Should().Be(A.Pesos(20));
        var holds = await InAsync(async session =>
        {
            var found = new List<Hold?>();
            foreach (var topUp in topUps) found.Add(await session.Ledger.FindHoldAsync(topUp.Id.Value, default));
            return found;
        });
        holds.Where(hold => hold is not null).Should().ContainSingle();
    }

    [Test]
    public async Task Twenty_credits_at_once_behind_the_lock_all_count()
    {
        var customer = await InAsync(session => session.EnrolAsync());

        var problems = await AllAtOnceAsync(20, _ => AmongOthersAsync(session => session.CreditAsync(customer, A.Pesos(5))));

        problems.Should().AllBeEquivalentTo((Exception?)null);
        var account = await FindAsync(customer.Wallet);
        account!.Posted.Should().Be(A.Pesos(100)); // 20 x 5.00
        account.Entries.Should().Be(20);
        (await InAsync(session => session.Ledger.VerifyAsync(default))).Should().BeEmpty();
    }

    [Test]
    public async Task A_hold_comes_back_whole_open_and_ended()
    {
        var open = FullRecords.HoldOf(A.TopUpOf(A.Customer())) with { State = HoldState.Open, EndedAt = null };
        var ended = open.End(HoldState.Captured, A.Noon);

        await InAsync(session => session.Ledger.AddHoldAsync(open, default));
        (await FindHoldAsync(open.Subject)).ShouldWhollyBe(open);
        await InAsync(session => session.Ledger.EndHoldAsync(ended, default));

        (await FindHoldAsync(open.Subject)).ShouldWhollyBe(ended);
        (await FindHoldAsync("somebody-else")).Should().BeNull();
    }

    [TestCase(HoldState.Captured, HoldState.Released)]
    [TestCase(HoldState.Released, HoldState.Captured)]
    [TestCase(HoldState.Released, HoldState.Released)]
    public async Task A_hold_ends_once(HoldState first, HoldState second)
    {
        var hold = A.HoldOf(A.TopUpOf(A.Customer()));
        await InAsync(session => session.Ledger.AddHoldAsync(hold, default));
        await InAsync(session => session.Ledger.EndHoldAsync(hold.End(first, A.Noon), default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Ledger.EndHoldAsync(hold.End(second, A.Noon), default)));

        (await FindHoldAsync(hold.Subject))!.State.Should().Be(first);
    }

    [Test]
    public async Task Of_ten_who_end_a_hold_at_once_one_does()
    {
        var hold = A.HoldOf(A.TopUpOf(A.Customer()));
        await InAsync(session => session.Ledger.AddHoldAsync(hold, default));

        var problems = await AllAtOnceAsync(10, number =>
            AmongOthersAsync(session => session.Ledger.EndHoldAsync(hold.End(number % 2 == 0 ? HoldState.Captured : HoldState.Released, A.Noon), default)));

        problems.Count(problem => problem is null).Should().Be(1);
        problems.Count(problem => problem is StaleVersionException).Should().Be(9);
    }

    [Test]
    public async Task A_hold_that_never_was_cannot_end() =>
        await ShouldBeStaleAsync(() => InAsync(session =>
            session.Ledger.EndHoldAsync(A.HoldOf(A.TopUpOf(A.Customer())).End(HoldState.Released, A.Noon), default)));

    [TestCase(HoldState.Captured)]
    [TestCase(HoldState.Released)]
    public async Task A_subject_has_one_hold_for_ever(HoldState ended)
    {
        var hold = A.HoldOf(A.TopUpOf(A.Customer()));
        await InAsync(session => session.Ledger.AddHoldAsync(hold, default));
        await InAsync(session => session.Ledger.EndHoldAsync(hold.End(ended, A.Noon), default));

        await ShouldBeDuplicateAsync(UniqueKey.Hold, () => InAsync(session => session.Ledger.AddHoldAsync(hold, default)));
    }

    [Test]
    public async Task A_journal_comes_back_whole_with_its_parts_in_their_order()
    {
        var (plain, full) = (A.Journal(), FullRecords.JournalOn(A.WalletOf(A.Customer())));

        await InAsync(async session =>
        {
            await session.Ledger.PostAsync(plain, default);
            await session.Ledger.PostAsync(full, default);
        });

        (await FindJournalAsync(plain.Kind, plain.Subject)).ShouldWhollyBe(plain);
        (await FindJournalAsync(full.Kind, full.Subject)).ShouldWhollyBe(full);
    }

    [Test]
    public async Task A_journal_survives_with_the_largest_amounts_and_any_text()
    {
        var most = Money.FromMicros(long.MaxValue, Currency.MXN);
        var journal = A.Journal() with
        {
            Reason = "goodwill: 🙂 it's \"ok\"\n",
            Postings = [new Posting(AccountCode.Adjustment, most), new Posting(AccountCode.CashInTransit, -most)],
        };

        await InAsync(session => session.Ledger.PostAsync(journal, default));

        (await FindJournalAsync(journal.Kind, journal.Subject)).ShouldWhollyBe(journal);
    }

    [Test]
    public async Task A_subject_has_one_journal_of_each_kind()
    {
        var capture = A.Journal() with { Kind = JournalKind.TopUpCaptured, Subject = "RLR_1" };
        var reversal = A.Journal() with { Kind = JournalKind.TopUpReversed, Subject = "RLR_1" };
        await InAsync(async session =>
        {
            await session.Ledger.PostAsync(capture, default);
            await session.Ledger.PostAsync(reversal, default);
        });

        await ShouldBeDuplicateAsync(
            UniqueKey.Journal, () => InAsync(session => session.Ledger.PostAsync(A.Journal() with { Kind = JournalKind.TopUpCaptured, Subject = "RLR_1" }, default)));

        (await FindJournalAsync(JournalKind.TopUpCaptured, "RLR_1")).ShouldWhollyBe(capture);
        (await FindJournalAsync(JournalKind.TopUpReversed, "RLR_1")).ShouldWhollyBe(reversal);
        (await FindJournalAsync(JournalKind.LateDelivery, "RLR_1")).Should().BeNull();
    }

    [Test]
    public async Task Balances_are_the_sums_of_postings_by_code_then_currency()
    {
        var customer = A.Customer() with { Wallet = Id<Account>.Parse("wallet_1") };
        await InAsync(async session =>
        {
            await session.EnrolAsync(customer);
            await session.CreditAsync(customer, A.Pesos(100));
            await session.CreditAsync(customer, A.Pesos(-40));
            await session.Ledger.PostAsync(
                A.Journal() with
                {
                    Postings =
                    [
                        new Posting(AccountCode.FxPosition, A.Dollars(1.09m)), new Posting(AccountCode.ProviderPayable("latcom"), A.Dollars(-1.09m)),
                        new Posting(AccountCode.FxPosition, A.Pesos(-20)), new Posting(AccountCode.ProviderPayable("latcom"), A.Pesos(20)),
                    ],
                },
                default);
        });

        var balances = await InAsync(session => session.Ledger.BalancesAsync(default));

        balances.ShouldWhollyBe(new[]
        {
            new AccountBalance(AccountCode.CashInTransit, A.Pesos(-60)), // -100 + 40
            new AccountBalance(AccountCode.Parse("customer:wallet_1"), A.Pesos(60)), // 100 - 40
            new AccountBalance(AccountCode.FxPosition, A.Pesos(-20)),
            new AccountBalance(AccountCode.FxPosition, A.Dollars(1.09m)),
            new AccountBalance(AccountCode.ProviderPayable("latcom"), A.Pesos(20)),
            new AccountBalance(AccountCode.ProviderPayable("latcom"), A.Dollars(-1.09m)),
        });
    }

    private Task<Account?> FindAsync(Id<Account> id) => InAsync(session => session.Ledger.FindAsync(id, default));

    private Task<Hold?> FindHoldAsync(string subject) => InAsync(session => session.Ledger.FindHoldAsync(subject, default));

    private Task<Journal?> FindJournalAsync(JournalKind kind, string subject) =>
        InAsync(session => session.Ledger.FindJournalAsync(kind, subject, default));
}
