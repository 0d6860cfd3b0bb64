using System.Data.Common;
using Dapper;

namespace Relier.Sql;

/// <summary>
/// A transaction of the application's that our work is part of. Each piece of work runs behind a savepoint, so that one
/// that fails leaves nothing of itself; whether the rest remains is the application's to say. One piece at a time.
/// </summary>
internal sealed class Enlistment(
    DbConnection connection, DbTransaction transaction, Func<bool> isOpen, Func<Statements, CancellationToken, Task> requireSamePlace, Action<Enlistment> leave)
    : IDisposable
{
    private const string Savepoint = "SAVEPOINT relier_work";
    private const string ToSavepoint = "ROLLBACK TO SAVEPOINT relier_work";
    private const string ReleaseSavepoint = "RELEASE SAVEPOINT relier_work";

    private int _atWork;
    private bool _isSamePlace;
    private bool _isOver;

    private DbConnection Connection => connection;

    private DbTransaction Transaction => transaction;

    private bool IsAtWork => Volatile.Read(ref _atWork) == 1;

    /// <summary>Whether there are due jobs, once the application has committed, for which somebody should be woken.</summary>
    public bool LeavesDueJobs { get; set; }

    /// <summary>Whether the application has committed or rolled back.</summary>
    public bool HasEnded => !isOpen();

    /// <summary>Begins a piece of work. Committing it keeps it in the application's transaction; disposing it uncommitted undoes it there.</summary>
    public async Task<SqlTransaction> BeginAsync(SqlDialect dialect, CancellationToken cancellationToken)
    {
        if (_isOver)
            throw new InvalidOperationException(
                "The application's transaction that this flow of work was enlisted in is over. What is begun inside one and goes on after it must be begun without its surroundings (ExecutionContext.SuppressFlow).");
        if (HasEnded) throw new InvalidOperationException("The application's transaction has ended. End the enlistment too, begin another transaction, and enlist in that.");
        if (Interlocked.Exchange(ref _atWork, 1) == 1)
            throw new InvalidOperationException("Relier is at work in this transaction already; a connection does one thing at a time. Wait for the first before the second is begun.");

        var part = new Part(this);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var statements = new Statements(dialect, part);
            if (!_isSamePlace) await requireSamePlace(statements, cancellationToken);
            _isSamePlace = true;
            await statements.ExecuteAsync(Savepoint, null, cancellationToken);
            return part;
        }
        catch
        {
            Volatile.Write(ref _atWork, 0);
            throw;
        }
    }

    /// <summary>Ends the enlistment; the transaction is left as it is. Ending twice does nothing.</summary>
    public void Dispose()
    {
        if (_isOver) return;
        _isOver = true;
        leave(this);
        if (IsAtWork) throw new InvalidOperationException("The enlistment was ended while Relier was at work in it. Wait for that first, and roll the transaction back now.");
    }

    private sealed class Part(Enlistment owner) : SqlTransaction
    {
        private bool _isKept;

        public override DbConnection Connection => owner.Connection;

        public override DbTransaction Transaction => owner.Transaction;

        public override async Task CommitAsync(IReadOnlyList<RowWrite> last)
        {
            await RunAsync(ReleaseSavepoint);
            _isKept = true;
        }

        public override async ValueTask DisposeAsync()
        {
            try
            {
                if (_isKept) return;
                await RunAsync(ToSavepoint);
                await RunAsync(ReleaseSavepoint);
            }
            catch (Exception exception) when (exception is DbException or IOException or InvalidOperationException)
            {
                // Broken, and the application's transaction with it: it cannot commit either, and why is on its way to it.
            }
            finally
            {
                Volatile.Write(ref owner._atWork, 0);
            }
        }

        private Task RunAsync(string statement) => Connection.ExecuteAsync(new CommandDefinition(statement, transaction: Transaction));
    }
}
