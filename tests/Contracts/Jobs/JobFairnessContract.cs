#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Contracts;

/// <summary>That claims of jobs go round the lanes: one reseller's burst does not delay another's few orders.</summary>
public sealed class JobFairnessContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Second = Duration.FromSeconds(1);

    [Test]
    public async Task A_claim_takes_of_every_lane_before_it_takes_twice_of_one()
    {
        // The burst is older than everything else.
        await AddAsync(Enumerable.Range(0, 50).Select(_ => Of("cus_a") with { RunAt = A.Noon - Second }));
        await AddAsync([Of("cus_b"), Of("cus_b"), Of(null), Of("cus_a", OtherTenant)]);

        var claimed = await ClaimAsync(limit: 6);

        // Four lanes share six: two each for the first two, one each for the others.
        Lanes(claimed.Jobs).Should().Equal("norte/", "norte/cus_a", "norte/cus_a", "norte/cus_b", "sur/cus_a");
        claimed.LastLane.Should().Be("sur/cus_a");
    }

    [Test]
    public async Task Claims_one_after_the_other_go_round_and_begin_again()
    {
        await AddAsync(["a", "a", "a", "a", "b", "b", "c"]);
        var turns = new List<string>();

        var after = "";
        for (var claim = 0; claim < 7; claim++)
        {
            var claimed = await ClaimAsync(limit: 1, after);
            turns.AddRange(Lanes(claimed.Jobs));
            after = claimed.LastLane;
        }

        turns.Should().Equal("norte/a", "norte/b", "norte/c", "norte/a", "norte/b", "norte/a", "norte/a");
    }

    [Test]
    public async Task A_claim_that_begins_in_the_middle_goes_on_at_the_start_and_meets_no_lane_twice()
    {
        await AddAsync(["a", "b", "c", "d", "a", "b", "c", "d"]);

        var claimed = await ClaimAsync(limit: 3, after: "norte/c");

        Lanes(claimed.Jobs).Should().Equal("norte/d", "norte/a", "norte/b");
        (await ClaimAsync(limit: 10, claimed.LastLane)).Jobs.Select(job => job.Lane)
            .Should().Equal("norte/c", "norte/c", "norte/d", "norte/a", "norte/b");
    }

    [Test]
    public async Task A_single_lane_gets_all_there_is()
    {
        await AddAsync(Enumerable.Range(0, 5).Select(number => Of("a") with { RunAt = A.Noon - Second * number }));

        var claimed = await ClaimAsync(limit: 5, after: "norte/a");

        claimed.Jobs.Should().HaveCount(5).And.BeInAscendingOrder(job => job.RunAt);
    }

    [Test]
    public async Task A_lane_with_nothing_to_claim_has_no_turn()
    {
        await AddAsync([Of("a") with { RunAt = A.Noon + Second }, Of("b") with { Tries = 1, Owner = "other", LeasedUntil = A.Noon + Second }, Of("c"), Of("d") with { Kind = "other" }]);

        var claimed = await ClaimAsync(limit: 4);

        Lanes(claimed.Jobs).Should().Equal("norte/c");
        (await ClaimAsync(limit: 4, "norte/c")).Should().BeEquivalentTo(new ClaimedJobs([], "norte/c"));
    }

    [Test]
    public async Task Only_the_kind_that_was_asked_for_is_claimed_and_all_due_kinds_are_named()
    {
        await AddAsync([Of("a"), Of("a") with { Kind = "b.other" }, Of("a") with { Kind = "c.later", RunAt = A.Noon + Second }, Of("a") with { Kind = "d.leased", Tries = 1, Owner = "x", LeasedUntil = A.Noon + Second }]);

        (await OfHouseAsync(house => house.Jobs.DueKindsAsync(A.Noon, default))).Should().Equal("b.other", "topup.submit");
        (await ClaimAsync(limit: 9)).Jobs.Should().ContainSingle().Which.Kind.Should().Be("topup.submit");
        (await OfHouseAsync(house => house.Jobs.DueKindsAsync(A.Noon + Second, default))).Should().Equal("b.other", "c.later", "d.leased");
    }

    /// <summary>Ids that begin alike, and characters around the one that ends a tenant's name in its lanes.</summary>
    [Test]
    public async Task A_paused_kind_is_not_claimed_of_that_tenant_whoever_asks_and_of_others_it_is()
    {
        TenantId[] tenants = [.. new[] { "nort", "norte-2", "norte0", "nortea" }.Select(TenantId.Parse)];
        foreach (var tenant in tenants) await OfHouseAsync(house => house.Tenants.AddAsync(A.Tenant(tenant), default));
        await AddAsync([Of(null), Of("a"), Of("zzz"), Of("a") with { Kind = "topup.check" }]);
        await AddAsync(tenants.SelectMany(tenant => new[] { Of(null, tenant), Of("a", tenant) }));

        (await InAsync(session => session.Jobs.PauseAsync(new JobPause("topup.submit", A.Noon, "admin:maria"), default))).Should().BeTrue();
        string[] starts = ["", "norte/", "norte/a", "norte/m", "norte/zzz", "nort/a", "nortea/a", "z"];
        foreach (var after in starts)
        {
            var claimed = await ClaimAsync(limit: 20, after, lease: Duration.Zero);
            claimed.Jobs.Select(job => job.Tenant).Distinct().Should().BeEquivalentTo(tenants, $"that is what there is behind {after}");
            claimed.Jobs.Should().HaveCount(8).And.OnlyHaveUniqueItems(job => job.Lane);
        }

        (await OfHouseAsync(house => house.Jobs.ClaimAsync(A.ClaimBy("w") with { Kind = "topup.check" }, default))).Jobs.Should().ContainSingle();
        (await InAsync(session => session.Jobs.ResumeAsync("topup.submit", default))).Should().BeTrue();
        (await ClaimAsync(limit: 20)).Jobs.Where(job => job.Tenant == Tenant).Should().HaveCount(3);
    }

    [Test]
    public async Task Two_tenants_may_pause_the_same_kind()
    {
        await AddAsync([Of("a"), Of("a", OtherTenant)]);
        foreach (var tenant in new[] { Tenant, OtherTenant })
            await InAsync(tenant, session => session.Jobs.PauseAsync(new JobPause("topup.submit", A.Noon, "admin:maria"), default));

        (await ClaimAsync(limit: 5)).Jobs.Should().BeEmpty();
        (await ClaimAsync(limit: 5, after: "norte/a")).Jobs.Should().BeEmpty();
    }

    private static Job Of(string? party, TenantId? tenant = null) => A.Job(tenant ?? Tenant) with { Party = party };

    private static IEnumerable<string> Lanes(IEnumerable<Job> jobs) => jobs.Select(job => job.Lane);

    private Task AddAsync(IEnumerable<string> parties) => AddAsync(parties.Select(party => Of(party)));

    private async Task AddAsync(IEnumerable<Job> jobs)
    {
        foreach (var ofTenant in jobs.GroupBy(job => job.Tenant))
            await InAsync(ofTenant.Key, async session =>
            {
                foreach (var job in ofTenant) await session.Jobs.AddAsync(job, default);
            });
    }

    private Task<ClaimedJobs> ClaimAsync(int limit, string after = "", Duration? lease = null) =>
        OfHouseAsync(house => house.Jobs.ClaimAsync(new JobClaim("worker-1", "topup.submit", A.Noon, lease ?? Duration.FromMinutes(1), limit, after), default));
}
