using NodaTime;
using NodaTime.Text;
using Relier.Calendar;

namespace Relier.Domain.Tests.Calendar;

public sealed class LocalPeriodsTests
{
    [TestCase("day", "2026-11-20T18:30:00Z", "2026-11-22T18:30:00Z", "Asia/Kolkata", "2026-11-20T18:30:00Z 2026-11-21T18:30:00Z 2026-11-22T18:30:00Z", TestName = "Days begin at midnight of the zone")]
    [TestCase("day", "2026-11-20T20:00:00Z", "2026-11-21T20:00:00Z", "Asia/Kolkata", "2026-11-20T20:00:00Z 2026-11-21T18:30:00Z 2026-11-21T20:00:00Z", TestName = "The first and the last are cut")]
    [TestCase("month", "2026-01-31T00:00:00Z", "2026-03-02T00:00:00Z", "UTC", "2026-01-31T00:00:00Z 2026-02-01T00:00:00Z 2026-03-01T00:00:00Z 2026-03-02T00:00:00Z", TestName = "Months are as long as they are")]
    [TestCase("hour", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z", "Europe/London", "2026-03-29T00:00:00Z 2026-03-29T01:00:00Z 2026-03-29T02:00:00Z", TestName = "An hour that the clocks leave out is none")]
    [TestCase("hour", "2026-10-24T23:00:00Z", "2026-10-25T02:00:00Z", "Europe/London", "2026-10-24T23:00:00Z 2026-10-25T00:00:00Z 2026-10-25T02:00:00Z", TestName = "An hour that the clocks show twice is one of two hours")]
    [TestCase("day", "2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z", "UTC", "", TestName = "No time has no periods")]
    public void Periods_follow_each_other(string unit, string from, string to, string zone, string borders)
    {
        var periods = LocalPeriods.Between(At(from), At(to), DateTimeZoneProviders.Tzdb[zone], unit).ToList();

        var expected = borders.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(At).ToList();
        periods.Should().Equal(expected.Zip(expected.Skip(1)).Select(pair => (pair.First, pair.Second)));
    }

    [Test]
    public void Another_unit_is_refused() =>
        FluentActions.Invoking(() => LocalPeriods.Between(At("2026-01-01T00:00:00Z"), At("2026-01-02T00:00:00Z"), DateTimeZone.Utc, "week").ToList()).Should().Throw<ArgumentOutOfRangeException>();

    private static Instant At(string text) => InstantPattern.ExtendedIso.Parse(text).Value;
}
