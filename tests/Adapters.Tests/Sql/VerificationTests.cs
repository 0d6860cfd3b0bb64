using FluentAssertions;
using NUnit.Framework;
using Relier.Customers;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Sql;

/// <summary>Damage that no port can do, done behind our back, is found.</summary>
[TestFixture(typeof(OnSqlite))]
[TestFixture(typeof(OnSystemSqlite))]
[TestFixture(typeof(OnPostgres))]
public sealed class VerificationTests<TEngine>
    where TEngine : SqlEngine, new()
{
    private TestDatabase _database = null!;
    private Customer _customer = null!;
    private TopUp _delivered = null!;
    private TopUp _held = null!;

    [SetUp]
    public async Task BeginWithBooksInOrderAndNoGuard()
    {
        _database = await new TEngine().CreateAsync();
        (_customer, _delivered, _held) = await _database.KeepAsync();
        (await _database.VerifyAsync()).Should().BeEmpty();
        foreach (var lift in await _database.TextsAsync(new TEngine().LiftGuards)) await _database.ExecuteAsync(lift);
    }

    [TearDown]
    public async Task End() => await _database.DisposeAsync();

    [Test]
    public async Task A_posting_of_the_house_that_was_changed()
    {
        await _database.ExecuteAsync("UPDATE relier_posting SET amount = amount + 1 WHERE account = 'topup_revenue'");

        await ShouldFindAsync(new LedgerFinding(LedgerRule.JournalBalances, await CaptureAsync(), "0.00 MXN", "0.000001 MXN"));
    }

    [Test]
    public async Task A_balance_that_was_changed()
    {
        // 100.00 added, 20.00 charged.
        await _database.ExecuteAsync("UPDATE relier_account SET posted = posted + 5000000");

        await ShouldFindAsync(new LedgerFinding(LedgerRule.PostedIsSumOfPostings, _customer.Wallet.Value, "80.00 MXN", "85.00 MXN"));
    }

    [Test]
    public async Task A_held_balance_that_was_changed()
    {
        await _database.ExecuteAsync("UPDATE relier_account SET held = 0");

        await ShouldFindAsync(new LedgerFinding(LedgerRule.HeldIsSumOfOpenHolds, _customer.Wallet.Value, "20.00 MXN", "0.00 MXN"));
    }

    [Test]
    public async Task A_posting_that_was_removed()
    {
        await _database.ExecuteAsync("DELETE FROM relier_posting WHERE entry = 2");

        await ShouldFindAsync(
            new LedgerFinding(LedgerRule.JournalBalances, await CaptureAsync(), "0.00 MXN", "20.00 MXN"),
            new LedgerFinding(LedgerRule.PostedIsSumOfPostings, _customer.Wallet.Value, "100.00 MXN", "80.00 MXN"),
            new LedgerFinding(LedgerRule.RunningBalance, _customer.Wallet.Value, "entry 1 with 0.00 MXN", "entry 2 with 0.00 MXN"));
    }

    [Test]
    public async Task A_running_balance_that_was_changed()
    {
        await _database.ExecuteAsync("UPDATE relier_posting SET balance = balance - 10000000 WHERE entry = 2");

        await ShouldFindAsync(
            new LedgerFinding(LedgerRule.RunningBalance, _customer.Wallet.Value, "entry 2 with 80.00 MXN", "entry 2 with 70.00 MXN"));
    }

    [Test]
    public async Task A_gap_in_the_numbers()
    {
        await _database.ExecuteAsync("UPDATE relier_posting SET entry = 7 WHERE entry = 2");
        await _database.ExecuteAsync("UPDATE relier_account SET entries = 7");

        await ShouldFindAsync(
            new LedgerFinding(LedgerRule.RunningBalance, _customer.Wallet.Value, "entry 2 with 80.00 MXN", "entry 7 with 80.00 MXN"));
    }

    [Test]
    public async Task A_posting_without_a_number()
    {
        await _database.ExecuteAsync("UPDATE relier_posting SET entry = NULL, balance = NULL WHERE entry = 2");

        (await _database.VerifyAsync()).Should().OnlyContain(finding =>
            finding.Kind == LedgerRule.RunningBalance && finding.Subject == _customer.Wallet.Value);
    }

    [Test]
    public async Task A_posting_in_another_currency_than_the_account_has()
    {
        await _database.ExecuteAsync("UPDATE relier_posting SET currency = 'USD' WHERE entry = 2");

        (await _database.VerifyAsync()).Should().ContainEquivalentOf(
            new LedgerFinding(LedgerRule.PostedIsSumOfPostings, _customer.Wallet.Value, "-20.00 USD", "0.00 USD"));
    }

    [Test]
    public async Task An_account_that_was_removed()
    {
        await _database.ExecuteAsync("DELETE FROM relier_account");

        await ShouldFindAsync(
            new LedgerFinding(LedgerRule.PostedIsSumOfPostings, _customer.Wallet.Value, "80.00 MXN", "0.00 MXN"),
            new LedgerFinding(LedgerRule.HeldIsSumOfOpenHolds, _customer.Wallet.Value, "20.00 MXN", "0.00 MXN"));
    }

    [Test]
    public async Task More_held_than_there_is()
    {
        // 80.00 there, 90.00 held, and a hold to match.
        await _database.ExecuteAsync("UPDATE relier_account SET held = 90000000");
        await _database.ExecuteAsync("UPDATE relier_hold SET amount = 90000000 WHERE state = 'open'");
        await _database.ExecuteAsync($"UPDATE relier_topup SET charge_amount = 90000000 WHERE id = '{_held.Id}'");

        await ShouldFindAsync(
            new LedgerFinding(LedgerRule.AvailableNotNegative, _customer.Wallet.Value, "at least 0.00 MXN", "-10.00 MXN"));
    }

    [Test]
    public async Task A_hold_that_was_ended_behind_its_topup()
    {
        await _database.ExecuteAsync("UPDATE relier_hold SET state = 'released', ended_at = 1 WHERE state = 'open'");
        await _database.ExecuteAsync("UPDATE relier_account SET held = 0");

        await ShouldFindAsync(new LedgerFinding(
            LedgerRule.HoldFollowsTopUp, _held.Id.Value, "the hold of a top-up that is reserved, for 20.00 MXN", "a hold that is released, for 20.00 MXN"));
    }

    [Test]
    public async Task A_hold_that_was_removed()
    {
        await _database.ExecuteAsync("DELETE FROM relier_hold WHERE state = 'captured'");

        await ShouldFindAsync(new LedgerFinding(
            LedgerRule.HoldFollowsTopUp, _delivered.Id.Value, "the hold of a top-up that is succeeded, for 20.00 MXN", "no hold"));
    }

    [Test]
    public async Task A_hold_of_another_amount()
    {
        await _database.ExecuteAsync("UPDATE relier_hold SET amount = amount - 1 WHERE state = 'captured'");

        await ShouldFindAsync(new LedgerFinding(
            LedgerRule.HoldFollowsTopUp, _delivered.Id.Value,
            "the hold of a top-up that is succeeded, for 20.00 MXN", "a hold that is captured, for 19.999999 MXN"));
    }

    [Test]
    public async Task A_journal_that_was_removed()
    {
        await _database.ExecuteAsync($"DELETE FROM relier_posting WHERE journal_id = '{await CaptureAsync()}' AND entry IS NULL");
        await _database.ExecuteAsync("UPDATE relier_journal SET kind = 'credit_subtracted' WHERE kind = 'topup_captured'");

        (await _database.VerifyAsync()).Should().ContainEquivalentOf(new LedgerFinding(
            LedgerRule.JournalsFollowTopUp, _delivered.Id.Value,
            "the journals of a top-up that is succeeded", "0 captures, 0 reversals, 0 late deliveries"));
    }

    [Test]
    public async Task A_journal_too_many()
    {
        await _database.ExecuteAsync(
            $"INSERT INTO relier_journal (tenant_id, id, written_at, kind, subject) VALUES ('norte', 'jrn_x', 1, 'late_delivery', '{_held.Id}')");

        await ShouldFindAsync(new LedgerFinding(
            LedgerRule.JournalsFollowTopUp, _held.Id.Value,
            "the journals of a top-up that is reserved", "0 captures, 0 reversals, 1 late deliveries"));
    }

    private Task<string> CaptureAsync() =>
        _database.InAsync(async session => (await session.Ledger.FindJournalAsync(JournalKind.TopUpCaptured, _delivered.Id.Value, default))!.Id.Value);

    private async Task ShouldFindAsync(params LedgerFinding[] findings) =>
        (await _database.VerifyAsync()).Should().Equal(findings);
}
