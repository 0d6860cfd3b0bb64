using System.Collections.Immutable;
using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

public sealed class ProductTests
{
    [Test]
    public void A_fixed_product_sends_its_own_amount_and_no_other()
    {
        A.Fixed(70).SendFor(Mxn(70m)).Should().Be(Mxn(70m));
        A.Fixed(70).SendFor(Mxn(71m)).Should().BeNull();
        A.Fixed(70).SendFor(Usd(70m)).Should().BeNull();
    }

    [Test]
    public void A_bundle_is_sent_without_an_amount()
    {
        A.Bundle.SendFor(Usd(11m)).Should().Be(Usd(0m));
        A.Bundle.SendFor(Usd(10m)).Should().BeNull();
        A.Bundle.SendFor(Mxn(11m)).Should().BeNull();
    }

    [TestCase("19.99", false)]
    [TestCase("20", true)]
    [TestCase("25.50", true)]
    [TestCase("2000", true)]
    [TestCase("2000.01", false)]
    [TestCase("25.505", false, Description = "finer than a centavo")]
    public void An_open_range_sends_what_lies_in_it(string face, bool delivered)
    {
        var amount = Money.Parse(face, Currency.MXN);

        A.OpenRange.SendFor(amount).Should().Be(delivered ? amount : null);
    }

    // face / 1.16, and back: 25.86 * 1.16 = 29.9976; 43.10 * 1.16 = 49.996; 86.21 * 1.16 = 100.0036; 20.69 * 1.16 = 24.0004
    [TestCase(24, "20.69")]
    [TestCase(30, "25.86")]
    [TestCase(50, "43.10")]
    [TestCase(100, "86.21")]
    [TestCase(2000, "1724.14")]
    public void Less_is_sent_when_the_provider_adds_its_tax(int face, string send) =>
        A.OpenRangeBeforeTax(0.01m).SendFor(Mxn(face)).Should().Be(Money.Parse(send, Currency.MXN));

    // 60.34 * 1.16 = 69.9944; 64.66 * 1.16 = 75.0056; 68.97 * 1.16 = 80.0052; 431.03 * 1.16 = 499.9948: one centavo off each.
    [TestCase(70)]
    [TestCase(75)]
    [TestCase(80)]
    [TestCase(500)]
    public void An_amount_that_would_arrive_a_centavo_off_is_not_delivered(int face) =>
        A.OpenRangeBeforeTax(0.01m).SendFor(Mxn(face)).Should().BeNull();

    // 10 / 1.16 = 8.62; 20 / 1.16 = 17.24; 23 / 1.16 = 19.83: less than can be sent.
    [TestCase(10)]
    [TestCase(20)]
    [TestCase(23)]
    public void The_smallest_amount_is_of_what_is_sent_not_of_what_arrives(int face) =>
        A.OpenRangeBeforeTax(0.01m).SendFor(Mxn(face)).Should().BeNull();

    [Test]
    public void Of_the_whole_pesos_from_24_to_2000_272_cannot_be_delivered_through_centavos_before_tax()
    {
        var product = A.OpenRangeBeforeTax(0.01m);

        Enumerable.Range(24, 1_977).Count(face => product.SendFor(Mxn(face)) is null).Should().Be(272);
    }

    [Test]
    public void What_is_sent_before_tax_arrives_exactly()
    {
        var product = A.OpenRangeBeforeTax(0.01m);

        foreach (var face in Enumerable.Range(24, 1_977))
            if (product.SendFor(Mxn(face)) is { } send)
                // The tax by whole numbers: centavos * 116, and 50 hundredths for the half that goes up.
                ((send.Micros / 10_000 * 116 + 50) / 100).Should().Be(face * 100L, $"{send} is sent for {face}");
    }

