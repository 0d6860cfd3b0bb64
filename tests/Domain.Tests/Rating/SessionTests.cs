using Relier.Ledger;
using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;
using static Relier.Domain.Tests.Rating.SessionBooks;

namespace Relier.Domain.Tests.Rating;

/// <summary>Usage that is under way: the cases of rating (AC-), every message out of its turn, buckets, and what ends a session.</summary>
public sealed class SessionTests
{
    private static readonly UsageRate Minutes = PerMinute(1.00m, 60);

    [Test]
    public void AC_22_what_is_used_is_charged_what_is_granted_is_held_and_the_rest_comes_back()
    {
        var books = new SessionBooks(Minutes, 10m);

        var session = books.Create(180).Value;
        books.Available.Should().Be(7.00m);

        session = books.Update(session, 180, 180);
        books.Available.Should().Be(4.00m, "3.00 charged and 3.00 held");

        session = books.Release(session, 200);
        (books.Available, books.Posted, session.Charged).Should().Be((6.00m, 6.00m, Rupees(4.00m)), "200 s are four minutes");
        session.Before(Message(3, 200, 0), isRelease: true)!.Value.Should().Be(session.Answer, "the same message gets the same answer");
        books.Journals.Select(journal => journal.Subject).Should().Equal("ses_1/2", "ses_1/3");
        books.Calls.Single().Should().Match<Call>(call =>
            call.State == CallState.Rated && call.Amount == Rupees(4.00m) && call.Record.Quantity == 200 && call.Record.EndedAt == Noon + Duration.FromSeconds(200) && call.Rating!.DeckVersion == 7);
    }

    [TestCase(60, 120)]
    [TestCase(1, 150)]
    public void AC_23_as_much_is_granted_as_the_balance_pays_for_and_that_is_final(long increment, long granted)
    {
        var session = new SessionBooks(PerMinute(1.00m, increment), 2.50m).Create(300).Value;

        (session.Answer.Granted, session.Answer.IsFinal, session.Answer.Reason).Should().Be((granted, true, "insufficient_credit"));
    }

    [Test]
    public void AC_24_of_five_at_once_three_get_all_one_gets_the_rest_and_one_nothing()
    {
        var books = new SessionBooks(Minutes, 10m);

        var sessions = Enumerable.Range(1, 5).Select(number => books.Create(180, $"{number}")).ToList();

        sessions.Select(session => session.Refusal is null ? session.Value.Granted : 0).Should().Equal(180, 180, 180, 60, 0);
        (sessions[4].Refusal!.Code, sessions[4].Refusal!.Facts["available"], sessions[4].Refusal!.Facts["required"]).Should().Be(("insufficient_credit", Rupees(0), Rupees(3)));
        books.Open.Sum(hold => hold.Amount.ToDecimal()).Should().Be(10.00m);
    }

    [Test]
    public void AC_25_in_three_slices_it_costs_what_it_costs_in_one_piece()
    {
        var books = new SessionBooks(PerMinute(1.99m, 1), 100m);

        var session = books.Create(37).Value;
        session = books.Update(session, 37, 37);
        session.Charged.Should().Be(Rupees(1.2272m), "37/60 of 1.99 is 1.227166…");
        session = books.Update(session, 74, 37);
        session = books.Release(session, 111);

        // 111/60 of 1.99 is 3.6815; three slices rounded apart would be 3.6816.
        (session.Charged, books.Posted).Should().Be((Rupees(3.6815m), 96.3185m));
    }

