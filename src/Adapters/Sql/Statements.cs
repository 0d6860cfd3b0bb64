using Dapper;
using Relier.Storage;

namespace Relier.Sql;

/// <summary>
/// Runs statements in one open transaction, and turns what the driver throws into what the ports promise. When a
/// statement failed, the transaction can only be rolled back (on PostgreSQL the engine insists), unless it failed inside
/// <see cref="AtomicallyAsync"/>. Not for use by two at once. Unusable once the transaction has ended.
/// </summary>
internal sealed class Statements(SqlDialect dialect, SqlTransaction transaction)
{
    private const string Savepoint = "SAVEPOINT relier_part";
    private const string ToSavepoint = "ROLLBACK TO SAVEPOINT relier_part";
    private const string ReleaseSavepoint = "RELEASE SAVEPOINT relier_part";

    /// <summary>For statements that read or change whole tables.</summary>
    private const int LongSeconds = 600;

    /// <summary>What is still to be written, in this order, before anything else is done.</summary>
    private readonly List<RowWrite> _last = [];

    private Exception? _failure;

    public SqlDialect Dialect => dialect;

    /// <summary>False once the transaction has ended.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether there are due jobs because of what was done, for which somebody should be woken after the commit.</summary>
    public bool LeavesDueJobs { get; set; }

    /// <summary>Runs a statement; how many rows it touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellationToken) =>
        RunAsync(() => transaction.Connection.ExecuteAsync(Command(sql, parameters, null, cancellationToken)));

    /// <summary>Runs a statement that may take minutes.</summary>
    public Task<int> ExecuteLongAsync(string sql, CancellationToken cancellationToken) =>
        RunAsync(() => transaction.Connection.ExecuteAsync(Command(sql, null, LongSeconds, cancellationToken)));

    /// <summary>Runs <c>INSERT … ON CONFLICT DO NOTHING</c>. Throws <see cref="DuplicateKeyException"/> when it did nothing; the transaction goes on.</summary>
    public async Task InsertAsync(string sql, object row, string uniqueKey, CancellationToken cancellationToken)
    {
        if (await ExecuteAsync(sql, row, cancellationToken) == 0) throw new DuplicateKeyException(uniqueKey);
    }

    /// <summary>Runs a statement that may run into a unique key. Throws <see cref="DuplicateKeyException"/> then, and the transaction, or the part of it, has failed.</summary>
    public async Task<int> ExecuteAsync(string sql, object row, string uniqueKey, CancellationToken cancellationToken)
    {
        try
        {
            return await ExecuteAsync(sql, row, cancellationToken);
        }
        catch (DuplicateRowException)
        {
            _failure = new DuplicateKeyException(uniqueKey);
            throw _failure;
        }
    }

    /// <summary>
    /// Writes many rows by several statements in one exchange with the engine; how many rows each statement touched.
    /// Throws <see cref="DuplicateKeyException"/> when one with a unique key did nothing for a row, <see cref="StaleVersionException"/> when one
    /// that must find every row did not; the transaction has failed then.
    /// </summary>
    public async Task<IReadOnlyList<int>> WriteAsync(IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        var touched = await RunAsync(() => dialect.WriteAsync(transaction, writes, cancellationToken));
        for (var i = 0; i < writes.Count; i++)
            if (writes[i].TroubleWith(touched[i]) is { } trouble)
                throw _failure = trouble;
        return touched;
    }

    /// <summary>
    /// The same before whatever comes next, for rows after which usually nothing does. When that is the commit, both are one exchange where the engine
    /// can: what is thrown for the rows is thrown then, and nothing of the transaction is there. Not inside <see cref="AtomicallyAsync"/>.
    /// </summary>
    public void WriteLast(IEnumerable<RowWrite> writes)
    {
        ObjectDisposedException.ThrowIf(!IsOpen, typeof(ISession));
        if (_failure is not null) throw _failure;
        _last.AddRange(writes.Where(write => write.Count > 0));
    }

