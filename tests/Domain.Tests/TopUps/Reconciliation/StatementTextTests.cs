using NodaTime.Text;
using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps.Reconciliation;

/// <summary>What people and spreadsheets make of a value, and what it was.</summary>
internal sealed class StatementTextTests
{
    private static readonly DateTimeZone Mexico = DateTimeZoneProviders.Tzdb["America/Mexico_City"];

    [TestCase("100000000010", "100000000010")]
    [TestCase("100000000010.0", "100000000010")]
    [TestCase(" 100000000010 ", "100000000010")]
    [TestCase("1.0000000001E+11", "100000000010")]
    [TestCase("1.0000000001e11", "100000000010")]
    [TestCase("'100000000010", "100000000010")]
    [TestCase("9E+3", "9000")]
    [TestCase("lt00178061", "LT00178061")]
    [TestCase("1.5E+0", "1.5E+0")]
    [TestCase("1.25E+1", "1.25E+1")]
    [TestCase("10.50", "10.50")]
    [TestCase("7.00", "7")]
    [TestCase("A.0", "A.0")]
    [TestCase("", null)]
    [TestCase("  ", null)]
    [TestCase("NULL", null)]
    [TestCase("n/a", null)]
    [TestCase("-", null)]
    [TestCase("0", null)]
    [TestCase("0.0", null)]
    [TestCase("1E+200", "1E+200")]
    [TestCase("a\tb", null)]
    [TestCase(null, null)]
    public void An_id_is_what_it_was_before_the_spreadsheet(string? written, string? id) => StatementText.Id(written).Should().Be(id);

    [Test]
    public void An_id_that_is_too_long_is_none() => StatementText.Id(new string('1', 101)).Should().BeNull();

    [TestCase("5512352004", "5512352004")]
    [TestCase("525512352004", "5512352004")]
    [TestCase("+52 1 55 1235 2004", "5512352004")]
    [TestCase("5512352004.0", "5512352004")]
    [TestCase("5.512352004E+09", "5512352004")]
    [TestCase("9985212345", "9985212345")]
    [TestCase("12345", "12345")]
    [TestCase("52345", "52345")]
    [TestCase("unknown", null)]
    [TestCase("", null)]
    public void A_phone_is_its_ten_digits_and_a_52_inside_it_stays(string written, string? phone) => StatementText.Phone(written).Should().Be(phone);

    [TestCase("2025-10-04T09:18:52.321294973-04:00", "2025-10-04T13:18:52.321294Z", "2025-10-04")]
    [TestCase("2025-10-04T09:18:52Z", "2025-10-04T09:18:52Z", "2025-10-04")]
    [TestCase("2025-10-04 23:30:00", "2025-10-05T05:30:00Z", "2025-10-04")]
    [TestCase("2025-10-04 23:30", "2025-10-05T05:30:00Z", "2025-10-04")]
    [TestCase("04/10/2025 23:30:00.5", "2025-10-05T05:30:00.5Z", "2025-10-04")]
    // Before 2023 the clocks were changed: 5 hours behind in summer. 02:30 did not exist on 3 April 2022, and is half an hour after 03:00.
    [TestCase("2022-04-03T02:30:00", "2022-04-03T08:30:00Z", "2022-04-03")]
    public void A_time_has_its_own_offset_or_the_zone_of_the_file(string written, string instant, string day)
    {
        StatementText.TryTime(written, DateOrder.DayFirst, Mexico, out var at, out var on).Should().BeTrue();

        (InstantPattern.ExtendedIso.Format(at!.Value), LocalDatePattern.Iso.Format(on)).Should().Be((instant, day));
    }

    [TestCase("13/10/2025", DateOrder.DayFirst, "2025-10-13")]
    [TestCase("10/13/2025", DateOrder.MonthFirst, "2025-10-13")]
    [TestCase("2025-10-13", DateOrder.MonthFirst, "2025-10-13")]
    public void A_date_alone_is_a_day_without_a_time(string written, DateOrder order, string day)
    {
        StatementText.TryTime(written, order, Mexico, out var at, out var on).Should().BeTrue();

        (at, LocalDatePattern.Iso.Format(on)).Should().Be(((Instant?)null, day));
    }

    [TestCase("")]
    [TestCase("yesterday")]
    [TestCase("10/13/2025")]
    [TestCase("2025-02-30")]
    [TestCase("0001-01-01")]
    public void What_is_no_time_is_not_read(string written) =>
        StatementText.TryTime(written, DateOrder.DayFirst, Mexico, out _, out _).Should().BeFalse();

    [TestCase("20", "20.00")]
    [TestCase("20.5", "20.50")]
    [TestCase("1,541,008.50", "1541008.50")]
    [TestCase("$ 1,000", "1000.00")]
    [TestCase("-3.25", "-3.25")]
    [TestCase("0.000001", "0.000001")]
    [TestCase("1,00", null)]
    [TestCase("1.0000001", null)]
    [TestCase("1E+3", null)]
    [TestCase("twenty", null)]
    [TestCase("", null)]
    [TestCase("99999999999999999999", null)]
    public void An_amount_is_read_exactly_or_not_at_all(string written, string? amount) =>
        (StatementText.Amount(written, Currency.MXN, decimalComma: false) is { } money ? money.Amount : null).Should().Be(amount);

    [TestCase("1.541.008,50", "1541008.50")]
    [TestCase("20,5", "20.50")]
    public void Where_a_comma_is_the_decimal_point_it_is(string written, string amount) =>
        StatementText.Amount(written, Currency.MXN, decimalComma: true)!.Value.Amount.Should().Be(amount);
}
