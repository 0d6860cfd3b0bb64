using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps.Reconciliation;

/// <summary>Balances and sums that must come out.</summary>
internal sealed class WalletWalkTests
{
    [Test]
    public void Opening_and_movements_give_the_closing_balance()
    {
        var walk = new WalletWalk();
        walk.Add(Line(2, StatementState.Delivered, 20m, 100m, 80m));
        walk.Add(Line(3, StatementState.Failed, 30m, 80m, 80m));
        walk.Add(Line(4, StatementState.Reversed, 20m, 80m, 100m));

        // 100 - 20 + 20 = 100.
        walk.Results.Should().Equal(new WalkResult(Mxn(100m), Mxn(0m), Mxn(100m), null));
        walk.Results[0].AddsUp.Should().BeTrue();
    }

    [Test]
    public void A_file_that_begins_with_the_newest_line_is_walked_from_its_end()
    {
        var walk = new WalletWalk();
        walk.Add(Line(2, StatementState.Delivered, 30m, 80m, 50m, hour: 11));
        walk.Add(Line(3, StatementState.Delivered, 20m, 100m, 80m, hour: 10));

        walk.Results.Should().Equal(new WalkResult(Mxn(100m), Mxn(-50m), Mxn(50m), null));
    }

    [Test]
    public void A_line_that_is_missing_is_noticed_where_and_by_how_much()
    {
        var walk = new WalletWalk();
        walk.Add(Line(2, StatementState.Delivered, 20m, 100m, 80m));
        walk.Add(Line(3, StatementState.Delivered, 20m, 60m, 40m));

        var result = walk.Results.Single();

        // 100 - 40 = 60 expected, 40 found.
        (result.Difference, result.BrokenAt, result.AddsUp).Should().Be((Mxn(-20m), 3L, false));
    }

    [Test]
    public void Every_currency_is_walked_by_itself()
    {
        var walk = new WalletWalk();
        walk.Add(Line(2, StatementState.Delivered, 20m, 100m, 80m));
        walk.Add(new ParsedLine(Row(3, StatementState.Delivered, Usd(1m)), (Usd(10m), Usd(9m))));
        walk.Add(Line(4, StatementState.Delivered, 20m, 80m, 60m));

        walk.Results.Should().Equal(new WalkResult(Mxn(100m), Mxn(-40m), Mxn(60m), null), new WalkResult(Usd(10m), Usd(-1m), Usd(9m), null));
    }

    [Test]
    public void A_file_without_balances_has_no_walk()
    {
        var walk = new WalletWalk();
        walk.Add(new ParsedLine(Row(2, StatementState.Delivered, Mxn(20m)), null));

        walk.Results.Should().BeEmpty();
    }

    [Test]
    public void Totals_are_of_what_was_delivered_and_of_one_currency_each()
    {
        var tally = new StatementTally();
        foreach (var row in new[] { Row(2, StatementState.Delivered, Mxn(20m)), Row(3, StatementState.Failed, Mxn(30m)), Row(4, StatementState.Delivered, Usd(7.5m)), Row(5, StatementState.Failed, Money.Zero(Currency.INR)) })
            tally.Add(row);

        tally.Delivered.Should().Equal(Money.Zero(Currency.INR), Mxn(20m), Usd(7.5m));
        tally.Against(4, [Mxn(20m), Usd(7.5m)]).Should().BeNull();
        tally.Against(5, []).Should().Match<Refusal>(no => no.Code == "control_total_mismatch" && (string)no.Facts["found"] == "4");
        tally.Against(4, [Mxn(20.01m)]).Should().Match<Refusal>(no => (Money)no.Facts["claimed"] == Mxn(20.01m) && (Money)no.Facts["found"] == Mxn(20m));
        tally.IsCoveredBy(4, [Mxn(20m), Usd(7.5m), Money.Zero(Currency.INR)]).Should().BeTrue();
        tally.IsCoveredBy(4, [Mxn(20m), Usd(7.5m)]).Should().BeFalse("a currency was not declared");
        tally.IsCoveredBy(null, [Mxn(20m), Usd(7.5m), Money.Zero(Currency.INR)]).Should().BeFalse("the count was not declared");
        new StatementTally().IsCoveredBy(0, []).Should().BeFalse("a file of nothing that promises nothing proves nothing");
    }

    private static ParsedLine Line(long line, StatementState state, decimal amount, decimal opening, decimal closing, int hour = 12) =>
        new(Row(line, state, Mxn(amount)) with { At = A.Noon + Duration.FromHours(hour - 12) }, (Mxn(opening), Mxn(closing)));

    private static StatementRow Row(long line, StatementState state, Money amount) =>
        new() { Line = line, State = state, Amount = amount, At = A.Noon, Day = A.Day };
}
