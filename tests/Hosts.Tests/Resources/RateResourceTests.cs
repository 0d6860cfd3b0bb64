using NodaTime;
using Relier.Hosting.Resources;

namespace Relier.Hosts.Tests.Resources;

internal sealed class RateResourceTests
{
    // 1 / 0.0544 = 18.38235…
    [TestCase("MXN", "USD", "0.0544", "USD/MXN", "18.3824")]
    [TestCase("USD", "MXN", "18.3824", "USD/MXN", "18.3824")]
    [TestCase("USD", "MXN", "18.38245", "USD/MXN", "18.3825")]
    [TestCase("USD", "MXN", "18.382449999", "USD/MXN", "18.3824")]
    [TestCase("USD", "MXN", "20", "USD/MXN", "20")]
    [TestCase("USD", "MXN", "1", "USD/MXN", "1")]
    [TestCase("USD", "MXN", "0.9999995", "USD/MXN", "1")]
    // 1 / 83.33 = 0.01200048…
    [TestCase("MXN", "INR", "83.33", "INR/MXN", "0.012")]
    [TestCase("INR", "MXN", "0.2123455", "INR/MXN", "0.212346")]
    // 1 / 3.94091 = 0.25374849971…: to nine decimals first it is 0.253748500, and would end as 0.253749.
    [TestCase("MXN", "INR", "3.94091", "INR/MXN", "0.253748")]
    public void The_rate_of_a_topup_is_what_one_unit_of_the_wallet_buys(string unit, string quote, string rate, string pair, string shown)
    {
        var entered = new ExchangeRate
        {
            Base = Currency.Parse(unit), Quote = Currency.Parse(quote), Rate = Ratio.Of(decimal.Parse(rate, System.Globalization.CultureInfo.InvariantCulture)),
            AsOf = Instant.FromUtc(2026, 11, 20, 12, 0), Source = "admin:maria",
        };

        var resource = RateResource.Of(entered, face: Currency.MXN);

        resource.Should().Be(new RateResource(pair, shown, "2026-11-20T12:00:00Z"));
    }
}
