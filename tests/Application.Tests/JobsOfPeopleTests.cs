using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Application.Tests;

/// <summary>What people of the house do with jobs.</summary>
internal sealed class JobsOfPeopleTests
{
    [Test]
    public async Task A_dead_submission_that_never_left_is_sent_once_when_it_is_retried()
    {
        await using var shop = await Shop.OpenAsync();
        var (topUp, job) = await OrderAndBuryAsync(shop, wasBegun: false);

        var retried = (await shop.Relier.SendAsync(new RetryJob(job.Value), shop.House)).Value;
        retried.State.Should().Be(JobState.Waiting);
        await shop.Loop.RunDueAsync();

        (await shop.Relier.SendAsync(new GetTopUp(topUp.Value), shop.House)).Value.State.Should().Be(TopUpState.Succeeded);
        shop.Provider.Deliveries.Should().ContainSingle();
        (await BalanceAsync(shop)).Should().Be(("9998.91 USD", "0.00 USD")); // 20 × 0.0544 = 1.088, so 1.09
    }

    [Test]
    public async Task A_dead_submission_that_may_have_left_is_not_sent_again_when_it_is_retried_and_its_money_stays_held()
    {
        await using var shop = await Shop.OpenAsync();
        var (topUp, job) = await OrderAndBuryAsync(shop, wasBegun: true);

        await shop.Relier.SendAsync(new RetryJob(job.Value), shop.House);
        await shop.Loop.RunDueAsync();

        (await shop.Relier.SendAsync(new GetTopUp(topUp.Value), shop.House)).Value.State.Should().Be(TopUpState.Unknown);
        shop.Provider.Deliveries.Should().BeEmpty();
        (await BalanceAsync(shop)).Should().Be(("10000.00 USD", "1.09 USD"));
        (await shop.Relier.SendAsync(new RetryJob(job.Value), shop.House)).IsRefused(out var gone, out _).Should().BeTrue();
        gone!.Code.Should().Be("not_found", "it was done");
    }

    [Test]
    public async Task A_retry_is_audited_and_only_a_dead_job_is_retried()
    {
        await using var shop = await Shop.OpenAsync();
        var (_, job) = await OrderAndBuryAsync(shop, wasBegun: false);

        await shop.Relier.SendAsync(new RetryJob(job.Value), shop.House);
        (await RefusalAsync(shop, new RetryJob(job.Value))).Should().Be("job_not_dead");

        var entry = (await shop.Relier.SendAsync(new ListAudit { Subject = job.Value }, shop.House)).Value.Data.Should().ContainSingle().Subject;
        (entry.Action, entry.Actor).Should().Be(("job.retried", "admin:maria"));
        entry.Before.Should().Contain("\"state\":\"dead\"").And.Contain("hopeless");
        entry.After.Should().Contain("\"state\":\"waiting\"");
    }

    [Test]
    public async Task A_job_that_is_set_aside_is_not_done_until_it_is_retried_and_that_is_audited()
    {
        await using var shop = await Shop.OpenAsync();
        var (topUp, job) = await OrderAsync(shop);

        (await shop.Relier.SendAsync(new SetJobAside(job.Value, "ask the provider first"), shop.House)).Value.State.Should().Be(JobState.Dead);
        await shop.Loop.RunDueAsync();
        (await shop.Relier.SendAsync(new GetTopUp(topUp.Value), shop.House)).Value.State.Should().Be(TopUpState.Reserved);
        (await shop.Relier.SendAsync(new GetJob(job.Value), shop.House)).Value.Job.LastError.Should().Be("ask the provider first");
        (await RefusalAsync(shop, new SetJobAside(job.Value, "again"))).Should().Be("job_dead");
        (await shop.Relier.SendAsync(new GetQueueStats(), shop.House)).Value.Should().Be(new QueueStats(0, 0, 0, 0, Failed: 1));

        await shop.Relier.SendAsync(new RetryJob(job.Value), shop.House);
        await shop.Loop.RunDueAsync();
        shop.Provider.Deliveries.Should().ContainSingle();
        (await shop.Relier.SendAsync(new ListAudit { Subject = job.Value }, shop.House)).Value.Data.Select(entry => entry.Action)
            .Should().BeEquivalentTo("job.set_aside", "job.retried");
    }

    [Test]
    public async Task A_job_that_somebody_works_on_is_not_set_aside()
    {
        await using var shop = await Shop.OpenAsync();
        var (_, job) = await OrderAsync(shop);
        await ClaimAsync(shop);

        (await RefusalAsync(shop, new SetJobAside(job.Value, "mine"))).Should().Be("job_active");
    }

