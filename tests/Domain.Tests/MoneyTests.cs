using System.Numerics;

namespace Relier.Domain.Tests;

public sealed class MoneyTests
{
    [Test]
    public void A_sum_and_a_difference_are_exact()
    {
        (Usd(0.1m) + Usd(0.2m)).Should().Be(Usd(0.3m));
        (Usd(10_000m) - Usd(1.09m)).Should().Be(Usd(9_998.91m));
        (-Usd(1.09m)).Should().Be(Usd(-1.09m));
        (Usd(1.09m) * 20).Should().Be(Usd(21.80m));
        Usd(-1.09m).Abs().Should().Be(Usd(1.09m));
    }

    [Test]
    public void Amounts_are_compared_by_value()
    {
        (Usd(1m) < Usd(1.000001m)).Should().BeTrue();
        (Usd(1m) <= Usd(1.00m)).Should().BeTrue();
        (Usd(1m) > Usd(-1m)).Should().BeTrue();
        (Usd(1m) >= Usd(1.000001m)).Should().BeFalse();
        Usd(1m).CompareTo(Usd(1m)).Should().Be(0);
        Usd(20m).Should().NotBe(Mxn(20m));
    }

    [TestCase(0, true, false, false)]
    [TestCase(1, false, true, false)]
    [TestCase(-1, false, false, true)]
    public void The_sign_is_told(long micros, bool zero, bool positive, bool negative)
    {
        var money = Money.FromMicros(micros, Currency.INR);

        money.IsZero.Should().Be(zero);
        money.IsPositive.Should().Be(positive);
        money.IsNegative.Should().Be(negative);
    }

    [TestCase("INR", 10_000, true, Description = "a paisa")]
    [TestCase("INR", 9_999, false)]
    [TestCase("MXN", -10_000, true)]
    [TestCase("USD", 10_001, false)]
    [TestCase("JPY", 1_000_000, true, Description = "a yen")]
    [TestCase("JPY", 500_000, false, Description = "half a yen")]
    [TestCase("KWD", 1_000, true, Description = "a fils")]
    [TestCase("KWD", 100, false)]
    [TestCase("KWD", 0, true)]
    public void What_can_be_paid_is_whole_in_minor_units(string currency, long micros, bool whole) =>
        Money.FromMicros(micros, Currency.Parse(currency)).IsWhole.Should().Be(whole);

    [Test]
    public void The_step_to_the_minor_unit_keeps_its_difference()
    {
        // 1.005 goes up to 1.01: 0.005 was added. 1.004 goes down to 1.00: 0.004 was taken.
        Usd(1.005m).ToMinorUnit(Rounding.HalfUp).Should().Be((Usd(1.01m), Usd(0.005m)));
        Usd(1.004m).ToMinorUnit(Rounding.HalfUp).Should().Be((Usd(1.00m), Usd(-0.004m)));
        Jpy(0.5m).ToMinorUnit(Rounding.HalfUp).Should().Be((Jpy(1m), Jpy(0.5m)));
        Kwd(0.0014m).ToMinorUnit(Rounding.HalfUp).Should().Be((Kwd(0.001m), Kwd(-0.0004m)));
    }

    [Test]
    public void The_minor_unit_and_its_difference_add_up_to_the_amount() =>
        Law.Holds(
            from money in Any.Money.Where(money => money.Micros is > long.MinValue + 1_000_000 and < long.MaxValue - 1_000_000)
            from rounding in Any.Rounding
            select (money, rounding),
            given =>
            {
                var (whole, difference) = given.money.ToMinorUnit(given.rounding);

                (whole - difference).Should().Be(given.money);
                whole.IsWhole.Should().BeTrue();
            });