    // 20 * 1.16 = 23.20; 25 * 1.16 = 29; 39 * 1.16 = 45.24; 48 * 1.16 = 55.68; 1,700 * 1.16 = 1,972
    [TestCase("23.20", "20.00")]
    [TestCase("29", "25.00")]
    [TestCase("45.24", "39.00")]
    [TestCase("55.68", "48.00")]
    [TestCase("1972", "1700.00")]
    [TestCase("30", null)]
    [TestCase("23", null)]
    [TestCase("100", null)]
    public void A_provider_that_takes_whole_pesos_only_delivers_few_amounts(string face, string? send)
    {
        var sent = A.OpenRangeBeforeTax(1m).SendFor(Money.Parse(face, Currency.MXN));

        sent?.Amount.Should().Be(send);
        sent.HasValue.Should().Be(send is not null);
    }

    [Test]
    public void Of_the_whole_pesos_68_can_be_delivered_through_whole_pesos_before_tax()
    {
        // n * 1.16 is whole only for multiples of 25, so what arrives is a multiple of 29: 29 * 68 = 1,972 is the last below 2,000.
        var product = A.OpenRangeBeforeTax(1m);

        Enumerable.Range(24, 1_977).Where(face => product.SendFor(Mxn(face)) is not null)
            .Should().Equal(Enumerable.Range(1, 68).Select(times => 29 * times));
    }

    [Test]
    public void The_cost_is_a_share_of_the_face_value_half_up()
    {
        // 20 * 0.95 = 19.00; 10.10 * 0.95 = 9.595
        A.OpenRange.CostOf(Mxn(20m)).Should().Be(Mxn(19m));
        A.OpenRange.CostOf(Mxn(10.10m)).Should().Be(Mxn(9.60m));
        A.Bundle.CostOf(Usd(11m)).Should().Be(Usd(11m));
    }

    [Test]
    public void A_fixed_product_is_chosen_before_the_open_range()
    {
        Routing.Ways([A.Offer], null, null, Mxn(70m)).FirstOrDefault().Should().Be(new Route("latcom", "XOOM_70_MXN", "movistar", Mxn(70m), Mxn(66.50m)));
        Routing.Ways([A.Offer], null, null, Mxn(25m)).FirstOrDefault().Should().Be(new Route("latcom", "TFE_MXN_20_TO_2000", "movistar", Mxn(25m), Mxn(23.75m)));
    }

    [Test]
    public void With_only_the_range_before_tax_30_is_sent_as_25_86_and_70_is_not_to_be_had()
    {
        var offer = A.Offer with { Products = [A.OpenRangeBeforeTax(0.01m)] };

        Routing.Ways([offer], null, null, Mxn(30m)).FirstOrDefault()!.Send.Should().Be(Mxn(25.86m));
        Routing.Ways([offer], null, null, Mxn(70m)).FirstOrDefault().Should().BeNull();
    }

    [Test]
    public void The_first_offer_that_can_deliver_is_taken()
    {
        var range = A.Offer with { Provider = "first", Products = [A.OpenRange] };
        var second = A.Offer with { Provider = "second" };

        Routing.Ways([range, second], null, null, Mxn(70m)).FirstOrDefault()!.Provider.Should().Be("first");
        Routing.Ways([range, second], null, null, Mxn(10m)).FirstOrDefault()!.Provider.Should().Be("second");
        Routing.Ways([], null, null, Mxn(10m)).FirstOrDefault().Should().BeNull();
    }

    [Test]
    public void A_product_asked_for_is_the_only_one_considered()
    {
        Routing.Ways([A.Offer], "TFE_MXN_20_TO_2000", null, Mxn(70m)).FirstOrDefault()!.Product.Should().Be("TFE_MXN_20_TO_2000");
        Routing.Ways([A.Offer], "XOOM_70_MXN", null, Mxn(71m)).FirstOrDefault().Should().BeNull();
        Routing.Ways([A.Offer], "xoom_70_mxn", null, Mxn(70m)).FirstOrDefault().Should().BeNull();
        Routing.Ways([A.Offer], "TEMXN_BFRIQUIN_28_DAYS", null, Usd(11m)).FirstOrDefault()!.Send.Should().Be(Usd(0m));
    }

    [Test]
    public void A_bundle_is_never_chosen_for_an_amount()
    {
        var offer = A.Offer with { Products = ImmutableArray.Create(A.Bundle) };

        Routing.Ways([offer], null, null, Usd(11m)).FirstOrDefault().Should().BeNull();
    }
}
