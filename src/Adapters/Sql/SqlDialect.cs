using System.Data.Common;

namespace Relier.Sql;

/// <summary>
/// What differs between engines, and nothing else. A statement that needs more than this does not belong in both.
/// </summary>
internal abstract class SqlDialect : IAsyncDisposable
{
    /// <summary>The engine's name in the file names of migrations: <c>0001_topups.postgres.sql</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Opens a connection and begins a transaction that may write. Waits without a thread. Throws
    /// <see cref="Storage.StorageUnavailableException"/> or what <see cref="TroubleOf"/> knows as unavailable.
    /// </summary>
    public abstract Task<SqlTransaction> BeginAsync(CancellationToken cancellationToken);

    /// <summary>What an exception of the driver means.</summary>
    public abstract SqlTrouble TroubleOf(Exception exception);

    /// <summary>Behind a SELECT: its rows are ours until the end of the transaction.</summary>
    public abstract string Lock { get; }

    /// <summary>The same, passing over rows that are somebody else's.</summary>
    public abstract string Claim { get; }

    /// <summary>Behind a column: equals one of the texts in the list that is the parameter.</summary>
    public abstract string IsOneOf(string parameter);

    /// <summary>
    /// Runs a SELECT from one table by its key, in which <c>asked.one</c> and <c>asked.other</c> stand for a pair of texts,
    /// for each pair in the parameter and in its order, always by looking up and never by reading all: a plan that was made
    /// while the table was small stays right. The parameter is made by <see cref="Json.Of(IEnumerable{ValueTuple{string, string}})"/>.
    /// </summary>
    public abstract string ForEach(string parameter, string select);

    /// <summary>Writes many rows by several statements, in as few exchanges with the engine as it can; how many rows each statement touched.</summary>
    public abstract Task<IReadOnlyList<int>> WriteAsync(SqlTransaction transaction, IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken);

    /// <summary>The same for a list of thousands, each of which few rows equal: found by index.</summary>
    public virtual string IsOneOfMany(string parameter) => IsOneOf(parameter);

    /// <summary>Adds many rows of whole numbers and text, the fastest way the engine has. All of them or none.</summary>
    public abstract Task CopyAsync(
        SqlTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellationToken);

    /// <summary>The column type for text that compares by its bytes.</summary>
    public abstract string TextType { get; }

    /// <summary>Waits until no other process migrates, until the end of the transaction; null when the transaction itself does that.</summary>
    public abstract string? MigrationLock { get; }

    /// <summary>A query for 1 when the table of applied migrations is there, else 0.</summary>
    public abstract string CountOfMigrationTables { get; }

    /// <summary>Lets other processes know, where the engine can, that there are due jobs. Returns at once and never throws; many calls may become one notice.</summary>
    public virtual void TellOthersOfJobs()
    {
    }

    /// <summary>Calls at each such notice of another process, until cancelled.</summary>
    public virtual Task ListenForJobsAsync(Action wake, CancellationToken cancellationToken) => Task.CompletedTask;

    public abstract ValueTask DisposeAsync();
}

/// <summary>A connection with an open transaction. Disposing rolls back what was not committed, and gives the connection back.</summary>
internal abstract class SqlTransaction : IAsyncDisposable
{
    public abstract DbConnection Connection { get; }

    /// <summary>What commands must carry; null when the connection knows by itself.</summary>
    public abstract DbTransaction? Transaction { get; }

    /// <summary>Whether these rows can be written in one exchange with the commit.</summary>
    public virtual bool CommitsWith(IReadOnlyList<RowWrite> last) => last.Count == 0;

    /// <summary>
    /// Writes what is left, and commits. Cannot be cancelled: half-way nobody would know whether it was done. When a row that must be new was there or
    /// one that must be there was not, nothing is committed: <see cref="Storage.DuplicateKeyException"/>, <see cref="Storage.StaleVersionException"/>.
    /// </summary>
    public abstract Task CommitAsync(IReadOnlyList<RowWrite> last);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What an exception of a driver means to us.</summary>
internal enum SqlTrouble
{
    /// <summary>None of the others: our bug, or not the driver's exception at all.</summary>
    Other,

    /// <summary>A row with such a key is there.</summary>
    Duplicate,

    /// <summary>The transaction lost against another one and may be run again from the start.</summary>
    Lost,

    /// <summary>The engine cannot be reached, is not ready, or did not answer in time.</summary>
    Unavailable,
}
