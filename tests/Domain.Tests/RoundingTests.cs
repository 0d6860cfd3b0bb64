namespace Relier.Domain.Tests;

public sealed class RoundingTests
{
    [TestCase("1.00", "1.00", "1.00", "1.00", "1.00")]
    [TestCase("1.000001", "1.00", "1.00", "1.01", "1.00")]
    [TestCase("1.004999", "1.00", "1.00", "1.01", "1.00")]
    [TestCase("1.005", "1.01", "1.00", "1.01", "1.00")]
    [TestCase("1.005001", "1.01", "1.01", "1.01", "1.00")]
    [TestCase("1.009999", "1.01", "1.01", "1.01", "1.00")]
    [TestCase("1.015", "1.02", "1.02", "1.02", "1.01")]
    [TestCase("2.675", "2.68", "2.68", "2.68", "2.67")]
    [TestCase("0.005", "0.01", "0.00", "0.01", "0.00")]
    [TestCase("0.004999", "0.00", "0.00", "0.01", "0.00")]
    [TestCase("0.000001", "0.00", "0.00", "0.01", "0.00")]
    [TestCase("-1.000001", "-1.00", "-1.00", "-1.01", "-1.00")]
    [TestCase("-1.004999", "-1.00", "-1.00", "-1.01", "-1.00")]
    [TestCase("-1.005", "-1.01", "-1.00", "-1.01", "-1.00")]
    [TestCase("-1.005001", "-1.01", "-1.01", "-1.01", "-1.00")]
    [TestCase("-1.015", "-1.02", "-1.02", "-1.02", "-1.01")]
    [TestCase("-0.005", "-0.01", "0.00", "-0.01", "0.00")]
    public void Every_mode_rounds_to_the_cent_as_it_says(string fine, string halfUp, string halfEven, string up, string down)
    {
        var money = Money.Parse(fine, Currency.USD);

        money.ToMinorUnit(Rounding.HalfUp).Whole.Amount.Should().Be(halfUp);
        money.ToMinorUnit(Rounding.HalfEven).Whole.Amount.Should().Be(halfEven);
        money.ToMinorUnit(Rounding.Up).Whole.Amount.Should().Be(up);
        money.ToMinorUnit(Rounding.Down).Whole.Amount.Should().Be(down);
    }

    // 0.05 / -2 = -0.025, and -0.05 / -2 = 0.025; 0.03 / 2 = 0.015.
    [TestCase("0.05", "-2", "-0.03", "-0.02", "-0.03", "-0.02")]
    [TestCase("-0.05", "-2", "0.03", "0.02", "0.03", "0.02")]
    [TestCase("0.03", "2", "0.02", "0.02", "0.02", "0.01")]
    public void A_negative_divisor_rounds_like_a_negative_amount(string amount, string divisor, string halfUp, string halfEven, string up, string down)
    {
        var money = Money.Parse(amount, Currency.USD);
        var ratio = Ratio.Of(decimal.Parse(divisor, System.Globalization.CultureInfo.InvariantCulture));

        money.DividedBy(ratio, Rounding.HalfUp).Amount.Should().Be(halfUp);
        money.DividedBy(ratio, Rounding.HalfEven).Amount.Should().Be(halfEven);
        money.DividedBy(ratio, Rounding.Up).Amount.Should().Be(up);
        money.DividedBy(ratio, Rounding.Down).Amount.Should().Be(down);
    }

    [Test]
    public void A_rounding_that_does_not_exist_is_refused()
    {
        var round = () => Usd(1.005m).ToMinorUnit((Rounding)99);

        round.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Not a rounding*");
    }

    [Test]
    public void Rounding_is_symmetric_about_zero() =>
        Law.Holds(
            from micros in Gen.Choose(0, int.MaxValue)
            from rounding in Any.Rounding
            select (money: Money.FromMicros(micros, Currency.USD), rounding),
            given => (-given.money).ToMinorUnit(given.rounding).Whole.Should().Be(-given.money.ToMinorUnit(given.rounding).Whole));
}
