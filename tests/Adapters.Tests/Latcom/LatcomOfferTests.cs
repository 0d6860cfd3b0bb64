using FluentAssertions;
using NUnit.Framework;
using Relier.Latcom;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>What is on offer, and what is sent for a face value.</summary>
[TestFixture]
public sealed class LatcomOfferTests
{
    private static readonly Uri Nowhere = new("https://latcom.invalid/");

    [Test]
    public void All_that_is_on_record_is_offered_fixed_products_first()
    {
        var offer = Offer();

        offer.Provider.Should().Be("latcom");
        offer.Environment.Should().Be(ProviderEnvironment.Production);
        offer.NotFoundFinalAfter.Should().BeNull();
        offer.Products.Select(product => product.Id).Should().Equal(
            "XOOM_10_MXN", "XOOM_20_MXN", "XOOM_30_MXN", "XOOM_40_MXN", "XOOM_50_MXN", "XOOM_60_MXN", "XOOM_70_MXN", "XOOM_80_MXN",
            "XOOM_90_MXN", "XOOM_100_MXN", "XOOM_150_MXN", "XOOM_200_MXN", "XOOM_300_MXN", "XOOM_500_MXN",
            "TFE_MXN_20_TO_2000",
            "TEMXN_BFRISEM_7_DAYS", "TEMXN_BFRIQUIN_28_DAYS", "TEMXN_BFRIMEN_15_DAYS", "TEMXN_BFRECINT_30_DAYS", "TEMXN_BFSPRINT_UNLIMITED_30_DAYS");
        offer.Products.Should().OnlyContain(product => product.Operator == "TELEFONICA");
        offer.Products.Where(product => product.IsBundle).Select(product => product.Min).Should()
            .Equal(Usd("7.50"), Usd("11.00"), Usd("16.50"), Usd("20.00"), Usd("22.00"));
    }

    [Test]
    public void What_is_not_switched_on_is_not_offered()
    {
        var offer = Offer(options =>
        {
            options.FixedProducts = ["XOOM_50_MXN", "XOOM_20_MXN"];
            options.OpenRangeEnabled = false;
            options.BundlesEnabled = false;
            options.Environment = ProviderEnvironment.Sandbox;
        });

        offer.Products.Select(product => product.Id).Should().Equal("XOOM_20_MXN", "XOOM_50_MXN");
        offer.Environment.Should().Be(ProviderEnvironment.Sandbox);
    }

    [TestCase("20", "XOOM_20_MXN", "20.00")]
    [TestCase("70", "XOOM_70_MXN", "70.00")]
    [TestCase("29", "TFE_MXN_20_TO_2000", "25.00")] // 25 x 1.16 = 29
    [TestCase("2320", "TFE_MXN_20_TO_2000", "2000.00")] // 2000 x 1.16 = 2320
    [TestCase("34.80", "TFE_MXN_20_TO_2000", "30.00")] // as observed: 30 sent, 34.80 delivered
    public void A_face_value_is_delivered_by_a_fixed_product_or_by_whole_pesos_and_tax(string face, string product, string send)
    {
        var route = Routing.Ways([Offer()], null, null, Mxn(face)).FirstOrDefault();

        route.Should().Be(new Route("latcom", product, "TELEFONICA", Mxn(send), Mxn(face)));
    }

    [TestCase("25")] // 25 / 1.16 = 21.55, and 22 x 1.16 = 25.52
    [TestCase("23.20")] // 20 x 1.16 = 23.20: the smallest that can be sent
    [TestCase("11")]
    [TestCase("2321")]
    public void By_default_only_whole_pesos_are_sent_on_the_open_range(string face)
    {
        Routing.Ways([Offer()], null, null, Mxn(face)).FirstOrDefault()?.Product.Should().Be(face == "23.20" ? "TFE_MXN_20_TO_2000" : null);
    }

    [TestCase("25", "21.55")] // 21.55 x 1.16 = 24.998
    [TestCase("30", "25.86")] // 25.86 x 1.16 = 29.9976
    [TestCase("24", "20.69")] // 20.69 x 1.16 = 24.0004
    [TestCase("2000", "1724.14")] // 1724.14 x 1.16 = 2000.0024
    [TestCase("70", null)] // 60.34 x 1.16 = 69.9944
    [TestCase("75", null)] // 64.66 x 1.16 = 75.0056
    [TestCase("80", null)] // 68.97 x 1.16 = 80.0052
    [TestCase("500", null)] // 431.03 x 1.16 = 499.9948
    [TestCase("23", null)] // 19.83 is below the 20 that can be sent
    public void With_a_quantum_of_a_centavo_the_open_range_delivers_what_comes_out_even(string face, string? send)
    {
        var route = Routing.Ways([OpenRangeToTheCentavo()], null, null, Mxn(face)).FirstOrDefault();

        route?.Send.Should().Be(send is null ? default : Mxn(send));
        (route is null).Should().Be(send is null);
    }

    [Test]
    public void With_a_quantum_of_a_centavo_272_of_the_1977_whole_amounts_from_24_to_2000_cannot_be_had()
    {
        var openRange = OpenRangeToTheCentavo();

        var amounts = Enumerable.Range(24, 2000 - 24 + 1).ToList();
        var notToBeHad = amounts.Count(amount => Routing.Ways([openRange], null, null, Money.Of(amount, Currency.MXN)).FirstOrDefault() is null);

        amounts.Should().HaveCount(1977);
        notToBeHad.Should().Be(272);
    }

    [Test]
    public void Seventy_is_delivered_by_its_fixed_product_also_with_a_quantum_of_a_centavo()
    {
        Routing.Ways([Offer(options => options.TaxQuantum = 0.01m)], null, null, Mxn("70")).FirstOrDefault()!.Product.Should().Be("XOOM_70_MXN");
    }

    [Test]
    public void A_discount_lowers_what_is_owed_and_not_what_is_sent()
    {
        var route = Routing.Ways([Offer(options => options.Discount = 5m)], null, null, Mxn("20")).FirstOrDefault()!;

        route.Send.Should().Be(Mxn("20.00"));
        route.Cost.Should().Be(Mxn("19.00"));
    }

    [Test]
    public void A_bundle_is_chosen_by_its_name_only_and_sent_without_an_amount()
    {
        var offer = Offer();

        Routing.Ways([offer], null, null, Usd("11.00")).FirstOrDefault().Should().BeNull();
        Routing.Ways([offer], "TEMXN_BFRIQUIN_28_DAYS", null, Usd("11.00")).FirstOrDefault().Should()
            .Be(new Route("latcom", "TEMXN_BFRIQUIN_28_DAYS", "TELEFONICA", Usd("0.00"), Usd("11.00")));
    }

    private static ProviderOffer Offer(Action<LatcomOptions>? change = null)
    {
        using var provider = LatcomRig.Provider(Nowhere, change);
        return provider.Offer;
    }

    private static ProviderOffer OpenRangeToTheCentavo() => Offer(options =>
    {
        options.FixedProducts = [];
        options.TaxQuantum = 0.01m;
    });

    private static Money Mxn(string amount) => Money.Parse(amount, Currency.MXN);

    private static Money Usd(string amount) => Money.Parse(amount, Currency.USD);
}