    [Test]
    public void Messages_out_of_turn_are_refused_and_the_last_one_is_answered_again_while_the_session_goes_on()
    {
        var books = new SessionBooks(Minutes, 10m);
        var session = books.Update(books.Create(60).Value, 60, 60);

        session.Before(Message(2, 60, 60), isRelease: false)!.Value.Should().Be(session.Answer);
        session.Before(Message(3, 60, 60), isRelease: false).Should().BeNull("it is the next one");
        CodeOf(session.Before(Message(2, 60, 61), isRelease: false)).Should().Be("sequence_conflict", "it says something else");
        CodeOf(session.Before(Message(2, 60, 60), isRelease: true)).Should().Be("sequence_conflict", "it wants something else");
        CodeOf(session.Before(Message(2, 60, 60) with { ValidFor = Duration.FromSeconds(1) }, isRelease: false)).Should().Be("sequence_conflict");
        CodeOf(session.Before(Message(1, 0, 60), isRelease: false)).Should().Be("sequence_conflict", "it is over");
        CodeOf(session.Before(Message(4, 60, 60), isRelease: false)).Should().Be("sequence_conflict", "one is missing");
        session.Before(Message(4, 60, 60), isRelease: false)!.Refusal!.Facts["expected"].Should().Be("3");
        CodeOf(session.Before(Message(3, 59, 60), isRelease: false)).Should().Be("used_decreased");
    }

    [Test]
    public void After_the_end_the_last_message_is_answered_again_and_another_is_told_of_the_end()
    {
        var books = new SessionBooks(Minutes, 10m);
        var session = books.Release(books.Create(60).Value, 30);

        session.Before(Message(2, 30, 0), isRelease: true)!.Value.Should().Be(session.Answer);
        CodeOf(session.Before(Message(2, 31, 0), isRelease: true)).Should().Be("sequence_conflict");
        var late = session.Before(Message(3, 60, 60), isRelease: false)!.Refusal!;
        (late.Code, late.Facts["used"], late.Facts["charged"], late.Facts["call"]).Should().Be(("session_ended", "30", Rupees(1), "call_1"));
        CodeOf(session.Before(Message(3, 60, 0), isRelease: true)).Should().Be("session_ended");
    }

    [Test]
    public void The_first_message_is_answered_again_until_another_came()
    {
        var books = new SessionBooks(Minutes, 10m);
        var first = books.Create(60).Value;
        var second = books.Update(first, 0, 60);

        first.CreatedAgain(Record(), Message(1, 0, 60)).Value.Should().Be(first.Answer);
        first.CreatedAgain(Record(to: "91"), Message(1, 0, 60)).Refusal!.Code.Should().Be("sequence_conflict");
        first.CreatedAgain(Record(), Message(1, 0, 61)).Refusal!.Code.Should().Be("sequence_conflict");
        second.CreatedAgain(Record(), Message(1, 0, 60)).Refusal!.Code.Should().Be("sequence_conflict");
        books.Release(second, 0).CreatedAgain(Record(), Message(1, 0, 60)).Refusal!.Code.Should().Be("call_known");
    }

    [Test]
    public void What_was_used_beyond_the_grant_is_charged_in_full_and_nothing_more_is_granted()
    {
        var books = new SessionBooks(Minutes, 1.00m);

        var session = books.Update(books.Create(60).Value, 150, 60);

        (session.Charged, books.Posted, session.Granted).Should().Be((Rupees(3), -2.00m, 30L), "three minutes are paid for, of which 30 s are left");
        session = books.Update(session, 180, 60);
        (session.Answer.Granted, session.Answer.IsFinal, session.Answer.Reason, session.State).Should().Be((0L, true, "insufficient_credit", SessionState.Open));
        books.Open.Should().BeEmpty();
    }

    [Test]
    public void What_was_paid_for_already_is_granted_without_a_balance()
    {
        var books = new SessionBooks(Minutes, 1.00m);

        var session = books.Update(books.Create(60).Value, 20, 60);

        (session.Granted, session.Answer.IsFinal, books.Available).Should().Be((40L, true, 0m), "the rest of the first minute");
    }

