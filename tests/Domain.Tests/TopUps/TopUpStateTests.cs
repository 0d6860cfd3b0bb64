using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>
/// Every state against everything that can happen. The first table says where each pair leads, the second what each
/// of those places looks like. "nothing": the same top-up, no money; "no": refused; "bug": there is no such submission.
/// </summary>
public sealed class TopUpStateTests
{
    private const string Moves = """
        what happens                 | Reserved  | Submitting | Pending    | Unknown    | InReview   | Succeeded | Failed  | Rejected | Reversed | LateDelivered
        it is begun                  | submitted | no         | no         | no         | no         | no        | no      | no       | no       | no
        settled: delivered           | bug       | charged    | charged    | charged    | charged    | nothing   | late    | bug      | nothing  | nothing
        settled: refused             | bug       | denied     | denied     | denied     | denied     | nothing   | nothing | bug      | nothing  | nothing
        settled: not sent            | bug       | unsent     | nothing    | unsent     | unsent     | nothing   | nothing | bug      | nothing  | nothing
        settled: accepted            | bug       | pending    | pending    | pending    | reviewed+  | nothing   | nothing | bug      | nothing  | nothing
        settled: unknown             | bug       | unknown    | unknown    | unknown    | reviewed   | nothing   | nothing | bug      | nothing  | nothing
        look-up: delivered           | nothing   | nothing    | charged    | charged    | charged    | nothing   | late    | nothing  | nothing  | nothing
        look-up: refused             | nothing   | nothing    | disallowed | disallowed | disallowed | nothing   | nothing | nothing  | nothing  | nothing
        look-up: taken back          | nothing   | nothing    | disproved  | disproved  | disproved  | nothing   | nothing | nothing  | nothing  | nothing
        look-up: not found, final    | nothing   | nothing    | disproved  | disproved  | disproved  | nothing   | nothing | nothing  | nothing  | nothing
        look-up: not found, early    | nothing   | nothing    | waits      | waits      | waits      | nothing   | nothing | nothing  | nothing  | nothing
        look-up: not found, no proof | nothing   | nothing    | waits      | waits      | waits      | nothing   | nothing | nothing  | nothing  | nothing
        look-up: pending             | nothing   | nothing    | waits      | waits      | waits      | nothing   | nothing | nothing  | nothing  | nothing
        look-up: no answer           | nothing   | nothing    | waits      | waits      | waits      | nothing   | nothing | nothing  | nothing  | nothing
        look-up: reversed            | nothing   | nothing    | undone     | undone     | undone     | nothing   | nothing | nothing  | nothing  | nothing
        statement: delivered         | no        | no         | charged    | charged    | charged    | nothing   | late    | no       | nothing  | nothing
        statement: not delivered     | no        | no         | disproved  | disproved  | disproved  | no        | nothing | no       | no       | no
        statement: reversed          | no        | no         | undone     | undone     | undone     | refunded  | no      | no       | nothing  | no
        callback: delivered          | no        | charged    | charged    | charged    | charged    | nothing   | late    | no       | nothing  | nothing
        callback: not delivered      | no        | disproved  | disproved  | disproved  | disproved  | no        | nothing | no       | no       | no
        callback: reversed           | no        | undone     | undone     | undone     | undone     | refunded  | no      | no       | nothing  | no
        a person: delivered          | no        | no         | heard      | heard      | heard      | no        | heard   | no       | no       | no
        a person: not delivered      | no        | no         | heard      | heard      | heard      | no        | no      | no       | no       | no
        a person: reversed           | no        | no         | no         | no         | no         | heard     | no      | no       | nothing  | no
        two persons: delivered       | no        | no         | charged    | charged    | charged    | no        | late    | no       | no       | no
        two persons: not delivered   | no        | no         | disproved  | disproved  | disproved  | no        | no      | no       | no       | no
        two persons: reversed        | no        | no         | no         | no         | no         | refunded  | no      | no       | nothing  | no
        one person twice: delivered  | no        | no         | second     | second     | second     | no        | second  | no       | no       | no
        one person twice: reversed   | no        | no         | no         | no         | no         | second    | no      | no       | nothing  | no
        """;

