using Relier.Storage;
using Relier.Tenancy;

namespace Relier.InMemory;

/// <summary>The shared storage as one process reaches it: over a line that fails.</summary>
internal sealed class FaultyStorage(SimulatedProcess process, Stage stage, IStorage inner, Faults faults) : IStorage
{
    public bool IsInTransaction => inner.IsInTransaction;

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        CallAsync<T>(ending => inner.RunAsync(tenant, session => ending(() => work(session)), cancellationToken), cancellationToken);

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        CallAsync<T>(ending => inner.RunSystemAsync(session => ending(() => work(session)), cancellationToken), cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

    private Task<T> CallAsync<T>(Func<Func<Func<Task<T>>, Task<T>>, Task<T>> run, CancellationToken cancellationToken) =>
        stage.CallAsync(process, "storage", () => Run(run), isOnNetwork: false, cancellationToken);

    private T Run<T>(Func<Func<Func<Task<T>>, Task<T>>, Task<T>> run)
    {
        if (faults.Strikes(Fault.StorageAway, process)) throw new StorageUnavailableException("Simulated: storage is away.");
        if (faults.Strikes(Fault.RunAgain, process)) GiveUp(run);
        var result = Finished(run(async work =>
        {
            var done = await work();
            if (faults.Strikes(Fault.Stale, process)) throw new StaleVersionException("Simulated: a row", 0);
            if (faults.Strikes(Fault.CommitFails, process)) throw new StorageUnavailableException("Simulated: the commit failed.");
            return done;
        }));
        return faults.Strikes(Fault.CommitAnswerLost, process) ? throw new StorageUnavailableException("Simulated: whether it was committed is not known.") : result;
    }

    /// <summary>The first run of work that the engine will run again: all of it, and rolled back.</summary>
    private static void GiveUp<T>(Func<Func<Func<Task<T>>, Task<T>>, Task<T>> run)
    {
        try
        {
            Finished(run(async work =>
            {
                await work();
                throw new DeadlockException();
            }));
        }
        catch (DeadlockException)
        {
            // Nothing of it was written.
        }
    }

    private static T Finished<T>(Task<T> transaction) => transaction.IsCompleted
        ? transaction.GetAwaiter().GetResult()
        : throw new InvalidOperationException("A transaction waits for something outside of it.");

    private sealed class DeadlockException : Exception;
}
