using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;

namespace Relier.Domain.Tests.Rating;

/// <summary>What holds for every rate, call, bucket and balance.</summary>
public sealed class RatingLawTests
{
    public sealed record Case(UsageRate Rate, long Seconds, Bucket[] Buckets, decimal Balance);

    private static readonly Gen<UsageRate> AnyRate =
        from increment in Gen.Elements(1L, 6, 30, 60)
        from later in Gen.Elements(1L, 6, 30, 60)
        from price in Gen.Choose(0, 3_000)
        from laterPrice in Gen.Choose(0, 3_000)
        from steps in Gen.Choose(0, 5)
        from fee in Gen.Choose(0, 300)
        from min in Gen.Choose(0, 300)
        from max in Gen.Choose(0, 9_000)
        from scale in Gen.Choose(0, 6)
        from rounding in Gen.Elements(Enum.GetValues<Rounding>())
        from cap in Gen.Elements(Enum.GetValues<CapStrategy>())
        select new UsageRate
        {
            ConnectFee = UnitPrice.Of(fee < 100 ? 0 : fee / 1000m),
            Tiers = steps == 0
                ? [Tier(0, price / 1000m, 60, increment)]
                : [Tier(0, price / 1000m, 60, increment), Tier(steps * increment, laterPrice / 1000m, 7, later)],
            MinCharge = min < 200 ? null : UnitPrice.Of(min / 1000m),
            MaxCharge = max < 6_000 ? null : UnitPrice.Of(max / 1000m),
            Cap = cap,
            Rounding = new(rounding, scale),
        };

    private static readonly Gen<Bucket[]> AnyBuckets =
        (from left in Gen.Choose(0, 600)
         from kind in Gen.Elements(BucketKind.Seconds, BucketKind.Money)
         from unit in Gen.Elements(1L, 7, 60)
         from priority in Gen.Choose(0, 2)
         from expiry in Gen.Choose(-1, 900)
         from blocks in Gen.Elements(false, false, true)
         select new Bucket
         {
             Id = "", Kind = kind, Left = kind == BucketKind.Money ? left / 100m : left, Unit = unit, Priority = priority, IsBlocker = blocks,
             Expires = expiry < 0 ? null : Noon + Duration.FromSeconds(expiry),
         }).ArrayOf(3).Select(buckets => buckets.Select((bucket, place) => bucket with { Id = $"b{place}" }).ToArray());

    private static readonly Gen<Case> Cases =
        from rate in AnyRate
        from seconds in Gen.Choose(0, 1_200)
        from buckets in AnyBuckets
        from balance in Gen.Choose(-100, 2_000)
        select new Case(rate, seconds, buckets, balance / 100m);

    [Test]
    public void Lines_add_up_to_the_charge_and_follow_each_other_without_a_gap() => Law.Holds(Cases, one =>
    {
        var rated = Of(one.Rate).Priced(Call(one.Seconds), one.Buckets);

        rated.Lines.Sum(line => line.Exact).Should().Be(rated.Amount);
        var position = 0L;
        foreach (var line in rated.Lines.Where(line => line.Kind is ChargeLineKind.Tier or ChargeLineKind.Bucket))
        {
            line.From.Should().Be(position);
            position += line.Increments * line.Increment;
        }

        position.Should().Be(rated.Billed);
        rated.Billed.Should().BeGreaterThanOrEqualTo(one.Seconds);
    });

    [Test]
    public void A_longer_call_never_costs_less() => Law.Holds(Cases, one =>
        Of(one.Rate).Priced(Call(one.Seconds + 1)).Amount.Should().BeGreaterThanOrEqualTo(Of(one.Rate).Priced(Call(one.Seconds)).Amount!.Value));