    [Test]
    public void An_account_that_is_not_active_and_what_has_no_price_is_refused_before_money_is_looked_at()
    {
        var deck = new RateDeck([new DeckEntry("91", "r"), new DeckEntry("979", "") { IsForbidden = true }], new Dictionary<string, UsageRate> { ["r"] = Minutes });
        var books = new SessionBooks(Of(deck), 0m);

        books.Create(60, to: "44").Refusal!.Code.Should().Be("no_rate");
        books.Create(60, to: "9791").Refusal!.Code.Should().Be("forbidden");
        books.Create(60, to: "x").Refusal!.Code.Should().Be("bad_number");
        books.Create(60).Refusal!.Code.Should().Be("insufficient_credit");
        books.Facts = books.Facts with { Account = books.Facts.Account with { Plans = [] } };
        books.Create(60).Refusal!.Code.Should().Be("no_plan");
        foreach (var status in new[] { UsageAccountStatus.Suspended, UsageAccountStatus.Closed })
        {
            books.Facts = books.Facts with { Account = books.Facts.Account with { Status = status } };
            books.Create(60).Refusal!.Code.Should().Be("account_not_active");
        }
    }

    [Test]
    public void A_call_that_costs_nothing_is_let_through_without_a_balance()
    {
        var books = new SessionBooks(PerMinute(0m, 60), -5m);

        var session = books.Release(books.Create(600).Value, 300);

        (session.Charged, books.Posted, books.Calls.Single().State).Should().Be((Rupees(0), -5m, CallState.Rated));
        books.Journals.Should().BeEmpty();
    }

    [Test]
    public void Buckets_pay_first_and_what_is_set_aside_in_them_nobody_else_gets()
    {
        var books = new SessionBooks(Minutes, 10m, buckets: SecondsBucket("b", 120));

        var session = books.Create(180).Value;
        var other = books.Create(60, "2").Value;
        (books.Facts.Buckets[0].Reserved, session.Held, other.Held).Should().Be((120m, Rupees(1), Rupees(1)));
        books.ShouldAddUp(session, other);

        session = books.Update(session, 90, 180);
        (session.Charged, books.Facts.Buckets[0].Content.Left, books.Facts.Buckets[0].Reserved).Should().Be((Rupees(0), 0m, 0m), "90 s take both minutes");
        session.Held.Should().Be(Rupees(3), "270 s are five minutes, of which two are paid for");

        session = books.Release(session, 100);
        (session.Charged, books.Calls.Single().Rating!.Buckets.Single()).Should().Be((Rupees(0), new BucketUse(Id<AccountBucket>.Parse("b"), 120)));
        books.ShouldAddUp(session, other);
    }

    [Test]
    public void What_others_give_back_to_a_bucket_is_for_a_session_that_did_not_go_past_it_and_never_changes_what_was_charged()
    {
        var books = new SessionBooks(Minutes, 10m, buckets: SecondsBucket("b", 120));
        var first = books.Create(120, "1").Value;
        var past = books.Create(60, "2").Value;
        past = books.Update(past, 60, 0);
        past.Charged.Should().Be(Rupees(1));
        var fresh = books.Create(60, "3").Value;

        first = books.Release(first, 0);
        past = books.Update(past, 120, 0);
        fresh = books.Update(fresh, 60, 0);

        (past.Charged, fresh.Charged).Should().Be((Rupees(2), Rupees(0)));
        books.ShouldAddUp(first, past, fresh);
    }

    [Test]
    public void A_session_from_which_nothing_was_heard_used_what_was_granted_last()
    {
        var books = new SessionBooks(Minutes, 10m);
        var before = books.Update(books.Create(60).Value, 60, 120);

        var session = books.Expire(before);

        (session.State, session.IsExpired, session.Used, session.Charged, books.Available).Should().Be((SessionState.Released, true, 180L, Rupees(3), 7m));
        books.Journals[^1].Subject.Should().Be("ses_1/end");
        session.Answer.Should().Be(before.Answer, "what was told stays told");
        session.Before(Message(3, 100, 60), isRelease: false)!.Refusal!.Facts["expired"].Should().Be("true");
    }

    [TestCase(100, 2.00)]
    [TestCase(240, 4.00)]
    public void A_record_of_the_call_ends_its_session_with_its_own_quantity_also_when_that_is_less(long quantity, decimal charge)
    {
        var books = new SessionBooks(Minutes, 10m);
        var session = books.Update(books.Create(180).Value, 180, 60);
        var call = Relier.Rating.Call.Receive(Id<Call>.Parse("call_9"), Record() with { Quantity = quantity }, new LineOwner(default, session.Account, session.Customer), null, Noon);

        session = books.SettleBy(session, call);

        (session.Charged, books.Posted, session.Call, session.Used).Should().Be((Rupees(charge), 10m - charge, call.Id, quantity));
        books.Calls.Single().Should().Match<Call>(settled => settled.Id == call.Id && settled.State == CallState.Rated && settled.Amount == Rupees(charge));
        books.Open.Should().BeEmpty();
    }

