using Relier.Customers;
using Relier.Identity;
using Relier.Tenancy;

namespace Relier.Domain.Tests.Identity;

public sealed class CallerTests
{
    private static readonly TenantId Tenant = TenantId.Parse("acme");
    private static readonly Id<Customer> One = Id<Customer>.Parse("cus_1");
    private static readonly Id<Customer> Two = Id<Customer>.Parse("cus_2");

    [Test]
    public void A_customer_sees_their_own_and_nobody_elses()
    {
        var caller = Caller.OfCustomer(Tenant, One);

        caller.Sees(One).Should().BeTrue();
        caller.Sees(Two).Should().BeFalse();
        caller.Tenant.Should().Be(Tenant);
        caller.Actor.Should().Be("customer:cus_1");
    }

    [Test]
    public void People_and_processes_of_the_house_see_every_customer_of_their_tenant()
    {
        foreach (var caller in (Caller[])[Caller.OfAdmin(Tenant, "maria"), Caller.OfSystem(Tenant, "worker")])
        {
            caller.Customer.Should().BeNull();
            caller.Sees(One).Should().BeTrue();
            caller.Sees(Two).Should().BeTrue();
        }

        Caller.OfAdmin(Tenant, "maria").Actor.Should().Be("admin:maria");
        Caller.OfSystem(Tenant, "worker").Actor.Should().Be("system:worker");
    }

    [Test]
    public void Nothing_is_allowed_that_is_not_named()
    {
        var reader = Caller.OfAdmin(Tenant, "maria", [Permission.ReadTopUps]);

        reader.May(Permission.ReadTopUps).Should().BeTrue();
        reader.May(Permission.AdjustCredit).Should().BeFalse();
        reader.May("TOPUPS:READ").Should().BeFalse();
        reader.May("").Should().BeFalse();
        Caller.OfAdmin(Tenant, "maria", []).Permissions.Should().BeEmpty();
    }

    [Test]
    public void A_customer_orders_and_reads_and_an_admin_may_everything()
    {
        Caller.OfCustomer(Tenant, One).Permissions.Should().BeEquivalentTo("topups:write", "topups:read", "balance:read", "queue:read", "quotes:read", "usage:read", "disputes:write");
        Caller.OfAdmin(Tenant, "maria").Permissions.Should().BeEquivalentTo(
            "topups:write", "topups:read", "balance:read", "customers:read", "customers:write", "credits:write", "keys:write",
            "topups:resolve", "rates:write", "queue:read", "jobs:read", "jobs:write", "alerts:read", "providers:read", "providers:write", "providers:hear", "audit:read", "reconciliation:read", "reconciliation:write", "imports:write", "quotes:read",
            "usage:read", "calls:write", "accounts:write", "disputes:write", "disputes:close", "tariffs:read", "tariffs:write", "archive:read", "archive:write");
        Caller.OfSystem(Tenant, "worker").Permissions.Should().BeEquivalentTo(Permission.OfAdmins);
    }

    [Test]
    public void An_admin_may_whatever_there_is_a_word_for()
    {
        var words = typeof(Permission).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

        Permission.OfAdmins.Should().BeEquivalentTo(words);
        Permission.OfAdmins.Should().Contain(Permission.OfCustomers);
    }
}
