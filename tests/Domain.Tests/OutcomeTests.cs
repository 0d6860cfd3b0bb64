namespace Relier.Domain.Tests;

public sealed class OutcomeTests
{
    [Test]
    public void A_value_is_an_outcome()
    {
        Outcome<string> outcome = "yes";

        outcome.IsRefused(out var refusal, out var value).Should().BeFalse();
        refusal.Should().BeNull();
        value.Should().Be("yes");
        outcome.Value.Should().Be("yes");
        outcome.Refusal.Should().BeNull();
        outcome.Then(text => text.Length).Value.Should().Be(3);
        outcome.ToString().Should().Be("yes");
    }

    [Test]
    public void A_refusal_is_an_outcome_whose_value_cannot_be_taken()
    {
        Outcome<string> outcome = new Refusal("too_late", "It is too late.");

        outcome.IsRefused(out var refusal, out _).Should().BeTrue();
        refusal!.Code.Should().Be("too_late");
        outcome.Then(text => text.Length).Refusal.Should().BeSameAs(refusal);
        outcome.ToString().Should().Be("refused: too_late");

        var take = () => outcome.Value;

        take.Should().Throw<InvalidOperationException>().WithMessage("There is no String: too_late. It is too late.");
    }

    [Test]
    public void A_value_known_by_an_interface_is_an_outcome_when_it_is_said_so()
    {
        IReadOnlyList<string> list = ["yes"];

        Outcome.Of(list).Value.Should().BeSameAs(list);
    }

    [Test]
    public void Nothing_is_no_outcome()
    {
        var noValue = () => { Outcome<string> _ = (string)null!; };
        var noRefusal = () => { Outcome<string> _ = (Refusal)null!; };

        noValue.Should().Throw<ArgumentNullException>();
        noRefusal.Should().Throw<ArgumentNullException>();
    }

    [Test]
    public void A_fact_is_added_without_changing_the_refusal_it_came_from()
    {
        var plain = new Refusal("too_much", "It is too much.");

        var told = plain.With("limit", Usd(5m)).With("requested", Usd(6m));

        plain.Facts.Should().BeEmpty();
        told.Facts.Should().HaveCount(2).And.Contain("limit", Usd(5m)).And.Contain("requested", Usd(6m));
        told.Fields.Should().BeEmpty();
    }
}
