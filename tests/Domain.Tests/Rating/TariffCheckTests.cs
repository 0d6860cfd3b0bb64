using System.Collections.Immutable;
using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;

namespace Relier.Domain.Tests.Rating;

/// <summary>What cannot be rated is refused before it is used, with the row that is wrong.</summary>
public sealed class TariffCheckTests
{
    private static readonly IsoDayOfWeek[] Week = [IsoDayOfWeek.Monday, IsoDayOfWeek.Tuesday, IsoDayOfWeek.Wednesday, IsoDayOfWeek.Thursday, IsoDayOfWeek.Friday];

    [TestCase(60, "rate.tiers[1].from tier_unreachable", 90)]
    [TestCase(60, "rate.tiers[1].from tier_repeated", 0)]
    [TestCase(0, "rate.tiers[0].increment increment_invalid", 60)]
    [TestCase(60, "", 120)]
    public void A_tier_must_be_reached(long increment, string finding, long second) =>
        Said(new UsageRate { Tiers = [Tier(0, 1m, 60, increment), Tier(second, 1m, 60, 60)] }.Check("rate")).Should().Be(finding);

    [Test]
    public void Units_rounding_and_charges_are_looked_at()
    {
        var wrong = new UsageRate
        {
            Tiers = [Tier(5, 1m, 0, 60)], Rounding = new(null, 7), GraceSeconds = -1, MinCharge = UnitPrice.Of(2m), MaxCharge = UnitPrice.Of(1m),
        };

        wrong.Check("r").Select(error => error.Code).Should().Equal(
            "per_invalid", "tier_first_not_zero", "scale_invalid", "rounding_invalid", "grace_invalid", "charges_crossed");
        (PerMinute(1m, 60) with { Rounding = new(null, 9) }).Check("r", forQuote: true).Should().BeEmpty();
        new UsageRate { Tiers = [] }.Check("r").Should().ContainSingle().Which.Code.Should().Be("tier_missing");
    }

