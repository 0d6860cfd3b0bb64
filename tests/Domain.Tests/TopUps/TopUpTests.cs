using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

public sealed class TopUpTests
{
    private static readonly Instant At = A.Noon + Duration.FromSeconds(7);

    [Test]
    public void A_submission_is_written_down_before_it_is_made()
    {
        var begun = TopUpIn.Reserved.Begin(ProviderEnvironment.Production, At).Value;

        begun.Attempts.Should().ContainSingle().Which.Should().Be(new Attempt
        {
            No = 1, Route = A.TopUp.Route!, Environment = ProviderEnvironment.Production, ProviderReference = "RLR176035680000012345678",
            State = AttemptState.Submitting, StartedAt = At,
        });
        begun.OpenAttempt.Should().Be(begun.Attempts[0]);
        begun.IsHeld.Should().BeTrue();
    }

    [Test]
    public void A_delivery_keeps_what_proves_it()
    {
        var outcome = new SubmitOutcome.Delivered("LT1", "V1") { Evidence = "{success}" };

        var settled = TopUpIn.Submitting.Settle(1, outcome, At).TopUp;

        settled.OperatorReference.Should().Be("V1");
        settled.Attempts[0].Should().Be(TopUpIn.Submitting.Attempts[0] with
        {
            State = AttemptState.Delivered, EndedAt = At, TransactionId = "LT1", OperatorReference = "V1", Evidence = "{success}",
        });
    }

    [Test]
    public void Without_the_operators_id_the_providers_proves_the_delivery() =>
        TopUpIn.Submitting.Settle(1, new SubmitOutcome.Delivered("LT1", null), At).TopUp.OperatorReference.Should().Be("LT1");

    [Test]
    public void A_refusal_keeps_what_the_provider_said()
    {
        var settled = TopUpIn.Submitting.Settle(1, TopUpIn.ProductGone, At).TopUp;

        settled.Attempts[0].Should().Be(TopUpIn.Submitting.Attempts[0] with
        {
            State = AttemptState.Refused, EndedAt = At, TransactionId = "LT1", Code = "-120054", Message = "Product not Found", Evidence = "{…}",
        });
    }

    [Test]
    public void What_was_never_sent_says_why()
    {
        var settled = TopUpIn.Submitting.Settle(1, new SubmitOutcome.NotSent("provider_ip_blocked", "IP Address not authorized"), At).TopUp;

        settled.Attempts[0].Should().Be(TopUpIn.Submitting.Attempts[0] with
        {
            State = AttemptState.NotSent, EndedAt = At, Code = "provider_ip_blocked", Message = "IP Address not authorized",
        });
    }

    [Test]
    public void An_unknown_outcome_has_no_end_and_keeps_an_id_once_read()
    {
        var first = TopUpIn.Submitting.Settle(1, new SubmitOutcome.Unknown("echo_mismatch", "another amount", "LT1") { Evidence = "{10}" }, At).TopUp;
        var again = first.Settle(1, new SubmitOutcome.Unknown("timeout", "no answer"), At + Duration.FromMinutes(1)).TopUp;

        again.Attempts[0].Should().Be(TopUpIn.Submitting.Attempts[0] with
        {
            State = AttemptState.Unknown, TransactionId = "LT1", Code = "timeout", Message = "no answer", Evidence = "{10}",
        });
    }

