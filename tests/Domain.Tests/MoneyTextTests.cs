namespace Relier.Domain.Tests;

public sealed class MoneyTextTests
{
    [TestCase("0", "INR", 0, "0.00")]
    [TestCase("-0", "INR", 0, "0.00")]
    [TestCase("1180", "INR", 1_180_000_000, "1180.00")]
    [TestCase("1180.00", "INR", 1_180_000_000, "1180.00")]
    [TestCase("0.0125", "INR", 12_500, "0.0125")]
    [TestCase("007", "INR", 7_000_000, "7.00")]
    [TestCase("20", "MXN", 20_000_000, "20.00")]
    [TestCase("-20", "MXN", -20_000_000, "-20.00")]
    [TestCase("1.09", "USD", 1_090_000, "1.09")]
    [TestCase("1.090000", "USD", 1_090_000, "1.09")]
    [TestCase("-0.000001", "USD", -1, "-0.000001")]
    [TestCase("5", "JPY", 5_000_000, "5")]
    [TestCase("5.5", "JPY", 5_500_000, "5.5")]
    [TestCase("1.5", "KWD", 1_500_000, "1.500")]
    [TestCase("9223372036854.775807", "USD", long.MaxValue, "9223372036854.775807")]
    [TestCase("-9223372036854.775808", "USD", long.MinValue, "-9223372036854.775808")]
    public void Text_is_read_as_millionths_and_printed_with_the_decimals_of_the_currency(string text, string currency, long micros, string printed)
    {
        var money = Money.Parse(text, Currency.Parse(currency));

        money.Should().Be(Money.FromMicros(micros, Currency.Parse(currency)));
        money.Amount.Should().Be(printed);
        money.ToString().Should().Be($"{printed} {currency}");
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    [TestCase(" 1")]
    [TestCase("1 ")]
    [TestCase("1\n")]
    [TestCase("1e3")]
    [TestCase("1E3")]
    [TestCase("1.")]
    [TestCase(".5")]
    [TestCase(".")]
    [TestCase("-")]
    [TestCase("-.5")]
    [TestCase("--1")]
    [TestCase("+1")]
    [TestCase("-+1")]
    [TestCase("1-")]
    [TestCase("(1)")]
    [TestCase("1,000")]
    [TestCase("1,5")]
    [TestCase("1_000")]
    [TestCase("1..0")]
    [TestCase("1.0.0")]
    [TestCase("1.-5")]
    [TestCase("$1")]
    [TestCase("0x10")]
    [TestCase("NaN")]
    [TestCase("∞")]
    [TestCase("１", Description = "a full-width digit")]
    [TestCase("١", Description = "an Arabic-Indic digit")]
    [TestCase("1.٥", Description = "an Arabic-Indic digit behind the point")]
    [TestCase("−1", Description = "a minus sign that is no hyphen")]
    [TestCase("1.0000001", Description = "seven decimals")]
    [TestCase("1.0000000", Description = "seven decimals, though zeros")]
    [TestCase("9223372036854.775808", Description = "one millionth too much")]
    [TestCase("-9223372036854.775809", Description = "one millionth too little")]
    [TestCase("9999999999999999999999999999", Description = "28 digits")]
    [TestCase("00000000000000000000000000001", Description = "29 digits, though zeros")]
    public void Text_that_is_no_amount_is_refused_and_named(string? text)
    {
        Money.TryParse(text, Currency.USD, out _).Should().BeFalse();

        var parse = () => Money.Parse(text!, Currency.USD);

        parse.Should().Throw<FormatException>().WithMessage($"'{text}' is not an amount*");
    }

    [Test]
    public void Parse_and_print_are_inverse_up_to_the_limits() =>
        Law.Holds(Any.Money, money => Money.Parse(money.Amount, money.Currency).Should().Be(money));

    [Test]
    public void A_decimal_and_money_are_inverse_up_to_the_limits() =>
        Law.Holds(Any.Money, money => Money.Of(money.ToDecimal(), money.Currency).Should().Be(money));

    [Test]
    public void A_decimal_beyond_the_limits_overflows()
    {
        var tooMuch = () => Money.Of(9_223_372_036_854.775808m, Currency.USD);
        var tooLittle = () => Money.Of(-9_223_372_036_854.775809m, Currency.USD);
        var farTooMuch = () => Money.Of(decimal.MaxValue, Currency.USD);

        tooMuch.Should().Throw<OverflowException>().WithMessage("9223372036854.775808 USD*");
        tooLittle.Should().Throw<OverflowException>();
        farTooMuch.Should().Throw<OverflowException>();
    }

    [Test]
    public void A_decimal_with_more_than_six_decimals_is_refused()
    {
        var finer = () => Money.Of(0.0000001m, Currency.USD);

        finer.Should().Throw<ArgumentOutOfRangeException>().WithMessage("Money has at most six decimals*");
    }
}
