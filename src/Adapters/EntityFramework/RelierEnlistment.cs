using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Relier.Postgres;
using Relier.Storage;

namespace Relier.EntityFramework;

/// <summary>One transaction for the application's rows and Relier's.</summary>
public static class RelierEnlistment
{
    /// <summary>
    /// Until the result is disposed, what this flow of work asks of Relier runs on the context's connection, inside the
    /// transaction that the application has begun: the application's rows and Relier's holds commit or vanish together.
    /// Relier commits nothing there. What it refuses, or fails at, leaves nothing of itself, and the application may go on and
    /// commit the rest.
    /// Enlist in the method that does the work and dispose it there: what other methods do before their return is part of it,
    /// an enlistment that is handed out of an async method is not. One request at a time; top-ups with
    /// <c>Wait = Duration.Zero</c>, which are submitted by the job loop after the commit. Keep the transaction short: the
    /// wallet is locked until it ends, and every other order from it waits.
    /// Throws <see cref="InvalidOperationException"/> without a transaction, inside another enlistment, and for a storage other
    /// than PostgreSQL; <see cref="ArgumentException"/> when the context is not on PostgreSQL. Asking Relier throws
    /// <see cref="InvalidOperationException"/> when the context is on another database or schema than Relier, when its
    /// transaction has ended, and in work begun inside that goes on after the end.
    /// <see cref="StorageUnavailableException"/> also stands for a deadlock here: nothing is done again by itself.
    /// </summary>
    public static IDisposable Enlist(this IStorage storage, DbContext context)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(context);
        if (storage is not PostgresStorage postgres)
            throw new InvalidOperationException($"Only {nameof(PostgresStorage)} can be enlisted in a context's transaction; the storage is a {storage.GetType().Name}. Choose .UsePostgres(…) behind AddRelier().");
        if (!context.Database.IsRelational())
            throw new ArgumentException($"The context works with {context.Database.ProviderName}; expected one on PostgreSQL (UseNpgsql).", nameof(context));
        var transaction = context.Database.CurrentTransaction
            ?? throw new InvalidOperationException("The context has no transaction. Begin one before: await using var transaction = await context.Database.BeginTransactionAsync();");
        return postgres.Enlist(context.Database.GetDbConnection(), transaction.GetDbTransaction(), () => IsOpen(context, transaction));
    }

    private static bool IsOpen(DbContext context, IDbContextTransaction transaction)
    {
        try
        {
            return context.Database.CurrentTransaction == transaction;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
