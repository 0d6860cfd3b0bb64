using NodaTime;

namespace Relier.Sql;

/// <summary>Instants as they are stored: whole microseconds since 1970.</summary>
internal static class Micros
{
    private const int TicksPerMicro = 10;

    /// <summary>The microsecond that the instant lies in.</summary>
    public static long Of(Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        var micros = ticks / TicksPerMicro;
        return ticks % TicksPerMicro < 0 ? micros - 1 : micros;
    }

    /// <summary>The same for what may be missing.</summary>
    public static long? Of(Instant? instant) => instant is { } known ? Of(known) : null;

    /// <summary>The first microsecond that is not before the instant: how a bound given more finely than we store is compared.</summary>
    public static long NotBefore(Instant instant)
    {
        var micros = Of(instant);
        return ToInstant(micros) < instant ? micros + 1 : micros;
    }

    /// <summary>The same for what may be missing.</summary>
    public static long? NotBefore(Instant? instant) => instant is { } known ? NotBefore(known) : null;

    /// <summary>The instant.</summary>
    public static Instant ToInstant(long micros) => Instant.FromUnixTimeTicks(micros * TicksPerMicro);

    /// <summary>The same for what may be missing.</summary>
    public static Instant? ToInstant(long? micros) => micros is { } known ? ToInstant(known) : null;
}
