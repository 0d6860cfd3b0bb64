using Relier.Ledger;

namespace Relier.Domain.Tests.Ledger;

public sealed class AccountTests
{
    [Test]
    public void A_new_account_has_nothing_on_it()
    {
        var account = Account.Open(A.Account.Id, A.Customer.Id, Usd(50m), A.Noon);

        account.Posted.Should().Be(Usd(0m));
        account.Held.Should().Be(Usd(0m));
        account.Available.Should().Be(Usd(50m));
        account.Currency.Should().Be(Currency.USD);
        account.Entries.Should().Be(0);
        account.Version.Should().Be(1);
        account.OpenedAt.Should().Be(A.Noon);
    }

    [Test]
    public void A_credit_limit_is_never_negative()
    {
        var open = () => Account.Open(A.Account.Id, A.Customer.Id, Usd(-0.01m), A.Noon);
        var limit = () => A.Account.LimitCreditTo(Usd(-0.01m));

        open.Should().Throw<ArgumentOutOfRangeException>().WithMessage("A credit limit is never negative*");
        limit.Should().Throw<ArgumentOutOfRangeException>().WithMessage("A credit limit is never negative*");
    }

    [Test]
    public void What_is_set_aside_is_held_and_not_spent()
    {
        var account = A.Account.Reserve(Usd(1.09m)).Value;

        account.Posted.Should().Be(Usd(10_000m));
        account.Held.Should().Be(Usd(1.09m));
        account.Available.Should().Be(Usd(9_998.91m));
        account.Entries.Should().Be(A.Account.Entries);
    }

    [Test]
    public void Of_two_holds_that_cannot_both_be_covered_the_second_is_refused()
    {
        var account = A.Account with { Posted = Usd(1.09m) };

        var first = account.Reserve(Usd(1.09m)).Value;
        var second = first.Reserve(Usd(1.09m));

        first.Available.Should().Be(Usd(0m));
        second.Refusal!.Code.Should().Be("insufficient_credit");
        second.Refusal.Facts.Should().Contain("available", Usd(0m)).And.Contain("required", Usd(1.09m)).And.HaveCount(2);
    }

    [Test]
    public void A_credit_limit_lets_the_balance_go_below_zero_up_to_it()
    {
        // 50.00 less 27.20 leaves 22.80.
        var account = A.Account with { Posted = Usd(0m), CreditLimit = Usd(50m) };

        var first = account.Reserve(Usd(27.20m)).Value;

        first.Available.Should().Be(Usd(22.80m));
        first.Reserve(Usd(27.20m)).Refusal!.Facts.Should().Contain("available", Usd(22.80m));
        first.Reserve(Usd(22.80m)).Value.Available.Should().Be(Usd(0m));
    }

    [TestCase("0")]
    [TestCase("-1.09")]
    [TestCase("1.091", Description = "finer than a cent")]
    public void A_hold_is_a_positive_amount_in_whole_minor_units(string amount)
    {
        var reserve = () => A.Account.Reserve(Money.Parse(amount, Currency.USD));

        reserve.Should().Throw<ArgumentOutOfRangeException>().WithMessage("A hold is a positive amount*");
    }

    [Test]
    public void A_release_gives_back_what_was_held()
    {
        var account = A.Account with { Held = Usd(2.18m) };

        account.Release(Usd(1.09m)).Held.Should().Be(Usd(1.09m));
        account.Release(Usd(1.09m)).Posted.Should().Be(Usd(10_000m));
    }

    [TestCase(2.19)]
    [TestCase(0)]
    [TestCase(-1.09)]
    public void Nothing_is_released_that_is_not_held(decimal amount)
    {
        var release = () => (A.Account with { Held = Usd(2.18m) }).Release(Usd(amount));

        release.Should().Throw<InvalidOperationException>().WithMessage("Account acc_1 holds 2.18 USD;*");
    }

    [Test]
    public void A_posting_carries_the_balance_after_it_and_its_number()
    {
        var (after, posting) = A.Account.Post(Usd(-1.09m));

        after.Posted.Should().Be(Usd(9_998.91m));
        after.Entries.Should().Be(2);
        posting.Account.Value.Should().Be("customer:acc_1");
        posting.Amount.Should().Be(Usd(-1.09m));
        posting.Balance.Should().Be(Usd(9_998.91m));
        posting.Entry.Should().Be(2);
    }

    [Test]
    public void A_credit_limit_is_not_lowered_below_what_is_held()
    {
        // posted 0, limit 50.00, held 27.20: 27.20 is the least the limit can be.
        var account = A.Account with { Posted = Usd(0m), CreditLimit = Usd(50m), Held = Usd(27.20m) };

        account.LimitCreditTo(Usd(27.20m)).Value.Available.Should().Be(Usd(0m));
        account.LimitCreditTo(Usd(27.19m)).Refusal!.Code.Should().Be("insufficient_credit");
        account.LimitCreditTo(Usd(100m)).Value.Available.Should().Be(Usd(72.80m));
    }

    [Test]
    public void A_credit_limit_may_be_taken_from_somebody_in_debt_who_holds_nothing()
    {
        var account = A.Account with { Posted = Usd(-27.20m), CreditLimit = Usd(50m) };

        var after = account.LimitCreditTo(Usd(0m)).Value;

        after.Available.Should().Be(Usd(-27.20m));
        after.Reserve(Usd(0.01m)).Refusal!.Code.Should().Be("insufficient_credit");
    }

    [Test]
    public void A_credit_limit_is_raised_also_where_a_late_delivery_left_a_hold_uncovered()
    {
        // posted 10.00, held 9.00, then 5.00 charged late: 4.00 too little. 2.00 more credit leaves 2.00 too little.
        var account = A.Account with { Posted = Usd(5m), Held = Usd(9m) };

        account.LimitCreditTo(Usd(2m)).Value.Available.Should().Be(Usd(-2m));
        account.LimitCreditTo(Usd(0m)).Value.Should().Be(account);
    }

    [Test]
    public void An_account_has_one_currency()
    {
        Action[] meetings =
        [
            () => A.Account.Reserve(Mxn(1m)),
            () => (A.Account with { Held = Usd(1m) }).Release(Mxn(1m)),
            () => A.Account.Post(Mxn(1m)),
            () => A.Account.LimitCreditTo(Mxn(1m)),
        ];

        foreach (var meeting in meetings) meeting.Should().Throw<CurrencyMismatchException>();
    }
}
