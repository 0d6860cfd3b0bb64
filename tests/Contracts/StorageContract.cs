using FluentAssertions;
using NUnit.Framework;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Contracts;

/// <summary>
/// What the suites of storage share: a fresh storage for each test, with two tenants in it. The engine is given by
/// <see cref="StorageContractsAttribute"/>.
/// </summary>
public abstract class StorageContract(IStorageEngine engine)
{
    /// <summary>The tenant that tests are about.</summary>
    protected static readonly TenantId Tenant = TenantId.Parse("norte");

    /// <summary>Another tenant in the same storage.</summary>
    protected static readonly TenantId OtherTenant = TenantId.Parse("sur");

    /// <summary>The storage of this test.</summary>
    protected IStorage Storage { get; private set; } = null!;

    /// <summary>Makes the storage of the test.</summary>
    [SetUp]
    public async Task BeginWithTwoTenantsAndNothingElse()
    {
        Storage = await engine.CreateStorageAsync();
        await OfHouseAsync(async house =>
        {
            await house.Tenants.AddAsync(A.Tenant(Tenant), default);
            await house.Tenants.AddAsync(A.Tenant(OtherTenant), default);
        });
    }

    /// <summary>Disposes of it.</summary>
    [TearDown]
    public async Task End()
    {
        if (Storage is IAsyncDisposable asynchronously) await asynchronously.DisposeAsync();
        else (Storage as IDisposable)?.Dispose();
    }

    /// <summary>Work in one transaction of <see cref="Tenant"/>.</summary>
    protected Task<T> InAsync<T>(Func<ISession, Task<T>> work) => Storage.RunAsync(Tenant, work, default);

    /// <summary>Work in one transaction of <see cref="Tenant"/>.</summary>
    protected Task InAsync(Func<ISession, Task> work) => InAsync(Tenant, work);

    /// <summary>Work in one transaction of a tenant.</summary>
    protected Task InAsync(TenantId tenant, Func<ISession, Task> work) => Storage.RunAsync(tenant, session => Done(work(session)), default);

    /// <summary>Work in one transaction of the house.</summary>
    protected Task<T> OfHouseAsync<T>(Func<ISystemSession, Task<T>> work) => Storage.RunSystemAsync(work, default);

    /// <summary>Work in one transaction of the house.</summary>
    protected Task OfHouseAsync(Func<ISystemSession, Task> work) => Storage.RunSystemAsync(session => Done(work(session)), default);

    /// <summary>All of a list, read page by page; fails when a page is too long, too short, or points nowhere.</summary>
    protected static async Task<IReadOnlyList<T>> WalkAsync<T>(int limit, Func<PageRequest, Task<Page<T>>> list)
    {
        var all = new List<T>();
        var request = new PageRequest(null, limit);
        for (var pages = 0; pages < 100; pages++)
        {
            var page = await list(request);
            all.AddRange(page.Data);
            page.Data.Count.Should().BeLessThanOrEqualTo(limit);
            if (page.Next is null) return all;
            page.Data.Count.Should().Be(limit, "only the last page may be short");
            request = request with { After = page.Next };
        }

        throw new AssertionException($"The list has no end: {all.Count} items on 100 pages.");
    }

    /// <summary>Work in one transaction of <see cref="Tenant"/> that lets others come between its end and the commit.</summary>
    protected Task<T> AmongOthersAsync<T>(Func<ISession, Task<T>> work) => InAsync(async session =>
    {
        var result = await work(session);
        await Task.Yield();
        return result;
    });

    /// <summary>Work in one transaction of <see cref="Tenant"/> that lets others come between its end and the commit.</summary>
    protected Task AmongOthersAsync(Func<ISession, Task> work) => AmongOthersAsync(session => Done(work(session)));

    /// <summary>Starts so many at once, waits for all, and tells what each threw.</summary>
    protected static async Task<IReadOnlyList<Exception?>> AllAtOnceAsync(int count, Func<int, Task> act)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = Enumerable.Range(0, count).Select(number => Task.Run(async () =>
        {
            await start.Task;
            try
            {
                await act(number);
                return (Exception?)null;
            }
            catch (Exception problem)
            {
                return problem;
            }
        })).ToList();
        start.SetResult();
        return await Task.WhenAll(runs);
    }

    /// <summary>That the act is refused because a row with this key is there.</summary>
    protected static async Task ShouldBeDuplicateAsync(string key, Func<Task> act) =>
        (await act.Should().ThrowAsync<DuplicateKeyException>()).Which.Key.Should().Be(key);

    /// <summary>That the act is refused because the row was changed since.</summary>
    protected static async Task ShouldBeStaleAsync(Func<Task> act) => await act.Should().ThrowAsync<StaleVersionException>();

    private static async Task<bool> Done(Task work)
    {
        await work;
        return true;
    }
}
