using System.Collections.Immutable;
using NodaTime;

namespace Relier.Rating;

/// <summary>
/// Which band holds when. Positions in a call are elapsed time, bands are wall-clock time: where the clocks go forward or
/// back, a band begins when the clock on the wall says so.
/// </summary>
public sealed class BandCalendar
{
    /// <summary>Bands of a calendar: more than any tariff has, and few enough to look at for every piece of a call.</summary>
    public const int BandsMax = 200;

    /// <summary>How far ahead the end of a band is looked for; what lasts longer is looked at again there.</summary>
    private const int DaysAhead = 8;

    private readonly ImmutableArray<CalendarBand> _bands;
    private readonly DateTimeZone _zone;
    private readonly bool _isConstant;

    /// <summary>The bands of a plan, in its zone. <see cref="Check"/> them first.</summary>
    public BandCalendar(DateTimeZone zone, IEnumerable<CalendarBand> bands)
    {
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentNullException.ThrowIfNull(bands);
        _zone = zone;
        _bands = [.. bands.OrderByDescending(band => band.Priority)];
        _isConstant = _bands is [{ IsAlways: true }, ..];
    }

    /// <summary>The bands, the ones that win first.</summary>
    public IReadOnlyList<CalendarBand> Bands => _bands;

    /// <summary>
    /// What makes bands impossible to rate by: <c>plan_not_continuous</c> for hours of some day that none of them covers,
    /// <c>bands_overlap</c> for two of equal priority that hold at once, <c>band_empty</c> for one that ends before it begins.
    /// </summary>
    public static IEnumerable<FieldError> Check(IReadOnlyList<CalendarBand> bands, string at)
    {
        ArgumentNullException.ThrowIfNull(bands);
        for (var i = 0; i < bands.Count; i++)
        {
            if (bands[i].ToTick <= bands[i].FromTick) yield return new($"{at}[{i}].to", "band_empty", "expected a time behind that where the band begins");
            for (var j = 0; j < i; j++)
                if (bands[i].Priority == bands[j].Priority && MeetAt(bands[i], bands[j]))
                    yield return new($"{at}[{i}].priority", "bands_overlap", $"expected another priority than that of band {bands[j].Name}, which holds at the same time");
        }

        if (Gap(bands) is { } gap) yield return new(at, "plan_not_continuous", $"expected bands for every hour; there is none on {gap}");
    }

    /// <summary>The place among <see cref="Bands"/> of the one that holds, and until when at least it goes on holding.</summary>
    internal (int Band, Instant Until) At(Instant instant)
    {
        if (_isConstant) return (0, Instant.MaxValue);

        var (band, end) = PieceAt(instant);
        for (var piece = 1; piece < DaysAhead; piece++)
        {
            var (next, nextEnd) = PieceAt(end);
            if (next != band) break;
            end = nextEnd;
        }

        return (band, end);
    }

    /// <summary>The band, and where the day, one of its bands, or the offset of the zone changes next.</summary>
    private (int Band, Instant Until) PieceAt(Instant instant)
    {
        var interval = _zone.GetZoneInterval(instant);
        var local = instant.WithOffset(interval.WallOffset).LocalDateTime;
        var now = local.TimeOfDay.TickOfDay;
        var next = NodaConstants.TicksPerDay;
        var winner = -1;
        for (var i = 0; i < _bands.Length; i++)
        {
            var band = _bands[i];
            if (!band.IsOn(local.Date)) continue;
            if (band.FromTick > now) next = Math.Min(next, band.FromTick);
            else if (band.ToTick > now)
            {
                next = Math.Min(next, band.ToTick);
                if (winner < 0) winner = i;
            }
        }

        var until = instant + Duration.FromTicks(next - now);
        if (interval.HasEnd && interval.End < until) until = interval.End;
        return winner >= 0 ? (winner, until) : throw new InvalidOperationException($"No band holds at {local}; the calendar was used without having been checked.");
    }

    private static bool MeetAt(CalendarBand one, CalendarBand other)
    {
        if (one.FromTick >= other.ToTick || other.FromTick >= one.ToTick) return false;
        if (one.Dates.Count > 0) return one.Dates.Any(date => one.IsOn(date) && other.IsOn(date));
        if (other.Dates.Count > 0) return MeetAt(other, one);
        return Meet(one.Months, other.Months) && Meet(one.MonthDays, other.MonthDays) && Meet(one.WeekDays, other.WeekDays);
    }

    private static bool Meet<T>(IReadOnlySet<T> one, IReadOnlySet<T> other) => one.Count == 0 || other.Count == 0 || one.Overlaps(other);

    /// <summary>A kind of day with an hour that no band covers, dates apart: those come and go.</summary>
    private static string? Gap(IReadOnlyList<CalendarBand> bands)
    {
        var standing = bands.Where(band => band.Dates.Count == 0 && band.ToTick > band.FromTick).OrderBy(band => band.FromTick).ToList();
        var months = standing.Any(band => band.Months.Count > 0) ? Enumerable.Range(1, 12) : [1];
        var days = standing.Any(band => band.MonthDays.Count > 0) ? Enumerable.Range(1, 31) : [1];
        return (
            from month in months
            from day in days
            from weekDay in Enum.GetValues<IsoDayOfWeek>().Where(day => day != IsoDayOfWeek.None)
            let hole = Hole(standing.Where(band => band.IsOn(month, day, weekDay)))
            where hole is not null
            select $"{weekDay} at {hole}").FirstOrDefault();
    }

    private static string? Hole(IEnumerable<CalendarBand> inOrder)
    {
        var covered = 0L;
        foreach (var band in inOrder)
        {
            if (band.FromTick > covered) break;
            covered = Math.Max(covered, band.ToTick);
        }

        return covered < NodaConstants.TicksPerDay ? LocalTime.FromTicksSinceMidnight(covered).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}