    [Test]
    public void Nothing_used_is_a_call_that_costs_nothing()
    {
        var books = new SessionBooks(Minutes, 10m);

        books.Release(books.Create(60).Value, 0);

        books.Calls.Single().Should().Match<Call>(call => call.State == CallState.Zero && call.Record.AnsweredAt == null);
        (books.Posted, books.Open.Count).Should().Be((10m, 0));
    }

    [Test]
    public void Postpaid_sessions_set_nothing_aside_and_each_is_granted_what_the_credit_limit_allows_if_there_is_one()
    {
        var (free, limited) = (new SessionBooks(Minutes, 0m, mode: PaymentMode.Postpaid), new SessionBooks(Minutes, 0m, 2m, PaymentMode.Postpaid));

        (free.Create(36_000).Value.Granted, limited.Create(36_000).Value.Granted, limited.Create(36_000, "2").Value.Granted).Should().Be((36_000L, 120L, 120L));

        var session = free.Release(free.Update(free.Create(60, "2").Value, 60, 60), 90);
        (session.Charged, free.Journals.Count, free.Open.Count, free.Posted).Should().Be((Rupees(2), 0, 0, 0m));
        free.Calls.Single().Rating!.Journal.Should().BeNull();
    }

    [Test]
    public void A_price_with_a_limit_ends_the_call_there_and_says_so()
    {
        var session = new SessionBooks(Minutes with { MaxCharge = UnitPrice.Of(2), Cap = CapStrategy.Disconnect }, 10m).Create(600).Value;

        (session.Granted, session.Answer.IsFinal, session.Answer.Reason).Should().Be((120L, true, "call_limit"));
    }

    /// <summary>Ten minutes have a price from noon on; then nothing has.</summary>
    private static SessionBooks TenMinutes(decimal money, PaymentMode mode = PaymentMode.Prepaid)
    {
        var morning = new CalendarBand { Name = "morning", Deck = "deck", To = new LocalTime(12, 10) };
        return new SessionBooks(Of(null, new RatePlan("plan", new BandCalendar(India, [morning, Always("night")]), Decks(("deck", Deck(("91", Minutes))), ("night", Deck(("1", Minutes)))))), money, mode: mode);
    }

    [Test]
    public void A_session_that_runs_on_into_time_without_a_price_goes_on_and_ends_and_is_charged_for_the_time_before()
    {
        foreach (var end in new Func<SessionBooks, UsageSession, UsageSession>[]
        {
            (books, session) => books.Release(session, 3000),
            (books, session) => books.Expire(session),
            (books, session) => books.SettleBy(session, Relier.Rating.Call.Receive(Id<Call>.Parse("call_1"), Record() with { Quantity = 3000 }, new LineOwner(default, session.Account, session.Customer), null, Noon)),
        })
        {
            var books = TenMinutes(100m);
            var session = books.Update(books.Create(600).Value, 2400, 600);
            (session.Used, session.PricedTo, session.Charged, session.Answer.Granted, session.Answer.Reason).Should().Be((2400L, 600L, Rupees(10), 0L, "no_rate"));
            session = books.Update(session, 2700, 60);
            (session.Used, session.PricedTo, session.Charged, session.Answer.Reason).Should().Be((2700L, 600L, Rupees(10), "no_rate"));

            session = end(books, session);

            (session.State, session.Charged, books.Posted, books.Open.Count).Should().Be((SessionState.Released, Rupees(10), 90m, 0));
            books.Calls.Single().Should().Match<Call>(call => call.State == CallState.Rated && call.Amount == Rupees(10) && call.PricedTo == 600 && call.Record.Quantity >= 2700);
        }
    }

