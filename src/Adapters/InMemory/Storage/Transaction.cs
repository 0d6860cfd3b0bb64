namespace Relier.InMemory;

/// <summary>The copy of everything that one transaction works on. Not thread-safe, like a database connection.</summary>
internal sealed class Transaction(Snapshot snapshot)
{
    public Snapshot Snapshot { get; private set; } = snapshot;

    /// <summary>Whether somebody should be woken after the commit.</summary>
    public bool LeavesDueJobs { get; set; }

    public bool IsOpen { get; private set; } = true;

    public void End() => IsOpen = false;

    /// <summary>All of the part or, when it throws, nothing of it.</summary>
    public async Task AtomicallyAsync(Func<Task> part)
    {
        var before = Snapshot;
        try
        {
            await part().ConfigureAwait(false);
        }
        catch
        {
            Snapshot = before;
            throw;
        }
    }

    public Task<T> ReadAsync<T>(Func<Snapshot, T> read, CancellationToken cancellationToken) =>
        WriteAsync(all => (all, read(all)), cancellationToken);

    public Task<T> WriteAsync<T>(Func<Snapshot, (Snapshot After, T Result)> change, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(!IsOpen, typeof(Relier.Storage.ISession));
            (Snapshot, var result) = change(Snapshot);
            return Task.FromResult(result);
        }
        catch (Exception problem)
        {
            // As an asynchronous engine does: a failure is in the task, not thrown before there is one.
            return Task.FromException<T>(problem);
        }
    }
}
