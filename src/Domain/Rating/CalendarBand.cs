using System.Collections.Frozen;
using NodaTime;

namespace Relier.Rating;

/// <summary>
/// Some hours of some days, by the wall clock of the plan's zone, and the deck that holds then. What is not restricted holds
/// always. Of bands that hold at once the one with the larger priority counts.
/// </summary>
public sealed record CalendarBand
{
    /// <summary>How it is called on charge lines.</summary>
    public required string Name { get; init; }

    /// <summary>The larger wins.</summary>
    public int Priority { get; init; }

    /// <summary>The days of the week; empty for all.</summary>
    public IReadOnlySet<IsoDayOfWeek> WeekDays { get; init; } = FrozenSet<IsoDayOfWeek>.Empty;

    /// <summary>The days of the month, 1 to 31; empty for all.</summary>
    public IReadOnlySet<int> MonthDays { get; init; } = FrozenSet<int>.Empty;

    /// <summary>The months, 1 to 12; empty for all.</summary>
    public IReadOnlySet<int> Months { get; init; } = FrozenSet<int>.Empty;

    /// <summary>Days by their date, such as holidays; empty for all.</summary>
    public IReadOnlySet<LocalDate> Dates { get; init; } = FrozenSet<LocalDate>.Empty;

    /// <summary>The time of day when it begins, included.</summary>
    public LocalTime From { get; init; }

    /// <summary>The time of day when it ends, excluded; null for midnight.</summary>
    public LocalTime? To { get; init; }

    /// <summary>The deck that holds, by its name.</summary>
    public required string Deck { get; init; }

    internal long FromTick => From.TickOfDay;

    internal long ToTick => To?.TickOfDay ?? NodaConstants.TicksPerDay;

    internal bool IsOn(LocalDate date) => (Dates.Count == 0 || Dates.Contains(date)) && IsOn(date.Month, date.Day, date.DayOfWeek);

    /// <summary>Whether it holds on days like this one, dates apart.</summary>
    internal bool IsOn(int month, int day, IsoDayOfWeek weekDay) =>
        (Months.Count == 0 || Months.Contains(month)) && (MonthDays.Count == 0 || MonthDays.Contains(day)) && (WeekDays.Count == 0 || WeekDays.Contains(weekDay));

    internal bool IsAlways => Dates.Count == 0 && Months.Count == 0 && MonthDays.Count == 0 && WeekDays.Count == 0 && FromTick == 0 && To is null;
}
