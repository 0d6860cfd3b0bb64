namespace Relier.Jobs;

/// <summary>
/// Tells the job loops of one process that there is work: for adapters of storage, which ring it after a commit that left
/// due jobs behind. Thread-safe.
/// </summary>
public sealed class JobBell
{
    private readonly Lock _lock = new();
    private readonly List<Action> _listeners = [];

    /// <summary>There is work. Never throws, never waits for work to be done.</summary>
    public void Ring()
    {
        Action[] listeners;
        lock (_lock) listeners = [.. _listeners];
        foreach (var wake in listeners) wake();
    }

    /// <summary>Calls <paramref name="wake"/> at each ring until cancelled; then completes. It must be quick and must not throw.</summary>
    public async Task ListenAsync(Action wake, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cancelled = cancellationToken.Register(() => over.TrySetResult());
        lock (_lock) _listeners.Add(wake);
        try
        {
            await over.Task;
        }
        finally
        {
            lock (_lock) _listeners.Remove(wake);
        }
    }
}
