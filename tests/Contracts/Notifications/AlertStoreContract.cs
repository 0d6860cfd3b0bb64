#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Notifications;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>That an alert is raised once for its cause, and what is kept of it.</summary>
public sealed class AlertStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Day = Duration.FromHours(24);
    private static readonly Duration Moment = Duration.FromTicks(10);

    [Test]
    public async Task An_alert_comes_back_whole()
    {
        var alert = FullRecords.Alert();

        (await RaiseAsync(alert)).Should().BeTrue();

        (await InAsync(session => session.Alerts.FindAsync(alert.Id, default))).ShouldWhollyBe(alert);
        (await InAsync(session => session.Alerts.FindAsync(Id<Alert>.Parse("alr_none"), default))).Should().BeNull();
    }

    [Test]
    public async Task The_same_cause_is_raised_again_when_its_time_is_over_and_not_before()
    {
        (await RaiseAsync(At(A.Noon), Day)).Should().BeTrue();

        (await RaiseAsync(At(A.Noon + Day - Moment), Day)).Should().BeFalse();
        (await RaiseAsync(At(A.Noon + Day), Day)).Should().BeTrue();
        // What counts is the one that was raised, not the one that was not.
        (await RaiseAsync(At(A.Noon + Day + Day - Moment), Day)).Should().BeFalse();
        (await ListAsync()).Should().HaveCount(2);
    }

    [Test]
    public async Task Without_a_time_the_same_cause_is_raised_again_only_after_its_end()
    {
        (await RaiseAsync(At(A.Noon))).Should().BeTrue();
        (await RaiseAsync(At(A.Noon + Day * 1000))).Should().BeFalse();

        (await EndAsync()).Should().BeTrue();
        (await EndAsync()).Should().BeFalse();

        (await RaiseAsync(At(A.Noon + Day * 1001))).Should().BeTrue();
    }

    [Test]
    public async Task Another_cause_subject_or_kind_is_raised_for_itself()
    {
        await RaiseAsync(At(A.Noon), Day);

        (await RaiseAsync(At(A.Noon) with { Cause = "another" }, Day)).Should().BeTrue();
        (await RaiseAsync(At(A.Noon) with { Subject = "another" }, Day)).Should().BeTrue();
        (await RaiseAsync(At(A.Noon) with { Kind = AlertKind.Exposure }, Day)).Should().BeTrue();
        (await ListAsync()).Should().HaveCount(4);
    }

    [Test]
    public async Task Of_ten_who_raise_one_cause_at_once_one_does([Values] bool isNew)
    {
        if (!isNew) await RaiseAsync(At(A.Noon - Day), Day);
        var raised = 0;

        var problems = await AllAtOnceAsync(10, async _ =>
        {
            if (await AmongOthersAsync(session => session.Alerts.RaiseAsync(At(A.Noon), Day, default))) Interlocked.Increment(ref raised);
        });

        problems.Should().AllBeEquivalentTo((Exception?)null);
        raised.Should().Be(1);
        (await ListAsync()).Should().HaveCount(isNew ? 1 : 2);
    }

    [Test]
    public async Task An_alert_whose_transaction_failed_was_not_raised()
    {
        await FluentActions.Awaiting(() => InAsync(async session =>
        {
            await session.Alerts.RaiseAsync(At(A.Noon), Day, default);
            throw new InvalidOperationException("changed my mind");
        })).Should().ThrowAsync<InvalidOperationException>();

        (await ListAsync()).Should().BeEmpty();
        (await RaiseAsync(At(A.Noon), Day)).Should().BeTrue();
    }

    [Test]
    public async Task A_suspicion_is_remembered_as_it_was_first_until_it_is_raised_or_ended()
    {
        (await SuspectAsync("first")).Should().Be("first");
        (await SuspectAsync("second")).Should().Be("first");

        (await EndAsync()).Should().BeFalse("nothing was raised");
        (await SuspectAsync("third")).Should().Be("third");
        (await RaiseAsync(At(A.Noon) with { Cause = "third" })).Should().BeTrue();
        (await SuspectAsync("fourth")).Should().Be("third");
        (await EndAsync()).Should().BeTrue();
    }

    [Test]
    public async Task Alerts_are_listed_newest_first_page_by_page_and_by_kind()
    {
        var alerts = Enumerable.Range(0, 5).Select(number => At(A.Noon + Moment * (number / 2)) with
        {
            Id = Id<Alert>.Parse($"alr_{number}"), Cause = $"{number}", Kind = number == 3 ? AlertKind.Exposure : AlertKind.FloatLow,
        }).ToList();
        foreach (var alert in alerts) await RaiseAsync(alert);

        var all = await WalkAsync(2, page => InAsync(session => session.Alerts.ListAsync(null, page, default)));
        var exposures = await InAsync(session => session.Alerts.ListAsync(AlertKind.Exposure, new PageRequest(null, 10), default));

        all.Select(alert => alert.Id.Value).Should().Equal("alr_4", "alr_2", "alr_3", "alr_0", "alr_1");
        exposures.Data.Should().ContainSingle().Which.Id.Value.Should().Be("alr_3");
    }

    private static Alert At(Instant at) => FullRecords.Alert() with { At = at };

    private Task<bool> RaiseAsync(Alert alert, Duration? quietFor = null) => InAsync(session => session.Alerts.RaiseAsync(alert, quietFor, default));

    private Task<bool> EndAsync() => InAsync(session => session.Alerts.EndAsync(AlertKind.FloatLow, "latcom", default));

    private Task<string> SuspectAsync(string cause) => InAsync(session => session.Alerts.SuspectAsync(AlertKind.FloatLow, "latcom", cause, default));

    private async Task<IReadOnlyList<Alert>> ListAsync() => (await InAsync(session => session.Alerts.ListAsync(null, new PageRequest(null, 100), default))).Data;
}
