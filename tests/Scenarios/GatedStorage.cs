using System.Reflection;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>How a commit gets lost.</summary>
internal enum LostCommit
{
    /// <summary>It was done, and nobody heard so.</summary>
    Done,

    /// <summary>It was not done.</summary>
    NotDone,
}

/// <summary>
/// A storage before which transactions can be made to wait, whose commits can be lost, and that counts them and how often orders were read in them.
/// </summary>
internal sealed class GatedStorage(IStorage inner) : IStorage
{
    private TaskCompletionSource? _closed;
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Runs { get; private set; }

    /// <summary>How often orders were read.</summary>
    public int Readings { get; private set; }

    public LostCommit? LoseCommit { get; set; }

    /// <summary>Completes when a transaction stands before the gate that was closed last.</summary>
    public Task NextArrival => _arrival.Task;

    public void Close()
    {
        _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets through who stands there, and nobody else if it is closed behind them.</summary>
    public void Open(bool closeBehind)
    {
        var opened = _closed!;
        _closed = null;
        if (closeBehind) Close();
        opened.SetResult();
    }

    public async Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_closed is { } gate)
        {
            _arrival.TrySetResult();
            await gate.Task;
        }

        Runs++;
        if (LoseCommit == LostCommit.NotDone) throw new StorageUnavailableException("The connection was lost before the commit.");
        var result = await inner.RunAsync(tenant, session => work(Counted<ISession>.Over(session, this)), cancellationToken);
        return LoseCommit == LostCommit.Done ? throw new StorageUnavailableException("The commit was not confirmed.") : result;
    }

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

    /// <summary>Hands every call on.</summary>
    internal class Counted<T> : DispatchProxy
        where T : class
    {
        private T _inner = null!;
        private GatedStorage _storage = null!;

        public static T Over(T inner, GatedStorage storage)
        {
            var proxy = Create<T, Counted<T>>();
            ((Counted<T>)(object)proxy)._inner = inner;
            ((Counted<T>)(object)proxy)._storage = storage;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IOrderStore.LockAsync) && _inner is IOrderStore) _storage.Readings++;
            var result = targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
            return result is IOrderStore orders ? Counted<IOrderStore>.Over(orders, _storage) : result;
        }
    }
}
