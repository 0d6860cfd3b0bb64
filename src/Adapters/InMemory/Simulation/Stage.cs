using NodaTime;

namespace Relier.InMemory;

/// <summary>
/// One thing at a time, in an order that only the seed decides: what processes do between two calls of a port runs at once,
/// a call leaves, is done and is answered in steps of its own, and time passes only here. Of a process that was killed
/// nothing goes on. Everything happens on the thread that drives it.
/// </summary>
internal sealed class Stage(Random random, Instant start)
{
    private readonly Queue<(SimulatedProcess Process, SendOrPostCallback Work, object? State)> _ready = new();
    private readonly List<Pending> _pending = [];
    private readonly List<Delay> _delays = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public Random Random { get; } = random;

    public Instant Now { get; private set; } = start;

    /// <summary>Work that came from another thread, and so not in an order of ours: such a run proves nothing.</summary>
    public int Escaped { get; private set; }

    /// <summary>Whether anything waits to be done or answered, with a process that does something.</summary>
    public bool HasPending => _pending.Any(IsLively);

    public Instant? NextDelay => _delays.Count == 0 ? null : _delays.Min(delay => delay.Due);

    public bool IsUnderWay(string subject) => _pending.Any(pending => pending.Subject == subject);

    public void Post(SimulatedProcess process, SendOrPostCallback work, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            if (process.IsAlive) Escaped++;
            return;
        }

        if (process.IsAlive) _ready.Enqueue((process, work, state));
    }

    /// <summary>A call of a port: it waits to be done, is done in one piece, and waits to be answered.</summary>
    public Task<T> CallAsync<T>(SimulatedProcess process, string subject, Func<T> work, bool isOnNetwork, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>();
        var call = new Pending(process, subject, isOnNetwork, () => answer.TrySetCanceled(cancellationToken), cancellationToken);
        call.Act = () =>
        {
            Action complete;
            try
            {
                var result = work();
                complete = () => answer.TrySetResult(result);
            }
            catch (Exception error)
            {
                complete = () => answer.TrySetException(error);
            }

            if (!call.IsGivenUp) _pending.Add(new Pending(process, subject, false, () => answer.TrySetCanceled(cancellationToken), cancellationToken) { Act = complete });
        };
        _pending.Add(call);
        return answer.Task;
    }

    public Task DelayAsync(SimulatedProcess process, Duration duration, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        if (duration <= Duration.Zero) return Task.CompletedTask;
        var delay = new Delay(process, Now + duration, new TaskCompletionSource(), cancellationToken);
        _delays.Add(delay);
        return delay.Over.Task;
    }

    /// <summary>Something that waits is done or answered: which, chance says.</summary>
    public void Act()
    {
        var lively = _pending.Where(IsLively).ToList();
        var pending = lively[Random.Next(lively.Count)];
        _pending.Remove(pending);
        Outside(pending.Act);
        Settle();
    }

    /// <summary>Time passes; those who waited for it go on, each at its time.</summary>
    public void Pass(Duration duration)
    {
        var target = Now + duration;
        while (_delays.Where(delay => delay.Due <= target).MinBy(delay => delay.Due) is { } due)
        {
            Now = Instant.Max(Now, due.Due);
            _delays.Remove(due);
            Outside(() => due.Over.TrySetResult());
            Settle();
        }

        Now = target;
    }

    /// <summary>All that can go on without a port goes on.</summary>
    public void Settle()
    {
        do
        {
            while (_ready.TryDequeue(out var next))
                if (next.Process.IsAlive) In(next.Process, () => next.Work(next.State));
        }
        while (GiveUpCancelled() || _ready.Count > 0);
    }

    public void In(SimulatedProcess process, Action work)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(process.Context);
        try
        {
            work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>What the process has begun ends here, but for half of what it has sent already.</summary>
    public void Kill(SimulatedProcess process)
    {
        process.IsAlive = false;
        _delays.RemoveAll(delay => delay.Process == process);
        foreach (var pending in _pending.Where(pending => pending.Process == process).ToList())
        {
            pending.IsGivenUp = true;
            if (!pending.IsOnNetwork || Random.Next(2) == 0) _pending.Remove(pending);
        }
    }

    private bool IsLively(Pending pending) => pending.IsOnNetwork || pending.Process.StalledUntil <= Now;

    private bool GiveUpCancelled()
    {
        var delays = _delays.Where(delay => delay.CancellationToken.IsCancellationRequested).ToList();
        var calls = _pending.Where(pending => !pending.IsGivenUp && pending.CancellationToken.IsCancellationRequested).ToList();
        foreach (var delay in delays)
        {
            _delays.Remove(delay);
            Outside(() => delay.Over.TrySetCanceled(delay.CancellationToken));
        }

        foreach (var call in calls)
        {
            call.IsGivenUp = true;
            if (!call.IsOnNetwork) _pending.Remove(call);
            Outside(() => call.GiveUp());
        }

        return delays.Count + calls.Count > 0;
    }

    /// <summary>In no process's context: who waits for it is told through its own.</summary>
    private static void Outside(Action work)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Pending(SimulatedProcess process, string subject, bool isOnNetwork, Action giveUp, CancellationToken cancellationToken)
    {
        public SimulatedProcess Process => process;

        public string Subject => subject;

        /// <summary>Whether it has left the process, and arrives whatever becomes of that.</summary>
        public bool IsOnNetwork => isOnNetwork;

        public Action GiveUp => giveUp;

        public CancellationToken CancellationToken => cancellationToken;

        public bool IsGivenUp { get; set; }

        public Action Act { get; set; } = () => { };
    }

    private sealed record Delay(SimulatedProcess Process, Instant Due, TaskCompletionSource Over, CancellationToken CancellationToken);
}
