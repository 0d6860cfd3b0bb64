using System.Net;
using Relier.Customers;

namespace Relier.Domain.Tests.Customers;

public sealed class CustomerPoliciesTests
{
    [Test]
    public void A_new_customer_may_order_10_to_500_in_steps_of_1_and_200_000_a_day()
    {
        var policies = CustomerPolicies.Default(Currency.MXN);

        policies.Currency.Should().Be(Currency.MXN);
        policies.MinAmount.Should().Be(Mxn(10m));
        policies.MaxAmount.Should().Be(Mxn(500m));
        policies.Step.Should().Be(Mxn(1m));
        policies.DailyLimit.Should().Be(Mxn(200_000m));
        policies.DailyLimitPerPhone.Should().BeNull();
        policies.FixedAmounts.Should().BeEmpty();
        policies.PinnedProvider.Should().BeNull();
        policies.AllowedAddresses.Should().BeEmpty();
        policies.LateDelivery.Should().Be(LateDeliveryPolicy.Customer);
    }

    [TestCase("203.0.113.7")]
    [TestCase("2001:db8::1")]
    [TestCase(null)]
    public void An_empty_list_lets_everybody_in(string? address) =>
        From().Allows(address is null ? null : IPAddress.Parse(address)).Should().BeTrue();

    [TestCase("203.0.113.0", true, Description = "the first of the network")]
    [TestCase("203.0.113.255", true, Description = "the last")]
    [TestCase("203.0.114.0", false)]
    [TestCase("203.0.112.255", false)]
    [TestCase("198.51.100.7", true, Description = "the single address")]
    [TestCase("198.51.100.8", false)]
    [TestCase("::ffff:203.0.113.7", true, Description = "the same address inside IPv6")]
    [TestCase("::ffff:198.51.100.8", false)]
    [TestCase("2001:db8:1::5", true)]
    [TestCase("2001:db8:2::5", false)]
    [TestCase("::1", false)]
    public void A_list_lets_in_whoever_is_in_one_of_its_networks(string address, bool allowed) =>
        From("203.0.113.0/24", "198.51.100.7/32", "2001:db8:1::/48").Allows(IPAddress.Parse(address)).Should().Be(allowed);

    [Test]
    public void With_a_list_somebody_without_an_address_stays_out() =>
        From("0.0.0.0/0", "::/0").Allows(null).Should().BeFalse();

    [Test]
    public void Policies_are_equal_when_every_rule_is()
    {
        CustomerPolicies Make() => CustomerPolicies.Default(Currency.MXN) with
        {
            FixedAmounts = [Mxn(20m), Mxn(50m)], DailyLimitPerPhone = Mxn(1_000m), PinnedProvider = "latcom",
            AllowedAddresses = [IPNetwork.Parse("203.0.113.0/24")],
        };

        Make().Should().Be(Make());
        Make().GetHashCode().Should().Be(Make().GetHashCode());

        CustomerPolicies[] others =
        [
            Make() with { Currency = Currency.USD },
            Make() with { MinAmount = Mxn(11m) },
            Make() with { MaxAmount = Mxn(501m) },
            Make() with { Step = Mxn(5m) },
            Make() with { FixedAmounts = [Mxn(50m), Mxn(20m)] },
            Make() with { DailyLimit = null },
            Make() with { DailyLimitPerPhone = null },
            Make() with { PinnedProvider = null },
            Make() with { Commission = Ratio.Of(0.03m) },
            Make() with { AllowedAddresses = [] },
            Make() with { LateDelivery = LateDeliveryPolicy.House },
            Make() with { LowBalanceUnits = null },
        ];
        others.Should().NotContain(Make());
        others.Should().HaveCount(typeof(CustomerPolicies).GetProperties().Count(property => property.GetMethod is { IsStatic: false }), "no rule is forgotten");
    }

    private static CustomerPolicies From(params string[] networks) =>
        CustomerPolicies.Default(Currency.MXN) with { AllowedAddresses = [.. networks.Select(network => IPNetwork.Parse(network))] };
}
