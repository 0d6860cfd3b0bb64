using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

/// <summary>What people, statements and callbacks say. One person's word is kept; money moves with a second person's.</summary>
public sealed class EvidenceTests
{
    private static readonly Instant At = A.Noon + Duration.FromHours(26);

    [Test]
    public void One_persons_word_is_kept_and_moves_nothing()
    {
        var heard = TopUpIn.InReview.Hear(Says.Person("maria", Verdict.Delivered), At).Value;

        heard.Money.Should().Be(MoneyMove.None);
        heard.TopUp.State.Should().Be(TopUpState.InReview);
        heard.TopUp.Evidence.Should().Equal(Says.Person("maria", Verdict.Delivered));
    }

    [Test]
    public void A_second_persons_word_moves_the_money_and_both_are_kept()
    {
        var first = TopUpIn.InReview.Hear(Says.Person("maria", Verdict.Delivered), At).Value.TopUp;

        var second = first.Hear(Says.Person("juan", Verdict.Delivered), At).Value;

        second.Money.Should().Be(MoneyMove.Capture);
        second.TopUp.State.Should().Be(TopUpState.Succeeded);
        second.TopUp.Evidence.Select(evidence => evidence.By).Should().Equal("admin:maria", "admin:juan");
    }

    [Test]
    public void The_same_person_cannot_be_the_second()
    {
        var first = TopUpIn.InReview.Hear(Says.Person("maria", Verdict.Delivered), At).Value.TopUp;

        var again = first.Hear(Says.Person("maria", Verdict.Delivered), At);

        again.Refusal!.Code.Should().Be("second_person_required");
    }

    [Test]
    public void Two_persons_who_contradict_each_other_are_not_two_who_agree()
    {
        var maria = TopUpIn.InReview.Hear(Says.Person("maria", Verdict.Delivered), At).Value.TopUp;
        var juan = maria.Hear(Says.Person("juan", Verdict.NotDelivered), At).Value;

        juan.Money.Should().Be(MoneyMove.None);
        juan.TopUp.State.Should().Be(TopUpState.InReview);
        juan.TopUp.Hear(Says.Person("ana", Verdict.NotDelivered), At).Value.Money.Should().Be(MoneyMove.Release);
    }

    [Test]
    public void A_person_who_changed_their_mind_is_still_one_person()
    {
        var maria = TopUpIn.InReview.Hear(Says.Person("maria", Verdict.Delivered), At).Value.TopUp;
        var changed = maria.Hear(Says.Person("maria", Verdict.NotDelivered), At).Value;

        changed.Money.Should().Be(MoneyMove.None);
        changed.TopUp.Hear(Says.Person("maria", Verdict.NotDelivered), At).Refusal!.Code.Should().Be("second_person_required");
    }

    [Test]
    public void A_statement_needs_no_second()
    {
        var heard = TopUpIn.Unknown.Hear(Says.Statement(Verdict.NotDelivered), At).Value;

        heard.Money.Should().Be(MoneyMove.Release);
        heard.TopUp.Evidence.Should().Equal(Says.Statement(Verdict.NotDelivered));
        heard.TopUp.Attempts[0].State.Should().Be(AttemptState.NotDelivered);
        heard.TopUp.Attempts[0].EndedAt.Should().Be(At);
    }

    [Test]
    public void A_statement_after_one_person_decides_alone_and_both_stay_on_record()
    {
        var first = TopUpIn.Unknown.Hear(Says.Person("maria", Verdict.NotDelivered), At).Value.TopUp;

        var heard = first.Hear(Says.Statement(Verdict.Delivered), At).Value;

        heard.Money.Should().Be(MoneyMove.Capture);
        heard.TopUp.Evidence.Should().HaveCount(2);
    }

    [Test]
    public void The_operators_id_of_a_statement_proves_the_delivery_to_the_customer() =>
        TopUpIn.Unknown.Hear(Says.Statement(Verdict.Delivered), At).Value.TopUp.OperatorReference.Should().Be("V1");

    [Test]
    public void The_ticket_of_a_person_is_not_shown_as_the_operators_id()
    {
        var unknown = TopUpIn.Submitting.Settle(1, new SubmitOutcome.Unknown("echo_mismatch", "another amount", "LT1"), A.Noon).TopUp;

        var heard = unknown.Hear(Says.Person("maria", Verdict.Delivered), At).Value.TopUp.Hear(Says.Person("juan", Verdict.Delivered), At).Value.TopUp;

        heard.OperatorReference.Should().Be("LT1");
        heard.Attempts[0].OperatorReference.Should().BeNull();
    }

    [Test]
    public void A_delivery_proven_by_people_after_a_failure_is_charged_late()
    {
        var first = TopUpIn.Failed.Hear(Says.Person("maria", Verdict.Delivered), At).Value;
        var second = first.TopUp.Hear(Says.Person("juan", Verdict.Delivered), At).Value;

        first.TopUp.State.Should().Be(TopUpState.Failed);
        second.Money.Should().Be(MoneyMove.ChargeLate);
        second.TopUp.State.Should().Be(TopUpState.LateDelivered);
        second.TopUp.Code.Should().BeNull();
    }

    [Test]
    public void A_reversal_refunds_once()
    {
        var reversed = TopUpIn.Succeeded.Hear(Says.Callback(Verdict.Reversed), At).Value;

        reversed.Money.Should().Be(MoneyMove.Refund);
        reversed.TopUp.DecidedAt.Should().Be(At);
        reversed.TopUp.OperatorReference.Should().Be("V1");
        reversed.TopUp.Hear(Says.Callback(Verdict.Reversed), At).Value.Should().Be(new Settlement(reversed.TopUp, MoneyMove.None));
    }

    [Test]
    public void A_proof_in_a_wrong_state_is_answered_with_the_state()
    {
        var refusal = TopUpIn.Failed.Hear(Says.Statement(Verdict.Reversed), At).Refusal!;

        refusal.Message.Should().Be("Top-up RLR176035680000012345678 is failed and cannot be reversed.");
        refusal.Facts.Should().Contain("status", "failed");
    }

    [Test]
    public void A_verdict_that_does_not_exist_throws()
    {
        var hear = () => TopUpIn.Unknown.Hear(Says.Statement((Verdict)99), At);

        hear.Should().Throw<ArgumentOutOfRangeException>().WithMessage("Not a verdict*");
    }
}