    private static readonly Dictionary<string, Place> Places = new()
    {
        ["submitted"] = new(TopUpState.Submitting, MoneyMove.None, AttemptState.Submitting, null, Decided: false, Asked: false),
        ["charged"] = new(TopUpState.Succeeded, MoneyMove.Capture, AttemptState.Delivered, null, Decided: true, Asked: false),
        ["denied"] = new(TopUpState.Failed, MoneyMove.Release, AttemptState.Refused, "product_unavailable", Decided: true, Asked: false),
        ["unsent"] = new(TopUpState.Failed, MoneyMove.Release, AttemptState.NotSent, "provider_unavailable", Decided: true, Asked: false),
        ["disallowed"] = new(TopUpState.Failed, MoneyMove.Release, AttemptState.NotDelivered, "plan_not_allowed", Decided: true, Asked: false),
        ["disproved"] = new(TopUpState.Failed, MoneyMove.Release, AttemptState.NotDelivered, "not_delivered", Decided: true, Asked: false),
        ["late"] = new(TopUpState.LateDelivered, MoneyMove.ChargeLate, AttemptState.Delivered, null, Decided: true, Asked: false),
        ["refunded"] = new(TopUpState.Reversed, MoneyMove.Refund, AttemptState.Delivered, null, Decided: true, Asked: false),
        ["undone"] = new(TopUpState.Reversed, MoneyMove.CaptureAndRefund, AttemptState.Delivered, null, Decided: true, Asked: false),
        ["pending"] = new(TopUpState.Pending, MoneyMove.None, AttemptState.Accepted, null, Decided: false, Asked: true),
        ["unknown"] = new(TopUpState.Unknown, MoneyMove.None, AttemptState.Unknown, null, Decided: false, Asked: true),
        ["reviewed"] = new(TopUpState.InReview, MoneyMove.None, AttemptState.Unknown, null, Decided: false, Asked: true),
        ["reviewed+"] = new(TopUpState.InReview, MoneyMove.None, AttemptState.Accepted, null, Decided: false, Asked: true),
    };

    private static readonly Dictionary<string, Func<TopUp, Instant, Outcome<Settlement>>> Events = new()
    {
        ["it is begun"] = (topUp, now) => topUp.Begin(ProviderEnvironment.Simulator, now).Then(begun => new Settlement(begun, MoneyMove.None)),
        ["settled: delivered"] = (topUp, now) => topUp.Settle(1, new SubmitOutcome.Delivered("LT2", "V2"), now),
        ["settled: refused"] = (topUp, now) => topUp.Settle(1, TopUpIn.ProductGone, now),
        ["settled: not sent"] = (topUp, now) => topUp.Settle(1, new SubmitOutcome.NotSent("provider_ip_blocked", "IP Address not authorized"), now),
        ["settled: accepted"] = (topUp, now) => topUp.Settle(1, new SubmitOutcome.Accepted("LT2"), now),
        ["settled: unknown"] = (topUp, now) => topUp.Settle(1, new SubmitOutcome.Unknown("http_502", "bad gateway"), now),
        ["look-up: delivered"] = LookUp(new LookupOutcome.Delivered("LT2", "V2"), null),
        ["look-up: refused"] = LookUp(new LookupOutcome.NotDelivered(RefusalClass.PlanNotAllowed, "Bolton is not allowed"), null),
        ["look-up: taken back"] = LookUp(new LookupOutcome.NotDelivered(null, null), null),
        ["look-up: not found, final"] = LookUp(new LookupOutcome.NotFound(), Duration.FromMinutes(1)),
        ["look-up: not found, early"] = LookUp(new LookupOutcome.NotFound(), Duration.FromHours(48)),
        ["look-up: not found, no proof"] = LookUp(new LookupOutcome.NotFound(), null),
        ["look-up: reversed"] = LookUp(new LookupOutcome.Reversed("LT2"), null),
        ["look-up: pending"] = LookUp(new LookupOutcome.Pending(), Duration.FromMinutes(1)),
        ["look-up: no answer"] = LookUp(TopUpIn.Unavailable, Duration.FromMinutes(1)),
        ["statement: delivered"] = (topUp, now) => topUp.Hear(Says.Statement(Verdict.Delivered), now),
        ["statement: not delivered"] = (topUp, now) => topUp.Hear(Says.Statement(Verdict.NotDelivered), now),
        ["statement: reversed"] = (topUp, now) => topUp.Hear(Says.Statement(Verdict.Reversed), now),
        ["callback: delivered"] = (topUp, now) => topUp.Hear(Says.Callback(Verdict.Delivered), now),
        ["callback: not delivered"] = (topUp, now) => topUp.Hear(Says.Callback(Verdict.NotDelivered), now),
        ["callback: reversed"] = (topUp, now) => topUp.Hear(Says.Callback(Verdict.Reversed), now),
        ["a person: delivered"] = Persons(Verdict.Delivered, "maria"),
        ["a person: not delivered"] = Persons(Verdict.NotDelivered, "maria"),
        ["a person: reversed"] = Persons(Verdict.Reversed, "maria"),
        ["two persons: delivered"] = Persons(Verdict.Delivered, "maria", "juan"),
        ["two persons: not delivered"] = Persons(Verdict.NotDelivered, "maria", "juan"),
        ["two persons: reversed"] = Persons(Verdict.Reversed, "maria", "juan"),
        ["one person twice: delivered"] = Persons(Verdict.Delivered, "maria", "maria"),
        ["one person twice: reversed"] = Persons(Verdict.Reversed, "maria", "maria"),
    };