    [Test]
    public void A_delivery_after_an_unknown_outcome_clears_what_went_wrong()
    {
        var settled = TopUpIn.Unknown.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), At).TopUp;

        settled.Attempts[0].Code.Should().BeNull();
        settled.Attempts[0].Message.Should().BeNull();
        settled.Attempts[0].State.Should().Be(AttemptState.Delivered);
    }

    [Test]
    public void A_second_unknown_neither_restarts_the_clock_nor_takes_the_case_from_review()
    {
        var again = TopUpIn.Unknown.Settle(1, new SubmitOutcome.Unknown("timeout", "again"), TopUpIn.NoAnswerAt + Duration.FromMinutes(20)).TopUp;
        var reviewed = TopUpIn.InReview.Settle(1, new SubmitOutcome.Unknown("timeout", "again"), A.Noon + Duration.FromHours(26)).TopUp;

        again.UnknownSince.Should().Be(TopUpIn.NoAnswerAt);
        again.NextCheckAt.Should().Be(TopUpIn.NoAnswerAt + Duration.FromHours(1));
        reviewed.State.Should().Be(TopUpState.InReview);
        reviewed.UnknownSince.Should().Be(TopUpIn.NoAnswerAt);
    }

    [TestCase(RefusalClass.InvalidNumber, "invalid_number")]
    [TestCase(RefusalClass.PlanNotAllowed, "plan_not_allowed")]
    [TestCase(RefusalClass.SubscriberBarred, "subscriber_barred")]
    [TestCase(RefusalClass.OperatorMismatch, "operator_mismatch")]
    [TestCase(RefusalClass.AmountNotAllowed, "amount_not_allowed")]
    [TestCase(RefusalClass.ProductUnavailable, "product_unavailable")]
    [TestCase(RefusalClass.SubscriberLimit, "subscriber_limit")]
    [TestCase(RefusalClass.ProviderFunds, "provider_unavailable", Description = "what we owe the provider is no business of the customer")]
    [TestCase(RefusalClass.ProviderMaintenance, "provider_unavailable")]
    public void Every_refusal_of_a_provider_has_a_word_for_customers(RefusalClass refusal, string code)
    {
        TopUpIn.Submitting.Settle(1, new SubmitOutcome.Refused(refusal, "X", "text of the provider", null), At).TopUp.Code.Should().Be(code);
        TopUpIn.Unknown.Weigh(new LookupOutcome.NotDelivered(refusal, "text of the provider"), null, Says.NewId(), At).TopUp.Code.Should().Be(code);
    }

    [Test]
    public void No_class_of_refusal_was_forgotten()
    {
        foreach (var refusal in Enum.GetValues<RefusalClass>())
            TopUpIn.Submitting.Settle(1, new SubmitOutcome.Refused(refusal, null, null, null), At).TopUp.Code.Should().NotBeNullOrEmpty();
    }

    [Test]
    public void What_the_provider_says_it_took_is_what_it_is_owed()
    {
        var settled = TopUpIn.Submitting.Settle(1, new SubmitOutcome.Delivered("LT1", "V1", Mxn(18.80m)), At).TopUp;

        settled.ToCharge().Cost.Should().Be(Mxn(18.80m));
        settled.ToCharge().Charge.Should().Be(Usd(1.09m));
        settled.Route!.Send.Should().Be(Mxn(20m));
    }

    [TestCase("18.80", "USD", Description = "in another currency than the face value")]
    [TestCase("-18.80", "MXN", Description = "less than nothing")]
    public void A_cost_that_cannot_be_booked_does_not_keep_a_delivery_from_being_charged(string cost, string currency)
    {
        var outcome = new SubmitOutcome.Delivered("LT1", "V1", Money.Parse(cost, Currency.Parse(currency)));

        var settlement = TopUpIn.Submitting.Settle(1, outcome, At);

        settlement.Money.Should().Be(MoneyMove.Capture);
        settlement.TopUp.ToCharge().Cost.Should().Be(Mxn(19m));
    }

    [Test]
    public void A_charge_says_what_it_costs_whom()
    {
        TopUpIn.Succeeded.ToCharge().Should().Be(new Relier.Ledger.TopUpCharge("RLR176035680000012345678", "latcom", Mxn(20m), Mxn(19m), Usd(1.09m)));

        var unpriced = () => (TopUpIn.Rejected with { Charge = null, Route = null }).ToCharge();

        unpriced.Should().Throw<InvalidOperationException>().WithMessage("*it has no price.");
    }

    [Test]
    public void A_submission_that_does_not_exist_cannot_be_settled()
    {
        var settle = () => TopUpIn.Submitting.Settle(2, new SubmitOutcome.Accepted("LT1"), At);

        settle.Should().Throw<InvalidOperationException>();
    }

    // Sent at noon; not found is believed ten minutes later.
    [TestCase(9 * 60, false)]
    [TestCase(10 * 60 - 1, false)]
    [TestCase(10 * 60, true)]
    [TestCase(72 * 3_600, true)]
    public void Not_found_is_believed_from_its_time_on(int secondsAfterSending, bool believed)
    {
        var settlement = TopUpIn.Unknown.Weigh(
            new LookupOutcome.NotFound(), Duration.FromMinutes(10), Says.NewId(), A.Noon + Duration.FromSeconds(secondsAfterSending));

        settlement.Money.Should().Be(believed ? MoneyMove.Release : MoneyMove.None);
        settlement.TopUp.IsHeld.Should().Be(!believed);
    }

    [Test]
    public void Not_found_is_never_believed_of_a_provider_that_does_not_promise_it()
    {
        var settlement = TopUpIn.Unknown.Weigh(new LookupOutcome.NotFound(), null, Says.NewId(), A.Noon + Duration.FromDays(365));

        settlement.Money.Should().Be(MoneyMove.None);
        settlement.TopUp.State.Should().Be(TopUpState.InReview);
    }

    [TestCase(24 * 3_600 - 1, TopUpState.Unknown)]
    [TestCase(24 * 3_600, TopUpState.InReview)]
    [TestCase(7 * 24 * 3_600, TopUpState.InReview)]
    public void People_are_asked_to_look_from_24_hours_on(int secondsUnknown, TopUpState state)
    {
        var settlement = TopUpIn.Unknown.Weigh(TopUpIn.Unavailable, null, Says.NewId(), TopUpIn.NoAnswerAt + Duration.FromSeconds(secondsUnknown));

        settlement.TopUp.State.Should().Be(state);
        settlement.TopUp.IsHeld.Should().BeTrue();
    }

    [Test]
    public void A_pending_one_is_also_looked_into_after_24_hours() =>
        TopUpIn.Pending.Weigh(new LookupOutcome.Pending(), null, Says.NewId(), TopUpIn.NoAnswerAt + Duration.FromHours(24))
            .TopUp.State.Should().Be(TopUpState.InReview);

    [Test]
    public void At_the_end_of_the_schedule_it_stays_in_review_and_nobody_is_asked()
    {
        var last = TopUpIn.InReview.Weigh(TopUpIn.Unavailable, null, Says.NewId(), TopUpIn.NoAnswerAt + Duration.FromHours(72)).TopUp;

        last.State.Should().Be(TopUpState.InReview);
        last.NextCheckAt.Should().BeNull();
        last.IsHeld.Should().BeTrue();
    }

    [Test]
    public void What_a_lookup_taught_is_kept_as_evidence()
    {
        var outcome = new LookupOutcome.Delivered("LT9", "V9") { Evidence = "{found}" };

        var weighed = TopUpIn.Unknown.Weigh(outcome, null, Id<Evidence>.Parse("evd_9"), At).TopUp;

        weighed.Evidence.Should().Equal(new Evidence
        {
            Id = Id<Evidence>.Parse("evd_9"), Verdict = Verdict.Delivered, Source = EvidenceSource.Lookup, Reference = "LT9",
            By = "provider:latcom", AttemptNo = 1, At = At, Note = "{found}",
        });
        weighed.OperatorReference.Should().Be("V9");
        weighed.Attempts[0].TransactionId.Should().Be("LT9");
    }

    [Test]
    public void A_lookup_that_taught_nothing_leaves_no_evidence() =>
        TopUpIn.Unknown.Weigh(TopUpIn.Unavailable, null, Says.NewId(), At).TopUp.Evidence.Should().BeEmpty();

    [Test]
    public void A_lookup_that_finds_a_delivery_after_the_release_is_charged_late()
    {
        // Two look-ups at once: the first releases, the second had the better answer.
        var released = TopUpIn.Unknown.Weigh(new LookupOutcome.NotFound(), Duration.Zero, Says.NewId(), At).TopUp;

        var settlement = released.Weigh(new LookupOutcome.Delivered("LT9", "V9"), Duration.Zero, Id<Evidence>.Parse("evd_2"), At + Duration.FromSeconds(1));

        settlement.Money.Should().Be(MoneyMove.ChargeLate);
        settlement.TopUp.State.Should().Be(TopUpState.LateDelivered);
        settlement.TopUp.Evidence.Select(evidence => evidence.Verdict).Should().Equal(Verdict.NotDelivered, Verdict.Delivered);
    }

    [Test]
    public void A_submission_that_was_accepted_cannot_turn_out_never_sent()
    {
        var settlement = TopUpIn.Pending.Settle(1, new SubmitOutcome.NotSent("provider_unreachable", "no route"), At);

        settlement.Money.Should().Be(MoneyMove.None);
        settlement.TopUp.IsHeld.Should().BeTrue();
    }

    [Test]
    public void The_answer_that_comes_after_people_said_not_delivered_is_charged_late_once()
    {
        var released = Twice(TopUpIn.InReview, Verdict.NotDelivered);

        var late = released.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), A.Noon + Duration.FromHours(30));
        var again = late.TopUp.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), A.Noon + Duration.FromHours(31));

        released.State.Should().Be(TopUpState.Failed);
        late.Money.Should().Be(MoneyMove.ChargeLate);
        late.TopUp.State.Should().Be(TopUpState.LateDelivered);
        late.TopUp.DecidedAt.Should().Be(A.Noon + Duration.FromHours(30));
        again.Should().Be(new Settlement(late.TopUp, MoneyMove.None));
    }

    [Test]
    public void The_answer_that_comes_after_people_said_delivered_changes_nothing()
    {
        var charged = Twice(TopUpIn.InReview, Verdict.Delivered);

        charged.Settle(1, new SubmitOutcome.Delivered("LT1", "V1"), At).Should().Be(new Settlement(charged, MoneyMove.None));
        charged.Settle(1, TopUpIn.ProductGone, At).Should().Be(new Settlement(charged, MoneyMove.None));
    }

    [TestCase(TopUpState.Reserved, "held")]
    [TestCase(TopUpState.Submitting, "processing")]
    [TestCase(TopUpState.Pending, "processing")]
    [TestCase(TopUpState.Unknown, "unknown")]
    [TestCase(TopUpState.InReview, "in_review")]
    [TestCase(TopUpState.Succeeded, "succeeded")]
    [TestCase(TopUpState.Failed, "failed")]
    [TestCase(TopUpState.Rejected, "rejected")]
    [TestCase(TopUpState.Reversed, "reversed")]
    [TestCase(TopUpState.LateDelivered, "late_delivered")]
    public void Every_state_has_a_word_that_leads_back_to_it(TopUpState state, string word)
    {
        TopUpStates.Word(state).Should().Be(word);
        TopUpStates.Behind(word).Should().Contain(state);
    }

    [Test]
    public void One_word_may_stand_for_two_states_and_an_unknown_word_for_none()
    {
        TopUpStates.Behind("processing").Should().Equal(TopUpState.Submitting, TopUpState.Pending);
        TopUpStates.Behind("Processing").Should().BeEmpty();
        TopUpStates.Behind("").Should().BeEmpty();
        Enum.GetValues<TopUpState>().Select(TopUpStates.Word).Distinct().Should().HaveCount(9);
    }

    [TestCase(TopUpState.Reserved, false)]
    [TestCase(TopUpState.Submitting, false)]
    [TestCase(TopUpState.Pending, false)]
    [TestCase(TopUpState.Unknown, false)]
    [TestCase(TopUpState.InReview, false)]
    [TestCase(TopUpState.Succeeded, true)]
    [TestCase(TopUpState.Failed, true)]
    [TestCase(TopUpState.Rejected, true)]
    [TestCase(TopUpState.Reversed, true)]
    [TestCase(TopUpState.LateDelivered, true)]
    public void Money_is_held_exactly_until_the_state_is_final(TopUpState state, bool final)
    {
        TopUpIn.State(state).State.Should().Be(state);
        TopUpIn.State(state).IsFinal.Should().Be(final);
        TopUpIn.State(state).IsHeld.Should().Be(!final);
    }

    private static TopUp Twice(TopUp topUp, Verdict verdict) =>
        topUp.Hear(Says.Person("maria", verdict), At).Value.TopUp.Hear(Says.Person("juan", verdict), At).Value.TopUp;
}
