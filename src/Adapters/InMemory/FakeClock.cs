using NodaTime;

namespace Relier.InMemory;

/// <summary>
/// A clock that moves only when it is told to. Thread-safe. Delays that fall due while it moves complete one after the
/// other in the order of their times, each at its own time: what waits for them runs on before the clock moves further.
/// </summary>
public sealed class FakeClock : IClock
{
    private const int TicksPerMicrosecond = 10;

    private readonly Lock _lock = new();
    private readonly List<(Instant Due, TaskCompletionSource Done)> _delays = [];
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
        while (TakeDue(target) is { } delay) delay.TrySetResult();
    }

    /// <inheritdoc/>
    public async Task DelayAsync(Duration duration, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (duration <= Duration.Zero) return;

        // Deliberately without RunContinuationsAsynchronously: moving the clock runs those who waited, so tests are repeatable.
        var done = new TaskCompletionSource();
        lock (_lock) _delays.Add((_now + duration, done));
        await using var registration = cancellationToken.Register(() =>
        {
            lock (_lock) _delays.RemoveAll(delay => delay.Done == done);
            done.TrySetCanceled(cancellationToken);
        }).ConfigureAwait(false);
        await done.Task.ConfigureAwait(false);
    }

    /// <summary>The next delay due until then, with the clock moved to its time; null when none is left, with the clock moved there.</summary>
    private TaskCompletionSource? TakeDue(Instant target)
    {
        lock (_lock)
        {
            var next = _delays.Where(delay => delay.Due <= target).OrderBy(delay => delay.Due).FirstOrDefault();
            if (next.Done is null)
            {
                _now = target;
                return null;
            }

            _delays.Remove(next);
            _now = Instant.Max(_now, next.Due);
            return next.Done;
        }
    }

    private static Instant Cut(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - ticks % TicksPerMicrosecond);
    }
}
