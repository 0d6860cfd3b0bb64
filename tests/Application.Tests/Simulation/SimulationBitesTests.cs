using System.Reflection;
using Relier.InMemory;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Application.Tests;

/// <summary>Relier made wrong on purpose, in one place each time: a simulation that does not notice is worth nothing.</summary>
internal sealed class SimulationBitesTests
{
    [Test]
    public void A_hold_that_is_not_released_is_found() => Found(
        new() { AroundStorage = storage => new BrokenStorage(storage, Breaking.Of<ILedgerStore>(nameof(ILedgerStore.EndHoldAsync), hold => ((Hold)hold!).State == HoldState.Released)) },
        "HoldFollowsTopUp");

    [Test]
    public void A_first_answer_that_is_lost_is_found() => Found(
        new() { AroundStorage = storage => new BrokenStorage(storage, Breaking.Of<IIdempotencyStore>(nameof(IIdempotencyStore.AddAsync), _ => true)) },
        "I7");

    [Test]
    public void A_reference_that_is_lost_with_its_key_is_found() => Found(
        new() { AroundStorage = storage => new BrokenStorage(storage, Breaking.Changing<IOrderStore>(nameof(IOrderStore.AddAsync), entries => ((OrderEntries)entries!) with { Answers = [] })) },
        "I7");

    [Test]
    public void A_job_that_is_not_kept_is_found() => Found(
        new() { AroundStorage = storage => new BrokenStorage(storage, Breaking.Changing<IOrderStore>(nameof(IOrderStore.AddAsync), entries => ((OrderEntries)entries!) with { Jobs = [] })) },
        "Liveness");

    [Test]
    public void A_provider_that_is_asked_twice_is_found() => Found(
        new() { AroundProvider = provider => Breaking.Twice(provider) },
        "INV4");

    private static void Found(SimulationOptions broken, string asWhat)
    {
        var found = Enumerable.Range(1, 200).Select(seed => SimulationRun.Run(broken with { Seed = seed })).FirstOrDefault(report => !report.Holds);

        found.Should().NotBeNull("one of 200 seeds must find it");
        found!.Broken.Should().Contain(promise => promise.StartsWith(asWhat, StringComparison.Ordinal));
        found.BrokenAt.Should().NotBeNull();
    }

    /// <summary>A storage one of whose stores is not the real one.</summary>
    private sealed class BrokenStorage(IStorage inner, Func<ISession, ISession> breaking) : IStorage
    {
        public bool IsInTransaction => inner.IsInTransaction;

        public Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            inner.RunAsync(tenant, session => work(breaking(session)), cancellationToken);

        public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
    }

    /// <summary>Stands before the real thing and does one call wrong.</summary>
    private static class Breaking
    {
        /// <summary>Drops the call when its first argument is such.</summary>
        public static Func<ISession, ISession> Of<TStore>(string method, Func<object?, bool> drops)
            where TStore : class => In<TStore>((called, arguments, go) => called == method && drops(arguments[0]) ? Task.CompletedTask : go(arguments));

        /// <summary>Changes the first argument of the call.</summary>
        public static Func<ISession, ISession> Changing<TStore>(string method, Func<object?, object?> change)
            where TStore : class => In<TStore>((called, arguments, go) => go(called == method ? [change(arguments[0]), .. arguments[1..]] : arguments));

        public static ITopUpProvider Twice(ITopUpProvider provider) => Proxy<ITopUpProvider>.Before(provider, ((called, arguments, go) =>
        {
            if (called == nameof(ITopUpProvider.SubmitAsync)) go(arguments);
            return go(arguments);
        }));

        private static Func<ISession, ISession> In<TStore>(Call call)
            where TStore : class => session => Proxy<ISession>.Before(
            session, ((_, arguments, go) => go(arguments) is var result && result is TStore store ? Proxy<TStore>.Before(store, call) : result));
    }

    internal delegate object? Call(string method, object?[] arguments, Func<object?[], object?> go);

    internal class Proxy<T> : DispatchProxy
        where T : class
    {
        private T _inner = null!;
        private Call _call = null!;

        public static T Before(T inner, Call call)
        {
            var proxy = Create<T, Proxy<T>>();
            ((Proxy<T>)(object)proxy)._inner = inner;
            ((Proxy<T>)(object)proxy)._call = call;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _call(targetMethod!.Name, args ?? [], arguments =>
        {
            try
            {
                return targetMethod.Invoke(_inner, arguments);
            }
            catch (TargetInvocationException error) when (error.InnerException is { } inner)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
                throw;
            }
        });
    }
}
