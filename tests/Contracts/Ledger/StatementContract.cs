#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What statements must say.</summary>
public sealed class StatementContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync());

    [Test]
    public async Task A_statement_has_a_line_for_each_posting_newest_first_with_the_balance_after_it()
    {
        var (added, taken) = await InAsync(async session => (
            await session.CreditAsync(_customer, A.Pesos(100), "first"), await session.CreditAsync(_customer, A.Pesos(-30.5m), at: A.Noon + Microsecond)));

        var page = await InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, null, null, new PageRequest(null, 10), default));

        page.Next.Should().BeNull();
        page.Data.ShouldWhollyBe(new[]
        {
            new StatementLine(taken.Id, A.Noon + Microsecond, JournalKind.CreditSubtracted, taken.Subject, "payment", A.Pesos(-30.5m), A.Pesos(69.5m), 2),
            new StatementLine(added.Id, A.Noon, JournalKind.CreditAdded, added.Subject, "payment: first", A.Pesos(100), A.Pesos(100), 1),
        });
    }

    [Test]
    public async Task A_position_that_is_none_of_a_statement_gives_nothing_and_breaks_nothing()
    {
        await InAsync(session => session.CreditAsync(_customer, A.Pesos(100)));

        var page = await InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, null, null, new PageRequest(new Position(A.Noon, "x"), 10), default));

        page.Data.Should().BeEmpty();
        page.Next.Should().BeNull();
    }

    [Test]
    public async Task A_statement_has_nothing_of_other_accounts_and_none_for_an_account_that_is_not_there()
    {
        await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(100));
            var other = await session.EnrolAsync();
            await session.CreditAsync(other, A.Pesos(7));
        });

        (await WalkAsync(10)).Should().ContainSingle().Which.Amount.Should().Be(A.Pesos(100));
        var nobodys = await InAsync(session => session.Ledger.StatementAsync(A.New<Account>("acc"), null, null, new PageRequest(null, 10), default));
        nobodys.Data.Should().BeEmpty();
        nobodys.Next.Should().BeNull();
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(12)]
    public async Task Pages_hold_every_line_once_by_entry_downwards_also_at_the_same_time(int limit)
    {
        await InAsync(async session =>
        {
            // Twelve, so that 12 and 2 would change places if numbers were compared as text; all at one time but two.
            for (var i = 1; i <= 12; i++) await session.CreditAsync(_customer, A.Pesos(i), at: i is 4 or 9 ? A.Noon + Microsecond : A.Noon);
        });

        var lines = await WalkAsync(limit);

        lines.Select(line => line.Entry).Should().Equal(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
        lines[0].Balance.Should().Be(A.Pesos(78)); // 1 + 2 + ... + 12
    }

    [Test]
    public async Task A_line_that_comes_while_a_statement_is_read_moves_none()
    {
        await InAsync(async session =>
        {
            for (var i = 1; i <= 3; i++) await session.CreditAsync(_customer, A.Pesos(i));
        });
        var first = await InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, null, null, new PageRequest(null, 2), default));

        await InAsync(session => session.CreditAsync(_customer, A.Pesos(4)));

        var second = await InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, null, null, new PageRequest(first.Next, 2), default));
        first.Data.Concat(second.Data).Select(line => line.Entry).Should().Equal(3, 2, 1);
    }

    [Test]
    public async Task A_range_holds_its_beginning_and_not_its_end()
    {
        await InAsync(async session =>
        {
            for (var second = 0; second <= 3; second++) await session.CreditAsync(_customer, A.Pesos(1), at: A.Noon + Duration.FromSeconds(second));
        });
        Instant At(int second) => A.Noon + Duration.FromSeconds(second);

        (await EntriesAsync(At(1), At(3))).Should().Equal(3, 2);
        (await EntriesAsync(At(1) + Microsecond, At(3) + Microsecond)).Should().Equal(4, 3);
        (await EntriesAsync(At(2), null)).Should().Equal(4, 3);
        (await EntriesAsync(null, At(2))).Should().Equal(2, 1);
        (await EntriesAsync(At(2), At(2))).Should().BeEmpty();
    }

    [Test]
    public async Task Pages_of_a_range_stay_in_the_range()
    {
        await InAsync(async session =>
        {
            for (var second = 0; second < 8; second++) await session.CreditAsync(_customer, A.Pesos(1), at: A.Noon + Duration.FromSeconds(second));
        });

        var lines = await WalkAsync(2, A.Noon + Duration.FromSeconds(1), A.Noon + Duration.FromSeconds(6));

        lines.Select(line => line.Entry).Should().Equal(6, 5, 4, 3, 2);
    }

    [Test]
    public async Task A_page_can_begin_behind_any_entry()
    {
        await InAsync(async session =>
        {
            for (var i = 1; i <= 5; i++) await session.CreditAsync(_customer, A.Pesos(i));
        });

        var page = await InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, null, null, new PageRequest(new Position(A.Noon, "5"), 2), default));

        page.Data.Select(line => line.Entry).Should().Equal(4, 3);
    }

    [Test]
    public async Task The_first_entry_from_a_time_on_is_the_lowest_number_and_stays_when_an_earlier_time_is_numbered_behind_it()
    {
        Instant At(int second) => A.Noon + Duration.FromSeconds(second);
        Task<long?> FirstAsync(Instant from) => InAsync(session => session.Ledger.FirstEntryAsync(_customer.Wallet, from, default));
        (await FirstAsync(At(0))).Should().BeNull();
        await InAsync(async session =>
        {
            foreach (var second in new[] { 0, 4, 8 }) await session.CreditAsync(_customer, A.Pesos(1), at: At(second));
        });

        (await FirstAsync(At(4))).Should().Be(2);
        await InAsync(session => session.CreditAsync(_customer, A.Pesos(1), at: At(3)));

        (await FirstAsync(At(0))).Should().Be(1);
        (await FirstAsync(At(3))).Should().Be(2);
        (await FirstAsync(At(4))).Should().Be(2);
        (await FirstAsync(At(4) + Microsecond)).Should().Be(3);
        (await FirstAsync(At(8) + Microsecond)).Should().BeNull();
        (await InAsync(session => session.Ledger.FirstEntryAsync(A.New<Account>("acc"), At(0), default))).Should().BeNull();
    }

    private Task<IReadOnlyList<StatementLine>> WalkAsync(int limit, Instant? from = null, Instant? to = null) =>
        WalkAsync(limit, page => InAsync(session => session.Ledger.StatementAsync(_customer.Wallet, from, to, page, default)));

    private async Task<IEnumerable<long>> EntriesAsync(Instant? from, Instant? to) => (await WalkAsync(10, from, to)).Select(line => line.Entry);
}