    /// <summary>What a place looks like: also whether it is decided now, and whether the provider is asked again.</summary>
    private sealed record Place(TopUpState State, MoneyMove Money, AttemptState Attempt, string? Code, bool Decided, bool Asked);

    [TestCaseSource(nameof(EveryMove))]
    public void Move(TopUpState state, string what, string where)
    {
        var before = TopUpIn.State(state);
        var now = When(state);

        if (where == "bug")
        {
            var act = () => Events[what](before, now);
            act.Should().Throw<InvalidOperationException>();
            return;
        }

        var outcome = Events[what](before, now);

        if (where is "no" or "second") ShouldBeRefused(outcome, where == "no" ? "invalid_state_transition" : "second_person_required", before);
        else if (where == "nothing") ShouldBeNothing(outcome.Value, before);
        else if (where == "heard") ShouldOnlyBeHeard(outcome.Value, before);
        else ShouldBe(where == "waits" ? Waiting(before) : Places[where], outcome.Value, before, now);
    }

    [Test]
    public void Only_what_was_begun_is_begun_again_and_nothing_but_its_time_changes([Values] TopUpState state)
    {
        var before = TopUpIn.State(state);
        var now = When(state);

        var again = before.BeginAgain(now);

        if (state == TopUpState.Submitting) again.Value.Should().BeEquivalentTo(before with { Attempts = [before.Attempts[0] with { StartedAt = now }] });
        else again.Refusal!.Code.Should().Be("invalid_state_transition");
    }

    [Test]
    public void The_table_has_every_state_and_every_event()
    {
        EveryMove().Should().HaveCount(Enum.GetValues<TopUpState>().Length * Events.Count);
    }

    public static IEnumerable<TestCaseData> EveryMove()
    {
        var rows = Moves.Split('\n').Select(row => row.Split('|', StringSplitOptions.TrimEntries)).ToList();
        var states = rows[0].Skip(1).Select(Enum.Parse<TopUpState>).ToList();
        return from row in rows.Skip(1)
               from column in Enumerable.Range(0, states.Count)
               let state = states[column]
               select new TestCaseData(state, row[0], row[column + 1]).SetName($"A {state} top-up, when {row[0].Replace(": ", " ")}: {row[column + 1]}");
    }