    [Test]
    public void What_is_granted_can_be_paid_for_and_one_second_more_could_not() => Law.Holds(Cases, one =>
    {
        var tariff = Of(one.Rate);
        var answer = tariff.Asked(Call(one.Seconds), one.Balance, one.Buckets);
        var limit = Math.Max(0, one.Rate is { Cap: CapStrategy.Disconnect, MaxCharge: { } cap } ? Math.Min(cap.Value, one.Balance) : one.Balance);

        answer.Granted.Should().BeInRange(0, one.Seconds);
        answer.IsFinal.Should().Be(answer.Granted < one.Seconds);
        tariff.Priced(Call(answer.Granted!.Value), one.Buckets).Amount.Should().BeLessThanOrEqualTo(limit).And.Be(answer.Amount);
        if (answer.IsFinal == true) tariff.Priced(Call(answer.Granted.Value + 1), one.Buckets).Amount.Should().BeGreaterThan(limit);
    });

    [Test]
    public void Buckets_pay_what_they_have_and_never_more() => Law.Holds(Cases, one =>
    {
        var rated = Of(one.Rate).Priced(Call(one.Seconds), one.Buckets);

        foreach (var (before, after) in one.Buckets.Zip(rated.Buckets))
        {
            after.Left.Should().BeInRange(0, before.Left);
            if (before.Kind != BucketKind.Seconds) continue;
            var paid = rated.Lines.Where(line => line.Bucket == before.Id).Sum(line => line.Increments * line.Increment);
            (before.Left - after.Left).Should().Be(paid);
        }
    });

    [Test]
    public void The_same_question_has_the_same_answer() => Law.Holds(Cases, one =>
        Of(one.Rate).Priced(Call(one.Seconds), one.Buckets).Should().BeEquivalentTo(Of(one.Rate).Priced(Call(one.Seconds), one.Buckets)), times: 200);

    private static readonly Gen<(Tariff Tariff, Usage Usage)> PlainCalls =
        from price in Gen.Choose(0, 3_000)
        from per in Gen.Elements(1L, 7, 60)
        from increment in Gen.Elements(1L, 6, 60)
        from scale in Gen.Choose(-2, 9)
        from rounding in Gen.Elements(Enum.GetValues<Rounding>().Cast<Rounding?>().Append(null).ToArray())
        from extra in Gen.Choose(0, 9)
        from kind in Gen.Elements(UsageKind.Voice, UsageKind.Voice, UsageKind.Data, UsageKind.Message)
        from quantity in Gen.Choose(0, 1_200)
        from start in Gen.Choose(-1_200, 1_200)
        let plain = Rate(price / 1000m, per, increment) with { Rounding = new(rounding, scale) }
        let rate = extra switch
        {
            0 => plain with { ConnectFee = UnitPrice.Of(0.05m) },
            1 => plain with { GraceSeconds = 30 },
            2 => plain with { MinQuantity = 300 },
            3 => plain with { MinCharge = UnitPrice.Of(5m) },
            4 => plain with { MaxCharge = UnitPrice.Of(5m) },
            _ => plain,
        }
        let morning = new CalendarBand { Name = "morning", To = new LocalTime(12, 0), Deck = "morning" }
        select (InBand(India, morning, rate, PerMinute(2m, 60)), new Usage(kind, "918041000000", Noon + Duration.FromSeconds(start), quantity));

    // A bucket for other numbers pays nothing, but makes the call be walked through.
    [Test]
    public void A_call_with_nothing_to_it_is_rated_as_if_it_had_been_walked_through() => Law.Holds(PlainCalls, one =>
    {
        var walked = one.Tariff.Priced(one.Usage, Seconds("elsewhere", 600) with { Prefixes = ["52"] }) with { Buckets = [] };

        one.Tariff.Priced(one.Usage).Should().BeEquivalentTo(walked, members => members.ComparingByMembers<RatedUsage>().ComparingByMembers<ChargeLine>());
    });

