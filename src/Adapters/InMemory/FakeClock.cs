using NodaTime;

namespace Relier.InMemory;

/// <summary>
/// A clock that moves only when it is told to. Thread-safe. Delays that fall due while it moves complete one after the
/// other in the order of their times, each at its own time: what waits for them runs on before the clock moves further
/// (with <c>ConfigureAwait(false)</c> perhaps on another thread, so soon after).
/// </summary>
public sealed class FakeClock : IClock
{
    private const int TicksPerMicrosecond = 10;

    private readonly Lock _lock = new();
    private readonly List<Delay> _delays = [];
    private Instant _now;

    /// <summary>A clock that stands at 2026-11-20T12:00:00Z.</summary>
    public FakeClock()
        : this(Instant.FromUtc(2026, 11, 20, 12, 0))
    {
    }

    /// <summary>A clock that stands at this time, cut to whole microseconds.</summary>
    public FakeClock(Instant start) => _now = Cut(start);

    /// <summary>How many delays wait for the clock to move.</summary>
    public int Waiting
    {
        get { lock (_lock) return _delays.Count; }
    }

    /// <inheritdoc/>
    public Instant Now()
    {
        lock (_lock) return _now;
    }

    /// <summary>Moves by this much; negative to play a clock that was corrected backwards.</summary>
    public void Advance(Duration duration) => Set(Now() + duration);

    /// <summary>Moves to this time, cut to whole microseconds. Backwards completes no delay.</summary>
    public void Set(Instant now)
    {
        var target = Cut(now);
        while (TakeDue(target) is { } delay) delay.Complete();
    }

    /// <inheritdoc/>
    public Task DelayAsync(Duration duration, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        if (duration <= Duration.Zero) return Task.CompletedTask;

        Delay delay;
        lock (_lock) _delays.Add(delay = new Delay(_now + duration));
        delay.CancelBy(cancellationToken, () =>
        {
            lock (_lock) _delays.Remove(delay);
        });
        return delay.Task;
    }

    /// <summary>The next delay due until then, with the clock moved to its time; null when none is left, with the clock moved there.</summary>
    private Delay? TakeDue(Instant target)
    {
        lock (_lock)
        {
            var next = _delays.Where(delay => delay.Due <= target).MinBy(delay => delay.Due);
            _now = next is null ? target : Instant.Max(_now, next.Due);
            if (next is not null) _delays.Remove(next);
            return next;
        }
    }

    private static Instant Cut(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - ticks % TicksPerMicrosecond);
    }

    private sealed class Delay(Instant due)
    {
        // Deliberately without RunContinuationsAsynchronously: moving the clock runs those who waited, so that tests are repeatable.
        private readonly TaskCompletionSource _done = new();
        private readonly SynchronizationContext? _context = SynchronizationContext.Current;
        private CancellationTokenRegistration _cancellation;

        public Instant Due { get; } = due;

        public Task Task => _done.Task;

        public void CancelBy(CancellationToken cancellationToken, Action forget) => _cancellation = cancellationToken.Register(() =>
        {
            forget();
            _done.TrySetCanceled(cancellationToken);
        });

        public void Complete()
        {
            _cancellation.Unregister();
            // Who waits runs on here and now only in the context in which they began to wait; test runners have their own.
            var mine = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(_context);
            try
            {
                _done.TrySetResult();
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(mine);
            }
        }
    }
}
