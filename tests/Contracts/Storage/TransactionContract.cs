#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Contracts;

/// <summary>What a transaction must keep.</summary>
public sealed class TransactionContract(IStorageEngine engine) : StorageContract(engine)
{
    [Test]
    public async Task What_the_work_returns_is_returned_when_it_is_committed()
    {
        var customer = A.Customer();

        var returned = await InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, default);
            return 42;
        });

        returned.Should().Be(42);
        (await InAsync(session => session.Customers.FindAsync(customer.Id, default))).Should().NotBeNull();
    }

    [Test]
    public async Task A_session_says_whose_it_is() => (await InAsync(session => Task.FromResult(session.Tenant))).Should().Be(Tenant);

    [Test]
    public async Task A_storage_knows_whether_one_is_inside_a_transaction()
    {
        Storage.IsInTransaction.Should().BeFalse();
        (await InAsync(_ => Task.FromResult(Storage.IsInTransaction))).Should().BeTrue();
        (await OfHouseAsync(_ => Task.FromResult(Storage.IsInTransaction))).Should().BeTrue();
        Storage.IsInTransaction.Should().BeFalse();
    }

    [Test]
    public async Task What_the_work_wrote_it_reads_back()
    {
        var inside = await InAsync(async session =>
        {
            var world = await World.WriteAsync(session);
            return (Read: await world.DescribeAsync(session), world);
        });

        inside.Read.Should().Be(inside.world.Describe());
        (await InAsync(inside.world.DescribeAsync)).Should().Be(inside.Read);
    }

    [Test]
    public async Task A_rollback_leaves_nothing_of_anything()
    {
        var why = new InvalidOperationException("changed my mind");
        World? world = null;

        var thrown = await FluentActions.Awaiting(() => InAsync(async session =>
        {
            world = await World.WriteAsync(session);
            throw why;
        })).Should().ThrowAsync<InvalidOperationException>();

        thrown.Which.Should().BeSameAs(why, "what the work threw is passed on");
        (await InAsync(world!.DescribeAsync)).Should().Be(World.Nothing);
        (await OfHouseAsync(house => house.Jobs.ClaimAsync(A.ClaimBy("worker-1") with { Now = A.Noon + Duration.FromDays(1) }, default))).Jobs.Should().BeEmpty();
    }

    [Test]
    public async Task A_rollback_brings_back_what_was_changed_before()
    {
        var world = await InAsync(World.WriteAsync);
        var before = await InAsync(world.DescribeAsync);

        await FluentActions.Awaiting(() => InAsync(async session =>
        {
            await world.ChangeAsync(session);
            throw new InvalidOperationException("changed my mind");
        })).Should().ThrowAsync<InvalidOperationException>();

        (await InAsync(world.DescribeAsync)).Should().Be(before);
    }

    [Test]
    public async Task What_the_work_changed_is_changed_when_it_is_committed()
    {
        var world = await InAsync(World.WriteAsync);
        var before = await InAsync(world.DescribeAsync);

        await InAsync(world.ChangeAsync);

        (await InAsync(world.DescribeAsync)).Should().NotBe(before);
    }

    [Test]
    public async Task A_rollback_of_the_house_leaves_nothing_either()
    {
        await InAsync(session => session.Jobs.AddAsync(A.Job(Tenant), default));

        await FluentActions.Awaiting(() => OfHouseAsync(async house =>
        {
            await house.Tenants.AddAsync(A.Tenant(TenantId.Parse("este")), default);
            (await house.Jobs.ClaimAsync(A.ClaimBy("worker-1"), default)).Jobs.Should().ContainSingle();
            throw new InvalidOperationException("changed my mind");
        })).Should().ThrowAsync<InvalidOperationException>();

        (await OfHouseAsync(house => house.Tenants.FindAsync(TenantId.Parse("este"), default))).Should().BeNull();
        var claimed = (await OfHouseAsync(house => house.Jobs.ClaimAsync(A.ClaimBy("worker-2"), default))).Jobs;
        claimed.Should().ContainSingle().Which.Tries.Should().Be(1);
    }

    [Test]
    public async Task A_storage_goes_on_after_a_refused_row()
    {
        var customer = A.Customer();
        await InAsync(session => session.Customers.AddAsync(customer, default));

        await ShouldBeDuplicateAsync(UniqueKey.Customer, () => InAsync(async session =>
        {
            await session.Audit.AddAsync(A.AuditEntry(), default);
            await session.Customers.AddAsync(customer, default);
        }));

        var page = await InAsync(session => session.Audit.ListAsync(null, new PageRequest(null, 10), default));
        page.Data.Should().BeEmpty("all of a transaction is there, or nothing");
    }

    [Test]
    public async Task A_session_that_is_kept_cannot_be_used()
    {
        ISession? kept = null;
        ISystemSession? keptOfHouse = null;
        await InAsync(session =>
        {
            kept = session;
            return Task.CompletedTask;
        });
        await OfHouseAsync(house =>
        {
            keptOfHouse = house;
            return Task.CompletedTask;
        });

        await FluentActions.Awaiting(() => kept!.Customers.AddAsync(A.Customer(), default)).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => kept!.Audit.ListAsync(null, new PageRequest(null, 1), default)).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => keptOfHouse!.Tenants.ListAsync(default)).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Test]
    public async Task Work_that_was_cancelled_before_it_began_is_not_done()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var begun = false;

        await FluentActions.Awaiting(() => Storage.RunAsync(
            Tenant,
            session =>
            {
                begun = true;
                return Task.FromResult(session.Tenant);
            },
            cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();

        begun.Should().BeFalse();
    }

    [Test]
    public async Task Migrating_again_changes_nothing()
    {
        var world = await InAsync(World.WriteAsync);

        await AllAtOnceAsync(3, _ => Storage.MigrateAsync(default));

        (await InAsync(world.DescribeAsync)).Should().Be(world.Describe());
        (await Storage.MigrationsAsync(default)).Where(migration => migration.AppliedAt is null).Should().BeEmpty();
    }
}
