namespace Relier.Domain.Tests;

public sealed class RatioTests
{
    [Test]
    public void A_ratio_says_its_shortest_decimal()
    {
        Ratio.Of(0.0544m).ToString().Should().Be("0.0544");
        Ratio.Of(1.1600m).ToString().Should().Be("1.16");
        Ratio.Of(-0.000000001m).ToString().Should().Be("-0.000000001");
        Ratio.Zero.ToString().Should().Be("0");
        Ratio.One.ToString().Should().Be("1");
        default(Ratio).Should().Be(Ratio.Zero);
    }

    [TestCase("9000000000")]
    [TestCase("-9000000000")]
    [TestCase("0.123456789")]
    public void A_ratio_within_its_range_is_exact(string text)
    {
        var value = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

        Ratio.Of(value).Value.Should().Be(value);
    }

    [TestCase("9000000000.000000001")]
    [TestCase("-9000000000.000000001")]
    [TestCase("0.0000000001", Description = "ten decimals")]
    [TestCase("79228162514264337593543950335")]
    public void A_ratio_out_of_range_is_refused(string text)
    {
        var make = () => Ratio.Of(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

        make.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void A_tax_goes_on_top_and_a_discount_leaves_the_rest()
    {
        Ratio.Percent(16m).Value.Should().Be(0.16m);
        Ratio.Percent(16m).OnTop().Value.Should().Be(1.16m);
        Ratio.Percent(5m).Remaining().Value.Should().Be(0.95m);
    }

    [Test]
    public void An_inverse_has_nine_decimals()
    {
        // 1 / 0.0544 = 18.38235294117…; 1 / 3 = 0.3333333333…
        Ratio.Of(0.0544m).Inverse(Rounding.HalfUp).Value.Should().Be(18.382352941m);
        Ratio.Of(3m).Inverse(Rounding.HalfUp).Value.Should().Be(0.333333333m);
        Ratio.Of(3m).Inverse(Rounding.Up).Value.Should().Be(0.333333334m);
        Ratio.Of(-4m).Inverse(Rounding.HalfUp).Value.Should().Be(-0.25m);
        Ratio.Of(0.000000001m).Inverse(Rounding.HalfUp).Value.Should().Be(1_000_000_000m);
    }

    [Test]
    public void Zero_has_no_inverse()
    {
        var inverse = () => Ratio.Zero.Inverse(Rounding.HalfUp);

        inverse.Should().Throw<DivideByZeroException>();
    }

    [Test]
    public void A_ratio_is_rounded_for_display()
    {
        Ratio.Of(18.382352941m).RoundTo(4, Rounding.HalfUp).Value.Should().Be(18.3824m);
        Ratio.Of(18.382352941m).RoundTo(0, Rounding.HalfUp).Value.Should().Be(18m);
        Ratio.Of(18.382352941m).RoundTo(9, Rounding.HalfUp).Value.Should().Be(18.382352941m);
        Ratio.Of(0.00005m).RoundTo(4, Rounding.HalfEven).Value.Should().Be(0m);
    }

    [TestCase(-1)]
    [TestCase(10)]
    public void Decimals_that_a_ratio_does_not_have_are_refused(int decimals)
    {
        var round = () => Ratio.One.RoundTo(decimals, Rounding.HalfUp);

        round.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void Ratios_are_compared_by_value()
    {
        (Ratio.Of(0.5m) < Ratio.One).Should().BeTrue();
        (Ratio.One <= Ratio.Of(1.0m)).Should().BeTrue();
        (Ratio.One > Ratio.Zero).Should().BeTrue();
        (Ratio.Zero >= Ratio.One).Should().BeFalse();
        Ratio.One.CompareTo(Ratio.Of(1m)).Should().Be(0);
    }
}
