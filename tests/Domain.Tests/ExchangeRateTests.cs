namespace Relier.Domain.Tests;

public sealed class ExchangeRateTests
{
    private static readonly ExchangeRate MxnUsd = A.Rate;

    // times 0.0544: 0.544, 1.088, 1.632, 2.72, 3.808, 5.44, 10.88, 27.20
    [TestCase(10, "0.54")]
    [TestCase(20, "1.09")]
    [TestCase(30, "1.63")]
    [TestCase(50, "2.72")]
    [TestCase(70, "3.81")]
    [TestCase(100, "5.44")]
    [TestCase(200, "10.88")]
    [TestCase(500, "27.20")]
    public void Pesos_become_dollars_half_up(int pesos, string dollars) =>
        MxnUsd.Convert(Mxn(pesos), Rounding.HalfUp).ToString().Should().Be($"{dollars} USD");

    [Test]
    public void The_same_rate_converts_back()
    {
        // 1.09 / 0.0544 = 20.0367…; 5.44 / 0.0544 = 100
        MxnUsd.Convert(Usd(1.09m), Rounding.HalfUp).Should().Be(Mxn(20.04m));
        MxnUsd.Convert(Usd(5.44m), Rounding.HalfUp).Should().Be(Mxn(100m));
    }

    // divided by 18.3824: 0.5440…, 1.0880…, 27.1999…
    [TestCase(10, "0.54")]
    [TestCase(20, "1.09")]
    [TestCase(500, "27.20")]
    public void The_pair_the_other_way_round_gives_the_same_charge(int pesos, string dollars)
    {
        var usdMxn = A.Rate with { Base = Currency.USD, Quote = Currency.MXN, Rate = Ratio.Of(18.3824m) };

        usdMxn.Convert(Mxn(pesos), Rounding.HalfUp).ToString().Should().Be($"{dollars} USD");
    }

    [Test]
    public void A_rate_is_told_in_both_directions()
    {
        var dollarsPerPeso = MxnUsd.Into(Currency.USD).RoundTo(6, Rounding.HalfUp);
        var pesosPerDollar = MxnUsd.Into(Currency.MXN).RoundTo(6, Rounding.HalfUp);

        // 1 / 0.0544 = 18.38235294…
        dollarsPerPeso.ToString().Should().Be("0.0544");
        pesosPerDollar.ToString().Should().Be("18.382353");
        Math.Abs(dollarsPerPeso.Value * pesosPerDollar.Value - 1m).Should().BeLessThan(0.000001m);
    }

    [TestCase("0.05", "20")]
    [TestCase("0.0544", "18.382353")]
    [TestCase("0.06", "16.666667")]
    [TestCase("1", "1")]
    public void Both_directions_agree_to_six_decimals(string usdPerMxn, string mxnPerUsd)
    {
        var rate = A.Rate with { Rate = Ratio.Of(decimal.Parse(usdPerMxn, System.Globalization.CultureInfo.InvariantCulture)) };

        rate.Into(Currency.MXN).RoundTo(6, Rounding.HalfUp).ToString().Should().Be(mxnPerUsd);
    }

    [Test]
    public void A_rate_joins_its_own_two_currencies_only()
    {
        MxnUsd.Pair.Should().Be("MXN/USD");
        MxnUsd.Joins(Currency.MXN, Currency.USD).Should().BeTrue();
        MxnUsd.Joins(Currency.USD, Currency.MXN).Should().BeTrue();
        MxnUsd.Joins(Currency.MXN, Currency.INR).Should().BeFalse();
        MxnUsd.Joins(Currency.MXN, Currency.MXN).Should().BeFalse();
    }

    [Test]
    public void An_amount_in_neither_currency_is_refused()
    {
        var convert = () => MxnUsd.Convert(Inr(1m), Rounding.HalfUp);
        var into = () => MxnUsd.Into(Currency.INR);

        convert.Should().Throw<ArgumentException>().WithMessage("1.00 INR cannot be converted at MXN/USD*");
        into.Should().Throw<ArgumentException>().WithMessage("MXN/USD says nothing about INR*");
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void A_rate_of_nothing_or_less_is_refused(int rate)
    {
        var make = () => A.Rate with { Rate = Ratio.Of(rate) };

        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*more than zero*");
    }

    [Test]
    public void Yen_and_dinars_are_rounded_to_their_own_minor_units()
    {
        var usdJpy = A.Rate with { Base = Currency.USD, Quote = Currency.JPY, Rate = Ratio.Of(151.235m) };
        var usdKwd = A.Rate with { Base = Currency.USD, Quote = Currency.KWD, Rate = Ratio.Of(0.30655m) };

        // 1.10 * 151.235 = 166.3585; 1.10 * 0.30655 = 0.337205
        usdJpy.Convert(Usd(1.10m), Rounding.HalfUp).Should().Be(Jpy(166m));
        usdKwd.Convert(Usd(1.10m), Rounding.HalfUp).Should().Be(Kwd(0.337m));
    }
}
