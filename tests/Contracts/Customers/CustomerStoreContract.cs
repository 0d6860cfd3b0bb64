#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What a store of customers must keep.</summary>
public sealed class CustomerStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    [Test]
    public async Task A_customer_comes_back_whole()
    {
        var (plain, full) = (A.Customer(), FullRecords.Customer());

        await InAsync(async session =>
        {
            await session.Customers.AddAsync(plain, default);
            await session.Customers.AddAsync(full, default);
        });

        (await FindAsync(plain.Id)).ShouldWhollyBe(plain);
        (await FindAsync(full.Id)).ShouldWhollyBe(full);
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Texts))]
    public async Task Any_text_survives(string text)
    {
        var customer = A.Customer() with { Name = text };

        await InAsync(session => session.Customers.AddAsync(customer, default));

        (await FindAsync(customer.Id)).ShouldWhollyBe(customer);
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Instants))]
    public async Task An_instant_survives_to_the_microsecond(Instant instant)
    {
        var customer = A.Customer() with { CreatedAt = instant };

        await InAsync(session => session.Customers.AddAsync(customer, default));

        (await FindAsync(customer.Id)).ShouldWhollyBe(customer);
    }

    [Test]
    public async Task A_customer_who_is_not_there_is_not_found()
    {
        await InAsync(session => session.Customers.AddAsync(A.Customer(), default));

        (await FindAsync(A.New<Customer>("cus"))).Should().BeNull();
    }

    [Test]
    public async Task Ids_are_compared_to_the_letter()
    {
        var customer = A.Customer() with { Id = Id<Customer>.Parse("cus_Abc") };
        await InAsync(session => session.Customers.AddAsync(customer, default));

        (await FindAsync(Id<Customer>.Parse("cus_abc"))).Should().BeNull();
    }

    [Test]
    public async Task An_update_writes_every_member_and_counts_the_version_up()
    {
        var before = A.Customer();
        await InAsync(session => session.Customers.AddAsync(before, default));
        var after = FullRecords.Customer() with { Id = before.Id, Version = before.Version };

        var returned = await InAsync(session => session.Customers.UpdateAsync(after, default));

        returned.ShouldWhollyBe(after with { Version = 2 });
        (await FindAsync(before.Id)).ShouldWhollyBe(after with { Version = 2 });
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public async Task An_update_of_any_version_but_the_stored_one_is_stale_and_writes_nothing(long version)
    {
        var customer = A.Customer();
        await InAsync(session => session.Customers.AddAsync(customer, default));
        var stored = await InAsync(session => session.Customers.UpdateAsync(customer, default));

        await ShouldBeStaleAsync(() => InAsync(session => session.Customers.UpdateAsync(customer with { Name = "Changed", Version = version }, default)));

        (await FindAsync(customer.Id)).ShouldWhollyBe(stored);
    }

    [Test]
    public async Task An_update_of_a_customer_who_is_not_there_is_stale() =>
        await ShouldBeStaleAsync(() => InAsync(session => session.Customers.UpdateAsync(A.Customer(), default)));

    [Test]
    public async Task An_update_cannot_take_the_channel_of_another()
    {
        var (one, other) = (A.Customer(), A.Customer());
        await InAsync(async session =>
        {
            await session.Customers.AddAsync(one, default);
            await session.Customers.AddAsync(other, default);
        });

        await ShouldBeDuplicateAsync(
            UniqueKey.CustomerChannel, () => InAsync(session => session.Customers.UpdateAsync(one with { Channel = other.Channel }, default)));

        (await FindAsync(one.Id)).ShouldWhollyBe(one);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    [TestCase(100)]
    public async Task Pages_hold_every_customer_once_newest_first_then_by_id(int limit)
    {
        var ordered = EdgeValues.InOrderOfTimeThenId((at, id) => A.Customer() with { Id = Id<Customer>.Parse(id), CreatedAt = at });
        await InAsync(async session =>
        {
            foreach (var customer in EdgeValues.Shuffled(ordered)) await session.Customers.AddAsync(customer, default);
        });

        var listed = await WalkAsync(limit, page => InAsync(session => session.Customers.ListAsync(page, default)));

        listed.ShouldWhollyBe(ordered);
    }

    [Test]
    public async Task A_customer_who_comes_while_a_list_is_read_moves_nobody()
    {
        var customers = Enumerable.Range(1, 4).Select(hour => A.Customer() with { CreatedAt = A.Noon - Duration.FromHours(hour) }).ToList();
        await InAsync(async session =>
        {
            foreach (var customer in customers) await session.Customers.AddAsync(customer, default);
        });
        var first = await InAsync(session => session.Customers.ListAsync(new PageRequest(null, 2), default));

        await InAsync(session => session.Customers.AddAsync(A.Customer(), default));

        var second = await InAsync(session => session.Customers.ListAsync(new PageRequest(first.Next, 2), default));
        first.Data.Concat(second.Data).Select(customer => customer.Id).Should().Equal(customers.Select(customer => customer.Id));
        second.Next.Should().BeNull("a page that ends with the last item is the last page");
    }

    private Task<Customer?> FindAsync(Id<Customer> id) => InAsync(session => session.Customers.FindAsync(id, default));
}
