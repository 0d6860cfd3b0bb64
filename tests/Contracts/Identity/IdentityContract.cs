#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Identity;
using Relier.Tenancy;

namespace Relier.Contracts;

/// <summary>What a store of API keys must keep, and finding them must.</summary>
public sealed class IdentityContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync());

    [Test]
    public async Task A_key_comes_back_whole()
    {
        var (full, ofHouse, without) = (FullRecords.KeyOf(Tenant, _customer), A.Key(Tenant), A.Key(Tenant) with { Scopes = [] });

        await AddAsync(full, ofHouse, without);

        (await FindAsync(full.Id)).ShouldWhollyBe(full);
        (await FindAsync(ofHouse.Id)).ShouldWhollyBe(ofHouse);
        (await FindAsync(without.Id)).ShouldWhollyBe(without);
        (await FindAsync(A.New<ApiKey>("key"))).Should().BeNull();
    }

    [Test]
    public async Task An_update_writes_last_use_end_and_revocation_and_nothing_else()
    {
        var key = A.Key(Tenant, _customer);
        await AddAsync(key);
        var used = key with { LastUsedAt = A.Noon, ExpiresAt = A.Noon + Microsecond, RevokedAt = A.Noon - Microsecond };

        await InAsync(session => session.Keys.UpdateAsync(
            used with { Name = "other", Customer = null, Prefix = "rk_other", SecretHash = new string('b', 64), Scopes = [], CreatedAt = A.Noon - Microsecond }, default));
        (await FindAsync(key.Id)).ShouldWhollyBe(used);

    }

    [Test]
    public async Task An_old_copy_of_a_key_written_late_takes_nothing_back()
    {
        var key = A.Key(Tenant, _customer);
        await AddAsync(key);
        var ended = key with { LastUsedAt = A.Noon, ExpiresAt = A.Noon + Microsecond, RevokedAt = A.Noon - Microsecond };
        await InAsync(session => session.Keys.UpdateAsync(ended, default));

        // A request that read the key before it was revoked notes its use, and later ends and revocations come too.
        await InAsync(session => session.Keys.UpdateAsync(key with { LastUsedAt = A.Noon - Microsecond }, default));
        await InAsync(session => session.Keys.UpdateAsync(key with { ExpiresAt = A.Noon + Microsecond * 2, RevokedAt = A.Noon }, default));

        (await FindAsync(key.Id)).ShouldWhollyBe(ended);
    }

    [Test]
    public async Task Keys_are_listed_of_one_customer_or_of_the_house_newest_first_then_by_id()
    {
        var other = await InAsync(session => session.EnrolAsync());
        var ordered = EdgeValues.InOrderOfTimeThenId((at, id) => A.Key(Tenant, _customer) with { Id = Id<ApiKey>.Parse(id), CreatedAt = at });
        var ofHouse = A.Key(Tenant);
        await AddAsync([.. EdgeValues.Shuffled(ordered), A.Key(Tenant, other), ofHouse]);

        (await InAsync(session => session.Keys.ListAsync(_customer.Id, default))).ShouldWhollyBe(ordered);
        (await InAsync(session => session.Keys.ListAsync(null, default))).ShouldWhollyBe(new[] { ofHouse });
    }

    [Test]
    public async Task A_key_is_found_by_its_prefix_whoevers_it_is()
    {
        var (mine, others) = (FullRecords.KeyOf(Tenant, _customer), A.Key(OtherTenant));
        await AddAsync(mine);
        await AddAsync(OtherTenant, others);

        (await FindByPrefixAsync(mine.Prefix)).ShouldWhollyBe(mine);
        (await FindByPrefixAsync(others.Prefix)).ShouldWhollyBe(others);
    }

    [Test]
    public async Task A_prefix_is_compared_whole_and_to_the_letter()
    {
        await AddAsync(A.Key(Tenant) with { Prefix = "rk_Abc1" });

        (await FindByPrefixAsync("rk_abc1")).Should().BeNull();
        (await FindByPrefixAsync("rk_Abc")).Should().BeNull();
        (await FindByPrefixAsync("rk_Abc1x")).Should().BeNull();
        (await FindByPrefixAsync("rk%")).Should().BeNull();
    }

    [Test]
    public async Task Any_valid_key_of_the_house_is_noticed_whichever_tenants()
    {
        (await AnyAdminKeyAsync()).Should().BeFalse();

        await AddAsync(OtherTenant, A.Key(OtherTenant));

        (await AnyAdminKeyAsync()).Should().BeTrue();
    }

    [Test]
    public async Task Keys_of_customers_and_keys_that_have_ended_are_none_of_the_house()
    {
        await AddAsync(A.Key(Tenant, _customer), A.Key(Tenant) with { RevokedAt = A.Noon - Microsecond }, A.Key(Tenant) with { ExpiresAt = A.Noon });

        (await AnyAdminKeyAsync()).Should().BeFalse();
        (await AnyAdminKeyAsync(A.Noon - Microsecond)).Should().BeTrue("one ended only at noon");
    }

    private Task AddAsync(params ApiKey[] keys) => AddAsync(Tenant, keys);

    private Task AddAsync(TenantId tenant, params ApiKey[] keys) => InAsync(tenant, async session =>
    {
        foreach (var key in keys) await session.Keys.AddAsync(key, default);
    });

    private Task<ApiKey?> FindAsync(Id<ApiKey> id) => InAsync(session => session.Keys.FindAsync(id, default));

    private Task<ApiKey?> FindByPrefixAsync(string prefix) => OfHouseAsync(house => house.FindKeyAsync(prefix, default));

    private Task<bool> AnyAdminKeyAsync(Instant? now = null) => OfHouseAsync(house => house.AnyAdminKeyAsync(now ?? A.Noon, default));
}
