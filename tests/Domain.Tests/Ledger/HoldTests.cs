using Relier.Ledger;

namespace Relier.Domain.Tests.Ledger;

public sealed class HoldTests
{
    private static readonly Hold Open = new()
    {
        Subject = "RLR1", Account = A.Account.Id, Amount = Usd(1.09m), State = HoldState.Open, OpenedAt = A.Noon,
    };

    [TestCase(HoldState.Captured)]
    [TestCase(HoldState.Released)]
    public void An_open_hold_ends_once(HoldState how)
    {
        var ended = Open.End(how, A.Noon + Duration.FromSeconds(7));

        ended.Should().Be(Open with { State = how, EndedAt = A.Noon + Duration.FromSeconds(7) });
        ended.Amount.Should().Be(Usd(1.09m));
    }

    [TestCase(HoldState.Open, HoldState.Open)]
    [TestCase(HoldState.Captured, HoldState.Open)]
    [TestCase(HoldState.Captured, HoldState.Captured)]
    [TestCase(HoldState.Captured, HoldState.Released)]
    [TestCase(HoldState.Released, HoldState.Open)]
    [TestCase(HoldState.Released, HoldState.Captured)]
    [TestCase(HoldState.Released, HoldState.Released)]
    public void A_hold_never_ends_twice_and_never_opens_again(HoldState from, HoldState to)
    {
        var end = () => (Open with { State = from }).End(to, A.Noon);

        end.Should().Throw<InvalidOperationException>().WithMessage($"The hold for RLR1 is {from} and cannot become {to}.");
    }
}
