using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Application.Tests;

internal sealed class JobTests
{
    [Test]
    public async Task A_poison_job_is_tried_five_more_times_at_growing_waits_and_then_set_aside_without_harm_to_others()
    {
        var poison = new Poison();
        await using var shop = await Shop.OpenAsync(services => services.AddSingleton<IJobHandler>(poison));
        await AddAsync(shop, "poison");
        var tries = new List<Instant>();

        for (var minute = 0; minute < 200; minute++)
        {
            var before = poison.Tries;
            await shop.Loop.RunDueAsync();
            if (poison.Tries > before) tries.Add(shop.Clock.Now());
            shop.Clock.Advance(Duration.FromMinutes(1));
        }

        tries.Should().HaveCount(6);
        var stats = await StatsAsync(shop);
        (stats.Waiting, stats.Active, stats.Delayed, stats.Failed).Should().Be((0, 0, 0, 1));
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R1" }, shop.Reseller)).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task What_whoever_starts_the_loop_carries_along_does_not_reach_the_jobs()
    {
        var carried = new AsyncLocal<string?> { Value = "a transaction" };
        var heard = new Hearing(carried);
        await using var shop = await Shop.OpenAsync(services => services.AddSingleton<IJobHandler>(heard));
        await AddAsync(shop, "hearing");

        await shop.Loop.RunDueAsync();

        heard.Heard.Should().Equal([null]);
    }

    [Test]
    public async Task Jobs_are_not_run_inside_a_transaction()
    {
        await using var shop = await Shop.OpenAsync();

        await FluentActions.Awaiting(() => shop.Storage.RunAsync(Shop.Tenant, _ => shop.Loop.RunDueAsync(), default)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Test]
    public async Task Inside_a_transaction_an_order_is_not_waited_for()
    {
        await using var shop = await Shop.OpenAsync();

        await FluentActions.Awaiting(() => shop.Storage.RunAsync(
            Shop.Tenant, _ => shop.Relier.SendAsync(new RequestTopUp("5512345000", "20"), shop.Reseller), default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*Wait = Duration.Zero*");

        shop.Provider.Submissions.Should().BeEmpty();
    }

    [Test]
    public void The_waits_are_10_seconds_1_5_and_30_minutes_and_2_hours()
    {
        Enumerable.Range(1, 6).Select(RetrySchedule.After).Should().Equal(
            Duration.FromSeconds(10), Duration.FromMinutes(1), Duration.FromMinutes(5), Duration.FromMinutes(30), Duration.FromHours(2), null);
    }

    [Test]
    public void The_jitter_adds_at_most_a_tenth()
    {
        var waits = Enumerable.Range(0, 1000).Select(_ => RetrySchedule.WithJitter(Duration.FromSeconds(100))).ToList();

        waits.Min().Should().BeGreaterThanOrEqualTo(Duration.FromSeconds(100));
        waits.Max().Should().BeLessThanOrEqualTo(Duration.FromSeconds(110));
        waits.Distinct().Count().Should().BeGreaterThan(10);
    }

    [Test]
    public async Task The_loop_picks_up_an_asynchronous_order_at_once_and_stops_when_told()
    {
        await using var shop = await Shop.OpenAsync();
        using var stop = new CancellationTokenSource();
        var loop = shop.Loop.RunAsync(stop.Token);

        var topUp = (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R1", Wait = Duration.Zero }, shop.Reseller)).Value.TopUp;
        for (var tries = 0; tries < 500 && shop.Provider.Deliveries.Count == 0; tries++) await Task.Delay(10);
        await stop.CancelAsync();
        await loop;

        shop.Provider.Deliveries.Should().ContainSingle();
        (await shop.Relier.SendAsync(new GetTopUp(topUp.Id.Value), shop.House)).Value.State.Should().Be(TopUpState.Succeeded);
    }

    [Test]
    public async Task A_job_of_a_kind_nobody_here_does_stays_for_those_who_know_it()
    {
        await using var shop = await Shop.OpenAsync();
        var job = await AddAsync(shop, "unheard-of");

        await shop.Loop.RunDueAsync();

        var kept = await shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.FindAsync(job, default), default);
        (kept!.Tries, kept.Owner).Should().Be((0, null));
    }

    [Test]
    public async Task A_lease_that_could_not_be_prolonged_once_is_prolonged_the_next_time()
    {
        var slow = new Slow();
        var storage = new HiccupStorage();
        await using var shop = await Shop.OpenAsync(services => services.AddSingleton<IJobHandler>(slow).Replace(ServiceDescriptor.Singleton<IStorage>(storage)));
        var id = await AddAsync(shop, "slow");
        var running = shop.Loop.RunDueAsync();
        await slow.Begun.Task;

        // The lease is 60 s and is prolonged every 20: the first time storage is away, the second time it is back.
        storage.IsAway = true;
        await AdvanceAsync(shop, () => storage.Refused > 0);
        storage.IsAway = false;
        await AdvanceAsync(shop, () => storage.SystemCalls > 1);

        var job = await shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.FindAsync(id, default), default);
        job!.LeasedUntil.Should().Be(shop.Clock.Now() + Duration.FromSeconds(60));
        slow.MayEnd.SetResult();
        await running;
    }

    [Test]
    public async Task A_look_up_that_throws_is_made_again_until_the_outcome_is_known()
    {
        Moody? moody = null;
        await using var shop = await Shop.OpenAsync(services => services.Replace(ServiceDescriptor.Singleton<ITopUpProvider>(
            provider => moody = new Moody(provider.GetRequiredService<InMemory.SimulatedProvider>()))));
        var topUp = (await shop.Relier.SendAsync(new RequestTopUp("5512345004", "20") { Reference = "R1" }, shop.Reseller)).Value.TopUp;

        shop.Clock.Advance(Duration.FromSeconds(5));
        await shop.Loop.RunDueAsync();
        (await shop.Relier.SendAsync(new GetTopUp(topUp.Id.Value), shop.House)).Value.State.Should().Be(TopUpState.Unknown);
        moody!.IsInABadMood = false;
        shop.Clock.Advance(Duration.FromSeconds(10));
        await shop.Loop.RunDueAsync();

        (await shop.Relier.SendAsync(new GetTopUp(topUp.Id.Value), shop.House)).Value.State.Should().Be(TopUpState.Succeeded);
    }

    private static async Task AdvanceAsync(Shop shop, Func<bool> until)
    {
        for (var tries = 0; shop.Clock.Waiting == 0 && tries < 500; tries++) await Task.Delay(5);
        shop.Clock.Advance(Duration.FromSeconds(20));
        for (var tries = 0; !until() && tries < 500; tries++) await Task.Delay(5);
        until().Should().BeTrue();
    }

    private static async Task<Id<Job>> AddAsync(Shop shop, string kind)
    {
        var now = shop.Clock.Now();
        var job = new Job { Id = Ids.New<Job>("job", now), Tenant = Shop.Tenant, Kind = kind, Subject = "x", RunAt = now, CreatedAt = now };
        return await shop.Storage.RunAsync(
            Shop.Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(job, default);
                return job.Id;
            },
            default);
    }

    private static Task<QueueStats> StatsAsync(Shop shop) =>
        shop.Storage.RunAsync(Shop.Tenant, session => session.Jobs.StatsAsync("poison", shop.Clock.Now(), default), default);

    private sealed class Slow : IJobHandler
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource MayEnd { get; } = new();

        public IReadOnlyList<string> Kinds { get; } = ["slow"];

        public Task RunAsync(Job job, CancellationToken cancellationToken)
        {
            Begun.SetResult();
            return MayEnd.Task;
        }
    }

    /// <summary>Storage whose leases cannot be reached for a while; counts what came after the job was begun.</summary>
    private sealed class HiccupStorage : IStorage
    {
        private readonly InMemory.InMemoryStorage _inner = new();
        private bool _counts;

        public bool IsAway { get; set { field = value; _counts = true; } }

        public int Refused { get; private set; }

        public int SystemCalls { get; private set; }

        public Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
            _inner.RunAsync(tenant, work, cancellationToken);

        public async Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken)
        {
            if (IsAway)
            {
                Refused++;
                SystemCalls++;
                throw new StorageUnavailableException("Storage is away.");
            }

            var result = await _inner.RunSystemAsync(work, cancellationToken);
            if (_counts) SystemCalls++;
            return result;
        }

        public Task MigrateAsync(CancellationToken cancellationToken) => _inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => _inner.MigrationsAsync(cancellationToken);
    }

    /// <summary>A provider whose adapter has a bug in its look-ups.</summary>
    private sealed class Moody(ITopUpProvider inner) : ITopUpProvider
    {
        public bool IsInABadMood { get; set; } = true;

        public ProviderOffer Offer => inner.Offer;

        public Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken) => inner.SubmitAsync(submission, cancellationToken);

        public Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken) =>
            IsInABadMood ? throw new InvalidOperationException("A bug.") : inner.LookUpAsync(submission, transactionId, cancellationToken);

        public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);
    }

    private sealed class Hearing(AsyncLocal<string?> carried) : IJobHandler
    {
        public List<string?> Heard { get; } = [];

        public IReadOnlyList<string> Kinds { get; } = ["hearing"];

        public Task RunAsync(Job job, CancellationToken cancellationToken)
        {
            Heard.Add(carried.Value);
            return Task.CompletedTask;
        }
    }

    private sealed class Poison : IJobHandler
    {
        public int Tries { get; private set; }

        public IReadOnlyList<string> Kinds { get; } = ["poison"];

        public Task RunAsync(Job job, CancellationToken cancellationToken)
        {
            Tries++;
            throw new InvalidOperationException("It never works.");
        }
    }
}