    // Many prefixes that are close together, and some far away; numbers shorter than the prefixes too.
    [Test]
    public void The_table_finds_the_longest_prefix_also_where_the_prefixes_are_close_together() => Law.Holds(
        from stem in Gen.Elements("", "1", "9180", "99999999")
        from near in Gen.Elements('0', '1', '9').ArrayOf().Select(digits => new string(digits)).ListOf(200)
        from far in Gen.Choose(0, 999).Select(number => $"{number}").ListOf(5)
        from cut in Gen.Choose(0, 19)
        from rest in Gen.Elements('0', '1', '9').ArrayOf(19).Select(digits => new string(digits))
        let prefixes = near.Select(digits => stem + digits).Concat(far).Where(prefix => prefix.Length <= PrefixTable.LongestPrefix).Distinct().ToList()
        select (prefixes, number: (stem + rest)[..cut]),
        one =>
        {
            var byHand = one.prefixes.Where(prefix => one.number.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);

            var found = PrefixTable.Of(one.prefixes, [.. Enumerable.Range(0, one.prefixes.Count)]).Find(one.number, out var length);

            (found is { } place ? one.prefixes[place] : null).Should().Be(byHand);
            if (found is not null) length.Should().Be(byHand!.Length);
        });

    // Tables of every size, prefixes within prefixes, crowded on one side of their range; numbers that begin like one of them, cut short or grown long.
    [Test]
    public void The_table_says_of_any_number_what_trying_every_prefix_says() => Law.Holds(
        from size in Gen.Choose(0, 300)
        from crowd in Gen.Elements("", "0", "1", "44790", "9999999999")
        from prefixes in Prefixes(crowd, size)
        from likes in Gen.Choose(0, 299).ArrayOf(40)
        from cuts in Gen.Choose(0, PrefixTable.LongestPrefix + 2).ArrayOf(40)
        from tails in Digits(40)
        select (prefixes, numbers: likes.Zip(cuts, tails).Select(one => Like(prefixes, one.First, one.Second, one.Third)).ToArray()),
        one =>
        {
            var table = PrefixTable.Of(one.prefixes, [.. Enumerable.Range(0, one.prefixes.Count)]);

            table.Count.Should().Be(one.prefixes.Count);
            foreach (var number in one.numbers)
            {
                var byHand = one.prefixes.Where(prefix => number.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
                (table.Find(number, out var length) is { } place ? one.prefixes[place] : null).Should().Be(byHand, $"the number is {number}");
                length.Should().Be(byHand?.Length ?? 0);
            }
        }, times: 300);

    private static Gen<string[]> Digits(int count) => Gen.Choose(0, 9).ArrayOf(PrefixTable.LongestPrefix + 2).Select(digits => string.Concat(digits)).ArrayOf(count);

    /// <summary>Prefixes that begin like the crowd, but every eighth.</summary>
    private static Gen<List<string>> Prefixes(string crowd, int count) =>
        from digits in Digits(count)
        from lengths in Gen.Choose(0, PrefixTable.LongestPrefix).ArrayOf(count)
        select digits.Zip(lengths, (tail, length) => (tail, length))
            .Select((one, place) => ((place % 8 == 7 ? "" : crowd) + one.tail)[..one.length]).Distinct().ToList();

    /// <summary>A number that begins like a prefix, goes on by other digits, and ends where it is cut.</summary>
    private static string Like(List<string> prefixes, int place, int cut, string tail) =>
        ((prefixes.Count == 0 ? "" : prefixes[place % prefixes.Count]) + tail)[..cut];

    // Against school arithmetic: thousandths of price times seconds over 60 and 7, as one fraction over 420.
    [Test]
    public void One_tier_costs_what_school_arithmetic_says() => Law.Holds(
        from price in Gen.Choose(0, 100_000)
        from increment in Gen.Elements(1, 6, 30, 60)
        from seconds in Gen.Choose(0, 100_000)
        select (price, increment, seconds),
        one =>
        {
            var billed = (one.seconds + one.increment - 1) / one.increment * (System.Numerics.BigInteger)one.increment;
            var tenThousandths = ((2 * billed * one.price * 10) + 60) / 120;

            (Of(PerMinute(one.price / 1000m, one.increment)).Priced(Call(one.seconds)).Amount * 10_000m).Should().Be((decimal)tenThousandths);
        });
}