    [Test]
    public void Units_without_a_small_common_multiple_and_usage_out_of_range_are_refused()
    {
        // 999,999,937 and 999,999,929 are primes: a fraction over both would have 18 digits.
        var rates = new Dictionary<string, UsageRate> { ["a"] = Rate(1m, 999_999_937, 1), ["b"] = Rate(1m, 999_999_929, 1) };

        Said(RateDeck.Check([new("91", "a"), new("92", "b")], rates, "deck")).Should().Be("deck.rates per_mixed");
        Said(RateDeck.CheckUnits([Rate(1m, 1_073_741_824, 1), Rate(1m, 60, 60)], "deck")).Should().Be("");
        Said(Call(1_000_000_001).Check("call")).Should().Be("call.quantity quantity_invalid");
        Said(Call(Instant.FromUtc(9999, 1, 1, 0, 0), 1).Check("call")).Should().Be("call.start instant_invalid");
        FluentActions.Invoking(() => Of(PerMinute(1m, 60)).Priced(Call(-1))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void A_deck_names_the_row_that_is_wrong()
    {
        DeckEntry[] entries = [new("91", "a"), new("9x", "a"), new("112", "a") { IsShortCode = true }, new("91", "b"), new("112", "a"), new("88", "") { IsForbidden = true }];

        var findings = RateDeck.Check(entries, new Dictionary<string, UsageRate> { ["a"] = PerMinute(1m, 60) }, "deck");

        findings.Select(error => $"{error.Field} {error.Code}").Should().Equal("deck.entries[1].prefix prefix_invalid", "deck.entries[3].prefix prefix_duplicate", "deck.entries[3].rate rate_unknown");
    }

    [Test]
    public void A_week_with_a_hole_is_refused_and_the_hole_is_named()
    {
        var work = new CalendarBand { Name = "work", Deck = "d", WeekDays = ImmutableHashSet.Create(Week) };
        var weekend = new CalendarBand { Name = "weekend", Deck = "d", WeekDays = ImmutableHashSet.Create(IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday), To = new LocalTime(22, 30) };

        var found = BandCalendar.Check([work, weekend], "bands").Should().ContainSingle().Subject;

        (found.Code, found.Message).Should().Be(("plan_not_continuous", "expected bands for every hour; there is none on Saturday at 22:30"));
        BandCalendar.Check([work, weekend with { To = null }], "bands").Should().BeEmpty();
    }

    [Test]
    public void Holidays_alone_cover_nothing_and_months_together_may_cover_the_year()
    {
        var holiday = new CalendarBand { Name = "h", Deck = "d", Dates = ImmutableHashSet.Create(new LocalDate(2026, 8, 15)) };
        var summer = new CalendarBand { Name = "s", Deck = "d", Months = ImmutableHashSet.CreateRange(Enumerable.Range(4, 6)) };
        var winter = new CalendarBand { Name = "w", Deck = "d", Months = ImmutableHashSet.Create(1, 2, 3, 10, 11, 12) };

        Said(BandCalendar.Check([holiday], "b")).Should().Be("b plan_not_continuous");
        Said(BandCalendar.Check([summer, winter, holiday with { Priority = 1 }], "b")).Should().Be("");
        Said(BandCalendar.Check([summer, winter, holiday], "b")).Should().Be("b[2].priority bands_overlap");
    }

    [Test]
    public void Bands_of_equal_priority_may_touch_but_not_overlap()
    {
        var day = new CalendarBand { Name = "day", Deck = "d", From = new LocalTime(9, 0), To = new LocalTime(21, 0) };
        var evening = new CalendarBand { Name = "evening", Deck = "d", From = new LocalTime(21, 0) };

        Said(BandCalendar.Check([day, evening, Always("d")], "b")).Should().Be("");
        Said(BandCalendar.Check([day, evening with { From = new LocalTime(20, 59) }, Always("d")], "b")).Should().Be("b[1].priority bands_overlap");
        Said(BandCalendar.Check([day with { To = day.From }, Always("d")], "b")).Should().Be("b[0].to band_empty");
    }

    [TestCase("98450 12345", "919845012345", false)]
    [TestCase("09845012345", "919845012345", false)]
    [TestCase("919845012345", "919845012345", false)]
    [TestCase("0044 20 7946 0000", "442079460000", false)]
    [TestCase("1800 123 4567", "18001234567", true)]
    [TestCase("112", "112", true)]
    [TestCase("+112", "112", false)]
    public void A_number_in_India_is_read_as_it_is_dialled_there(string text, string digits, bool isShortCode) =>
        NumberPlan.India.Read(text).Should().Be(new DialledNumber(digits, isShortCode));

    [TestCase("55 0000 0001", "525500000001", false)]
    [TestCase("5215500000001", "525500000001", false)]
    [TestCase("044 55 0000 0001", "525500000001", false)]
    [TestCase("+52 1 55 0000 0001", "525500000001", false)]
    [TestCase("800 123 4567", "8001234567", true)]
    public void A_number_in_Mexico_is_read_as_it_is_dialled_there(string text, string digits, bool isShortCode) =>
        NumberPlan.Mexico.Read(text).Should().Be(new DialledNumber(digits, isShortCode));

    [TestCase("")]
    [TestCase(null)]
    [TestCase("anonymous")]
    [TestCase("91+80")]
    [TestCase("12345678901234567890")]
    public void What_is_no_number_is_not_read(string? text) => NumberPlan.India.Read(text).Should().BeNull();

    [Test]
    public void Plans_fall_back_in_their_order_and_a_circle_is_found()
    {
        var local = Deck(("91", PerMinute(1m, 60)));
        var world = Deck(("44", PerMinute(9m, 60)));

        Of(null, Plan("a", local, "b"), Plan("b", world)).Priced(Call("442000000000", 60)).Should().Match<RatedUsage>(rated => rated.Plan == "b" && rated.Amount == 9m);
        Of(null, Plan("a", local, "b"), Plan("b", world, "a")).Priced(Call("333000000000", 60)).Reason.Should().Be(UnratedReason.Loop);
        Of(null, Plan("a", local, "b", "c"), Plan("b", world, "d"), Plan("c", world, "d"), Plan("d", world)).Priced(Call("333000000000", 60)).Reason.Should().Be(UnratedReason.NoRate);
        Of(null, Plan("a", local, "gone")).Priced(Call("442000000000", 60)).Reason.Should().Be(UnratedReason.NoPlan);
    }

    [Test]
    public void A_forbidden_destination_has_no_price_and_is_not_looked_for_elsewhere()
    {
        var deck = new RateDeck([new("91", "r"), new("919", "") { IsForbidden = true, Destination = "premium" }], new Dictionary<string, UsageRate> { ["r"] = PerMinute(1m, 60) });

        var rated = Of(null, Plan("a", deck, "b"), Plan("b", Deck(("9", PerMinute(1m, 60))))).Priced(Call("919000000000", 60));

        (rated.Status, rated.Reason, rated.Destination).Should().Be((RatingStatus.Unrated, UnratedReason.Forbidden, "premium"));
    }

    [Test]
    public void The_catch_all_holds_when_nothing_longer_matches_and_never_for_short_codes()
    {
        var deck = Deck(("91", PerMinute(1m, 60)), ("", PerMinute(9m, 60)));

        Of(deck, NumberPlan.India).Priced(Call("+447000000000", 60)).Should().Match<RatedUsage>(rated => rated.MatchedPrefix == "*" && rated.Amount == 9m);
        Of(deck, NumberPlan.India).Priced(Call("112", 60)).Reason.Should().Be(UnratedReason.NoRate);
    }

    [Test]
    public void An_emergency_call_is_let_through_without_a_balance_and_no_other()
    {
        Of(PerMinute(0m, 60)).Asked(Call(60), -5m).Granted.Should().Be(60);
        Of(PerMinute(1m, 60)).Asked(Call(60), -5m).Should().Match<RatedUsage>(answer => answer.Granted == 0 && answer.IsFinal == true);
    }

    private static string Said(IEnumerable<FieldError> errors) => string.Join("; ", errors.Select(error => $"{error.Field} {error.Code}"));
}
