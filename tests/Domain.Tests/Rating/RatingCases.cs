using System.Collections.Immutable;
using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;

namespace Relier.Domain.Tests.Rating;

/// <summary>The acceptance cases of rating that need nothing but the rule.</summary>
public sealed class RatingCases
{
    private static RateDeck V1 { get; } = Deck(
        ("91", PerMinute(1.00m, 60)), ("9180", PerMinute(0.80m, 60)), ("918041", PerMinute(0.60m, 60)), ("1", PerMinute(2.00m, 60)));

    // 90 s are two minutes: 2 x 0.60.
    [Test]
    public void AC_01_the_longest_prefix_prices_whole_minutes()
    {
        var rated = Of(V1, NumberPlan.India).Priced(Call("918041000000", 90));

        rated.MatchedPrefix.Should().Be("918041");
        rated.Billed.Should().Be(120);
        rated.Amount.Should().Be(1.20m);
    }

    // 61 s are two minutes at 0.80; 59 s are one at 1.00.
    [TestCase("918099000000", 61, "9180", "1.60")]
    [TestCase("912200000000", 59, "91", "1.00")]
    public void AC_02_shorter_prefixes_price_the_rest(string to, long seconds, string prefix, string amount)
    {
        var rated = Of(V1, NumberPlan.India).Priced(Call(to, seconds));

        (rated.MatchedPrefix, rated.Amount).Should().Be((prefix, decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [TestCase("+91 80 4100 0000")]
    [TestCase("0091 80 4100 0000")]
    [TestCase("080 4100 0000")]
    public void AC_03_one_number_is_one_number_however_it_is_dialled(string to) =>
        Of(V1, NumberPlan.India).Priced(Call(to, 90)).Should().Match<RatedUsage>(rated => rated.MatchedPrefix == "918041" && rated.Amount == 1.20m);

    [Test]
    public void AC_03_a_number_that_no_prefix_matches_has_no_price()
    {
        var rated = Of(V1, NumberPlan.India).Priced(Call("447000000000", 90));

        (rated.Status, rated.Reason, rated.Amount).Should().Be((RatingStatus.Unrated, UnratedReason.NoRate, null));
        rated.Lines.Should().BeEmpty();
    }

    [Test]
    public void AC_04_a_short_code_is_never_the_beginning_of_a_number()
    {
        var rates = new Dictionary<string, UsageRate> { ["usa"] = PerMinute(2.00m, 60), ["free"] = PerMinute(0m, 60) };
        var deck = new RateDeck([new("1", "usa"), new("112", "free") { IsShortCode = true }], rates);

        var rated = Of(deck, NumberPlan.India).Priced(Call("112", 30));
        (rated.Status, rated.MatchedPrefix, rated.Amount).Should().Be((RatingStatus.Rated, "112", 0m));
        rated.Lines.Should().ContainSingle().Which.Kind.Should().Be(ChargeLineKind.Tier);
        Of(deck, NumberPlan.India).Priced(Call("100", 30)).Reason.Should().Be(UnratedReason.NoRate);
    }

    // 37 x 1.99 / 60 = 1.2271666..., half-up to four decimals.
    [Test]
    public void AC_06_seconds_are_priced_exactly_and_rounded_once()
    {
        var rated = Of(PerMinute(1.99m, 1)).Priced(Call(37));

        rated.Amount.Should().Be(1.2272m);
        Money.Of(rated.Amount!.Value, Currency.INR).ToMinorUnit(Rounding.HalfUp).Whole.Should().Be(Money.Of(1.23m, Currency.INR));
    }

    [TestCase(0, "0")]
    [TestCase(1, "1.99")]
    [TestCase(60, "1.99")]
    [TestCase(61, "3.98")]
    [TestCase(3600, "119.40")]
    public void AC_07_a_minute_that_has_begun_is_charged(long seconds, string amount) => AmountOf(PerMinute(1.99m, 60), seconds).Should().Be(Number(amount));

    // One minute, then seconds, at 0.015 each.
    [TestCase(45, "0.90")]
    [TestCase(61, "0.9150")]
    [TestCase(150, "2.25")]
    public void AC_08_the_first_increment_may_be_longer(long seconds, string amount) =>
        AmountOf(new UsageRate { Tiers = [Tier(0, 0.90m, 60, 60), Tier(60, 0.90m, 60, 1)] }, seconds).Should().Be(Number(amount));

    [TestCase(32, 36, "0.0036")]
    [TestCase(57, 60, "0.0060")]
    [TestCase(75, 78, "0.0078")]
    public void AC_09_thirty_seconds_then_six(long seconds, long billed, string amount)
    {
        var rate = new UsageRate { Tiers = [Tier(0, 0.006m, 60, 30), Tier(30, 0.006m, 60, 6)], Rounding = new(Rounding.HalfUp, 6) };

        var rated = Of(rate).Priced(Call(seconds));

        (rated.Billed, rated.Amount).Should().Be((billed, Number(amount)));
    }

    // 0.25 and 102 x 0.48 / 60 = 0.816.
    [Test]
    public void AC_10_the_fee_for_connecting_is_charged_once_and_only_when_there_is_a_call()
    {
        var rate = PerMinute(0.48m, 6) with { ConnectFee = UnitPrice.Of(0.25m) };

        var rated = Of(rate).Priced(Call(100));

        (rated.Billed, rated.Amount).Should().Be((102L, 1.0660m));
        AmountOf(rate, 0).Should().Be(0m);
        Of(rate).Priced(Call(100) with { IsContinuation = true }).Amount.Should().Be(0.8160m);
    }

    [Test]
    public void AC_11_within_the_grace_nothing_is_charged_and_no_bucket_touched()
    {
        var tariff = Of(PerMinute(1.99m, 60) with { GraceSeconds = 3 });

        var within = tariff.Priced(Call(3), Seconds("b", 600));

        (within.Status, within.Amount).Should().Be((RatingStatus.Zero, 0m));
        within.Buckets.Should().ContainSingle().Which.Left.Should().Be(600);
        tariff.Priced(Call(4)).Amount.Should().Be(1.99m);
    }

    [Test]
    public void AC_12_the_minimum_charge_is_a_line_of_its_own()
    {
        var rate = PerMinute(0.60m, 1) with { MinCharge = UnitPrice.Of(0.50m) };

        // 20 s are 0.20.
        var rated = Of(rate).Priced(Call(20));

        rated.Amount.Should().Be(0.50m);
        rated.Lines[^1].Should().Match<ChargeLine>(line => line.Kind == ChargeLineKind.MinTopUp && line.Exact == 0.30m);
        AmountOf(rate, 60).Should().Be(0.60m);
    }

    [Test]
    public void AC_13_a_maximum_ends_the_charge_or_the_call()
    {
        var rate = PerMinute(0.60m, 1) with { MaxCharge = UnitPrice.Of(5.00m) };

        AmountOf(rate, 900).Should().Be(5.00m);
        // A second costs 0.01.
        Of(rate with { Cap = CapStrategy.Disconnect }).Asked(Call(900), null).Granted.Should().Be(500);
        // One that lasted longer all the same is charged in full.
        AmountOf(rate with { Cap = CapStrategy.Disconnect }, 900).Should().Be(9.00m);
        Of(rate).Asked(Call(900), 5.00m).Granted.Should().Be(900);
    }

    // Three minutes at 1.20, then half minutes at 0.15.
    [TestCase(200, 210, "3.75")]
    [TestCase(241, 270, "4.05")]
    public void AC_14_a_long_call_gets_cheaper(long seconds, long billed, string amount)
    {
        var rated = Of(new UsageRate { Tiers = [Tier(0, 1.20m, 60, 60), Tier(180, 0.30m, 60, 30)] }).Priced(Call(seconds));

        (rated.Billed, rated.Amount).Should().Be((billed, Number(amount)));
    }

    // 20:59:30 in India: half a minute before the peak ends. By the minute the first one is finished at the peak's price.
    [TestCase(1, "0.90")]
    [TestCase(60, "1.40")]
    public void AC_15_a_call_is_split_where_the_band_ends(long increment, string amount)
    {
        var peak = new CalendarBand { Name = "peak", Deck = "peak", From = new LocalTime(9, 0), To = new LocalTime(21, 0) };
        var tariff = InBand(India, peak, PerMinute(1.00m, increment), PerMinute(0.40m, increment));

        var rated = tariff.Priced(Call(Instant.FromUtc(2025, 1, 15, 15, 29, 30), 90));

        rated.Amount.Should().Be(Number(amount));
        rated.Lines.Select(line => line.Band).Should().Equal("peak", "rest");
    }

    [TestCase(15, "0.20")]
    [TestCase(16, "2.00")]
    public void AC_16_a_holiday_wins_over_the_rest(int day, string amount)
    {
        var holiday = new CalendarBand { Name = "holiday", Deck = "holiday", Priority = 100, Dates = ImmutableHashSet.Create(new LocalDate(2025, 8, 15)) };
        var tariff = InBand(India, holiday, PerMinute(0.10m, 60), PerMinute(1.00m, 60));

        tariff.Priced(Call(Instant.FromUtc(2025, 8, day, 4, 30), 120)).Amount.Should().Be(Number(amount));
    }

    // 00:59 to 01:00 at 0.06 a minute, then the clocks show 02:00: a minute at 0.60.
    [Test]
    public void AC_17_bands_follow_the_clock_on_the_wall()
    {
        var late = new CalendarBand { Name = "late", Deck = "late", From = new LocalTime(2, 0) };
        var tariff = InBand(DateTimeZoneProviders.Tzdb["Europe/London"], late, PerMinute(0.60m, 1), PerMinute(0.06m, 1));

        tariff.Priced(Call(Instant.FromUtc(2025, 3, 30, 0, 59), 120)).Amount.Should().Be(0.66m);
    }

    // 10 x 0.0145 = 0.145.
    [TestCase(Rounding.Up, "0.15")]
    [TestCase(Rounding.HalfUp, "0.15")]
    [TestCase(Rounding.HalfEven, "0.14")]
    [TestCase(Rounding.Down, "0.14")]
    public void AC_18_each_rate_names_its_rounding(Rounding rounding, string amount) =>
        AmountOf(Rate(0.0145m, 1, 1) with { Rounding = new(rounding, 2) }, 10).Should().Be(Number(amount));

    // 0.10 / 60 = 0.001666...; a thousand rounded records are 1.70, not 1.67.
    [Test]
    public void AC_19_the_rounded_record_is_what_is_owed()
    {
        var tariff = Of(PerMinute(0.10m, 1));

        Enumerable.Range(0, 1000).Sum(_ => tariff.Priced(Call(1)).Amount).Should().Be(1.70m);
    }

    // Two minutes from the bucket, three at 1.60.
    [Test]
    public void AC_20_a_bucket_pays_first()
    {
        var rated = Of(PerMinute(1.60m, 60)).Priced(Call(300), Seconds("b", 120));

        rated.Amount.Should().Be(4.80m);
        rated.Lines.Select(line => (line.Kind, line.Increments * line.Increment, line.Exact)).Should().Equal(
            (ChargeLineKind.Bucket, 120, 0m), (ChargeLineKind.Tier, 180, 4.80m));
        rated.Buckets.Should().ContainSingle().Which.Left.Should().Be(0);
    }

    [Test]
    public void AC_21_a_bucket_pays_for_increments_that_begin_before_it_expires()
    {
        var a = Seconds("A", 600) with { Expires = Instant.FromUtc(2025, 1, 31, 18, 30) };
        var b = Seconds("B", 600) with { Expires = Instant.FromUtc(2025, 2, 28, 18, 30) };

        var rated = Of(PerMinute(1m, 60)).Priced(Call(Instant.FromUtc(2025, 1, 31, 18, 28), 300), b, a);

        rated.Amount.Should().Be(0m);
        rated.Buckets.Select(bucket => (bucket.Id, bucket.Left)).Should().Equal(("B", 420m), ("A", 480m));
    }

    [TestCase(60, 120)]
    [TestCase(1, 150)]
    public void AC_23_what_the_balance_pays_for_is_granted(long increment, long granted)
    {
        var answer = Of(PerMinute(1.00m, increment)).Asked(Call(300), 2.50m);

        (answer.Granted, answer.IsFinal).Should().Be((granted, true));
    }

    // 111 x 1.99 / 60 = 3.6815; three times 37 s rounded would be 3.6816.
    [Test]
    public void AC_25_slices_are_rated_by_their_total()
    {
        var tariff = Of(PerMinute(1.99m, 1));

        tariff.Priced(Call(111)).Amount.Should().Be(3.6815m);
        var slices = new[] { 37L, 74, 111 }.Select(total => tariff.Priced(Call(total)).Amount!.Value).ToList();
        (slices[0] + (slices[1] - slices[0]) + (slices[2] - slices[1])).Should().Be(3.6815m);
    }

    // 5,000,000 / 65,536 = 76.3.
    [Test]
    public void AC_26_data_is_charged_by_the_block_in_one_line()
    {
        var rated = Of(Rate(0.02m, 65_536, 65_536)).Priced(new Usage(UsageKind.Data, null, Noon, 5_000_000));

        rated.Amount.Should().Be(1.54m);
        rated.Lines.Should().ContainSingle().Which.Increments.Should().Be(77);
    }

    [Test]
    public void AC_45_the_table_finds_what_a_search_by_hand_finds_in_whatever_order_it_was_made()
    {
        var random = new Random(45);
        var prefixes = Enumerable.Range(0, 1_000_000).Select(_ => random.NextInt64(10_000_000_000).ToString("D10")[..random.Next(1, 11)]).Distinct().ToList();
        var known = prefixes.Select((prefix, place) => (prefix, place)).ToDictionary(pair => pair.prefix, pair => pair.place);
        var shuffled = prefixes.ToArray();
        random.Shuffle(shuffled);
        var (table, other) = (PrefixTable.Of(prefixes, [.. Enumerable.Range(0, prefixes.Count)]), PrefixTable.Of(shuffled, [.. Enumerable.Range(0, prefixes.Count)]));

        for (var i = 0; i < 10_000; i++)
        {
            var number = random.NextInt64(1_000_000_000_000).ToString("D12");
            var byHand = Enumerable.Range(0, 13).Select(cut => number[..(12 - cut)]).FirstOrDefault(known.ContainsKey);
            var found = table.Find(number, out _);
            (found is { } place ? prefixes[place] : null).Should().Be(byHand);
            (other.Find(number, out _) is { } same ? shuffled[same] : null).Should().Be(byHand);
        }
    }

    private static decimal? AmountOf(UsageRate rate, long seconds) => Of(rate).Priced(Call(seconds)).Amount;

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
