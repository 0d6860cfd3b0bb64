using System.Numerics;

namespace Relier.Domain.Tests;

public sealed class AllocationTests
{
    [Test]
    public void Thirds_of_a_hundred_differ_by_a_cent_and_add_up()
    {
        // Running totals 33.333…, 66.666…, 100 become 33.33, 66.67, 100.00.
        Mxn(100m).Split(1, 1, 1).Should().Equal(Mxn(33.33m), Mxn(33.34m), Mxn(33.33m));
        Mxn(-100m).Split(1, 1, 1).Should().Equal(Mxn(-33.33m), Mxn(-33.34m), Mxn(-33.33m));
        Jpy(100m).Split(1, 1, 1).Should().Equal(Jpy(33m), Jpy(34m), Jpy(33m));
        Kwd(0.1m).Split(1, 1, 1).Should().Equal(Kwd(0.033m), Kwd(0.034m), Kwd(0.033m));
    }

    [Test]
    public void A_cent_goes_to_the_first_of_two()
    {
        // Running totals 0.005 and 0.01 become 0.01 and 0.01.
        Usd(0.01m).Split(1, 1).Should().Equal(Usd(0.01m), Usd(0m));
        Usd(-0.01m).Split(1, 1).Should().Equal(Usd(-0.01m), Usd(0m));
    }

    [Test]
    public void A_weight_of_zero_gets_nothing()
    {
        Usd(10m).Split(0, 1, 0).Should().Equal(Usd(0m), Usd(10m), Usd(0m));
        Usd(0m).Split(3, 7).Should().Equal(Usd(0m), Usd(0m));
    }

    [Test]
    public void A_period_is_split_by_its_days()
    {
        // 500 for 31 days: 10 days are 161.290…, the other 21 the rest.
        Inr(500m).Split(10, 21).Should().Equal(Inr(161.29m), Inr(338.71m));
    }

    [Test]
    public void An_amount_finer_than_a_paisa_is_split_in_millionths()
    {
        // 0.012501 in two: running totals 6,250.5 and 12,501 millionths become 6,251 and 12,501.
        Inr(0.012501m).Split(1, 1).Should().Equal(Inr(0.006251m), Inr(0.00625m));
    }

    [Test]
    public void Without_a_weight_above_zero_nothing_can_be_split()
    {
        var none = () => Usd(1m).Split();
        var zeros = () => Usd(1m).Split(0, 0);
        var negative = () => Usd(1m).Split(2, -1);
        var missing = () => Usd(1m).Split(null!);

        none.Should().Throw<ArgumentException>();
        zeros.Should().Throw<ArgumentException>();
        negative.Should().Throw<ArgumentException>().WithMessage("A weight is never negative*");
        missing.Should().Throw<ArgumentNullException>();
    }

    [Test]
    public void Parts_add_up_and_each_is_within_one_unit_of_its_share() =>
        Law.Holds(
            from money in Any.Money
            from weights in Any.Number.Where(number => number >= 0).NonEmptyListOf()
            where weights.Any(weight => weight > 0)
            select (money, weights: weights.ToArray()),
            given =>
            {
                IReadOnlyList<Money> parts;
                try
                {
                    parts = given.money.Split(given.weights);
                }
                catch (OverflowException)
                {
                    TooLarge(given.money, given.weights).Should().BeTrue("only what leaves 128 bits may be given up");
                    return;
                }

                var all = given.weights.Aggregate(BigInteger.Zero, (sum, weight) => sum + weight);
                var unit = given.money.IsWhole ? Exact.MicrosPerMinorUnit(given.money.Currency) : 1;
                parts.Aggregate(Money.Zero(given.money.Currency), (sum, part) => sum + part).Should().Be(given.money);
                for (var i = 0; i < parts.Count; i++)
                {
                    // |part - money * weight / all| <= unit, without dividing.
                    var off = BigInteger.Abs(parts[i].Micros * all - (BigInteger)given.money.Micros * given.weights[i]);
                    (off <= unit * all).Should().BeTrue($"part {i} of {given.money} is {parts[i]}");
                    if (given.weights[i] == 0) parts[i].IsZero.Should().BeTrue();
                }
            });

    private static bool TooLarge(Money money, long[] weights) =>
        BigInteger.Abs(money.Micros) * weights.Aggregate(BigInteger.Zero, (sum, weight) => sum + weight) > (BigInteger)Int128.MaxValue;

    // 1,000 x 10 / 31 = 322.58; 12.345 x 10 / 31 = 3.98226.
    [TestCase("1000", "JPY", "323")]
    [TestCase("12.345", "KWD", "3.982")]
    public void AC_44_a_part_is_rounded_to_what_the_currency_is_paid_in(string amount, string currency, string part) =>
        Money.Parse(amount, Currency.Parse(currency)).Split(10, 21)[0].Amount.Should().Be(part);
}
