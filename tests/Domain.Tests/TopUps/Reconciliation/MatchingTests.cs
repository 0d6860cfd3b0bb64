using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps.Reconciliation;

/// <summary>Which line goes with which submission, and what follows.</summary>
internal sealed class MatchingTests
{
    private static readonly StatementLayout Layout = StatementLayout.Latcom;

    /// <summary>12:00 UTC of 13 October is 06:00 in Mexico City.</summary>
    private static readonly DateInterval Period = new(A.Day, A.Day);

    private static readonly OurAttempt Ours = new()
    {
        TopUp = Id<TopUp>.Parse("RLR1"), No = 1, State = AttemptState.Delivered, TopUpState = TopUpState.Succeeded, ProviderReference = "RLR1",
        TransactionId = "LT1", OperatorReference = "op-1", StartedAt = A.Noon, Phone = "5512345678", Face = Mxn(20m), Send = Mxn(20m),
    };

    private static readonly StatementRow Row = new()
    {
        Line = 2, State = StatementState.Delivered, ProviderId = "LT1", OperatorId = "OP-1", Phone = "5512345678", Amount = Mxn(20m), At = A.Noon, Day = A.Day,
    };

    [Test]
    public void The_same_id_is_no_match_when_the_phones_or_our_references_differ()
    {
        Pairing.Match(MatchPass.ProviderId, [Row], [Ours], Layout).Should().ContainSingle();
        Pairing.Match(MatchPass.ProviderId, [Row with { Phone = "5598765432" }], [Ours], Layout).Should().BeEmpty();
        Pairing.Match(MatchPass.ProviderId, [Row with { OurReference = "RLR2" }], [Ours], Layout).Should().BeEmpty();
        Pairing.Match(MatchPass.OurReference, [Row with { OurReference = "RLR1", ProviderId = "LT9" }], [Ours], Layout).Should().ContainSingle();
    }

    [Test]
    public void Two_submissions_that_drew_the_same_id_are_told_apart_by_the_phone()
    {
        var other = Ours with { TopUp = Id<TopUp>.Parse("RLR2"), ProviderReference = "RLR2", Phone = "5598765432" };

        var pairs = Pairing.Match(MatchPass.ProviderId, [Row with { Line = 2, Phone = other.Phone }, Row with { Line = 3 }], [Ours, other], Layout);

        pairs.Select(pair => (pair.Row.Line, pair.Ours.TopUp.Value, pair.IsUnique)).Should().Equal((2, "RLR2", true), (3, "RLR1", true));
    }

    [Test]
    public void Of_two_lines_about_one_submission_the_delivery_wins_and_the_other_stays_over()
    {
        var pairs = Pairing.Match(MatchPass.ProviderId, [Row with { State = StatementState.Failed }, Row with { Line = 3 }], [Ours], Layout);

        pairs.Should().ContainSingle().Which.Row.Line.Should().Be(3);
        Classification.Of(Row with { State = StatementState.Failed }, [Ours]).Class.Should().Be(StatementClass.DuplicateAtProvider);
    }

    [TestCase(MatchPass.PhoneWithinMinutes, 10, true)]
    [TestCase(MatchPass.PhoneWithinMinutes, 11, false)]
    [TestCase(MatchPass.PhoneWithinDay, 11, true)]
    [TestCase(MatchPass.PhoneWithinDay, 1440, true)]
    [TestCase(MatchPass.PhoneWithinDay, 1441, false)]
    public void By_phone_the_times_must_lie_as_near_as_the_pass_says(MatchPass pass, int minutes, bool matches)
    {
        var without = Row with { ProviderId = null, OperatorId = null };
        var before = Pairing.Match(pass, [without with { At = A.Noon - Duration.FromMinutes(minutes) }], [Ours], Layout);
        var after = Pairing.Match(pass, [without with { At = A.Noon + Duration.FromMinutes(minutes) }], [Ours], Layout);

        (before.Count == 1, after.Count == 1).Should().Be((matches, matches));
    }

    [TestCase(0, false, true)]
    [TestCase(1, false, true)]
    [TestCase(2, false, false)]
    public void A_line_that_knows_its_day_only_is_never_near_and_matches_the_days_around(int days, bool near, bool far)
    {
        var row = Row with { ProviderId = null, OperatorId = null, At = null, Day = A.Day.PlusDays(days) };

        (Pairing.Match(MatchPass.PhoneWithinMinutes, [row], [Ours], Layout).Count == 1).Should().Be(near);
        (Pairing.Match(MatchPass.PhoneWithinDay, [row], [Ours], Layout).Count == 1).Should().Be(far);
    }

