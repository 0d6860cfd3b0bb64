using System.Collections.Immutable;
using Relier.Ledger;

namespace Relier.Domain.Tests.Ledger;

/// <summary>Every row of the posting table. A credit is positive, a debit negative, on every account.</summary>
public sealed class PostingTableTests
{
    private static readonly Id<Journal> Id = Id<Journal>.Parse("jrn_1");
    private static readonly Account Wallet = A.Account with { Held = Usd(1.09m) };
    private static readonly Account PesoWallet = A.PesoAccount with { Held = Mxn(20m) };

    /// <summary>20 pesos at 0.0544: 1.088, so 1.09 USD; the provider takes 19.00.</summary>
    private static readonly TopUpCharge Charge = new("RLR1", "latcom", Mxn(20m), Mxn(19m), Usd(1.09m));

    private static readonly TopUpCharge PesoCharge = Charge with { Charge = Mxn(20m) };

    [TestCase(CreditReason.Payment, "cash_in_transit", "payment")]
    [TestCase(CreditReason.Payout, "cash_in_transit", "payout")]
    [TestCase(CreditReason.Correction, "adjustment", "correction")]
    [TestCase(CreditReason.Goodwill, "adjustment", "goodwill")]
    [TestCase(CreditReason.OpeningBalance, "adjustment", "opening_balance")]
    public void Credit_is_booked_against_cash_or_adjustment_by_its_reason(CreditReason reason, string against, string word)
    {
        var added = PostingTable.Credit(Id, A.Noon, A.Account, Usd(50m), reason, null).Value;
        var subtracted = PostingTable.Credit(Id, A.Noon, A.Account, Usd(-50m), reason, null).Value;

        Lines(added.Journal).Should().Equal("customer:acc_1 50.00 USD", $"{against} -50.00 USD");
        Lines(subtracted.Journal).Should().Equal("customer:acc_1 -50.00 USD", $"{against} 50.00 USD");
        added.Journal.Kind.Should().Be(JournalKind.CreditAdded);
        subtracted.Journal.Kind.Should().Be(JournalKind.CreditSubtracted);
        added.Account.Posted.Should().Be(Usd(10_050m));
        subtracted.Account.Posted.Should().Be(Usd(9_950m));
        added.Journal.Reason.Should().Be(word);
        added.Journal.Subject.Should().Be("jrn_1");
    }

    [Test]
    public void A_note_stands_behind_the_reason() =>
        PostingTable.Credit(Id, A.Noon, A.Account, Usd(50m), CreditReason.Goodwill, "outage of May").Value
            .Journal.Reason.Should().Be("goodwill: outage of May");

    [Test]
    public void More_credit_than_is_available_is_not_subtracted()
    {
        // 100 posted, 20 credit limit, 30 held: 90 available.
        var account = A.Account with { Posted = Usd(100m), CreditLimit = Usd(20m), Held = Usd(30m) };

        PostingTable.Credit(Id, A.Noon, account, Usd(-90m), CreditReason.Payout, null).Value.Account.Available.Should().Be(Usd(0m));

        var refusal = PostingTable.Credit(Id, A.Noon, account, Usd(-90.01m), CreditReason.Payout, null).Refusal!;

        refusal.Code.Should().Be("insufficient_credit");
        refusal.Facts.Should().Contain("available", Usd(90m)).And.Contain("required", Usd(90.01m));
    }

    [TestCase(50, JournalKind.CreditAdded)]
    [TestCase(-50, JournalKind.CreditSubtracted)]
    public void An_opening_balance_is_booked_against_adjustments_also_below_zero(int dollars, JournalKind kind)
    {
        var account = A.Account with { Posted = Usd(0m), CreditLimit = Usd(0m), Entries = 0 };

        var booking = PostingTable.OpeningBalance(Id, A.Noon, account, Usd(dollars), "latcom-fix, customer 7").Value;

        Lines(booking.Journal).Should().Equal($"customer:acc_1 {dollars}.00 USD", $"adjustment {-dollars}.00 USD");
        (booking.Journal.Kind, booking.Journal.Subject, booking.Journal.Reason).Should().Be((kind, "jrn_1", "opening_balance: latcom-fix, customer 7"));
        (booking.Account.Posted, booking.Account.Entries).Should().Be((Usd(dollars), 1));
    }