    /// <summary>While it is open, two minutes after no answer came; else the next day, when it has been in review for two hours.</summary>
    private static Instant When(TopUpState state) =>
        state is TopUpState.Reserved or TopUpState.Submitting or TopUpState.Pending or TopUpState.Unknown
            ? TopUpIn.NoAnswerAt + Duration.FromMinutes(2)
            : A.Noon + Duration.FromHours(26);

    /// <summary>No answer for two minutes: the next question is at five. For 26 hours: at 30. Just now: in five seconds.</summary>
    private static Instant NextAsked(TopUp before, Instant now) => before.State switch
    {
        TopUpState.Submitting => now + Duration.FromSeconds(5),
        TopUpState.Pending or TopUpState.Unknown => TopUpIn.NoAnswerAt + Duration.FromMinutes(5),
        TopUpState.InReview => TopUpIn.NoAnswerAt + Duration.FromHours(30),
        _ => throw new InvalidOperationException($"Nobody asks about a {before.State} top-up."),
    };

    private static Place Waiting(TopUp before) =>
        new(before.State, MoneyMove.None, before.Attempts[^1].State, null, Decided: false, Asked: true);

    private static void ShouldBeRefused(Outcome<Settlement> outcome, string code, TopUp before)
    {
        outcome.IsRefused(out var refusal, out _).Should().BeTrue();
        refusal!.Code.Should().Be(code);
        if (code == "invalid_state_transition") refusal.Facts.Should().Contain("status", TopUpStates.Word(before.State));
    }

    private static void ShouldBeNothing(Settlement settlement, TopUp before)
    {
        ReferenceEquals(settlement.TopUp, before).Should().BeTrue("the very same top-up is given back");
        settlement.Money.Should().Be(MoneyMove.None);
    }

    private static void ShouldOnlyBeHeard(Settlement settlement, TopUp before)
    {
        settlement.Money.Should().Be(MoneyMove.None);
        settlement.TopUp.Evidence.Should().HaveCount(before.Evidence.Length + 1);
        (settlement.TopUp with { Evidence = before.Evidence }).Should().Be(before);
    }

    private static void ShouldBe(Place place, Settlement settlement, TopUp before, Instant now)
    {
        var after = settlement.TopUp;
        settlement.Money.Should().Be(place.Money);
        after.State.Should().Be(place.State);
        after.Attempts.Should().ContainSingle().Which.State.Should().Be(place.Attempt);
        after.Code.Should().Be(place.Code);
        after.DecidedAt.Should().Be(place.Decided ? now : null);
        after.NextCheckAt.Should().Be(place.Asked ? NextAsked(before, now) : null);
        after.UnknownSince.Should().Be(before.State == TopUpState.Submitting && place.Asked ? now : before.UnknownSince);
        // Everything else stays: price, rate, route, reference, day.
        (after with
        {
            State = before.State, Attempts = before.Attempts, Evidence = before.Evidence, Code = before.Code,
            OperatorReference = before.OperatorReference, DecidedAt = before.DecidedAt, NextCheckAt = before.NextCheckAt,
            UnknownSince = before.UnknownSince,
        }).Should().Be(before);
    }

    private static Func<TopUp, Instant, Outcome<Settlement>> LookUp(LookupOutcome outcome, Duration? notFoundFinalAfter) =>
        (topUp, now) => topUp.Weigh(outcome, notFoundFinalAfter, Says.NewId(), now);

    /// <summary>Each says the same, one after the other; the first no ends it.</summary>
    private static Func<TopUp, Instant, Outcome<Settlement>> Persons(Verdict verdict, params string[] names) => (topUp, now) =>
    {
        Outcome<Settlement> outcome = new Settlement(topUp, MoneyMove.None);
        foreach (var name in names)
        {
            if (outcome.IsRefused(out _, out var settlement)) return outcome;
            outcome = settlement.TopUp.Hear(Says.Person(name, verdict), now);
        }

        return outcome;
    };
}
