namespace Relier.TopUps;

/// <summary>
/// Lets those who come while work is under way share the next piece of it. Who finds nobody at work begins at once, for
/// all who wait; at the end the one who has waited longest goes on. There is no thread of its own, and nobody waits for
/// company.
/// </summary>
/// <param name="most">How many share one piece at most.</param>
/// <param name="work">Does the work for some, in the order they came. Must not throw: what went wrong is told to each.</param>
internal sealed class SharedWork<T>(int most, Func<IReadOnlyList<T>, Task> work)
{
    private readonly Lock _lock = new();
    private readonly Queue<Place> _waiting = new();
    private bool _isUnderWay;

    /// <summary>Completes when the work was done for this one.</summary>
    public async Task JoinAsync(T item)
    {
        var place = new Place(item);
        if (!Enter(place) && !await place.Turn.Task) return;

        var shared = Leave();
        try
        {
            await work([.. shared.Select(mate => mate.Item)]);
        }
        finally
        {
            var next = Next();
            foreach (var mate in shared.Where(mate => mate != place)) mate.Turn.SetResult(false);
            // Last, because what a thread of the pool leaves behind last it takes up first: the next piece of work must not
            // wait until everybody was told about this one.
            next?.Turn.SetResult(true);
        }
    }

    /// <summary>Whether this one begins.</summary>
    private bool Enter(Place place)
    {
        lock (_lock)
        {
            _waiting.Enqueue(place);
            if (_isUnderWay) return false;
            return _isUnderWay = true;
        }
    }

    /// <summary>Those who have waited longest; the leader is always the first of them.</summary>
    private List<Place> Leave()
    {
        lock (_lock)
        {
            var shared = new List<Place>(Math.Min(most, _waiting.Count));
            while (shared.Count < most && _waiting.TryDequeue(out var place)) shared.Add(place);
            return shared;
        }
    }

    private Place? Next()
    {
        lock (_lock)
        {
            _isUnderWay = _waiting.TryPeek(out var next);
            return next;
        }
    }

    private sealed class Place(T item)
    {
        public T Item => item;

        /// <summary>True for the one who goes on with the work, false for those it was done for.</summary>
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
