#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What people may do with jobs, what becomes of those that a stopping process gives back, and who is told of new ones.</summary>
public sealed class JobKeepingContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Lease = Duration.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Test]
    public async Task A_job_that_is_given_back_is_anybodys_at_once_and_the_try_does_not_count_but_its_number_is_not_used_again()
    {
        await InAsync(session => session.Jobs.AddAsync(A.Job(Tenant), default));
        var job = (await ClaimAsync("worker-1"))[0];

        (await InAsync(session => session.Jobs.ReturnAsync(job, default))).Should().BeTrue();

        var taken = (await ClaimAsync("worker-1")).Should().ContainSingle().Subject;
        (taken.Tries, taken.Forgiven).Should().Be((2, 1));
        (await InAsync(session => session.Jobs.CompleteAsync(job, default))).Should().BeFalse("that was the first try");
        (await InAsync(session => session.Jobs.ReturnAsync(job, default))).Should().BeFalse();
    }

    [Test]
    public async Task A_job_that_is_given_back_is_not_due_sooner_than_it_was()
    {
        var job = A.Job(Tenant) with { RunAt = A.Noon + Lease * 5, Tries = 1, Owner = "worker-1", LeasedUntil = A.Noon + Lease };
        await InAsync(session => session.Jobs.AddAsync(job, default));

        await InAsync(session => session.Jobs.ReturnAsync(job, default));

        (await ClaimAsync("worker-2", A.Noon + Lease * 4)).Should().BeEmpty();
        (await ClaimAsync("worker-2", A.Noon + Lease * 5)).Should().ContainSingle();
    }

    [Test]
    public async Task A_dead_job_comes_back_to_life_once_due_now_with_all_tries_before_it()
    {
        var job = await BuryAsync();

        var revived = 0;
        await AllAtOnceAsync(4, async _ =>
        {
            if (await AmongOthersAsync(session => session.Jobs.ReviveAsync(job.Id, A.Noon + Lease, default))) Interlocked.Increment(ref revived);
        });

        revived.Should().Be(1);
        (await ClaimAsync("worker-2", A.Noon)).Should().BeEmpty();
        var again = (await ClaimAsync("worker-2", A.Noon + Lease)).Should().ContainSingle().Subject;
        (again.Tries, again.Forgiven, again.LastError).Should().Be((2, 1, "hopeless"));
        (await StatsAsync(A.Noon + Lease)).Should().Be(new QueueStats(0, Active: 1, 0, 0, Failed: 1), "it was given up once, whatever came after");
    }

    [Test]
    public async Task Only_a_dead_job_comes_back_to_life()
    {
        var job = A.Job(Tenant);
        await InAsync(session => session.Jobs.AddAsync(job, default));

        (await InAsync(session => session.Jobs.ReviveAsync(job.Id, A.Noon, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.ReviveAsync(A.Job(Tenant).Id, A.Noon, default))).Should().BeFalse();
    }

    [Test]
    public async Task A_person_sets_a_job_aside_that_nobody_works_on()
    {
        var (idle, busy, over) = (A.Job(Tenant), A.Job(Tenant) with { Tries = 1, Owner = "w", LeasedUntil = A.Noon + Lease }, A.Job(Tenant) with { Tries = 1, Owner = "w", LeasedUntil = A.Noon });
        await InAsync(async session =>
        {
            foreach (var job in new[] { idle, busy, over }) await session.Jobs.AddAsync(job, default);
        });

        (await SetAsideAsync(idle)).Should().BeTrue();
        (await SetAsideAsync(busy)).Should().BeFalse("somebody works on it");
        (await SetAsideAsync(over)).Should().BeTrue("its lease is over");
        (await SetAsideAsync(idle)).Should().BeFalse("it is dead already");

        (await InAsync(session => session.Jobs.FindAsync(over.Id, default))).ShouldWhollyBe(over with { IsDead = true, LastError = "by hand", Owner = null, LeasedUntil = null });
        (await InAsync(session => session.Jobs.CompleteAsync(over, default))).Should().BeFalse("it was taken away from who was late");
        (await StatsAsync()).Should().Be(new QueueStats(0, Active: 1, 0, 0, Failed: 2));
    }

    [Test]
    public async Task Jobs_are_listed_newest_first_by_kind_and_state()
    {
        var dead = await BuryAsync();
        Job[] jobs =
        [
            A.Job(Tenant) with { CreatedAt = A.Noon + Lease, Party = "cus_1" },
            A.Job(Tenant) with { Tries = 1, Owner = "w", LeasedUntil = A.Noon + Lease },
            A.Job(Tenant) with { Tries = 1, Owner = "w", LeasedUntil = A.Noon, CreatedAt = A.Noon - Lease },
            A.Job(Tenant) with { RunAt = A.Noon + Lease, Kind = "topup.check", CreatedAt = A.Noon - Lease * 2 },
        ];
        await InAsync(async session =>
        {
            foreach (var job in jobs) await session.Jobs.AddAsync(job, default);
        });

        (await ListAsync(new JobFilter(A.Noon))).ShouldWhollyBe(new List<Job> { jobs[0], dead, jobs[1], jobs[2], jobs[3] });
        (await ListAsync(new JobFilter(A.Noon) { Kind = "topup.check" })).Should().Equal(jobs[3]);
        (await ListAsync(new JobFilter(A.Noon) { State = JobState.Dead })).Should().Equal(dead);
        (await ListAsync(new JobFilter(A.Noon) { State = JobState.Active })).Should().Equal(jobs[1]);
        (await ListAsync(new JobFilter(A.Noon) { State = JobState.Waiting })).Should().Equal(jobs[0], jobs[2]);
        (await ListAsync(new JobFilter(A.Noon) { State = JobState.Delayed, Kind = "topup.check" })).Should().Equal(jobs[3]);
        (await ListAsync(new JobFilter(A.Noon) { State = JobState.Delayed, Kind = "topup.submit" })).Should().BeEmpty();
    }

    [Test]
    public async Task A_pause_is_kept_with_who_began_it_and_ends_once()
    {
        var pause = new JobPause("topup.submit", A.Noon, "admin:maria");

        (await InAsync(session => session.Jobs.PauseAsync(pause, default))).Should().BeTrue();
        (await InAsync(session => session.Jobs.PauseAsync(pause with { PausedBy = "admin:jose" }, default))).Should().BeFalse();

        (await InAsync(session => session.Jobs.ListPausesAsync(default))).Should().Equal(pause);
        (await InAsync(session => session.Jobs.ResumeAsync(pause.Kind, default))).Should().BeTrue();
        (await InAsync(session => session.Jobs.ResumeAsync(pause.Kind, default))).Should().BeFalse();
        (await InAsync(session => session.Jobs.ListPausesAsync(default))).Should().BeEmpty();
    }

    [Test]
    public async Task What_workers_of_the_past_counted_is_folded_and_no_sum_changes()
    {
        foreach (var worker in new[] { "one", "two", "three" })
        {
            await InAsync(async session =>
            {
                foreach (var kind in new[] { "topup.submit", "topup.check", "topup.submit" })
                {
                    var job = A.Job(Tenant) with { Kind = kind, Tries = 1, Owner = worker, LeasedUntil = A.Noon + Lease };
                    await session.Jobs.AddAsync(job, default);
                    await session.Jobs.CompleteAsync(job, default);
                }
            });
        }

        await BuryAsync();
        (await InAsync(session => session.Jobs.FoldCountersAsync(["three", "unheard-of"], default))).Should().Be(3, "one, two, and the worker that gave a job up");
        (await InAsync(session => session.Jobs.FoldCountersAsync(["three"], default))).Should().Be(0, "they were folded");

        (await StatsAsync()).Should().Be(new QueueStats(0, 0, 0, Completed: 9, Failed: 1));
        (await InAsync(session => session.Jobs.StatsAsync("topup.c", A.Noon, default))).Completed.Should().Be(3);
    }

    [Test]
    public async Task What_is_counted_while_counters_are_folded_is_not_lost()
    {
        var problems = await AllAtOnceAsync(4, async number =>
        {
            for (var round = 0; round < 25; round++)
            {
                if (number == 0) await InAsync(session => session.Jobs.FoldCountersAsync([], default));
                else await AmongOthersAsync(async session =>
                {
                    var job = A.Job(Tenant) with { Tries = 1, Owner = $"worker-{number}", LeasedUntil = A.Noon + Lease };
                    await session.Jobs.AddAsync(job, default);
                    await session.Jobs.CompleteAsync(job, default);
                });
            }
        });

        problems.Should().AllBeEquivalentTo((Exception?)null);
        (await StatsAsync()).Completed.Should().Be(75); // 3 × 25
    }

    [Test]
    public async Task A_job_of_the_tenants_own_is_queued_until_it_is_done_or_dead()
    {
        var job = A.Job(Tenant) with { Kind = "fx.refresh", Subject = "fx" };
        await InAsync(async session =>
        {
            await session.Jobs.AddAsync(job, default);
            await session.Jobs.AddAsync(A.Job(Tenant) with { Kind = "fx.refresh", Subject = "of a customer", Party = "cus_1" }, default);
        });

        (await IsQueuedAsync("fx")).Should().BeTrue();
        (await IsQueuedAsync("other")).Should().BeFalse();
        (await IsQueuedAsync("of a customer")).Should().BeFalse();
        await SetAsideAsync(job);
        (await IsQueuedAsync("fx")).Should().BeFalse();

        Task<bool> IsQueuedAsync(string subject) => InAsync(session => session.Jobs.IsQueuedAsync("fx.refresh", subject, default));
    }

    /// <summary>Each is something after which a worker has something to do.</summary>
    [TestCase("add")]
    [TestCase("return")]
    [TestCase("revive")]
    [TestCase("resume")]
    public async Task Who_listens_is_woken_by_a_commit_that_leaves_due_jobs_behind(string what)
    {
        var held = A.Job(Tenant) with { Tries = 1, Owner = "worker-1", LeasedUntil = A.Noon + Lease };
        await InAsync(session => session.Jobs.AddAsync(held, default));
        var dead = await BuryAsync();
        await InAsync(session => session.Jobs.PauseAsync(new JobPause("k", A.Noon, "admin:maria"), default));
        await using var ear = Ear.On(Storage);
        await ear.IsQuietAsync();

        await InAsync(session => what switch
        {
            "add" => session.Jobs.AddAsync(A.Job(Tenant), default),
            "return" => session.Jobs.ReturnAsync(held, default),
            "revive" => session.Jobs.ReviveAsync(dead.Id, A.Noon, default),
            _ => session.Jobs.ResumeAsync("k", default),
        });

        await ear.HearsAsync();
    }

    [Test]
    public async Task Nobody_is_woken_by_a_rollback_by_a_job_that_has_its_owner_or_by_one_for_later()
    {
        await using var ear = Ear.On(Storage);
        await ear.IsQuietAsync();

        await FluentActions.Awaiting(() => InAsync(async session =>
        {
            await session.Jobs.AddAsync(A.Job(Tenant), default);
            throw new InvalidOperationException("changed my mind");
        })).Should().ThrowAsync<InvalidOperationException>();
        await InAsync(session => session.Jobs.AddAsync(A.Job(Tenant) with { Tries = 1, Owner = "w", LeasedUntil = A.Noon + Lease }, default));
        await InAsync(session => session.Jobs.AddAsync(A.Job(Tenant) with { RunAt = A.Noon + Lease }, default));

        ear.Heard.Should().Be(0);
    }

    /// <summary>Listens, and counts what it hears after it was quiet.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly SemaphoreSlim _heard = new(0);
        private Task _listening = Task.CompletedTask;

        public int Heard => _heard.CurrentCount;

        public static Ear On(IStorage storage)
        {
            var ear = new Ear();
            ear._listening = storage.ListenForJobsAsync(() => ear._heard.Release(), ear._over.Token);
            return ear;
        }

        /// <summary>An engine that connects calls once when it has.</summary>
        public async Task IsQuietAsync()
        {
            while (await _heard.WaitAsync(TimeSpan.FromMilliseconds(150)))
            {
            }
        }

        public async Task HearsAsync() => (await _heard.WaitAsync(Patience)).Should().BeTrue("there is work");

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _listening.WaitAsync(Patience);
            _over.Dispose();
            _heard.Dispose();
        }
    }

    private async Task<Job> BuryAsync()
    {
        var job = A.Job(Tenant) with { Tries = 1, Owner = "worker-0", LeasedUntil = A.Noon };
        await InAsync(async session =>
        {
            await session.Jobs.AddAsync(job, default);
            await session.Jobs.BuryAsync(job with { LastError = "hopeless" }, default);
        });
        return job with { IsDead = true, LastError = "hopeless", Owner = null, LeasedUntil = null };
    }

    private Task<bool> SetAsideAsync(Job job) => InAsync(session => session.Jobs.SetAsideAsync(job.Id, "by hand", A.Noon, default));

    private async Task<List<Job>> ListAsync(JobFilter filter) =>
        [.. await WalkAsync(2, page => InAsync(session => session.Jobs.ListAsync(filter, page, default)))];

    private async Task<IReadOnlyList<Job>> ClaimAsync(string owner, Instant? now = null) =>
        (await OfHouseAsync(house => house.Jobs.ClaimAsync(A.ClaimBy(owner) with { Now = now ?? A.Noon }, default))).Jobs;

    private Task<QueueStats> StatsAsync(Instant? now = null) => InAsync(session => session.Jobs.StatsAsync("", now ?? A.Noon, default));
}
