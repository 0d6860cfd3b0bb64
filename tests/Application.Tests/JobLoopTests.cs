using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Application.Tests;

/// <summary>How many at once, for how long, in whose turn, and what a stopping process leaves behind.</summary>
internal sealed class JobLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Test]
    public async Task Of_a_kind_only_so_many_are_done_at_once_and_submissions_are_five()
    {
        var (few, others) = (new Gate("few"), new Gate("others"));
        await using var shop = await OpenAsync(few, others);
        shop.Options.JobConcurrencyOf["few"] = 2;
        shop.Options.JobConcurrency = 3;
        await AddAsync(shop, "few", 5);
        await AddAsync(shop, "others", 5);

        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        await few.BegunAsync(2);
        await others.BegunAsync(3);

        (few.Begun, others.Begun).Should().Be((2, 3));
        few.Open();
        others.Open();
        await few.BegunAsync(5);
        await others.BegunAsync(5);
        (few.Most, others.Most).Should().Be((2, 3));
        shop.Options.JobConcurrencyOf["topup.submit"].Should().Be(5);
        await stop.CancelAsync();
        await loop.WaitAsync(Patience);
    }

    [Test]
    public async Task A_kind_that_hangs_delays_no_other()
    {
        var (hanging, others) = (new Gate("a.hanging"), new Gate("others"));
        others.Open();
        await using var shop = await OpenAsync(hanging, others);
        await AddAsync(shop, "a.hanging", 100);

        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        await hanging.BegunAsync(20);
        await AddAsync(shop, "others", 50);
        await others.BegunAsync(50);

        hanging.Begun.Should().Be(20, "that is how many there are places for");
        hanging.Open();
        await stop.CancelAsync();
        await loop.WaitAsync(Patience);
    }

    [Test]
    public async Task A_burst_of_one_reseller_delays_the_few_jobs_of_another_by_no_more_than_its_share()
    {
        var order = new ConcurrentQueue<string?>();
        var gate = new Gate("k", job => order.Enqueue(job.Party));
        gate.Open();
        await using var shop = await OpenAsync(gate);
        shop.Options.JobConcurrencyOf["k"] = 4;
        await AddAsync(shop, "k", 1_000, party: "cus_burst");
        shop.Clock.Advance(Duration.FromSeconds(1));
        await AddAsync(shop, "k", 10, party: "cus_few");

        await shop.Loop.RunDueAsync();

        order.Should().HaveCount(1_010);
        // Of each four, two are theirs: ten are done among the first twenty, or, as those of one claim race, soon after.
        order.Take(24).Count(party => party == "cus_few").Should().Be(10);
    }

    [Test]
    public async Task Work_that_takes_longer_than_it_may_is_cut_off_and_tried_again()
    {
        var gate = new Gate("slow");
        await using var shop = await OpenAsync(gate);
        shop.Options.JobTimeLimitOf["slow"] = Duration.FromSeconds(30);
        var id = (await AddAsync(shop, "slow", 1))[0];
        var running = shop.Loop.RunDueAsync();
        await gate.BegunAsync(1);

        await AdvanceUntilAsync(shop, Duration.FromSeconds(10), () => running.IsCompleted);

        await running.WaitAsync(Patience);
        var job = await FindAsync(shop, id);
        (job!.Owner, job.Tries, job.Forgiven).Should().Be((null, 1, 0));
        job.LastError.Should().Contain("cut off after 30 s");
        gate.WasCancelled.Should().BeTrue();
    }

    [Test]
    public async Task Work_that_cannot_be_cut_off_loses_its_job_and_its_place_is_free()
    {
        var gate = new Gate("deaf") { IsDeaf = true };
        await using var shop = await OpenAsync(gate);
        shop.Options.JobTimeLimitOf["deaf"] = Duration.FromSeconds(30);
        shop.Options.JobConcurrencyOf["deaf"] = 1;
        var id = (await AddAsync(shop, "deaf", 1))[0];
        var running = shop.Loop.RunDueAsync();
        await gate.BegunAsync(1);
        await AdvanceUntilAsync(shop, Duration.FromSeconds(10), () => running.IsCompleted);
        await running.WaitAsync(Patience);

        await AddAsync(shop, "deaf", 1);
        var second = shop.Loop.RunDueAsync();
        await gate.BegunAsync(2);
        gate.Open();
        await second.WaitAsync(Patience);

        (await FindAsync(shop, id))!.LastError.Should().Contain("cut off");
    }

    [Test]
    public async Task A_stopping_process_finishes_what_is_under_way_and_begins_nothing()
    {
        var gate = new Gate("k");
        await using var shop = await OpenAsync(gate);
        shop.Options.JobConcurrencyOf["k"] = 2;
        await AddAsync(shop, "k", 5);
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        await gate.BegunAsync(2);

        await stop.CancelAsync();
        gate.Open();
        await loop.WaitAsync(Patience);

        gate.Begun.Should().Be(2);
        (await StatsAsync(shop)).Should().Be(new QueueStats(Waiting: 3, 0, 0, Completed: 2, 0));
    }

    [Test]
    public async Task What_a_stopping_process_could_not_finish_is_anybodys_at_once_and_was_no_try()
    {
        var gate = new Gate("k");
        await using var shop = await OpenAsync(gate);
        shop.Options.ShutdownGrace = Duration.FromMilliseconds(50);
        var id = (await AddAsync(shop, "k", 1))[0];
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        await gate.BegunAsync(1);

        await stop.CancelAsync();
        await loop.WaitAsync(Patience);

        var job = await FindAsync(shop, id);
        (job!.Owner, job.Tries, job.Forgiven, job.LastError).Should().Be((null, 1, 1, null));
        (await StatsAsync(shop)).Waiting.Should().Be(1);
    }

    [Test]
    public async Task What_goes_on_though_the_process_ends_keeps_its_lease_until_that_is_over()
    {
        var gate = new Gate("deaf") { IsDeaf = true };
        await using var shop = await OpenAsync(gate);
        shop.Options.ShutdownGrace = Duration.FromMilliseconds(50);
        var id = (await AddAsync(shop, "deaf", 1))[0];
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        await gate.BegunAsync(1);

        await stop.CancelAsync();
        await loop.WaitAsync(Patience);

        (await FindAsync(shop, id))!.Owner.Should().Be("shop");
        gate.Open();
    }

    [Test]
    public async Task A_job_for_which_nobody_polls_is_begun_when_it_is_added()
    {
        var gate = new Gate("k");
        gate.Open();
        await using var shop = await OpenAsync(gate);
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);
        for (var tries = 0; shop.Clock.Waiting == 0 && tries < 500; tries++) await Task.Delay(5);

        // The clock stands: no poll comes, only the word of the storage.
        await AddAsync(shop, "k", 1);
        await gate.BegunAsync(1);

        await stop.CancelAsync();
        await loop.WaitAsync(Patience);
    }

    [Test]
    public async Task A_schedule_makes_a_job_at_once_and_then_at_its_times_for_every_tenant_however_many_schedulers_there_are()
    {
        var seen = new ConcurrentQueue<string>();
        var gate = new Gate("test.often", job => seen.Enqueue($"{job.Tenant} {job.Subject}"));
        gate.Open();
        await using var shop = await Shop.OpenAsync(services => services.AddSingleton<IJobHandler>(provider => gate.In(provider)).AddSingleton(new Schedule("often", "test.often", Duration.FromHours(1))));
        await shop.Get<TenantDirectory>().EnsureAsync(TenantId.Parse("other"), "Other", DateTimeZone.Utc);
        var second = ActivatorUtilities.CreateInstance<Scheduler>(shop.Get<IServiceProvider>());
        var first = shop.Get<Scheduler>();

        await FireBothAsync();
        seen.Should().BeEquivalentTo("main often", "other often");
        await FireBothAsync();
        shop.Clock.Advance(Duration.FromMinutes(59));
        await FireBothAsync();
        seen.Should().HaveCount(2);
        shop.Clock.Advance(Duration.FromHours(30));
        await FireBothAsync();
        seen.Should().HaveCount(4, "the turns that nobody was there for are one turn");

        async Task FireBothAsync()
        {
            await Task.WhenAll(first.FireDueAsync(default), second.FireDueAsync(default));
            await shop.Loop.RunDueAsync();
        }
    }

    [Test]
    public async Task While_the_job_of_an_earlier_turn_is_queued_no_other_is_made()
    {
        await using var shop = await Shop.OpenAsync(services => services.AddSingleton(new Schedule("often", "test.often", Duration.FromHours(1))));
        var scheduler = shop.Get<Scheduler>();

        for (var turn = 0; turn < 5; turn++)
        {
            await scheduler.FireDueAsync(default);
            shop.Clock.Advance(Duration.FromHours(1));
        }

        (await StatsAsync(shop, "test.")).Waiting.Should().Be(1);
    }

    [Test]
    public async Task The_counters_of_processes_that_are_gone_are_folded_by_a_schedule_and_the_totals_stay()
    {
        var gate = new Gate("k");
        gate.Open();
        await using var shop = await OpenAsync(gate);
        foreach (var name in new[] { "old-1", "old-2", "shop" })
        {
            shop.Options.ProcessName = name;
            await AddAsync(shop, "k", 2);
            await shop.Loop.RunDueAsync();
        }

        await shop.Get<Scheduler>().FireDueAsync(default);
        await shop.Loop.RunDueAsync();

        (await StatsAsync(shop, "k")).Completed.Should().Be(6);
        (await shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.FoldCountersAsync(["shop"], default), default)).Should().Be(0, "they were folded");
    }

    private static async Task<Shop> OpenAsync(params Gate[] gates)
    {
        return await Shop.OpenAsync(services =>
        {
            foreach (var gate in gates) services.AddSingleton<IJobHandler>(provider => gate.In(provider));
        });
    }

    private static async Task AdvanceUntilAsync(Shop shop, Duration step, Func<bool> done)
    {
        for (var tries = 0; !done() && tries < 1000; tries++)
        {
            if (shop.Clock.Waiting > 0 && tries < 20) shop.Clock.Advance(step);
            await Task.Delay(5);
        }
    }

    private static Task<List<Id<Job>>> AddAsync(Shop shop, string kind, int count, string? party = null)
    {
        var now = shop.Clock.Now();
        return shop.Storage.RunAsync(
            Shop.Tenant,
            async session =>
            {
                var ids = new List<Id<Job>>();
                for (var number = 0; number < count; number++)
                {
                    var job = new Job { Id = Ids.New<Job>("job", now), Tenant = Shop.Tenant, Party = party, Kind = kind, Subject = "x", RunAt = now, CreatedAt = now };
                    await session.Jobs.AddAsync(job, default);
                    ids.Add(job.Id);
                }

                return ids;
            },
            default);
    }

    private static Task<Job?> FindAsync(Shop shop, Id<Job> id) => shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.FindAsync(id, default), default);

    private static Task<QueueStats> StatsAsync(Shop shop, string kind = "k") =>
        shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.StatsAsync(kind, shop.Clock.Now(), default), default);

    /// <summary>Work that waits until the gate is opened, and then completes its job.</summary>
    private sealed class Gate(string kind, Action<Job>? also = null) : IJobHandler
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IServiceProvider? _services;
        private int _begun;
        private int _now;
        private int _most;

        public IReadOnlyList<string> Kinds { get; } = [kind];

        public bool IsDeaf { get; init; }

        public int Begun => Volatile.Read(ref _begun);

        public int Most => Volatile.Read(ref _most);

        public bool WasCancelled { get; private set; }

        public Gate In(IServiceProvider services)
        {
            _services = services;
            return this;
        }

        public void Open() => _open.TrySetResult();

        public async Task BegunAsync(int count)
        {
            for (var tries = 0; Begun < count && tries < 1000; tries++) await Task.Delay(5);
            Begun.Should().BeGreaterThanOrEqualTo(count);
        }

        public async Task RunAsync(Job job, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _begun);
            var now = Interlocked.Increment(ref _now);
            InterlockedMax(now);
            also?.Invoke(job);
            try
            {
                await (IsDeaf ? _open.Task : _open.Task.WaitAsync(cancellationToken));
            }
            catch (OperationCanceledException)
            {
                WasCancelled = true;
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _now);
            }

            if (_services is null) return;
            await _services.GetRequiredService<IStorage>().RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, default), default);
        }

        private void InterlockedMax(int value)
        {
            for (var most = Volatile.Read(ref _most); value > most; most = Volatile.Read(ref _most))
                if (Interlocked.CompareExchange(ref _most, value, most) == most) return;
        }
    }
}
