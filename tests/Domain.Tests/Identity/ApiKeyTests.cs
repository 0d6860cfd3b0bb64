using Relier.Customers;
using Relier.Identity;
using Relier.Tenancy;

namespace Relier.Domain.Tests.Identity;

public sealed class ApiKeyTests
{
    private static readonly ApiKey Key = new()
    {
        Id = Id<ApiKey>.Parse("key_1"), Tenant = TenantId.Parse("acme"), Customer = Id<Customer>.Parse("cus_1"), Name = "shop",
        Prefix = "rlr_abcd", SecretHash = "00", Scopes = [Permission.ReadBalance], CreatedAt = A.Noon,
    };

    private static readonly Duration Tick = Duration.FromNanoseconds(1_000);

    [Test]
    public void A_key_without_an_end_is_valid_until_it_is_taken_back()
    {
        Key.IsValidAt(A.Noon).Should().BeTrue();
        Key.IsValidAt(A.Noon + Duration.FromDays(36_500)).Should().BeTrue();
        (Key with { RevokedAt = A.Noon }).IsValidAt(A.Noon).Should().BeFalse();
        (Key with { RevokedAt = A.Noon }).IsValidAt(A.Noon + Duration.FromDays(1)).Should().BeFalse();
    }

    [Test]
    public void A_key_with_an_end_is_valid_up_to_it_and_not_at_it()
    {
        var key = Key with { ExpiresAt = A.Noon };

        key.IsValidAt(A.Noon - Tick).Should().BeTrue();
        key.IsValidAt(A.Noon).Should().BeFalse();
        key.IsValidAt(A.Noon + Tick).Should().BeFalse();
    }

    [Test]
    public void A_key_taken_back_stays_so_before_its_end() =>
        (Key with { ExpiresAt = A.Noon + Duration.FromDays(1), RevokedAt = A.Noon }).IsValidAt(A.Noon).Should().BeFalse();

    [Test]
    public void A_customers_key_makes_a_caller_who_is_that_customer_with_the_scopes_of_the_key()
    {
        var caller = Key.ToCaller();

        caller.Actor.Should().Be("customer:cus_1");
        caller.Customer.Should().Be(Id<Customer>.Parse("cus_1"));
        caller.Tenant.Should().Be(TenantId.Parse("acme"));
        caller.Permissions.Should().BeEquivalentTo(Permission.ReadBalance);
    }

    [Test]
    public void A_key_of_the_house_makes_a_caller_with_the_name_of_the_key()
    {
        var caller = (Key with { Customer = null, Name = "maria", Scopes = [] }).ToCaller();

        caller.Actor.Should().Be("admin:maria");
        caller.Customer.Should().BeNull();
        caller.Permissions.Should().BeEmpty("a key with no scopes opens nothing");
    }
}
