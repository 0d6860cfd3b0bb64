using System.Diagnostics;

namespace Relier.Jobs;

/// <summary>
/// The end of the process, once it is ordered: everything that waits for work to be finished waits for the same time, so
/// that the waits of server, loop and callers do not add up.
/// </summary>
internal sealed class Shutdown : IDisposable
{
    private readonly RelierOptions _options;
    private readonly CancellationTokenSource _begun = new();
    private readonly CancellationTokenSource _over = new();
    private int _isBegun;
    private long _begunAt;

    public Shutdown(RelierOptions options)
    {
        _options = options;
        // Kept, because hosts ask again after they have disposed of everything.
        (Begun, Over) = (_begun.Token, _over.Token);
    }

    /// <summary>From here nothing new is claimed.</summary>
    public CancellationToken Begun { get; }

    /// <summary>From here nothing goes on: what is under way is ended and given back.</summary>
    public CancellationToken Over { get; }

    /// <summary>How much is left of the grace and this; all of it before the end has begun.</summary>
    public TimeSpan Left(TimeSpan more)
    {
        var all = _options.ShutdownGrace.ToTimeSpan() + more;
        if (!Begun.IsCancellationRequested) return all;
        var left = all - Stopwatch.GetElapsedTime(_begunAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Begins it. Again changes nothing.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isBegun, 1) == 1) return;
        _begunAt = Stopwatch.GetTimestamp();
        _over.CancelAfter(_options.ShutdownGrace.ToTimeSpan());
        _ = _begun.CancelAsync();
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _isBegun, 1);
        _begun.Dispose();
        _over.Dispose();
    }
}
