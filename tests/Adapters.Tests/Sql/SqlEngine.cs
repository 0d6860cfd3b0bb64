using System.Reflection;
using Relier.Contracts;
using Relier.Sql;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Adapters.Tests.Sql;

/// <summary>An SQL engine to test on.</summary>
public abstract class SqlEngine : IStorageEngine
{
    /// <summary>A database of its own, empty or migrated. Gone when it is disposed.</summary>
    internal abstract Task<TestDatabase> CreateAsync(bool migrated = true);

    /// <summary>A query for the statements that take the append-only guards away.</summary>
    internal abstract string LiftGuards { get; }

    public virtual async Task<IStorage> CreateStorageAsync() => await CreateAsync();
}

/// <summary>A throw-away database: a storage on it, more storages on it, and a way past them all.</summary>
internal sealed class TestDatabase(Func<IStorage> open, Func<ValueTask> drop) : IStorage, IAsyncDisposable
{
    private readonly List<IStorage> _others = [];
    private readonly IStorage _storage = open();

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        _storage.RunAsync(tenant, work, cancellationToken);

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        _storage.RunSystemAsync(work, cancellationToken);

    public bool IsInTransaction => _storage.IsInTransaction;

    public Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => _storage.ListenForJobsAsync(wake, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => _storage.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        _storage.MigrationsAsync(cancellationToken);

    /// <summary>What another process of ours would have.</summary>
    public IStorage OpenAnother()
    {
        _others.Add(open());
        return _others[^1];
    }

    /// <summary>Runs any statement in a transaction of its own.</summary>
    public Task ExecuteAsync(string sql) => InStatementsAsync(statements => statements.ExecuteAsync(sql, null, default));

    /// <summary>The one number a query gives.</summary>
    public Task<long> CountAsync(string sql) => InStatementsAsync(statements => statements.ScalarAsync<long>(sql, null, default));

    /// <summary>The texts a query gives.</summary>
    public Task<List<string>> TextsAsync(string sql) => InStatementsAsync(statements => statements.ListAsync<string>(sql, null, default));

    /// <summary>A transaction without the stores.</summary>
    public Task<T> InStatementsAsync<T>(Func<Statements, Task<T>> work) => Inner.InTransactionAsync(work, default);

    public async ValueTask DisposeAsync()
    {
        foreach (var storage in _others.Append(_storage)) await ((IAsyncDisposable)storage).DisposeAsync();
        await drop();
    }

    // By reflection, because one of the engines comes from an assembly of the same name that is loaded a second time.
    private SqlStorage Inner =>
        (SqlStorage)_storage.GetType().GetField("_storage", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(_storage)!;
}
