using Relier.Auditing;
using Relier.Customers;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Application.Tests;

internal sealed class LedgerTests
{
    [Test]
    public async Task Credit_with_one_key_is_given_once_and_the_first_answer_again()
    {
        await using var shop = await Shop.OpenAsync();
        var credit = new AdjustCredit(shop.Customer, "50.00", "payment") { IdempotencyKey = "K1" };

        var first = (await shop.Relier.SendAsync(credit, shop.House)).Value;
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "1.00", "goodwill"), shop.House);
        var again = (await shop.Relier.SendAsync(credit, shop.House)).Value;

        again.Should().BeEquivalentTo(first with { Replayed = true });
        (again.Before.Amount, again.After.Amount).Should().Be(("10000.00", "10050.00"));
        (await shop.Relier.SendAsync(new GetBalance(shop.Customer), shop.House)).Value.Account.Posted.Amount.Should().Be("10051.00");
    }

    [Test]
    public async Task An_account_cannot_be_filled_beyond_what_sums_can_hold()
    {
        await using var shop = await Shop.OpenAsync();
        for (var thousands = 0; thousands < 899; thousands++) await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "1000000000.00", "payment"), shop.House);

        // 10,000.00 + 899,000 million, and one thousand million more would be 900,000,010,000
        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "1000000000.00", "payment"), shop.House)).Refusal!.Code.Should().Be("balance_out_of_range");
        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "9000000000000.00", "payment"), shop.House)).Refusal!.Code.Should().Be("validation_failed");
    }

    [Test]
    public async Task The_largest_amount_at_the_widest_rate_still_fits()
    {
        await using var shop = await Shop.OpenAsync();
        var yen = (await shop.Relier.SendAsync(new CreateCustomer("Yen") { WalletCurrency = "JPY", Policies = new PoliciesInput { MaxAmount = "1000000000", DailyLimit = "" } }, shop.House)).Value.Customer.Id;
        await shop.Relier.SendAsync(new AddExchangeRate("MXN", "JPY", "9000"), shop.House);

        // 2,000 x 9,000 = 18,000,000 yen that he does not have; one thousand million is beyond every product, not beyond arithmetic
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "2000") { Reference = "R1" }, Identity.Caller.OfCustomer(Shop.Tenant, yen))).Refusal!.Code.Should().Be("insufficient_credit");
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "1000000000") { Reference = "R2" }, Identity.Caller.OfCustomer(Shop.Tenant, yen))).Refusal!.Code.Should().Be("amount_not_deliverable");
        (await shop.Relier.SendAsync(new RequestTopUp("5512345000", "1000000001") { Reference = "R3" }, Identity.Caller.OfCustomer(Shop.Tenant, yen))).Refusal!.Code.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_key_used_for_another_credit_is_refused()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "50.00", "payment") { IdempotencyKey = "K1" }, shop.House);

        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "60.00", "payment") { IdempotencyKey = "K1" }, shop.House)).Refusal!.Code.Should().Be("idempotency_key_reused");
    }

    [Test]
    public async Task Two_callers_with_the_same_key_are_two_requests()
    {
        await using var shop = await Shop.OpenAsync();
        var credit = new AdjustCredit(shop.Customer, "50.00", "payment") { IdempotencyKey = "K1" };

        await shop.Relier.SendAsync(credit, shop.House);
        (await shop.Relier.SendAsync(credit, Identity.Caller.OfAdmin(Shop.Tenant, "pedro"))).Value.Replayed.Should().BeFalse();
    }

    [Test]
    public async Task A_subtraction_that_was_refused_stays_refused_for_its_key()
    {
        await using var shop = await Shop.OpenAsync();
        var take = new AdjustCredit(shop.Customer, "-20000.00", "payout") { IdempotencyKey = "K1" };
        (await shop.Relier.SendAsync(take, shop.House)).Refusal!.Code.Should().Be("insufficient_credit");
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "50000.00", "payment"), shop.House);

        var again = (await shop.Relier.SendAsync(take, shop.House)).Refusal!;

        (again.Code, again.Replayed).Should().Be(("insufficient_credit", true));
    }

    [Test]
    public async Task What_is_held_cannot_be_subtracted()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.Relier.SendAsync(new RequestTopUp("5512345003", "20") { Reference = "R1" }, shop.Reseller);

        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "-10000.00", "payout"), shop.House)).Refusal!.Code.Should().Be("insufficient_credit");
        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "-9998.91", "payout"), shop.House)).Value.After.Amount.Should().Be("1.09");
    }

    [Test]
    public async Task A_statement_shows_each_posting_with_the_balance_after_it_and_pages_without_gaps()
    {
        await using var shop = await Shop.OpenAsync();
        foreach (var number in Enumerable.Range(1, 5))
            await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = $"R{number}" }, shop.Reseller);

        var lines = new List<StatementLine>();
        string? cursor = null;
        do
        {
            var page = (await shop.Relier.SendAsync(new GetStatement { Limit = 2, Cursor = cursor }, shop.Reseller)).Value;
            lines.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        // newest first: 10,000.00 - 5 x 1.09 = 9,994.55
        lines.Select(line => line.Balance.Amount).Should().Equal("9994.55", "9995.64", "9996.73", "9997.82", "9998.91", "10000.00");
        lines.Select(line => line.Entry).Should().Equal(6, 5, 4, 3, 2, 1);
        lines[0].Amount.Amount.Should().Be("-1.09");
    }

    [Test]
    public async Task A_cursor_of_another_list_is_refused()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R1" }, shop.Reseller);
        shop.Clock.Advance(NodaTime.Duration.FromSeconds(1));
        await shop.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "R2" }, shop.Reseller);
        var cursor = (await shop.Relier.SendAsync(new ListTopUps { Limit = 1 }, shop.House)).Value.NextCursor;

        (await shop.Relier.SendAsync(new ListTopUps { Limit = 1, Cursor = cursor }, shop.House)).Value.Data.Single().Reference.Should().Be("R1");
        (await shop.Relier.SendAsync(new ListTopUps { Limit = 1, Cursor = cursor, Status = "failed" }, shop.House)).Refusal!.Code.Should().Be("cursor_invalid");
        (await shop.Relier.SendAsync(new ListTopUps { Cursor = "nonsense" }, shop.House)).Refusal!.Code.Should().Be("cursor_invalid");
    }

    [Test]
    public async Task A_lower_credit_limit_must_still_cover_what_is_held()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { CreditLimit = "100.00" }, shop.House);
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "-10000.00", "payout"), shop.House);
        await shop.Relier.SendAsync(new RequestTopUp("5512345003", "20") { Reference = "R1" }, shop.Reseller);

        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 2) { CreditLimit = "1.00" }, shop.House)).Refusal!.Code.Should().Be("insufficient_credit");
        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 2) { CreditLimit = "1.09" }, shop.House)).Value.Wallet.CreditLimit.Amount.Should().Be("1.09");
    }

    [Test]
    public async Task A_change_that_is_refused_changes_nothing_not_even_a_part()
    {
        await using var shop = await Shop.OpenAsync();

        var refused = await shop.Relier.SendAsync(
            new UpdateCustomer(shop.Customer, 1) { CreditLimit = "100000.00", Policies = new PoliciesInput { MinAmount = "500", MaxAmount = "100" } }, shop.House);

        refused.Refusal!.Code.Should().Be("validation_failed");
        (await shop.Relier.SendAsync(new GetCustomer(shop.Customer), shop.House)).Value.Wallet.CreditLimit.IsZero.Should().BeTrue();
    }

    [Test]
    public async Task A_customer_changed_since_it_was_read_is_not_overwritten()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { Name = "First" }, shop.House);

        (await shop.Relier.SendAsync(new UpdateCustomer(shop.Customer, 1) { Name = "Second" }, shop.House)).Refusal!.Code.Should().Be("stale_version");
    }

    [Test]
    public async Task Credit_stands_in_the_audit_log_with_before_and_after()
    {
        await using var shop = await Shop.OpenAsync();
        shop.Clock.Advance(NodaTime.Duration.FromSeconds(1));
        await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, "-50.00", "correction") { Note = "typo" }, shop.House);

        var entry = (await shop.Relier.SendAsync(new ListAudit { Subject = shop.Customer }, shop.House)).Value.Data[0];

        (entry.Actor, entry.Action).Should().Be(("admin:maria", "credit.subtracted"));
        entry.Before.Should().Contain("10000.00 USD");
        entry.After.Should().Contain("9950.00 USD").And.Contain("correction: typo");
    }

    [Test]
    public async Task A_rate_for_the_same_time_is_not_changed()
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0600"), shop.House)).Refusal!.Code.Should().Be("exchange_rate_exists");
    }

    [Test]
    public async Task Without_a_rate_nothing_is_held_and_the_same_reference_may_try_again()
    {
        await using var shop = await Shop.OpenAsync();
        var euro = (await shop.Relier.SendAsync(new CreateCustomer("Yen") { WalletCurrency = "JPY", CreditLimit = "100000" }, shop.House)).Value.Customer.Id;
        var caller = Identity.Caller.OfCustomer(Shop.Tenant, euro);
        var order = new RequestTopUp("5512345000", "20") { Reference = "R1" };
        (await shop.Relier.SendAsync(order, caller)).Refusal!.Code.Should().Be("fx_unavailable");

        await shop.Relier.SendAsync(new AddExchangeRate("JPY", "MXN", "0.12"), shop.House);

        // 20 / 0.12 = 166.67, and a yen has no decimals
        (await shop.Relier.SendAsync(order, caller)).Value.TopUp.Charge!.Value.ToString().Should().Be("167 JPY");
    }
}
