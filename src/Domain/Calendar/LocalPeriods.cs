using NodaTime;

namespace Relier.Calendar;

/// <summary>Hours, days and months as the wall clock of a zone shows them.</summary>
public static class LocalPeriods
{
    /// <summary>
    /// The periods that lie between two times, one behind the other without a gap, the first and the last cut there. An hour that the clocks
    /// show twice is one period of two hours, and one that they leave out is none.
    /// </summary>
    /// <param name="from">The beginning.</param>
    /// <param name="to">The end, excluded.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="unit"><c>hour</c>, <c>day</c> or <c>month</c>. Throws <see cref="ArgumentOutOfRangeException"/> for anything else.</param>
    public static IEnumerable<(Instant From, Instant To)> Between(Instant from, Instant to, DateTimeZone zone, string unit)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var begin = from;
        for (var next = FloorOf(from.InZone(zone).LocalDateTime, unit); begin < to;)
        {
            next = Next(next, unit);
            var end = next.InZoneLeniently(zone).ToInstant();
            if (end <= begin) continue;
            yield return (begin, end < to ? end : to);
            begin = end;
        }
    }

    private static LocalDateTime FloorOf(LocalDateTime local, string unit) => unit switch
    {
        "hour" => local.Date.At(new LocalTime(local.Hour, 0)),
        "day" => local.Date.AtMidnight(),
        "month" => new LocalDate(local.Year, local.Month, 1).AtMidnight(),
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "Expected hour, day or month."),
    };

    private static LocalDateTime Next(LocalDateTime local, string unit) => unit switch
    {
        "hour" => local.PlusHours(1),
        "day" => local.PlusDays(1),
        _ => local.PlusMonths(1),
    };
}