    [Test]
    public void A_percentage_is_rounded_to_the_minor_unit_of_the_currency()
    {
        // 18 % of 99.99 is 17.9982; of 99.99 yen's 100, 18; of 1.005 dinar, 0.1809.
        Inr(99.99m).Times(Ratio.Percent(18m), Rounding.HalfUp).Should().Be(Inr(18.00m));
        Jpy(100m).Times(Ratio.Percent(18m), Rounding.HalfUp).Should().Be(Jpy(18m));
        Kwd(1.005m).Times(Ratio.Percent(18m), Rounding.HalfUp).Should().Be(Kwd(0.181m));
    }

    [Test]
    public void The_price_before_tax_is_rounded_to_the_minor_unit()
    {
        // 100 / 1.16 = 86.2068…; the tax is the rest, 13.79. 500 / 1.16 = 431.0344…
        Mxn(100m).DividedBy(Ratio.Of(1.16m), Rounding.HalfUp).Should().Be(Mxn(86.21m));
        Mxn(500m).DividedBy(Ratio.Of(1.16m), Rounding.HalfUp).Should().Be(Mxn(431.03m));
    }

    [Test]
    public void Dividing_by_a_ratio_of_zero_throws()
    {
        var divide = () => Usd(1m).DividedBy(Ratio.Zero, Rounding.HalfUp);

        divide.Should().Throw<DivideByZeroException>();
    }

    [TestCase("25.86", "1", "HalfUp", "26.00")]
    [TestCase("25.50", "1", "HalfUp", "26.00")]
    [TestCase("25.50", "1", "Down", "25.00")]
    [TestCase("25.01", "1", "Up", "26.00")]
    [TestCase("25.5", "1", "HalfEven", "26.00")]
    [TestCase("24.5", "1", "HalfEven", "24.00")]
    [TestCase("-25.50", "1", "HalfUp", "-26.00")]
    [TestCase("12.49", "0.25", "HalfUp", "12.50")]
    public void The_nearest_multiple_of_a_step_is_found(string amount, string step, string rounding, string expected)
    {
        var nearest = Money.Parse(amount, Currency.MXN).ToMultipleOf(Money.Parse(step, Currency.MXN), Enum.Parse<Rounding>(rounding));

        nearest.Amount.Should().Be(expected);
    }

