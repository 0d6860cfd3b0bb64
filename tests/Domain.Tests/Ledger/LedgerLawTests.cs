using Relier.Ledger;

namespace Relier.Domain.Tests.Ledger;

public sealed class LedgerLawTests
{
    /// <summary>One thing done to an account: which, how much in cents, and which of the open holds.</summary>
    public sealed record Deed(string What, int Cents, int Pick);

    private static readonly Gen<Deed[]> Deeds =
        (from what in Gen.Elements("credit", "debit", "hold", "hold", "capture", "release", "limit")
         from cents in Gen.Choose(1, 5_000)
         from pick in Gen.Choose(0, 9)
         select new Deed(what, cents, pick)).ArrayOf();

    [Test]
    public void Whatever_happens_balances_equal_postings_and_holds_stay_covered() =>
        Law.Holds(Deeds, Replay, Law.OneLess, times: 500);

    private static void Replay(Deed[] deeds)
    {
        var account = Account.Open(A.Account.Id, A.Customer.Id, Usd(20m), A.Noon);
        var holds = new List<Hold>();
        var postings = new List<Posting>();

        for (var i = 0; i < deeds.Length; i++)
        {
            var journal = Id<Journal>.Parse($"jrn_{i}");
            var amount = Usd(deeds[i].Cents / 100m);
            var open = holds.Where(hold => hold.State == HoldState.Open).ToList();
            var chosen = open.Count == 0 ? null : open[deeds[i].Pick % open.Count];
            switch (deeds[i].What)
            {
                case "credit" or "debit":
                    var signed = deeds[i].What == "credit" ? amount : -amount;
                    if (PostingTable.Credit(journal, A.Noon, account, signed, CreditReason.Correction, null).IsRefused(out _, out var credited)) break;
                    account = credited.Account;
                    postings.AddRange(credited.Journal.Postings);
                    break;
                case "hold":
                    if (account.Reserve(amount).IsRefused(out _, out var reserved)) break;
                    account = reserved;
                    holds.Add(new Hold { Subject = $"RLR{i}", Account = account.Id, Amount = amount, State = HoldState.Open, OpenedAt = A.Noon });
                    break;
                case "capture" when chosen is not null:
                    var charge = new TopUpCharge(chosen.Subject, "latcom", Mxn(20m), Mxn(19m), chosen.Amount);
                    var captured = PostingTable.TopUpCaptured(journal, A.Noon, account, charge);
                    account = captured.Account;
                    postings.AddRange(captured.Journal.Postings);
                    holds[holds.IndexOf(chosen)] = chosen.End(HoldState.Captured, A.Noon);
                    break;
                case "release" when chosen is not null:
                    account = account.Release(chosen.Amount);
                    holds[holds.IndexOf(chosen)] = chosen.End(HoldState.Released, A.Noon);
                    break;
                case "limit":
                    account = account.LimitCreditTo(amount).IsRefused(out _, out var limited) ? account : limited;
                    break;
            }

            ShouldAddUp(account, holds, postings);
        }
    }

    private static void ShouldAddUp(Account account, List<Hold> holds, List<Posting> postings)
    {
        var own = postings.Where(posting => posting.Account == AccountCode.OfCustomer(account.Id)).ToList();
        var open = holds.Where(hold => hold.State == HoldState.Open).ToList();

        account.Posted.Micros.Should().Be(own.Sum(posting => posting.Amount.Micros));
        account.Held.Micros.Should().Be(open.Sum(hold => hold.Amount.Micros));
        account.Entries.Should().Be(own.Count);
        own.Select(posting => posting.Entry).Should().Equal(Enumerable.Range(1, own.Count).Select(number => (long?)number));
        if (own.Count > 0) own[^1].Balance.Should().Be(account.Posted);
        if (account.Held.IsPositive) account.Available.IsNegative.Should().BeFalse();
        foreach (var currency in postings.GroupBy(posting => posting.Amount.Currency))
            currency.Sum(posting => posting.Amount.Micros).Should().Be(0);
    }
}
