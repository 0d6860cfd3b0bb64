using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Application.Tests;

internal sealed class AuthorisationTests
{
    [Test]
    public async Task A_customer_cannot_give_himself_credit()
    {
        await using var shop = await Shop.OpenAsync();

        var outcome = await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "1000.00", "goodwill"), shop.Reseller);

        outcome.Refusal!.Code.Should().Be("forbidden");
        outcome.Refusal.Facts["permission"].Should().Be("credits:write");
    }

    [Test]
    public async Task Whoever_may_not_is_not_told_what_else_is_wrong()
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new CreateCustomer(""), shop.Reseller)).Refusal!.Code.Should().Be("forbidden");
    }

    [Test]
    public async Task A_customers_objects_do_not_exist_for_another_customer()
    {
        await using var shop = await Shop.OpenAsync();
        var mine = (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R1" }, shop.Reseller)).Value.TopUp;
        var other = (await shop.Relier.SendAsync(new CreateCustomer("Other"), shop.House)).Value.Customer;
        var stranger = Caller.OfCustomer(Shop.Tenant, other.Id);

        (await shop.Relier.SendAsync(new GetTopUp(mine.Id.Value), stranger)).Refusal!.Code.Should().Be("not_found");
        (await shop.Relier.SendAsync(new GetBalance(shop.Customer), stranger)).Refusal!.Code.Should().Be("not_found");
        (await shop.Relier.SendAsync(new GetStatement { Customer = shop.Customer }, stranger)).Refusal!.Code.Should().Be("not_found");
        (await shop.Relier.SendAsync(new ListTopUps(), stranger)).Value.Data.Should().BeEmpty();
        (await shop.Relier.SendAsync(new ListTopUps { Customer = shop.Customer }, stranger)).Refusal!.Code.Should().Be("not_found");
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Customer = shop.Customer, Reference = "R2" }, stranger)).Refusal!.Code.Should().Be("not_found");
    }

    [Test]
    public async Task Another_tenant_sees_nothing()
    {
        await using var shop = await Shop.OpenAsync();
        var mine = (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R1" }, shop.Reseller)).Value.TopUp;
        var elsewhere = Caller.OfAdmin(TenantId.Parse("other"), "eve");

        (await shop.Relier.SendAsync(new GetTopUp(mine.Id.Value), elsewhere)).Refusal!.Code.Should().Be("not_found");
        (await shop.Relier.SendAsync(new ListCustomers(), elsewhere)).Value.Data.Should().BeEmpty();
        (await shop.Relier.SendAsync(new GetCustomer(shop.Customer), elsewhere)).Refusal!.Code.Should().Be("not_found");
    }

    [Test]
    public async Task A_key_with_less_may_less()
    {
        await using var shop = await Shop.OpenAsync();
        var reader = Caller.OfCustomer(Shop.Tenant, Id<Customer>.Parse(shop.Customer), [Permission.ReadBalance]);

        (await shop.Relier.SendAsync(new GetBalance(), reader)).Refusal.Should().BeNull();
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20"), reader)).Refusal!.Code.Should().Be("forbidden");
    }

    [Test]
    public async Task Nobody_gives_a_permission_he_does_not_have()
    {
        await using var shop = await Shop.OpenAsync();
        var clerk = Caller.OfAdmin(Shop.Tenant, "clerk", [Permission.ManageKeys]);

        var outcome = await shop.Relier.SendAsync(new CreateKey("me") { Scopes = [Permission.AdjustCredit] }, clerk);

        outcome.Refusal!.Code.Should().Be("forbidden");
    }
}
