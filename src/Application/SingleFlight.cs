using System.Collections.Concurrent;

namespace Relier;

/// <summary>Those who ask for the same while it is fetched share the answer, also that it failed. Nothing is kept.</summary>
internal sealed class SingleFlight<TKey, T>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Task<T>> _underWay = new();

    /// <summary>The work must heed nobody's patience: it is done for all who ask.</summary>
    public async Task<T> FetchAsync(TKey key, Func<Task<T>> fetch)
    {
        var mine = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shared = _underWay.GetOrAdd(key, mine.Task);
        if (shared != mine.Task) return await shared;
        try
        {
            var found = await fetch();
            mine.SetResult(found);
            return found;
        }
        catch (Exception error)
        {
            mine.SetException(error);
            // Perhaps nobody shares it, and then nobody looks.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _underWay.TryRemove(key, out _);
        }
    }
}
