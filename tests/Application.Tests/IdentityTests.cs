using System.Net;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;

namespace Relier.Application.Tests;

internal sealed class IdentityTests
{
    [Test]
    public async Task A_key_opens_for_its_customer_and_is_kept_without_its_secret()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;

        var caller = (await shop.Door.AuthenticateAsync(issued.Secret, shop.Customer, null, default)).Value;

        (caller.Actor, caller.Tenant).Should().Be(($"customer:{shop.Customer}", Shop.Tenant));
        issued.Secret.Should().StartWith("rk_").And.StartWith(issued.Key.Prefix);
        var kept = (await shop.Relier.SendAsync(new ListKeys(shop.Customer), shop.House)).Value.Data.Single();
        System.Text.Json.JsonSerializer.Serialize(kept.SecretHash).Should().NotContain(issued.Secret[20..]);
        kept.LastUsedAt.Should().Be(shop.Clock.Now());
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("rk_")]
    [TestCase("rk_123456789012345678901234567890")]
    [TestCase("rk_1234567890123\u0000")]
    public async Task Anything_else_is_unauthenticated_in_the_same_words(string? secret)
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        var almost = await shop.Door.AuthenticateAsync(issued.Secret[..^1] + (issued.Secret[^1] == 'a' ? 'b' : 'a'), null, null, default);

        var refusal = (await shop.Door.AuthenticateAsync(secret, null, null, default)).Refusal!;

        refusal.Code.Should().Be("unauthenticated");
        refusal.Message.Should().Be(almost.Refusal!.Message);
    }

    [Test]
    public async Task A_key_does_not_open_for_another_customers_name()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;

        (await shop.Door.AuthenticateAsync(issued.Secret, "cus_other", null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_revoked_key_opens_nothing_from_that_moment()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        await shop.Door.AuthenticateAsync(issued.Secret, null, null, default);

        await shop.Relier.SendAsync(new RevokeKey(issued.Key.Id.Value), shop.House);

        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
        (await shop.Relier.SendAsync(new RevokeKey(issued.Key.Id.Value), shop.House)).Refusal.Should().BeNull();
    }

    [Test]
    public async Task A_wrong_secret_stays_wrong_when_the_key_was_looked_up_a_moment_ago()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal.Should().BeNull();

        var wrong = await shop.Door.AuthenticateAsync(issued.Secret[..^1] + (issued.Secret[^1] == 'a' ? 'b' : 'a'), null, null, default);

        wrong.Refusal!.Code.Should().Be("unauthenticated");
        (await shop.Door.AuthenticateAsync(issued.Secret, "cus_other", null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_key_that_another_process_revoked_opens_nothing_after_ten_seconds()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        await shop.Door.AuthenticateAsync(issued.Secret, null, null, default);

        await shop.Storage.RunAsync(
            Shop.Tenant,
            async session =>
            {
                await session.Keys.UpdateAsync(issued.Key with { RevokedAt = shop.Clock.Now() }, default);
                return true;
            },
            default);

        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal.Should().BeNull("it was looked up a moment ago");
        shop.Clock.Advance(Duration.FromSeconds(10));
        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_key_looked_up_a_moment_ago_ends_at_its_time()
    {
        await using var shop = await Shop.OpenAsync();
        var ends = shop.Clock.Now() + Duration.FromSeconds(1);
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer, ExpiresAt = NodaTime.Text.InstantPattern.ExtendedIso.Format(ends) }, shop.House)).Value;
        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal.Should().BeNull();

        shop.Clock.Advance(Duration.FromSeconds(1));

        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_customer_suspended_or_kept_to_other_addresses_here_is_kept_out_at_once()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        var from = IPAddress.Parse("192.0.2.1");
        (await shop.Door.AuthenticateAsync(issued.Secret, null, from, default)).Refusal.Should().BeNull();

        var kept = (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { Policies = new PoliciesInput { AllowedAddresses = ["198.51.100.0/24"] } }, shop.House)).Value;
        (await shop.Door.AuthenticateAsync(issued.Secret, null, from, default)).Refusal!.Code.Should().Be("ip_not_allowed");

        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, kept.Customer.Version) { Status = "suspended" }, shop.House)).Refusal.Should().BeNull();
        (await shop.Door.AuthenticateAsync(issued.Secret, null, IPAddress.Parse("198.51.100.7"), default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_rotated_key_works_until_its_grace_is_over()
    {
        await using var shop = await Shop.OpenAsync();
        var old = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;

        var next = (await shop.Relier.SendAsync(new RotateKey(old.Key.Id.Value, GraceHours: 1), shop.House)).Value;

        (await shop.Door.AuthenticateAsync(old.Secret, null, null, default)).Refusal.Should().BeNull();
        shop.Clock.Advance(Duration.FromHours(1));
        (await shop.Door.AuthenticateAsync(old.Secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
        (await shop.Door.AuthenticateAsync(next.Secret, null, null, default)).Refusal.Should().BeNull();
        next.Key.Scopes.Should().Equal(old.Key.Scopes);
    }

    [Test]
    public async Task A_key_that_may_more_than_its_manager_cannot_be_rotated_by_him()
    {
        await using var shop = await Shop.OpenAsync();
        var maria = (await shop.Relier.SendAsync(new CreateKey("maria"), shop.House)).Value;
        var clerk = Caller.OfAdmin(Shop.Tenant, "clerk", [Permission.ManageKeys]);

        (await shop.Relier.SendAsync(new RotateKey(maria.Key.Id.Value), clerk)).Refusal!.Code.Should().Be("forbidden");
        (await shop.Door.AuthenticateAsync(maria.Secret, null, null, default)).Refusal.Should().BeNull();
    }

    [Test]
    public async Task A_suspended_customers_keys_open_nothing()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;

        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { Status = "suspended" }, shop.House)).Refusal.Should().BeNull();

        (await shop.Door.AuthenticateAsync(issued.Secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [TestCase("203.0.113.7", true)]
    [TestCase("203.0.113.8", false)]
    [TestCase("198.51.100.200", true)]
    [TestCase("::ffff:203.0.113.7", true)]
    [TestCase(null, false)]
    public async Task A_customers_requests_come_from_where_its_policy_allows(string? address, bool allowed)
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { Policies = new PoliciesInput { AllowedAddresses = ["203.0.113.7", "198.51.100.0/24"] } }, shop.House);

        var outcome = await shop.Door.AuthenticateAsync(issued.Secret, null, address is null ? null : IPAddress.Parse(address), default);

        outcome.Refusal?.Code.Should().Be("ip_not_allowed");
        (outcome.Refusal is null).Should().Be(allowed);
    }

    [Test]
    public async Task What_is_done_to_keys_stands_in_the_audit_log_without_the_secret()
    {
        await using var shop = await Shop.OpenAsync();
        var issued = (await shop.Relier.SendAsync(new CreateKey("till") { Customer = shop.Customer }, shop.House)).Value;
        await shop.Relier.SendAsync(new RevokeKey(issued.Key.Id.Value), shop.House);

        var log = (await shop.Relier.SendAsync(new ListAudit { Subject = issued.Key.Id.Value }, shop.House)).Value.Data;

        log.Select(entry => (entry.Actor, entry.Action)).Should().BeEquivalentTo([("admin:maria", "key.created"), ("admin:maria", "key.revoked")]);
        log.Should().OnlyContain(entry => !(entry.Before + entry.After).Contains(issued.Secret) && !(entry.Before + entry.After).Contains(issued.Key.SecretHash));
    }
}