    [Test]
    public void By_phone_another_amount_or_another_known_id_is_no_match()
    {
        Pairing.Match(MatchPass.PhoneWithinDay, [Row with { ProviderId = null, OperatorId = null, Amount = Mxn(19.99m) }], [Ours], Layout).Should().BeEmpty();
        Pairing.Match(MatchPass.PhoneWithinDay, [Row with { ProviderId = "LT9", OperatorId = null }], [Ours], Layout).Should().BeEmpty();
        Pairing.Match(MatchPass.PhoneWithinDay, [Row with { ProviderId = "LT9", OperatorId = null }], [Ours with { TransactionId = null }], Layout).Should().ContainSingle();
    }

    [Test]
    public void The_pairs_are_one_to_one_and_the_same_in_whatever_order_they_are_given()
    {
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            var random = new System.Random(seed);
            var rows = Enumerable.Range(0, random.Next(7)).Select(number => Row with
            {
                Line = number + 2, ProviderId = null, OperatorId = null, At = A.Noon + Duration.FromMinutes(random.Next(-12, 12)), Amount = Mxn(random.Next(19, 21)),
            }).ToList();
            var ours = Enumerable.Range(0, random.Next(7)).Select(number => Ours with
            {
                TopUp = Id<TopUp>.Parse($"RLR{number}"), StartedAt = A.Noon + Duration.FromMinutes(random.Next(-12, 12)), Face = Mxn(random.Next(19, 21)),
            }).ToList();

            var pairs = Pairing.Match(MatchPass.PhoneWithinMinutes, rows, ours, Layout);
            var turned = Pairing.Match(MatchPass.PhoneWithinMinutes, [.. rows.OrderBy(_ => random.Next())], [.. ours.OrderBy(_ => random.Next())], Layout);

            return pairs.SequenceEqual(turned)
                && pairs.Select(pair => pair.Row.Line).Distinct().Count() == pairs.Count
                && pairs.Select(pair => pair.Ours.TopUp).Distinct().Count() == pairs.Count
                && pairs.All(pair => pair.Row.Amount == pair.Ours.Face);
        }).QuickCheckThrowOnFailure();
    }

    [TestCase(StatementState.Delivered, AttemptState.Delivered, TopUpState.Succeeded, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Delivered, AttemptState.Delivered, TopUpState.LateDelivered, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Delivered, AttemptState.Delivered, TopUpState.Reversed, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Delivered, AttemptState.Unknown, TopUpState.Unknown, StatementClass.ProviderDeliveredWeUnknown, Verdict.Delivered, true)]
    [TestCase(StatementState.Delivered, AttemptState.Accepted, TopUpState.InReview, StatementClass.ProviderDeliveredWeUnknown, Verdict.Delivered, true)]
    [TestCase(StatementState.Delivered, AttemptState.Refused, TopUpState.Failed, StatementClass.ProviderDeliveredWeFailed, Verdict.Delivered, false)]
    [TestCase(StatementState.Delivered, AttemptState.NotSent, TopUpState.Failed, StatementClass.ProviderDeliveredWeFailed, Verdict.Delivered, false)]
    [TestCase(StatementState.Delivered, AttemptState.Refused, TopUpState.Succeeded, StatementClass.ProviderDeliveredWeFailed, Verdict.Delivered, false)]
    [TestCase(StatementState.Failed, AttemptState.Refused, TopUpState.Failed, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Failed, AttemptState.Unknown, TopUpState.Unknown, StatementClass.ProviderFailedWeUnknown, Verdict.NotDelivered, true)]
    [TestCase(StatementState.Failed, AttemptState.Delivered, TopUpState.Succeeded, StatementClass.ProviderFailedWeSucceeded, Verdict.Reversed, false)]
    [TestCase(StatementState.Failed, AttemptState.Delivered, TopUpState.LateDelivered, StatementClass.ProviderFailedWeSucceeded, null, false)]
    [TestCase(StatementState.Reversed, AttemptState.Delivered, TopUpState.Succeeded, StatementClass.ReversedNotRefunded, Verdict.Reversed, false)]
    [TestCase(StatementState.Reversed, AttemptState.Delivered, TopUpState.Reversed, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Reversed, AttemptState.Unknown, TopUpState.Unknown, StatementClass.ProviderFailedWeUnknown, Verdict.Reversed, false)]
    [TestCase(StatementState.Reversed, AttemptState.NotDelivered, TopUpState.Failed, StatementClass.Matched, null, false)]
    [TestCase(StatementState.Undecided, AttemptState.Unknown, TopUpState.Unknown, StatementClass.ProviderUndecided, null, false)]
    [TestCase(StatementState.Undecided, AttemptState.Delivered, TopUpState.Succeeded, StatementClass.ProviderUndecided, null, false)]
    public void What_the_two_sides_say_gives_one_class(
        StatementState theirs, AttemptState attempt, TopUpState topUp, StatementClass expected, Verdict? verdict, bool settles)
    {
        var pair = new Pair(Row with { State = theirs }, Ours with { State = attempt, TopUpState = topUp }, IsUnique: true);

        Classification.Of(pair, MatchPass.OperatorId, Period, Layout).Should().Be(new Finding(expected, verdict, NeedsConfirmation: false, SettlesItself: settles));
        // What only looks alike never moves money by itself.
        Classification.Of(pair, MatchPass.PhoneWithinMinutes, Period, Layout).Should().Be(new Finding(expected, verdict, NeedsConfirmation: verdict is not null, SettlesItself: false));
    }

    [Test]
    public void Another_amount_currency_or_period_is_a_class_of_its_own_and_another_amount_settles_nothing()
    {
        StatementClass ClassOf(StatementRow row, OurAttempt ours) => Classification.Of(new Pair(row, ours, true), MatchPass.ProviderId, Period, Layout).Class;

        ClassOf(Row with { Amount = Mxn(19.99m) }, Ours).Should().Be(StatementClass.MatchedAmountDiff);
        ClassOf(Row with { Amount = Usd(20m) }, Ours).Should().Be(StatementClass.CurrencyMismatch);
        ClassOf(Row, Ours with { StartedAt = A.Noon - Duration.FromDays(1) }).Should().Be(StatementClass.MatchedLate);
        ClassOf(Row, Ours with { WasReported = true }).Should().Be(StatementClass.DuplicateAtProvider);
        var open = Ours with { State = AttemptState.Unknown, TopUpState = TopUpState.Unknown };
        Classification.Of(new Pair(Row with { Amount = Mxn(19.99m) }, open, true), MatchPass.ProviderId, Period, Layout)
            .Should().Be(new Finding(StatementClass.ProviderDeliveredWeUnknown, Verdict.Delivered));
    }

    [Test]
    public void What_matched_by_likeness_with_another_choice_waits_for_a_person_even_if_nothing_moves()
    {
        var finding = Classification.Of(new Pair(Row, Ours, IsUnique: false), MatchPass.PhoneWithinMinutes, Period, Layout);

        (finding.Class, finding.NeedsConfirmation, finding.IsBreak).Should().Be((StatementClass.Matched, true, true));
    }

    // The day of 13 October in Mexico City is 06:00 UTC to 06:00 UTC; an hour inside it counts.
    [TestCase("2025-10-13T06:59:59Z", false)]
    [TestCase("2025-10-13T07:00:00Z", true)]
    [TestCase("2025-10-14T04:59:59Z", true)]
    [TestCase("2025-10-14T05:00:00Z", false)]
    public void Absence_proves_only_well_inside_the_period(string startedAt, bool proves)
    {
        var open = Ours with { State = AttemptState.Unknown, TopUpState = TopUpState.InReview, StartedAt = NodaTime.Text.InstantPattern.General.Parse(startedAt).Value };

        Classification.Of(open, isComplete: true, phoneIsLeftOver: false, Period, Layout)
            .Should().Be(new Finding(StatementClass.OurOnly, Verdict.NotDelivered, SettlesItself: proves));
        Classification.Of(open, isComplete: false, phoneIsLeftOver: false, Period, Layout).SettlesItself.Should().BeFalse();
        Classification.Of(open, isComplete: true, phoneIsLeftOver: true, Period, Layout).SettlesItself.Should().BeFalse();
        Classification.Of(open with { State = AttemptState.Delivered }, isComplete: true, phoneIsLeftOver: false, Period, Layout)
            .Should().Be(new Finding(StatementClass.OurOnly));
    }

    [Test]
    public void Every_class_has_a_word_of_its_own_that_is_read_back()
    {
        foreach (var one in Enum.GetValues<StatementClass>()) StatementClasses.Parse(StatementClasses.Word(one)).Should().Be(one);
        StatementClasses.All.Should().OnlyHaveUniqueItems().And.HaveCount(Enum.GetValues<StatementClass>().Length);
        StatementClasses.Parse("something").Should().BeNull();
    }
}
