using FluentAssertions;
using NUnit.Framework;
using Relier.InMemory;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Adapters.Tests.InMemory;

/// <summary>What is true in memory alone; the rest is in the contracts.</summary>
public sealed class InMemoryStorageTests
{
    private static readonly TenantId Tenant = TenantId.Parse("norte");

    [Test]
    public async Task A_transaction_inside_another_is_told_rather_than_waiting_for_itself_for_ever()
    {
        var storage = new InMemoryStorage();

        var nested = () => storage.RunAsync(Tenant, _ => storage.RunSystemAsync(house => house.Tenants.ListAsync(default), default), default);

        (await nested.Should().ThrowAsync<InvalidOperationException>()).WithMessage("A transaction is already open here*");
    }

    [Test]
    public async Task Transactions_may_follow_each_other_in_one_flow()
    {
        var storage = new InMemoryStorage();

        for (var i = 0; i < 3; i++) (await storage.RunAsync(Tenant, session => Task.FromResult(session.Tenant), default)).Should().Be(Tenant);
    }

    [Test]
    public async Task Two_storages_share_nothing_and_may_be_used_inside_each_other()
    {
        var (one, other) = (new InMemoryStorage(), new InMemoryStorage());

        await one.RunAsync(Tenant, async session =>
        {
            await session.Customers.AddAsync(Relier.Contracts.A.Customer(), default);
            return await other.RunAsync(Tenant, theirs => theirs.Customers.ListAsync(new PageRequest(null, 1), default), default);
        }, default);

        (await other.RunAsync(Tenant, session => session.Customers.ListAsync(new PageRequest(null, 1), default), default)).Data.Should().BeEmpty();
    }

    [Test]
    public async Task Who_waits_for_a_turn_can_give_up()
    {
        var storage = new InMemoryStorage();
        var (inside, leave) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var cancelling = new CancellationTokenSource();
        var first = storage.RunAsync(Tenant, async session =>
        {
            inside.SetResult();
            await leave.Task;
            return session.Tenant;
        }, default);
        await inside.Task;
        var second = storage.RunAsync(Tenant, session => Task.FromResult(session.Tenant), cancelling.Token);

        await cancelling.CancelAsync();

        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        leave.SetResult();
        (await first).Should().Be(Tenant);
    }

    [Test]
    public async Task There_are_no_migrations() => (await new InMemoryStorage().MigrationsAsync(default)).Should().BeEmpty();
}
