using NodaTime;

namespace Relier.Archiving;

/// <summary>How long things stay in the storage, and then in the archive. Months are those of UTC, the same for everybody whose rows lie in one file.</summary>
/// <param name="HotDays">So many days everything stays in the storage, counted from the end of its month; 1 or more.</param>
/// <param name="Months">So many months a part stays in the archive, counted from the end of its month; 1 or more. For call records in India at least 24.</param>
public readonly record struct Retention(int HotDays, int Months)
{
    /// <summary>90 days in the storage, 24 months in the archive.</summary>
    public static Retention Default { get; } = new(90, 24);

    /// <summary>What came in or was changed after this is not old enough.</summary>
    public Instant RestingSince(Instant now) => now - Duration.FromDays(HotDays);

    /// <summary>The beginning of the first month that is not old enough: all months before have ended at least <see cref="HotDays"/> ago.</summary>
    public Instant HotFrom(Instant now) => StartOf(MonthOf(RestingSince(now)));

    /// <summary>Until when a part of this month is kept.</summary>
    public Instant KeepUntil(YearMonth month) => StartOf(month.PlusMonths(1 + Months));

    /// <summary>Whether a part may go: by what was promised when it was written, and by what holds now. So a longer time counts for older parts too, and a shorter one does not.</summary>
    public bool IsOver(ArchivePart part, Instant now)
    {
        ArgumentNullException.ThrowIfNull(part);
        return now >= part.KeepUntil && now >= KeepUntil(part.Month);
    }

    /// <summary>The month that an instant lies in.</summary>
    public static YearMonth MonthOf(Instant at) => at.InUtc().Date.ToYearMonth();

    /// <summary>Its first instant.</summary>
    public static Instant StartOf(YearMonth month) => month.OnDayOfMonth(1).AtMidnight().InUtc().ToInstant();
}
