#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What a store of what is known of providers must keep.</summary>
public sealed class ProviderStoreContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    [Test]
    public async Task A_sight_comes_back_whole()
    {
        var bare = new ProviderObservation { Provider = "b", Kind = ProviderSight.Probe, At = A.Noon, IsWell = false };
        await InAsync(session => session.Providers.ObserveAsync(bare, default));
        await InAsync(session => session.Providers.ObserveAsync(FullRecords.Sight(), default));

        (await InAsync(session => session.Providers.ListAsync(default))).ShouldWhollyBe(new[] { bare, FullRecords.Sight() });
    }

    [Test]
    public async Task The_newest_sight_of_each_kind_is_kept_whichever_comes_last()
    {
        var sight = FullRecords.Sight();
        var newer = sight with { At = sight.At + Microsecond, IsWell = false, Amount = null, Products = [] };
        var other = sight with { Kind = ProviderSight.Balance };
        foreach (var seen in new[] { newer, sight, other }) await InAsync(session => session.Providers.ObserveAsync(seen, default));

        (await InAsync(session => session.Providers.ListAsync(default))).ShouldWhollyBe(new[] { other, newer });
    }

    [Test]
    public async Task What_is_unknown_is_summed_by_provider_age_and_currency()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        await AddAsync(customer, TopUpState.Unknown, Duration.FromMinutes(10) - Microsecond, A.Dollars(1));
        await AddAsync(customer, TopUpState.Pending, Duration.FromMinutes(10), A.Dollars(2));
        await AddAsync(customer, TopUpState.InReview, Duration.FromHours(24), A.Dollars(4));
        await AddAsync(customer, TopUpState.InReview, Duration.FromHours(25), A.Dollars(8));
        await AddAsync(customer, TopUpState.Unknown, Duration.FromHours(1), A.Dollars(16));
        await AddAsync(customer, TopUpState.Unknown, Duration.FromMinutes(5), A.Pesos(32));
        await AddAsync(customer, TopUpState.Succeeded, Duration.FromMinutes(5), A.Dollars(64));

        var exposures = await InAsync(session => session.Providers.ExposureAsync(A.Noon, default));

        exposures.Should().Equal(
            new Exposure("simulator", ExposureAge.Minutes, 1, A.Pesos(32)),
            new Exposure("simulator", ExposureAge.Minutes, 1, A.Dollars(1)),
            new Exposure("simulator", ExposureAge.Hour, 1, A.Dollars(2)),
            new Exposure("simulator", ExposureAge.Day, 1, A.Dollars(16)),
            new Exposure("simulator", ExposureAge.Older, 2, A.Dollars(12)));
    }

    [Test]
    public async Task What_providers_will_be_owed_is_summed_over_what_is_not_decided()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        foreach (var state in Enum.GetValues<TopUpState>())
            await AddAsync(customer, state, Duration.FromMinutes(1), A.Dollars(1));

        var owed = await InAsync(session => session.Providers.UndecidedCostAsync(default));

        // Five states are undecided; the simulator takes 19.00 for 20.00.
        owed.Should().Equal(new ProviderAmount("simulator", A.Pesos(95)));
    }

    [Test]
    public async Task The_last_outcomes_are_those_that_ended_last()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        AttemptState?[] states = [AttemptState.Delivered, AttemptState.Refused, null, AttemptState.Delivered, AttemptState.NotSent];
        for (var i = 0; i < states.Length; i++)
        {
            var topUp = A.TopUpOf(customer);
            var attempt = A.AttemptOf(topUp) with { State = states[i] ?? AttemptState.Unknown, EndedAt = states[i] is null ? null : A.Noon + Duration.FromSeconds(i) };
            await InAsync(session => session.TopUps.AddAsync(topUp, default));
            await InAsync(session => session.TopUps.UpdateAsync(topUp with { Attempts = [attempt] }, default));
        }

        (await InAsync(session => session.Providers.LastOutcomesAsync("simulator", 3, default))).Should().Equal(false, true, false);
        (await InAsync(session => session.Providers.LastOutcomesAsync("latcom", 3, default))).Should().BeEmpty();
        (await InAsync(session => session.Providers.LastDeliveryAsync("simulator", default))).Should().Be(A.Noon + Duration.FromSeconds(3));
        (await InAsync(session => session.Providers.LastDeliveryAsync("latcom", default))).Should().BeNull();
    }

    [Test]
    public async Task A_message_comes_back_whole_and_so_does_what_became_of_it()
    {
        var bare = new ProviderMessage
        {
            Id = Id<ProviderMessage>.Parse("msg_1"), Provider = "latcom", MessageId = "1", At = A.Noon, Body = "", State = ProviderMessageState.Unreadable,
        };
        var whole = FullRecords.Message();
        foreach (var message in new[] { bare, whole }) (await InAsync(session => session.Providers.AddMessageAsync(message, default))).Should().BeTrue();

        await InAsync(session => session.Providers.EndMessageAsync(bare with { State = ProviderMessageState.Orphan, Note = "nobody's", TopUp = whole.TopUp }, default));

        (await InAsync(session => session.Providers.FindMessageAsync(whole.Id, default))).ShouldWhollyBe(whole);
        (await InAsync(session => session.Providers.FindMessageAsync(bare.Id, default)))
            .ShouldWhollyBe(bare with { State = ProviderMessageState.Orphan, Note = "nobody's", TopUp = whole.TopUp });
    }

    [Test]
    public async Task The_same_message_of_a_provider_is_kept_once()
    {
        var message = FullRecords.Message();
        await InAsync(session => session.Providers.AddMessageAsync(message, default));

        var again = await InAsync(session => session.Providers.AddMessageAsync(FullRecords.Message() with { MessageId = message.MessageId }, default));
        var elsewhere = await InAsync(session => session.Providers.AddMessageAsync(FullRecords.Message() with { MessageId = message.MessageId, Provider = "other" }, default));

        again.Should().BeFalse();
        elsewhere.Should().BeTrue();
    }

    [Test]
    public async Task Messages_are_listed_newest_first_and_by_state()
    {
        ProviderMessage Of(string id, int second, ProviderMessageState state) =>
            FullRecords.Message() with { Id = Id<ProviderMessage>.Parse(id), At = A.Noon + Duration.FromSeconds(second), State = state };
        foreach (var message in new[] { Of("b", 1, ProviderMessageState.Orphan), Of("a", 1, ProviderMessageState.Applied), Of("c", 2, ProviderMessageState.Orphan) })
            await InAsync(session => session.Providers.AddMessageAsync(message, default));

        var first = await InAsync(session => session.Providers.ListMessagesAsync(null, new PageRequest(null, 2), default));
        var second = await InAsync(session => session.Providers.ListMessagesAsync(null, new PageRequest(first.Next, 2), default));
        var orphans = await InAsync(session => session.Providers.ListMessagesAsync(ProviderMessageState.Orphan, new PageRequest(null, 5), default));

        first.Data.Concat(second.Data).Select(message => message.Id.Value).Should().Equal("c", "a", "b");
        orphans.Data.Select(message => message.Id.Value).Should().Equal("c", "b");
    }

    [Test]
    public async Task A_submission_is_found_by_provider_and_reference_whoever_made_it()
    {
        var customer = await InAsync(session => session.EnrolAsync());
        var topUp = A.TopUpOf(customer);
        await InAsync(session => session.TopUps.AddAsync(topUp, default));
        await InAsync(session => session.TopUps.UpdateAsync(topUp with { Attempts = [A.AttemptOf(topUp)] }, default));

        var found = await OfHouseAsync(house => house.FindSubmissionAsync("simulator", topUp.Id.Value, default));

        found.Should().Be(new Submitted(Tenant, topUp.Id, 1));
        (await OfHouseAsync(house => house.FindSubmissionAsync("latcom", topUp.Id.Value, default))).Should().BeNull();
        (await OfHouseAsync(house => house.FindSubmissionAsync("simulator", "none", default))).Should().BeNull();
    }

    private Task AddAsync(Customer customer, TopUpState state, Duration age, Money charge) => InAsync(async session =>
    {
        var topUp = A.TopUpOf(customer) with { Charge = charge };
        await session.TopUps.AddAsync(topUp, default);
        var moved = await session.TopUps.UpdateAsync(topUp.In(state) with { UnknownSince = A.Noon - age }, default);
        if (!moved.IsHeld) return;
        await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
    });
}
