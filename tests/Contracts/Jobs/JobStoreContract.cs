#pragma warning disable CS1591 // The name of a test says what it proves.
using System.Collections.Concurrent;
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What a store of jobs must keep, and what claiming them must.</summary>
public sealed class JobStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private const string Worker = "worker-1";
    private static readonly Duration Lease = Duration.FromMinutes(1);
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    [Test]
    public async Task A_job_comes_back_whole()
    {
        var (plain, full) = (A.Job(Tenant), FullRecords.Job(Tenant));
        var begun = FullRecords.Job(Tenant) with { Owner = Worker, LeasedUntil = A.Noon + Lease };

        await AddAsync(plain, full, begun);

        (await FindAsync(plain)).ShouldWhollyBe(plain);
        (await FindAsync(full)).ShouldWhollyBe(full);
        (await FindAsync(begun)).ShouldWhollyBe(begun);
        (await FindAsync(A.Job(Tenant))).Should().BeNull();
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Texts))]
    public async Task Any_text_survives(string text)
    {
        var job = A.Job(Tenant) with { Subject = text, LastError = text };

        await AddAsync(job);

        (await FindAsync(job)).ShouldWhollyBe(job);
    }

    [Test]
    public async Task A_claim_gives_the_job_to_its_owner_until_the_lease_ends_and_counts_the_try()
    {
        var job = FullRecords.Job(Tenant) with { RunAt = A.Noon };
        await AddAsync(job);

        var claimed = await ClaimAsync();

        var expected = job with { Tries = job.Tries + 1, Owner = Worker, LeasedUntil = A.Noon + Lease };
        claimed.ShouldWhollyBe(new List<Job> { expected });
        (await FindAsync(job)).ShouldWhollyBe(expected);
    }

    [Test]
    public async Task A_job_is_not_claimed_before_it_is_due()
    {
        await AddAsync(A.Job(Tenant) with { RunAt = A.Noon + Microsecond });

        (await ClaimAsync()).Should().BeEmpty();
        (await ClaimAsync(now: A.Noon + Microsecond)).Should().ContainSingle();
    }

    [Test]
    public async Task In_a_lane_the_longest_due_is_claimed_first_then_by_id_and_no_more_than_asked_for()
    {
        var oldest = A.Job(Tenant) with { Id = Id<Job>.Parse("z"), RunAt = A.Noon - Lease };
        Job[] sameTime = [.. new[] { "x-b", "x0", "xA", "x_" }.Select(id => A.Job(Tenant) with { Id = Id<Job>.Parse(id) })];
        await AddAsync(EdgeValues.Shuffled([.. sameTime, A.Job(Tenant) with { Id = Id<Job>.Parse("xa") }]).Append(oldest).ToArray());

        var claimed = await ClaimAsync(limit: 5);

        claimed.Select(job => job.Id).Should().Equal(sameTime.Prepend(oldest).Select(job => job.Id));
    }

    [Test]
    public async Task Nobody_else_gets_a_claimed_job_until_its_lease_has_ended()
    {
        await AddAsync(A.Job(Tenant));
        await ClaimAsync();

        (await ClaimAsync("worker-2", A.Noon + Lease - Microsecond)).Should().BeEmpty();
        var taken = await ClaimAsync("worker-2", A.Noon + Lease);

        var job = taken.Should().ContainSingle().Subject;
        job.Owner.Should().Be("worker-2");
        job.Tries.Should().Be(2);
    }

    [Test]
    public async Task Workers_who_claim_at_once_never_get_the_same_job_and_together_get_all()
    {
        await AddAsync(Enumerable.Range(0, 60).Select(_ => A.Job(Tenant)).ToArray());
        var claimed = new ConcurrentBag<Id<Job>>();

        var problems = await AllAtOnceAsync(6, async number =>
        {
            for (var round = 0; round < 100; round++)
            {
                var mine = await ClaimAsync($"worker-{number}", limit: 4);
                foreach (var job in mine) claimed.Add(job.Id);
                if (claimed.Count >= 60) return;
            }
        });

        problems.Should().AllBeEquivalentTo((Exception?)null);
        claimed.Should().HaveCount(60).And.OnlyHaveUniqueItems();
    }

    [Test]
    public async Task A_job_added_by_somebody_who_works_on_it_is_theirs()
    {
        var job = A.Job(Tenant) with { Tries = 1, Owner = Worker, LeasedUntil = A.Noon + Lease };
        await AddAsync(job);

        (await ClaimAsync("worker-2")).Should().BeEmpty();
        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeTrue();
    }

    [Test]
    public async Task A_finished_job_is_gone_and_counted()
    {
        await AddAsync(A.Job(Tenant));
        var job = (await ClaimAsync())[0];

        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeTrue();

        (await FindAsync(job)).Should().BeNull();
        (await StatsAsync()).Should().Be(new QueueStats(0, 0, 0, Completed: 1, 0));
        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeFalse("it was finished before");
        (await StatsAsync()).Completed.Should().Be(1);
    }

    [Test]
    public async Task Of_ten_who_finish_a_job_at_once_one_does_and_it_counts_once()
    {
        await AddAsync(A.Job(Tenant));
        var job = (await ClaimAsync())[0];

        var finished = 0;
        await AllAtOnceAsync(10, async _ =>
        {
            if (await AmongOthersAsync(session => session.Jobs.CompleteAsync(job, default))) Interlocked.Increment(ref finished);
        });

        finished.Should().Be(1);
        (await StatsAsync()).Completed.Should().Be(1);
    }

    [Test]
    public async Task A_lease_that_ran_out_is_still_good_while_nobody_took_the_job()
    {
        await AddAsync(A.Job(Tenant));
        var job = (await ClaimAsync())[0];

        (await OfHouseAsync(house => house.Jobs.ProlongAsync(job, A.Noon + Lease * 3, default))).Should().BeTrue();

        (await ClaimAsync("worker-2", A.Noon + Lease * 2)).Should().BeEmpty();
        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeTrue();
    }

    /// <summary>Also when it is the same process that took the job again: each try has a lease of its own.</summary>
    [TestCase("worker-2")]
    [TestCase(Worker)]
    public async Task Who_lost_the_lease_to_another_can_do_nothing_with_the_job(string next)
    {
        await AddAsync(A.Job(Tenant));
        var lost = (await ClaimAsync())[0];
        var held = (await ClaimAsync(next, A.Noon + Lease))[0];

        (await InAsync(session => session.Jobs.CompleteAsync(lost, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.RetryAsync(lost with { LastError = "mine" }, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.BuryAsync(lost with { LastError = "mine" }, default))).Should().BeFalse();
        (await OfHouseAsync(house => house.Jobs.ProlongAsync(lost, A.Noon + Lease * 9, default))).Should().BeFalse();

        (await FindAsync(lost)).ShouldWhollyBe(held);
        (await StatsAsync(now: A.Noon + Lease)).Should().Be(new QueueStats(0, Active: 1, 0, 0, 0));
    }

    [Test]
    public async Task Who_never_claimed_a_job_can_do_nothing_with_it()
    {
        var job = A.Job(Tenant);
        await AddAsync(job);

        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.RetryAsync(job, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.BuryAsync(job, default))).Should().BeFalse();
        (await OfHouseAsync(house => house.Jobs.ProlongAsync(job, A.Noon + Lease, default))).Should().BeFalse();

        (await FindAsync(job)).ShouldWhollyBe(job);
    }

    [Test]
    public async Task A_job_given_back_waits_for_its_time_with_its_error_and_its_tries()
    {
        await AddAsync(A.Job(Tenant));
        var job = (await ClaimAsync())[0];
        var later = A.Noon + Duration.FromSeconds(10);

        (await InAsync(session => session.Jobs.RetryAsync(job with { RunAt = later, LastError = "no luck" }, default))).Should().BeTrue();

        (await FindAsync(job)).ShouldWhollyBe(job with { RunAt = later, LastError = "no luck", Owner = null, LeasedUntil = null });
        (await ClaimAsync(now: later - Microsecond)).Should().BeEmpty();
        (await ClaimAsync(now: later)).Should().ContainSingle().Which.Tries.Should().Be(2);
        (await StatsAsync()).Failed.Should().Be(0, "it was not given up");
    }

    [Test]
    public async Task A_buried_job_is_kept_with_its_error_counted_and_never_claimed_again()
    {
        await AddAsync(A.Job(Tenant));
        var job = (await ClaimAsync())[0];

        (await InAsync(session => session.Jobs.BuryAsync(job with { LastError = "hopeless" }, default))).Should().BeTrue();

        (await FindAsync(job)).ShouldWhollyBe(job with { IsDead = true, LastError = "hopeless", Owner = null, LeasedUntil = null });
        (await ClaimAsync(now: A.Noon + Duration.FromDays(365))).Should().BeEmpty();
        (await OfHouseAsync(house => house.Jobs.DueKindsAsync(A.Noon + Duration.FromDays(365), default))).Should().BeEmpty();
        (await StatsAsync()).Should().Be(new QueueStats(0, 0, 0, 0, Failed: 1));
        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.RetryAsync(job, default))).Should().BeFalse();
    }

    [Test]
    public async Task The_counters_tell_due_begun_and_future_jobs_apart_and_their_total_is_their_sum()
    {
        await AddAsync(Enumerable.Range(0, 10).Select(_ => A.Job(Tenant)).ToArray());
        await AddAsync(A.Job(Tenant) with { RunAt = A.Noon + Microsecond }, A.Job(Tenant) with { RunAt = A.Noon + Lease });
        var claimed = await ClaimAsync(limit: 7);
        await InAsync(async session =>
        {
            await session.Jobs.CompleteAsync(claimed[0], default);
            await session.Jobs.BuryAsync(claimed[1], default);
            await session.Jobs.BuryAsync(claimed[2], default);
        });

        var stats = await StatsAsync();

        stats.Should().Be(new QueueStats(Waiting: 3, Active: 4, Delayed: 2, Completed: 1, Failed: 2)); // 10 - 7; 7 - 3; 2
        stats.Total.Should().Be(12);
        (await StatsAsync(now: A.Noon + Lease)).Should().Be(new QueueStats(Waiting: 9, Active: 0, Delayed: 0, Completed: 1, Failed: 2)); // 3 + 4 leases over + 2
    }

    [Test]
    public async Task The_counters_are_of_kinds_that_begin_to_the_letter_with_the_prefix()
    {
        await AddAsync(
            A.Job(Tenant) with { Kind = "topup.submit" }, A.Job(Tenant) with { Kind = "topup.check" }, A.Job(Tenant) with { Kind = "topupXcheck" },
            A.Job(Tenant) with { Kind = "invoice.send" });
        foreach (var job in await ClaimAsync()) await InAsync(session => session.Jobs.CompleteAsync(job, default));
        await AddAsync(A.Job(Tenant) with { Kind = "topup.submit" }, A.Job(Tenant) with { Kind = "TOPUP.submit" });

        (await StatsAsync("topup.")).Should().Be(new QueueStats(Waiting: 1, 0, 0, Completed: 2, 0));
        (await StatsAsync("topup.s")).Should().Be(new QueueStats(Waiting: 1, 0, 0, Completed: 1, 0));
        (await StatsAsync("topup_")).Should().Be(new QueueStats(0, 0, 0, 0, 0), "a wildcard is a letter like others");
        (await StatsAsync("%")).Should().Be(new QueueStats(0, 0, 0, 0, 0));
        (await StatsAsync()).Should().Be(new QueueStats(Waiting: 2, 0, 0, Completed: 4, 0));
    }

    [Test]
    public async Task Lifetime_counters_count_1234_finished_jobs_of_several_workers()
    {
        var workers = new[] { Worker, "worker-2", "worker-3" };
        await AddAsync(Enumerable.Range(0, 1_234).Select(_ => A.Job(Tenant)).ToArray());
        for (var round = 0; round < 4; round++)
        {
            var jobs = await ClaimAsync(workers[round % 3], limit: 400); // 400, 400, 400, 34
            await InAsync(async session =>
            {
                foreach (var job in jobs) (await session.Jobs.CompleteAsync(job, default)).Should().BeTrue();
            });
        }

        (await StatsAsync()).Should().Be(new QueueStats(0, 0, 0, Completed: 1_234, 0));
    }

    private async Task AddAsync(params Job[] jobs)
    {
        foreach (var ofTenant in jobs.GroupBy(job => job.Tenant))
            await InAsync(ofTenant.Key, async session =>
            {
                foreach (var job in ofTenant) await session.Jobs.AddAsync(job, default);
            });
    }

    private Task<Job?> FindAsync(Job job) => InAsync(session => session.Jobs.FindAsync(job.Id, default));

    /// <summary>Claims of every kind that is due.</summary>
    private Task<List<Job>> ClaimAsync(string owner = Worker, Instant? now = null, int limit = 100) =>
        OfHouseAsync(async house =>
        {
            var claimed = new List<Job>();
            foreach (var kind in await house.Jobs.DueKindsAsync(now ?? A.Noon, default))
                claimed.AddRange((await house.Jobs.ClaimAsync(new JobClaim(owner, kind, now ?? A.Noon, Lease, limit), default)).Jobs);
            return claimed;
        });

    private Task<QueueStats> StatsAsync(string kindPrefix = "", Instant? now = null) =>
        InAsync(session => session.Jobs.StatsAsync(kindPrefix, now ?? A.Noon, default));
}
