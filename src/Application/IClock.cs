using NodaTime;

namespace Relier;

/// <summary>The time, and waiting for it: the only source of either, so that tests can set it.</summary>
public interface IClock
{
    /// <summary>Now, cut to whole microseconds: what every engine can store and give back the same.</summary>
    Instant Now();

    /// <summary>Completes after the duration, or is cancelled.</summary>
    Task DelayAsync(Duration duration, CancellationToken cancellationToken = default);
}

/// <summary>The clock of the machine.</summary>
public sealed class MachineClock : IClock
{
    private const int TicksPerMicrosecond = 10;

    /// <inheritdoc/>
    public Instant Now()
    {
        var ticks = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - ticks % TicksPerMicrosecond);
    }

    /// <inheritdoc/>
    public Task DelayAsync(Duration duration, CancellationToken cancellationToken = default) =>
        duration > Duration.Zero ? Task.Delay(duration.ToTimeSpan(), cancellationToken) : Task.CompletedTask;
}