    [Test]
    public async Task A_paused_kind_waits_until_it_is_resumed_and_both_are_audited()
    {
        await using var shop = await Shop.OpenAsync();
        var pause = (await shop.Relier.SendAsync(new PauseJobs("topup.submit"), shop.House)).Value;
        shop.Clock.Advance(Duration.FromMinutes(1));
        (await shop.Relier.SendAsync(new PauseJobs("topup.submit"), Caller.OfAdmin(Shop.Tenant, "jose"))).Value.Should().Be(pause, "the first one stays");
        await OrderAsync(shop);

        await shop.Loop.RunDueAsync();
        shop.Provider.Deliveries.Should().BeEmpty();
        (await shop.Relier.SendAsync(new ListJobPauses(), shop.House)).Value.Data.Should().Equal(pause);

        (await shop.Relier.SendAsync(new ResumeJobs("topup.submit"), shop.House)).Value.Should().Be(pause);
        await shop.Loop.RunDueAsync();
        shop.Provider.Deliveries.Should().ContainSingle();
        (await RefusalAsync(shop, new ResumeJobs("topup.submit"))).Should().Be("not_found");
        (await shop.Relier.SendAsync(new ListAudit { Subject = "topup.submit" }, shop.House)).Value.Data.Select(entry => entry.Action)
            .Should().BeEquivalentTo("jobs.paused", "jobs.resumed");
    }

    [Test]
    public async Task Jobs_are_listed_by_state_and_kind_page_by_page()
    {
        await using var shop = await Shop.OpenAsync();
        for (var number = 0; number < 3; number++)
        {
            await OrderAsync(shop, $"R{number}");
            shop.Clock.Advance(Duration.FromSeconds(1));
        }

        var first = (await shop.Relier.SendAsync(new ListJobs { State = "waiting", Limit = 2 }, shop.House)).Value;
        var second = (await shop.Relier.SendAsync(new ListJobs { State = "waiting", Limit = 2, Cursor = first.NextCursor }, shop.House)).Value;

        first.Data.Concat(second.Data).Select(details => details.Job.Party).Should().Equal(shop.Customer, shop.Customer, shop.Customer);
        (first.Data.Count, second.Data.Count, second.NextCursor).Should().Be((2, 1, null));
        (await RefusalAsync(shop, new ListJobs { State = "waiting", Kind = "x", Cursor = first.NextCursor })).Should().Be("cursor_invalid");
        (await RefusalAsync(shop, new ListJobs { State = "asleep" })).Should().Be("validation_failed");
        (await shop.Relier.SendAsync(new ListJobs { State = "dead" }, shop.House)).Value.Data.Should().BeEmpty();
    }

    [Test]
    public async Task A_customer_may_do_nothing_of_this()
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new ListJobs(), shop.Reseller)).IsRefused(out var list, out _).Should().BeTrue();
        (await shop.Relier.SendAsync(new RetryJob("job_1"), shop.Reseller)).IsRefused(out var retry, out _).Should().BeTrue();
        (await shop.Relier.SendAsync(new PauseJobs("topup.submit"), shop.Reseller)).IsRefused(out var pause, out _).Should().BeTrue();

        new[] { list, retry, pause }.Select(refusal => refusal!.Code).Should().AllBe("forbidden");
    }

    private static async Task<string?> RefusalAsync<T>(Shop shop, IUseCase<T> useCase)
        where T : notnull => (await shop.Relier.SendAsync(useCase, shop.House)).IsRefused(out var refusal, out _) ? refusal.Code : null;

    private static async Task<(Id<TopUp> TopUp, Id<Job> Job)> OrderAsync(Shop shop, string reference = "R1")
    {
        var order = new RequestTopUp("5512345000", "20") { Reference = reference, Wait = Duration.Zero };
        var topUp = (await shop.Relier.SendAsync(order, shop.Reseller)).Value.TopUp;
        var jobs = (await shop.Relier.SendAsync(new ListJobs { Kind = "topup.submit" }, shop.House)).Value.Data;
        return (topUp.Id, jobs.Single(details => details.Job.Subject == topUp.Id.Value).Job.Id);
    }

    private static async Task<Job> ClaimAsync(Shop shop) =>
        (await shop.Storage.RunSystemAsync(
            house => house.Jobs.ClaimAsync(new JobClaim("ghost", "topup.submit", shop.Clock.Now(), Duration.FromMinutes(1), 1), default), default)).Jobs.Single();

    /// <summary>An order whose submission was given up before anything was sent, or, if it was begun, perhaps after.</summary>
    private static async Task<(Id<TopUp> TopUp, Id<Job> Job)> OrderAndBuryAsync(Shop shop, bool wasBegun)
    {
        var (topUp, id) = await OrderAsync(shop);
        var job = await ClaimAsync(shop);
        await shop.Storage.RunAsync(
            Shop.Tenant,
            async session =>
            {
                var reserved = (await session.TopUps.FindAsync(topUp, default))!;
                if (wasBegun) await session.TopUps.UpdateAsync(reserved.Begin(ProviderEnvironment.Simulator, shop.Clock.Now()).Value, default);
                return await session.Jobs.BuryAsync(job with { LastError = "hopeless" }, default);
            },
            default);
        return (topUp, id);
    }

    private static async Task<(string Posted, string Held)> BalanceAsync(Shop shop)
    {
        var account = (await shop.Relier.SendAsync(new GetBalance(shop.Customer), shop.House)).Value.Account;
        return ($"{account.Posted}", $"{account.Held}");
    }
}
