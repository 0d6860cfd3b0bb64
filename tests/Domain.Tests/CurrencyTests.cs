namespace Relier.Domain.Tests;

public sealed class CurrencyTests
{
    [TestCase("INR", 2)]
    [TestCase("MXN", 2)]
    [TestCase("USD", 2)]
    [TestCase("JPY", 0)]
    [TestCase("KWD", 3)]
    public void A_currency_is_known_by_its_code_and_decimals(string code, int decimals)
    {
        var currency = Currency.Parse(code);

        currency.Code.Should().Be(code);
        currency.Decimals.Should().Be(decimals);
        currency.ToString().Should().Be(code);
        Currency.All.Should().Contain(currency);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("usd")]
    [TestCase(" USD")]
    [TestCase("US")]
    [TestCase("EUR")]
    [TestCase("₹")]
    public void A_code_that_is_not_known_is_refused_and_named(string? code)
    {
        Currency.TryParse(code, out var currency).Should().BeFalse();
        currency.Should().BeNull();

        var parse = () => Currency.Parse(code!);

        parse.Should().Throw<FormatException>().WithMessage($"'{code}' is not a currency*INR, JPY, KWD, MXN, USD.");
    }
}
