using NodaTime;
using Relier.Archiving;

namespace Relier.Domain.Tests.Archiving;

internal sealed class RetentionTests
{
    private static readonly Retention Usual = Retention.Default;

    [TestCase(2027, 2, 28, 23, 59, 2026, 11)] // 90 days before is the last minute of 30 November
    [TestCase(2027, 3, 1, 0, 0, 2026, 12)] // and one minute later 1 December, by which November is over
    [TestCase(2026, 11, 22, 12, 0, 2026, 8)] // 24 August
    [TestCase(2028, 5, 30, 0, 0, 2028, 3)] // 1 March of a leap year
    [TestCase(2028, 5, 29, 23, 59, 2028, 2)] // 29 February
    public void The_first_hot_month_is_the_one_that_lies_ninety_days_back(int year, int month, int day, int hour, int minute, int hotYear, int hotMonth) =>
        Usual.HotFrom(Instant.FromUtc(year, month, day, hour, minute)).Should().Be(Instant.FromUtc(hotYear, hotMonth, 1, 0, 0));

    [Test]
    public void A_part_is_kept_for_its_months_behind_the_end_of_its_own()
    {
        Usual.KeepUntil(new YearMonth(2026, 11)).Should().Be(Instant.FromUtc(2028, 12, 1, 0, 0));
        Usual.KeepUntil(new YearMonth(2026, 12)).Should().Be(Instant.FromUtc(2029, 1, 1, 0, 0));
        new Retention(1, 1).KeepUntil(new YearMonth(2026, 12)).Should().Be(Instant.FromUtc(2027, 2, 1, 0, 0));
    }

    [Test]
    public void A_part_is_over_when_both_what_was_promised_and_what_holds_now_say_so()
    {
        var part = PartOf(new YearMonth(2026, 11)) with { KeepUntil = Instant.FromUtc(2028, 12, 1, 0, 0) };

        Usual.IsOver(part, Instant.FromUtc(2028, 11, 30, 23, 59)).Should().BeFalse();
        Usual.IsOver(part, Instant.FromUtc(2028, 12, 1, 0, 0)).Should().BeTrue();
        new Retention(90, 12).IsOver(part, Instant.FromUtc(2028, 11, 30, 23, 59)).Should().BeFalse("a shorter time does not count for what was promised");
        new Retention(90, 36).IsOver(part, Instant.FromUtc(2029, 11, 30, 23, 59)).Should().BeFalse("a longer one counts at once");
        new Retention(90, 36).IsOver(part, Instant.FromUtc(2029, 12, 1, 0, 0)).Should().BeTrue();
    }

    [Test]
    public void Ids_and_names_say_what_is_where()
    {
        var month = new YearMonth(2026, 8);
        ArchivePart.IdOf(ArchiveKind.Calls, month, 7).Value.Should().Be("calls-2026-08-0007");
        ArchivePart.IdOf(ArchiveKind.Reports, month, 12345).Value.Should().Be("reports-2026-08-12345");
        ArchivePart.NameOf("main", ArchiveKind.Calls, month, 7, "0123456789abcdef0123").Should().Be("main/calls/2026-08/0007-0123456789abcdef.ndjson.gz");
        ArchivePart.ToMonth(ArchivePart.MonthText(month)).Should().Be(month);
    }

    private static ArchivePart PartOf(YearMonth month) => new()
    {
        Id = ArchivePart.IdOf(ArchiveKind.Calls, month, 1), Kind = ArchiveKind.Calls, Month = month, No = 1, Name = "x", Rows = 1, Sha256 = "x", Bytes = 1, FirstAt = Retention.StartOf(month),
        LastAt = Retention.StartOf(month), KeepUntil = Retention.StartOf(month), WrittenAt = Retention.StartOf(month),
    };
}
