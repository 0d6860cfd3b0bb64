using Relier.Ledger;

namespace Relier.Domain.Tests.Ledger;

public sealed class WalletTallyTests
{
    private static readonly Sale Twenty = new(null, Mxn(20), Mxn(0.40m));

    [Test]
    public void What_happened_is_added_up_by_kind_and_by_product_and_face_value()
    {
        var tally = new WalletTally(Usd(100), after: 7);

        tally.Add(8, JournalKind.CreditAdded, Usd(50), Usd(150), null).Should().BeNull();
        tally.Add(9, JournalKind.TopUpCaptured, Usd(-1.07m), Usd(148.93m), Twenty).Should().BeNull();
        tally.Add(10, JournalKind.TopUpCaptured, Usd(-1.07m), Usd(147.86m), Twenty).Should().BeNull();
        tally.Add(11, JournalKind.TopUpCaptured, Usd(-0.54m), Usd(147.32m), new Sale("XOOM_10_MXN", Mxn(10), null)).Should().BeNull();
        tally.Add(12, JournalKind.TopUpReversed, Usd(1.07m), Usd(148.39m), Twenty).Should().BeNull();
        var totals = tally.Close(12, Usd(148.39m)).Value;

        (totals.Opening, totals.Closing, totals.Count).Should().Be((Usd(100), Usd(148.39m), 5));
        totals.Events.Should().Equal(
            new EventTotal(JournalKind.CreditAdded, 1, Usd(50)), new EventTotal(JournalKind.TopUpCaptured, 3, Usd(-2.68m)),
            new EventTotal(JournalKind.TopUpReversed, 1, Usd(1.07m)));
        totals.Sales.Should().Equal(
            new SaleTotal(JournalKind.TopUpCaptured, "XOOM_10_MXN", Mxn(10), 1, Mxn(10), Mxn(0), Usd(-0.54m)),
            new SaleTotal(JournalKind.TopUpCaptured, null, Mxn(20), 2, Mxn(40), Mxn(0.80m), Usd(-2.14m)),
            new SaleTotal(JournalKind.TopUpReversed, null, Mxn(20), 1, Mxn(20), Mxn(0.40m), Usd(1.07m)));
    }

    [Test]
    public void Nothing_is_nothing()
    {
        var totals = new WalletTally(Usd(-3), 4).Close(4, Usd(-3)).Value;

        (totals.Opening, totals.Closing, totals.Count).Should().Be((Usd(-3), Usd(-3), 0));
        totals.Events.Should().BeEmpty();
    }

    [TestCase(2, 1)]
    [TestCase(1, 1.01)]
    [TestCase(0, 1)]
    public void A_posting_that_is_missing_comes_twice_or_does_not_follow_is_refused(int entry, decimal balance)
    {
        var tally = new WalletTally(Usd(0), 0);

        var refusal = tally.Add(entry, JournalKind.CreditAdded, Usd(1), Usd(balance), null);

        refusal!.Code.Should().Be("statement_out_of_balance");
    }

    [TestCase(2, 1)]
    [TestCase(1, 2)]
    public void An_end_that_is_not_the_one_that_was_expected_is_refused(int last, decimal closing)
    {
        var tally = new WalletTally(Usd(0), 0);
        tally.Add(1, JournalKind.CreditAdded, Usd(1), Usd(1), null);

        var outcome = tally.Close(last, Usd(closing));

        outcome.Refusal!.Code.Should().Be("statement_out_of_balance");
        outcome.Refusal.Facts.Keys.Should().Equal("expected", "found");
    }

    [Test]
    public void Face_values_in_two_currencies_are_never_added_together()
    {
        var tally = new WalletTally(Usd(0), 0);

        tally.Add(1, JournalKind.TopUpCaptured, Usd(-1), Usd(-1), new Sale("BUNDLE", Usd(1), null));
        tally.Add(2, JournalKind.TopUpCaptured, Usd(-1), Usd(-2), new Sale("BUNDLE", Mxn(1), null));

        tally.Close(2, Usd(-2)).Value.Sales.Select(sale => sale.Face!.Value.ToString()).Should().Equal("1.00 MXN", "1.00 USD");
    }

    [Test]
    public void A_topup_that_is_not_known_counts_with_what_it_moved()
    {
        var tally = new WalletTally(Usd(0), 0);

        tally.Add(1, JournalKind.TopUpCaptured, Usd(-1), Usd(-1), null);

        tally.Close(1, Usd(-1)).Value.Sales.Should().Equal(new SaleTotal(JournalKind.TopUpCaptured, null, null, 1, null, null, Usd(-1)));
    }

    [Test]
    public void More_face_values_than_anybody_reads_are_one_sum_for_a_currency()
    {
        var tally = new WalletTally(Usd(0), 0);

        for (var i = 1; i <= WalletTally.MaxSales + 2; i++)
            tally.Add(i, JournalKind.TopUpCaptured, Usd(-1), Usd(-i), new Sale(null, Mxn(i), null));

        var sales = tally.Close(502, Usd(-502)).Value.Sales;
        sales.Should().HaveCount(501);
        // 501 + 502
        sales[^1].Should().Be(new SaleTotal(JournalKind.TopUpCaptured, null, null, 2, Mxn(1003), Mxn(0), Usd(-2)));
    }

    [TestCase(JournalKind.CreditAdded, "Credit added")]
    [TestCase(JournalKind.CreditSubtracted, "Credit subtracted")]
    [TestCase(JournalKind.TopUpCaptured, "Top-up")]
    [TestCase(JournalKind.TopUpReversed, "Top-up taken back")]
    [TestCase(JournalKind.LateDelivery, "Top-up delivered late")]
    [TestCase(JournalKind.UsageCharged, "Calls and other usage")]
    [TestCase(JournalKind.UsageRecharged, "Usage charged again")]
    public void Every_kind_that_touches_a_wallet_has_its_words(JournalKind kind, string title) => StatementWords.TitleOf(kind).Should().Be(title);

    [TestCase(JournalKind.DeliveredBeside)]
    [TestCase(JournalKind.ProviderFunded)]
    public void A_kind_that_never_touches_a_wallet_has_none(JournalKind kind) =>
        FluentActions.Invoking(() => StatementWords.TitleOf(kind)).Should().Throw<ArgumentOutOfRangeException>();

    [TestCase(JournalKind.TopUpCaptured, "RLR1", "RLR1", null, null)]
    [TestCase(JournalKind.LateDelivery, "RLR1", "RLR1", null, null)]
    [TestCase(JournalKind.UsageCharged, "call_1", null, "call_1", null)]
    [TestCase(JournalKind.UsageRecharged, "call_1.2", null, "call_1", null)]
    [TestCase(JournalKind.UsageCharged, "ses_1/3", null, null, "ses_1")]
    [TestCase(JournalKind.UsageRecharged, "ses_1/4", null, null, "ses_1")]
    [TestCase(JournalKind.UsageCharged, "jnl_1", null, null, null)]
    [TestCase(JournalKind.CreditAdded, "call_1", null, null, null)]
    public void A_posting_is_about_a_topup_a_call_a_session_or_nothing(JournalKind kind, string subject, string? topUp, string? call, string? session) =>
        StatementWords.AboutOf(kind, subject).Should().Be(new StatementSubject(topUp, call, session));

    [Test]
    public void No_kind_is_forgotten() => Enum.GetValues<JournalKind>().Should().HaveCount(9);
}