    /// <summary>The one row, or null.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken cancellationToken)
        where T : class =>
        RunAsync<T?>(() => transaction.Connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters, null, cancellationToken))!);

    /// <summary>The one value of the one row.</summary>
    public Task<T> ScalarAsync<T>(string sql, object? parameters, CancellationToken cancellationToken)
        where T : struct =>
        RunAsync(() => transaction.Connection.QuerySingleAsync<T>(Command(sql, parameters, null, cancellationToken)));

    /// <summary>The one text.</summary>
    public Task<string> TextAsync(string sql, CancellationToken cancellationToken) =>
        RunAsync(() => transaction.Connection.QuerySingleAsync<string>(Command(sql, null, null, cancellationToken)));

    /// <summary>All rows.</summary>
    public Task<List<T>> ListAsync<T>(string sql, object? parameters, CancellationToken cancellationToken) =>
        RunAsync(async () => (await transaction.Connection.QueryAsync<T>(Command(sql, parameters, null, cancellationToken))).AsList());

    /// <summary>All rows of a statement that may take minutes.</summary>
    public Task<List<T>> ListLongAsync<T>(string sql, object? parameters, CancellationToken cancellationToken) =>
        RunAsync(async () => (await transaction.Connection.QueryAsync<T>(Command(sql, parameters, LongSeconds, cancellationToken))).AsList());

    /// <summary>Adds many rows of whole numbers and text.</summary>
    public Task CopyAsync(string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellationToken) =>
        RunAsync(async () =>
        {
            await dialect.CopyAsync(transaction, table, columns, rows, cancellationToken);
            return true;
        });

    /// <summary>Several statements in one exchange with the engine, and their rows one after the other.</summary>
    public Task<T> BatchAsync<T>(string sql, object? parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancellationToken) =>
        RunAsync(async () =>
        {
            await using var rows = await transaction.Connection.QueryMultipleAsync(Command(sql, parameters, null, cancellationToken));
            return await read(rows);
        });

    /// <summary>
    /// All of the part or nothing of it. After a <see cref="DuplicateKeyException"/>, or any exception that is not an
    /// engine's, the transaction goes on without the part.
    /// </summary>
    public async Task<T> AtomicallyAsync<T>(Func<Task<T>> part, CancellationToken cancellationToken)
    {
        await ExecuteAsync(Savepoint, null, cancellationToken);
        T result;
        try
        {
            result = await part();
        }
        catch (Exception) when (_failure is null or DuplicateKeyException)
        {
            _failure = null;
            await ExecuteAsync(ToSavepoint, null, CancellationToken.None);
            await ExecuteAsync(ReleaseSavepoint, null, CancellationToken.None);
            throw;
        }

        await ExecuteAsync(ReleaseSavepoint, null, cancellationToken);
        return result;
    }

    /// <summary>Commits. Throws when a statement failed and the work went on as if nothing had happened.</summary>
    public async Task CommitAsync()
    {
        if (_failure is not null) throw _failure;
        if (!transaction.CommitsWith(_last)) await WriteWhatIsLeftAsync();
        try
        {
            await transaction.CommitAsync(_last);
        }
        catch (Exception exception) when (dialect.TroubleOf(exception) is SqlTrouble.Unavailable)
        {
            throw new StorageUnavailableException("The engine did not confirm the commit; whether it was done is not known.", exception);
        }
        catch (Exception exception)
        {
            throw Translated(exception);
        }
    }

    /// <summary>After this, every call throws <see cref="ObjectDisposedException"/>.</summary>
    public void End() => IsOpen = false;

    private CommandDefinition Command(string sql, object? parameters, int? timeoutSeconds, CancellationToken cancellationToken) =>
        new(sql, parameters, transaction.Transaction, timeoutSeconds, cancellationToken: cancellationToken);

    private async Task WriteWhatIsLeftAsync()
    {
        if (_last.Count == 0) return;
        var writes = _last.ToList();
        _last.Clear();
        await WriteAsync(writes, CancellationToken.None);
    }

    private async Task<T> RunAsync<T>(Func<Task<T>> statement)
    {
        ObjectDisposedException.ThrowIf(!IsOpen, typeof(ISession));
        if (_failure is not null) throw _failure;
        await WriteWhatIsLeftAsync();
        try
        {
            return await statement();
        }
        catch (Exception exception)
        {
            _failure = Translated(exception);
            if (ReferenceEquals(_failure, exception)) throw;
            throw _failure;
        }
    }

    private Exception Translated(Exception exception) => dialect.TroubleOf(exception) switch
    {
        SqlTrouble.Duplicate => new DuplicateRowException(exception),
        SqlTrouble.Lost => new TransactionLostException(exception),
        SqlTrouble.Unavailable => new StorageUnavailableException($"The storage cannot be used now: {exception.Message}", exception),
        SqlTrouble.Other when exception is System.Data.Common.DbException => new InvalidOperationException($"The engine refused a statement: {exception.Message}", exception),
        _ => exception,
    };
}

/// <summary>A unique key that nobody expected to be able to collide: two ids of ours are the same.</summary>
internal sealed class DuplicateRowException(Exception inner) : InvalidOperationException($"A row is already there: {inner.Message}", inner);

/// <summary>The transaction was chosen to give way to another one; nothing of it remains.</summary>
internal sealed class TransactionLostException(Exception inner) : Exception("The transaction gave way to another one.", inner);