    [Test]
    public void An_opening_balance_is_whole_and_not_zero_and_not_beyond_all_balances()
    {
        FluentActions.Invoking(() => PostingTable.OpeningBalance(Id, A.Noon, A.Account, Usd(0m), "x")).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => PostingTable.OpeningBalance(Id, A.Noon, A.Account, Usd(1.005m), "x")).Should().Throw<ArgumentOutOfRangeException>();
        PostingTable.OpeningBalance(Id, A.Noon, A.Account, Usd(900_000_000_001m), "x").Refusal!.Code.Should().Be("balance_out_of_range");
    }

    [Test]
    public void Credit_may_be_added_to_somebody_in_debt()
    {
        var account = A.Account with { Posted = Usd(-5m) };

        PostingTable.Credit(Id, A.Noon, account, Usd(2m), CreditReason.Payment, null).Value.Account.Posted.Should().Be(Usd(-3m));
    }

    [TestCase("0")]
    [TestCase("0.001")]
    public void Credit_of_nothing_or_finer_than_a_cent_is_refused(string amount)
    {
        var credit = () => PostingTable.Credit(Id, A.Noon, A.Account, Money.Parse(amount, Currency.USD), CreditReason.Payment, null);

        credit.Should().Throw<ArgumentOutOfRangeException>().WithMessage("Credit is an amount in whole minor units, not zero*");
    }

    [Test]
    public void Credit_in_another_currency_or_for_an_unknown_reason_throws()
    {
        var peso = () => PostingTable.Credit(Id, A.Noon, A.Account, Mxn(50m), CreditReason.Payment, null);
        var reason = () => PostingTable.Credit(Id, A.Noon, A.Account, Usd(50m), (CreditReason)99, null);

        peso.Should().Throw<CurrencyMismatchException>();
        reason.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void A_topup_captured_from_a_dollar_wallet_passes_the_fx_position_in_both_currencies()
    {
        var booking = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge);

        Lines(booking.Journal).Should().Equal(
            "customer:acc_1 -1.09 USD",
            "fx_position 1.09 USD",
            "fx_position -20.00 MXN",
            "provider_payable:latcom 19.00 MXN",
            "topup_revenue 1.00 MXN");
        booking.Journal.Kind.Should().Be(JournalKind.TopUpCaptured);
        booking.Journal.Subject.Should().Be("RLR1");
        booking.Journal.At.Should().Be(A.Noon);
        booking.Account.Should().Be(Wallet with { Posted = Usd(9_998.91m), Held = Usd(0m), Entries = 2 });
    }

    [Test]
    public void A_topup_captured_in_one_currency_needs_no_fx_position()
    {
        var booking = PostingTable.TopUpCaptured(Id, A.Noon, PesoWallet, PesoCharge);

        Lines(booking.Journal).Should().Equal(
            "customer:acc_1 -20.00 MXN",
            "provider_payable:latcom 19.00 MXN",
            "topup_revenue 1.00 MXN");
        booking.Account.Should().Be(PesoWallet with { Posted = Mxn(9_980m), Held = Mxn(0m), Entries = 2 });
    }

    [Test]
    public void A_discount_of_the_customer_is_less_revenue()
    {
        // 20.00 sold at 19.50, bought at 19.00: 0.50 is earned.
        var booking = PostingTable.TopUpCaptured(Id, A.Noon, PesoWallet, PesoCharge with { Charge = Mxn(19.50m) });

        Lines(booking.Journal).Should().Equal(
            "customer:acc_1 -19.50 MXN",
            "provider_payable:latcom 19.00 MXN",
            "topup_revenue 0.50 MXN");
    }

    [Test]
    public void A_topup_that_cost_more_than_it_brought_is_a_negative_revenue()
    {
        var booking = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge with { Cost = Mxn(20.50m) });

        Lines(booking.Journal).Should().Contain("provider_payable:latcom 20.50 MXN").And.Contain("topup_revenue -0.50 MXN");
    }

    [Test]
    public void What_is_nothing_is_not_posted()
    {
        var booking = PostingTable.TopUpCaptured(Id, A.Noon, PesoWallet, PesoCharge with { Cost = Mxn(20m) });

        Lines(booking.Journal).Should().Equal("customer:acc_1 -20.00 MXN", "provider_payable:latcom 20.00 MXN");
    }

    [Test]
    public void A_topup_is_not_captured_without_its_hold()
    {
        var capture = () => PostingTable.TopUpCaptured(Id, A.Noon, A.Account, Charge);

        capture.Should().Throw<InvalidOperationException>().WithMessage("Account acc_1 holds 0.00 USD;*");
    }

    [Test]
    public void A_late_delivery_paid_by_the_customer_is_a_capture_without_a_hold()
    {
        var booking = PostingTable.LateDeliveryPaidByCustomer(Id, A.Noon, Wallet, Charge);

        Lines(booking.Journal).Should().Equal(
            "customer:acc_1 -1.09 USD",
            "fx_position 1.09 USD",
            "fx_position -20.00 MXN",
            "provider_payable:latcom 19.00 MXN",
            "topup_revenue 1.00 MXN");
        booking.Journal.Kind.Should().Be(JournalKind.LateDelivery);
        booking.Journal.Reason.Should().Be("paid by the customer");
        booking.Account.Held.Should().Be(Usd(1.09m), "that is held for something else");
    }

    [Test]
    public void A_late_delivery_paid_by_the_customer_may_go_below_zero()
    {
        var booking = PostingTable.LateDeliveryPaidByCustomer(Id, A.Noon, A.Account with { Posted = Usd(0.50m) }, Charge);

        booking.Account.Posted.Should().Be(Usd(-0.59m));
        booking.Account.Reserve(Usd(0.01m)).Refusal!.Code.Should().Be("insufficient_credit");
    }

    [Test]
    public void A_late_delivery_paid_by_the_house_is_a_loss_owed_to_the_provider()
    {
        var journal = PostingTable.LateDeliveryPaidByHouse(Id, A.Noon, Charge);

        Lines(journal).Should().Equal("delivery_losses -19.00 MXN", "provider_payable:latcom 19.00 MXN");
        journal.Kind.Should().Be(JournalKind.LateDelivery);
        journal.Reason.Should().Be("paid by the house");
    }

    [Test]
    public void A_reversal_is_the_mirror_of_its_capture()
    {
        var capture = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge);

        var reversal = PostingTable.TopUpReversed(Id<Journal>.Parse("jrn_2"), A.Noon + Duration.FromDays(1), capture.Account, capture.Journal);

        Lines(reversal.Journal).Should().Equal(
            "customer:acc_1 1.09 USD",
            "fx_position -1.09 USD",
            "fx_position 20.00 MXN",
            "provider_payable:latcom -19.00 MXN",
            "topup_revenue -1.00 MXN");
        reversal.Journal.Kind.Should().Be(JournalKind.TopUpReversed);
        reversal.Journal.Subject.Should().Be("RLR1");
        reversal.Account.Posted.Should().Be(Usd(10_000m));
        reversal.Account.Entries.Should().Be(3);
        reversal.Account.Held.Should().Be(Usd(0m));
    }

    [Test]
    public void A_reversal_on_somebody_elses_account_throws()
    {
        var capture = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge).Journal;

        var reverse = () => PostingTable.TopUpReversed(Id, A.Noon, A.Account with { Id = Id<Account>.Parse("acc_2") }, capture);

        reverse.Should().Throw<InvalidOperationException>();
    }

    [Test]
    public void Postings_that_do_not_balance_throw()
    {
        var capture = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge).Journal;
        var torn = capture with { Postings = capture.Postings.RemoveAt(4) };

        var reverse = () => PostingTable.TopUpReversed(Id, A.Noon, A.Account, torn);

        reverse.Should().Throw<UnbalancedJournalException>().WithMessage("The postings for RLR1 are out of balance by 1.00 MXN.");
    }

    [Test]
    public void Every_journal_sums_to_zero_in_each_currency() =>
        Law.Holds(
            from face in Gen.Choose(1, 200_000)
            from cost in Gen.Choose(0, 250_000)
            from charge in Gen.Choose(1, 20_000)
            from wallet in Gen.Elements(Currency.USD, Currency.MXN, Currency.JPY, Currency.KWD)
            select new TopUpCharge("RLR1", "latcom", Mxn(face / 100m), Mxn(cost / 100m), Money.FromMicros(charge * 1_000_000L, wallet)),
            charge =>
            {
                var zero = Money.Zero(charge.Charge.Currency);
                var account = A.Account with { CreditLimit = zero, Posted = charge.Charge, Held = charge.Charge };
                var captured = PostingTable.TopUpCaptured(Id, A.Noon, account, charge);

                ShouldBalance(captured.Journal);
                ShouldBalance(PostingTable.LateDeliveryPaidByCustomer(Id, A.Noon, account, charge).Journal);
                ShouldBalance(PostingTable.LateDeliveryPaidByHouse(Id, A.Noon, charge));
                ShouldBalance(PostingTable.TopUpReversed(Id, A.Noon, captured.Account, captured.Journal).Journal);
                ShouldBalance(PostingTable.Credit(Id, A.Noon, account, charge.Charge, CreditReason.Payment, null).Value.Journal);
            });

    [Test]
    public void A_house_account_and_a_customers_are_told_apart_by_their_code()
    {
        AccountCode.OfCustomer(A.Account.Id).Account.Should().Be(A.Account.Id);
        AccountCode.Parse("customer:acc_1").Should().Be(AccountCode.OfCustomer(A.Account.Id));
        AccountCode.ProviderPayable("latcom").Account.Should().BeNull();
        AccountCode.Parse("fx_position").Should().Be(AccountCode.FxPosition);
        AccountCode.Parse("delivery_losses").Should().Be(AccountCode.DeliveryLosses);
        AccountCode.FxPosition.ToString().Should().Be("fx_position");

        var unset = () => default(AccountCode).Value;
        var empty = () => AccountCode.Parse("");

        unset.Should().Throw<InvalidOperationException>();
        empty.Should().Throw<ArgumentException>();
    }

    [Test]
    public void Journals_are_equal_when_every_part_is()
    {
        var one = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge).Journal;
        var same = PostingTable.TopUpCaptured(Id, A.Noon, Wallet, Charge).Journal;

        one.Should().Be(same);
        one.GetHashCode().Should().Be(same.GetHashCode());
        Journal[] others =
        [
            one with { Id = Id<Journal>.Parse("jrn_2") },
            one with { At = A.Noon + Duration.FromSeconds(1) },
            one with { Kind = JournalKind.LateDelivery },
            one with { Subject = "RLR2" },
            one with { Reason = "because" },
            one with { Postings = [.. one.Postings.Reverse()] },
            one with { Postings = ImmutableArray<Posting>.Empty },
        ];
        others.Should().NotContain(one);
    }

    private static IEnumerable<string> Lines(Journal journal) => journal.Postings.Select(posting => $"{posting.Account} {posting.Amount}");

    private static void ShouldBalance(Journal journal)
    {
        foreach (var currency in journal.Postings.GroupBy(posting => posting.Amount.Currency))
            currency.Sum(posting => posting.Amount.Micros).Should().Be(0, $"of {currency.Key} in {journal.Kind}");
    }
}
