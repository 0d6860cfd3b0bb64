namespace Relier.EntityFramework;

/// <summary>
/// What Relier stores as whole numbers, and what it means: amounts in millionths of the major unit, ratios in billionths,
/// instants in microseconds since 1970 UTC. For bounds in queries: <c>row.CreatedAtMicros &gt;= RelierUnits.MicrosOf(from)</c>.
/// </summary>
public static class RelierUnits
{
    private const decimal PerUnit = 1_000_000m;
    private const decimal RatiosPerUnit = 1_000_000_000m;

    /// <summary>The amount in major units, exactly: 1,090,000 is 1.09.</summary>
    public static decimal Amount(long micros) => micros / PerUnit;

    /// <summary>The same for what may be missing.</summary>
    public static decimal? Amount(long? micros) => micros / PerUnit;

    /// <summary>The ratio, exactly: 54,400,000 is 0.0544.</summary>
    public static decimal Ratio(long billionths) => billionths / RatiosPerUnit;

    /// <summary>The same for what may be missing.</summary>
    public static decimal? Ratio(long? billionths) => billionths / RatiosPerUnit;

    /// <summary>The instant, in UTC.</summary>
    public static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(checked(micros * TimeSpan.TicksPerMicrosecond));

    /// <summary>The same for what may be missing.</summary>
    public static DateTimeOffset? Time(long? micros) => micros is { } known ? Time(known) : null;

    /// <summary>The microsecond that the instant lies in.</summary>
    public static long MicrosOf(DateTimeOffset instant) => (long)Math.Floor((instant - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerMicrosecond);

    /// <summary>The amount in millionths of the major unit. Throws <see cref="ArgumentOutOfRangeException"/> beyond six decimals, <see cref="OverflowException"/> when it does not fit.</summary>
    public static long MicrosOf(decimal amount) =>
        decimal.Truncate(amount * PerUnit) == amount * PerUnit
            ? checked((long)(amount * PerUnit))
            : throw new ArgumentOutOfRangeException(nameof(amount), amount, "Relier keeps at most six decimals.");
}