    [Test]
    public void Charging_again_takes_nothing_back_of_a_session_that_ran_on_into_time_without_a_price_and_charges_the_rest_when_it_has_one()
    {
        var books = TenMinutes(100m);
        books.Release(books.Update(books.Create(600).Value, 1200, 0), 1200);
        var call = books.Calls.Single();

        books.Recharge(call).Calls.Should().BeEmpty();
        books.Tariff = Of(Deck(("91", Minutes)));
        var again = books.Recharge(call);

        (again.Difference, again.Wallet.Posted).Should().Be((Rupees(10), Rupees(80)));
        again.Calls.Single().Should().Match<Call>(after => after.Amount == Rupees(20) && after.PricedTo == null && after.RatingVersion == 2);
    }

    [Test]
    public void What_cost_nothing_and_ran_on_into_time_without_a_price_says_so_too()
    {
        var morning = new CalendarBand { Name = "morning", Deck = "deck", To = new LocalTime(12, 10) };
        var decks = Decks(("deck", Deck(("91", Minutes with { GraceSeconds = 30 }))), ("night", Deck(("1", Minutes))));
        var books = new SessionBooks(Of(null, new RatePlan("plan", new BandCalendar(India, [morning, Always("night")]), decks)), 100m);

        books.Release(books.Create(20).Value, 1200);

        books.Calls.Single().Should().Match<Call>(call => call.State == CallState.Zero && call.PricedTo == 20);
    }

    [Test]
    public void What_no_account_can_owe_is_charged_neither_by_an_update_nor_by_the_release()
    {
        var books = new SessionBooks(Rate(100_000m, 1, 1), -899_999_000_000m, creditLimit: 900_000_000_000m);
        var created = books.Create(5).Value;

        var updated = books.Update(created, 60, 0);
        var released = books.Release(updated, 60);

        (updated.Charged, updated.PricedTo, updated.Answer.Reason).Should().Be((Rupees(500_000m), 5L, "too_large"));
        (released.Charged, released.PricedTo, books.Calls.Single().PricedTo, books.Posted).Should().Be((Rupees(500_000m), 5L, 5L, -899_999_500_000m));
    }

    [Test]
    public void A_session_that_its_record_ends_is_charged_by_the_time_of_the_answer()
    {
        var morning = new CalendarBand { Name = "morning", Deck = "deck", To = new LocalTime(12, 10) };
        var tariff = Of(null, new RatePlan("plan", new BandCalendar(India, [morning, Always("deck2")]), Decks(("deck", Deck(("91", Minutes))), ("deck2", Deck(("91", PerMinute(0.25m, 60)))))));
        var books = new SessionBooks(tariff, 100m);
        var session = books.Create(60).Value;
        var record = Record() with { StartedAt = Noon, AnsweredAt = Noon + Duration.FromMinutes(10), Quantity = 60 };

        books.SettleBy(session, Relier.Rating.Call.Receive(Id<Call>.Parse("call_1"), record, new LineOwner(default, session.Account, session.Customer), null, Noon));

        books.Posted.Should().Be(99.75m);
        books.Recharge(books.Calls.Single()).Calls.Should().BeEmpty("no price was corrected");
    }

    [Test]
    public void A_tariff_is_written_down_with_its_versions_and_read_back()
    {
        var session = new SessionBooks(Minutes, 10m).Create(60).Value;

        session.Tariff!.Versions.Should().Be("plan:3|deck:7;deck2:7");
        session.Tariff.Plans.Should().BeEquivalentTo([new KeyValuePair<Id<RatePlan>, int>(Id<RatePlan>.Parse("plan"), 3)]);
        session.Tariff.Decks.Should().BeEquivalentTo([new KeyValuePair<Id<RateDeck>, int>(Id<RateDeck>.Parse("deck"), 7), new KeyValuePair<Id<RateDeck>, int>(Id<RateDeck>.Parse("deck2"), 7)]);
    }

    private static string? CodeOf(Outcome<SessionAnswer>? outcome) => outcome?.Refusal?.Code;
}