    [Test]
    public void Whole_multiples_of_a_step_are_recognised()
    {
        Mxn(20m).IsMultipleOf(Mxn(1m)).Should().BeTrue();
        Mxn(20.5m).IsMultipleOf(Mxn(1m)).Should().BeFalse();
        Mxn(20.5m).IsMultipleOf(Mxn(0.5m)).Should().BeTrue();
        Mxn(-20m).IsMultipleOf(Mxn(10m)).Should().BeTrue();
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void A_step_that_is_not_positive_is_refused(decimal step)
    {
        var nearest = () => Mxn(20m).ToMultipleOf(Mxn(step), Rounding.HalfUp);
        var whether = () => Mxn(20m).IsMultipleOf(Mxn(step));

        nearest.Should().Throw<ArgumentOutOfRangeException>();
        whether.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void Two_currencies_never_meet()
    {
        Action[] meetings =
        [
            () => _ = Usd(1m) + Mxn(1m),
            () => _ = Usd(1m) - Mxn(1m),
            () => _ = Usd(1m) < Mxn(1m),
            () => _ = Usd(1m) > Mxn(1m),
            () => _ = Usd(1m) <= Mxn(1m),
            () => _ = Usd(1m) >= Mxn(1m),
            () => Usd(1m).CompareTo(Mxn(1m)),
            () => Usd(1m).IsMultipleOf(Mxn(1m)),
            () => Usd(1m).ToMultipleOf(Mxn(1m), Rounding.HalfUp),
        ];

        foreach (var meeting in meetings)
            meeting.Should().Throw<CurrencyMismatchException>().WithMessage("1.00 USD and 1.00 MXN are not in the same currency.");
    }

    [Test]
    public void Money_that_was_never_given_throws_on_use()
    {
        Action[] uses =
        [
            () => _ = default(Money).Currency,
            () => _ = default(Money).Micros,
            () => _ = default(Money).ToDecimal(),
            () => _ = default(Money).Amount,
            () => _ = default(Money).IsZero,
            () => _ = default(Money).IsPositive,
            () => _ = default(Money).IsNegative,
            () => _ = default(Money).IsWhole,
            () => _ = default(Money) + default(Money),
            () => _ = default(Money) - Usd(1m),
            () => _ = Usd(1m) + default(Money),
            () => _ = -default(Money),
            () => _ = default(Money) * 2,
            () => default(Money).Abs(),
            () => default(Money).CompareTo(default),
            () => default(Money).Times(Ratio.One, Rounding.HalfUp),
            () => default(Money).DividedBy(Ratio.One, Rounding.HalfUp),
            () => default(Money).ToMinorUnit(Rounding.HalfUp),
            () => default(Money).Split(1, 1),
        ];

        foreach (var use in uses) use.Should().Throw<InvalidOperationException>().WithMessage("*never given*");
        default(Money).ToString().Should().Be("no money");
    }

    [Test]
    public void Sums_are_exact_or_overflow() =>
        Law.Holds(Pairs, pair =>
        {
            ExactOrOverflow(() => pair.left + pair.right, (BigInteger)pair.left.Micros + pair.right.Micros);
            ExactOrOverflow(() => pair.left - pair.right, (BigInteger)pair.left.Micros - pair.right.Micros);
        });

    [Test]
    public void Signs_and_multiples_are_exact_or_overflow() =>
        Law.Holds(
            from money in Any.Money
            from count in Any.Number
            select (money, count),
            given =>
            {
                ExactOrOverflow(() => -given.money, -(BigInteger)given.money.Micros);
                ExactOrOverflow(() => given.money.Abs(), BigInteger.Abs(given.money.Micros));
                ExactOrOverflow(() => given.money * given.count, (BigInteger)given.money.Micros * given.count);
            });

    [Test]
    public void Products_and_quotients_are_rounded_exactly_or_overflow() =>
        Law.Holds(
            from money in Any.Money
            from ratio in Any.Ratio
            from rounding in Any.Rounding
            select (money, ratio, rounding),
            given =>
            {
                var (money, ratio, rounding) = given;
                var unit = (BigInteger)Exact.MicrosPerMinorUnit(money.Currency);
                var billionths = (BigInteger)(ratio.Value * 1_000_000_000m);

                ExactOrOverflow(() => money.Times(ratio, rounding), Exact.Divide(money.Micros * billionths, 1_000_000_000 * unit, rounding) * unit);
                if (billionths != 0)
                    ExactOrOverflow(() => money.DividedBy(ratio, rounding), Exact.Divide((BigInteger)money.Micros * 1_000_000_000, billionths * unit, rounding) * unit);
            });

    [Test]
    public void Multiples_of_a_step_and_minor_units_are_exact_or_overflow() =>
        Law.Holds(
            from pair in Pairs
            where pair.right.IsPositive
            from rounding in Any.Rounding
            select (pair.left, pair.right, rounding),
            given =>
            {
                var (money, step, rounding) = given;
                var unit = (BigInteger)Exact.MicrosPerMinorUnit(money.Currency);

                ExactOrOverflow(() => money.ToMultipleOf(step, rounding), Exact.Divide(money.Micros, step.Micros, rounding) * step.Micros);
                ExactOrOverflow(() => money.ToMinorUnit(rounding).Whole, Exact.Divide(money.Micros, unit, rounding) * unit);
            });

    private static readonly Gen<(Money left, Money right)> Pairs =
        from left in Any.Number
        from right in Any.Number
        from currency in Any.Currency
        select (Money.FromMicros(left, currency), Money.FromMicros(right, currency));

    private static void ExactOrOverflow(Func<Money> act, BigInteger exact)
    {
        if (exact >= long.MinValue && exact <= long.MaxValue) act().Micros.Should().Be((long)exact);
        else act.Should().Throw<OverflowException>();
    }
}
