#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>That a turn of recurring work is taken once, and what is kept about processes.</summary>
public sealed class ScheduleContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Hour = Duration.FromHours(1);

    [Test]
    public async Task A_new_schedule_is_due_at_once_and_then_at_its_time()
    {
        (await DueAsync()).Should().BeNull();
        (await TakeAsync(A.Noon)).Should().BeTrue();

        (await TakeAsync(A.Noon + Hour - Duration.FromTicks(10))).Should().BeFalse();
        (await DueAsync()).Should().Be(A.Noon + Hour);
        (await TakeAsync(A.Noon + Hour)).Should().BeTrue();
    }

    [Test]
    public async Task Turns_that_nobody_was_there_for_are_one_turn()
    {
        await TakeAsync(A.Noon);

        (await TakeAsync(A.Noon + Hour * 100)).Should().BeTrue();
        (await TakeAsync(A.Noon + Hour * 100)).Should().BeFalse();
        (await DueAsync()).Should().Be(A.Noon + Hour * 101);
    }

    [Test]
    public async Task Of_ten_who_take_a_turn_at_once_one_gets_it_and_its_job_is_there_once([Values] bool isNew)
    {
        if (!isNew) await TakeAsync(A.Noon - Hour);
        var taken = 0;

        var problems = await AllAtOnceAsync(10, async _ =>
        {
            if (await AmongOthersAsync(async session =>
                {
                    if (!await session.Schedules.TakeAsync("nightly", A.Noon, A.Noon + Hour, default)) return false;
                    await session.Jobs.AddAsync(A.Job(Tenant), default);
                    return true;
                })) Interlocked.Increment(ref taken);
        });

        problems.Should().AllBeEquivalentTo((Exception?)null);
        taken.Should().Be(1);
        (await InAsync(session => session.Jobs.StatsAsync("", A.Noon, default))).Waiting.Should().Be(1);
    }

    [Test]
    public async Task A_turn_whose_transaction_failed_is_still_to_be_taken()
    {
        await FluentActions.Awaiting(() => InAsync(async session =>
        {
            await session.Schedules.TakeAsync("nightly", A.Noon, A.Noon + Hour, default);
            throw new InvalidOperationException("changed my mind");
        })).Should().ThrowAsync<InvalidOperationException>();

        (await TakeAsync(A.Noon)).Should().BeTrue();
    }

    [Test]
    public async Task Schedules_of_other_names_and_tenants_have_turns_of_their_own()
    {
        await TakeAsync(A.Noon);

        (await InAsync(session => session.Schedules.TakeAsync("weekly", A.Noon, A.Noon + Hour, default))).Should().BeTrue();
        (await Storage.RunAsync(OtherTenant, session => session.Schedules.TakeAsync("nightly", A.Noon, A.Noon + Hour, default), default)).Should().BeTrue();
    }

    [Test]
    public async Task A_process_is_what_it_last_said_until_it_ends_or_is_not_seen_any_more()
    {
        var (api, worker) = (new ProcessBeat("api-1", "Relier.Api", "1.0.0", [], A.Noon, A.Noon), new ProcessBeat("worker-1", "Relier.Worker", "1.0.0", ["topup.check", "topup.submit"], A.Noon, A.Noon));
        await OfHouseAsync(async house =>
        {
            await house.Processes.BeatAsync(worker with { Host = "old", Kinds = [] }, default);
            await house.Processes.BeatAsync(worker, default);
            await house.Processes.BeatAsync(api, default);
        });
        (await ListAsync()).ShouldWhollyBe(new List<ProcessBeat> { api, worker });

        await OfHouseAsync(house => house.Processes.BeatAsync(worker with { SeenAt = A.Noon + Hour }, default));
        await OfHouseAsync(house => house.Processes.RemoveUnseenAsync(A.Noon, default));
        (await ListAsync()).Should().HaveCount(2);
        await OfHouseAsync(house => house.Processes.RemoveUnseenAsync(A.Noon + Hour, default));
        (await ListAsync()).ShouldWhollyBe(new List<ProcessBeat> { worker with { SeenAt = A.Noon + Hour } });

        await OfHouseAsync(house => house.Processes.RemoveAsync("worker-1", default));
        (await ListAsync()).Should().BeEmpty();
    }

    private Task<bool> TakeAsync(Instant now) => InAsync(session => session.Schedules.TakeAsync("nightly", now, now + Hour, default));

    private Task<Instant?> DueAsync() => InAsync(session => session.Schedules.FindDueAsync("nightly", default));

    private async Task<List<ProcessBeat>> ListAsync() => [.. await OfHouseAsync(house => house.Processes.ListAsync(default))];
}
