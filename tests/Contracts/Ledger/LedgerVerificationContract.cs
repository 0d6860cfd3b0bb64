#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NUnit.Framework;
using Relier.Customers;
using Relier.Importing;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>What verifying the books must find, and what it must not.</summary>
public sealed class LedgerVerificationContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly SubmitOutcome Delivered = new SubmitOutcome.Delivered("T-1", "O-1");
    private static readonly SubmitOutcome Refused = new SubmitOutcome.Refused(RefusalClass.ProductUnavailable, "-120054", "no", null);
    private static readonly JournalKind[] KindsOfTopUps = [JournalKind.TopUpCaptured, JournalKind.TopUpReversed, JournalKind.LateDelivery];

    private static readonly Dictionary<TopUpState, HoldState?> RightHolds = new()
    {
        [TopUpState.Reserved] = HoldState.Open, [TopUpState.Submitting] = HoldState.Open, [TopUpState.Pending] = HoldState.Open,
        [TopUpState.Unknown] = HoldState.Open, [TopUpState.InReview] = HoldState.Open, [TopUpState.Succeeded] = HoldState.Captured,
        [TopUpState.Reversed] = HoldState.Captured, [TopUpState.Failed] = HoldState.Released, [TopUpState.LateDelivered] = HoldState.Released,
        [TopUpState.Rejected] = null,
    };

    private Customer _customer = null!;

    [SetUp]
    public async Task EnrolACustomer() => _customer = await InAsync(session => session.EnrolAsync());

    [Test]
    public async Task Books_in_order_have_no_findings_whatever_became_of_the_topups()
    {
        await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(1_000));
            await session.OrderAsync(A.TopUpOf(_customer)); // reserved
            await session.TopUps.UpdateAsync((await OrderAsync(session)).Begin(ProviderEnvironment.Simulator, A.Noon).Value, default); // submitting
            await session.SubmitAsync(await OrderAsync(session), new SubmitOutcome.Accepted("T-2")); // pending
            await session.SubmitAsync(await OrderAsync(session), new SubmitOutcome.Unknown("timeout", "no answer")); // unknown
            await session.SubmitAsync(await OrderAsync(session), Delivered); // succeeded
            await session.SubmitAsync(await OrderAsync(session), Refused); // failed
            await session.HearAsync(await session.SubmitAsync(await OrderAsync(session), Delivered), Verdict.Reversed); // reversed
            await session.HearAsync(await session.SubmitAsync(await OrderAsync(session), Refused), Verdict.Delivered); // late
            await session.TopUps.AddAsync(A.TopUpOf(_customer).In(TopUpState.Rejected), default);
            await session.TopUps.AddAsync(FullRecords.RejectedOf(_customer), default);
        });

        var account = await InAsync(session => session.Ledger.FindAsync(_customer.Wallet, default));
        account!.Posted.Should().Be(A.Pesos(960)); // 1,000 - 20 succeeded - 20 + 20 reversed - 20 late
        account.Held.Should().Be(A.Pesos(80)); // reserved, submitting, pending, unknown
        (await VerifyAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Nothing_at_all_is_in_order() => (await VerifyAsync()).Should().BeEmpty();

    [Test]
    public async Task A_journal_that_does_not_sum_to_zero_in_each_currency_is_found()
    {
        // Zero over all, but not in either currency.
        var journal = A.Journal() with { Postings = [new Posting(AccountCode.FxPosition, A.Pesos(1)), new Posting(AccountCode.FxPosition, A.Dollars(-1))] };
        await InAsync(session => session.Ledger.PostAsync(journal, default));

        var findings = await VerifyAsync();

        findings.Should().NotBeEmpty().And.OnlyContain(finding => finding.Kind == LedgerRule.JournalBalances && finding.Subject == journal.Id.Value);
    }

    [Test]
    public async Task A_posted_balance_that_is_not_the_sum_of_postings_is_found()
    {
        await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(10));
            var account = await session.Ledger.FindAsync(_customer.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { Posted = account.Posted + Money.FromMicros(1, Currency.MXN) }, default);
        });

        await ShouldFindAsync(LedgerRule.PostedIsSumOfPostings, _customer.Wallet.Value);
    }

    [Test]
    public async Task A_held_balance_that_is_not_the_sum_of_open_holds_is_found()
    {
        await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(10));
            var account = await session.Ledger.FindAsync(_customer.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { Held = A.Pesos(5) }, default);
        });

        await ShouldFindAsync(LedgerRule.HeldIsSumOfOpenHolds, _customer.Wallet.Value);
    }

    [TestCase(1, 9.5, TestName = "A_posting_whose_balance_is_not_the_one_before_plus_its_amount_is_found")]
    [TestCase(2, 10, TestName = "A_gap_in_the_numbers_of_postings_is_found")]
    public async Task A_broken_running_balance_is_found(long entry, decimal balance)
    {
        var (_, posting) = A.WalletOf(_customer).Post(A.Pesos(10));
        await InAsync(async session =>
        {
            var account = await session.Ledger.FindAsync(_customer.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { Posted = A.Pesos(10), Entries = entry }, default);
            await session.Ledger.PostAsync(
                A.Journal() with
                {
                    Postings = [posting with { Entry = entry, Balance = A.Pesos(balance) }, new Posting(AccountCode.Adjustment, A.Pesos(-10))],
                },
                default);
        });

        var findings = await VerifyAsync();

        findings.Should().NotBeEmpty().And.OnlyContain(finding => finding.Kind == LedgerRule.RunningBalance && finding.Subject == _customer.Wallet.Value);
    }

    [Test]
    public async Task An_account_with_less_than_it_holds_is_found()
    {
        await InAsync(async session =>
        {
            var account = await session.Ledger.FindAsync(_customer.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { Held = A.Pesos(20) }, default);
            var topUp = A.TopUpOf(_customer);
            await session.TopUps.AddAsync(topUp, default);
            await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
        });

        await ShouldFindAsync(LedgerRule.AvailableNotNegative, _customer.Wallet.Value);
    }

    [Test]
    public async Task Postings_and_open_holds_on_an_account_that_is_not_there_or_in_another_currency_are_found()
    {
        var nobodys = A.New<Account>("acc");
        Posting On(Id<Account> account, Money amount) => new(AccountCode.OfCustomer(account), amount) { Balance = amount, Entry = 1 };
        await InAsync(async session =>
        {
            await session.Ledger.PostAsync(
                A.Journal() with
                {
                    Postings = [On(nobodys, A.Pesos(5)), new(AccountCode.Adjustment, A.Pesos(-5)), On(_customer.Wallet, A.Dollars(7)), new(AccountCode.Adjustment, A.Dollars(-7))],
                },
                default);
            await session.Ledger.AddHoldAsync(A.HoldOf(A.TopUpOf(_customer)) with { Account = nobodys }, default);
            await session.Ledger.AddHoldAsync(A.HoldOf(A.TopUpOf(_customer)) with { Amount = A.Dollars(1) }, default);
        });

        var findings = await VerifyAsync();

        findings.Where(finding => finding.Kind == LedgerRule.PostedIsSumOfPostings).Select(finding => finding.Subject)
            .Should().BeEquivalentTo(nobodys.Value, _customer.Wallet.Value);
        findings.Where(finding => finding.Kind == LedgerRule.HeldIsSumOfOpenHolds).Select(finding => finding.Subject)
            .Should().BeEquivalentTo(nobodys.Value, _customer.Wallet.Value);
    }

    [Test]
    public async Task A_credit_limit_covers_what_is_held()
    {
        await InAsync(async session =>
        {
            var account = await session.Ledger.FindAsync(_customer.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { CreditLimit = A.Pesos(20) }, default);
            await session.OrderAsync(A.TopUpOf(_customer));
        });

        (await VerifyAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Every_hold_that_does_not_follow_its_topup_is_found_and_no_other()
    {
        HoldState?[] holds = [null, HoldState.Open, HoldState.Captured, HoldState.Released];
        var cases = Enum.GetValues<TopUpState>().SelectMany(state => holds.Select(hold => (TopUp: A.TopUpOf(_customer).In(state), Hold: hold))).ToList();
        await InAsync(async session =>
        {
            foreach (var (topUp, hold) in cases) await AddAsync(session, topUp, hold);
        });

        var found = (await VerifyAsync()).Where(finding => finding.Kind == LedgerRule.HoldFollowsTopUp).Select(finding => finding.Subject);

        var wrong = cases.Where(one => RightHolds[one.TopUp.State] != one.Hold).Select(one => one.TopUp.Id.Value);
        found.Should().BeEquivalentTo(wrong, "each of the 10 states has one right answer of 4");
    }

    [Test]
    public async Task A_hold_for_another_amount_or_on_another_account_is_found()
    {
        var (less, elsewhere) = (A.TopUpOf(_customer), A.TopUpOf(_customer));
        await InAsync(async session =>
        {
            await session.TopUps.AddAsync(less, default);
            await session.Ledger.AddHoldAsync(A.HoldOf(less) with { Amount = A.Pesos(19.99m) }, default);
            await session.TopUps.AddAsync(elsewhere, default);
            await session.Ledger.AddHoldAsync(A.HoldOf(elsewhere) with { Account = A.New<Account>("acc") }, default);
        });

        var found = (await VerifyAsync()).Where(finding => finding.Kind == LedgerRule.HoldFollowsTopUp).Select(finding => finding.Subject);

        found.Should().BeEquivalentTo(less.Id.Value, elsewhere.Id.Value);
    }

    [Test]
    public async Task Every_set_of_journals_that_does_not_follow_its_topup_is_found_and_no_other()
    {
        var right = new Dictionary<TopUpState, JournalKind[]>
        {
            [TopUpState.Succeeded] = [JournalKind.TopUpCaptured],
            [TopUpState.Reversed] = [JournalKind.TopUpCaptured, JournalKind.TopUpReversed],
            [TopUpState.LateDelivered] = [JournalKind.LateDelivery],
        };
        var sets = Enumerable.Range(0, 8).Select(bits => KindsOfTopUps.Where((_, bit) => (bits & (1 << bit)) != 0).ToArray()).ToList();
        var wrong = new List<string>();
        foreach (var set in sets)
        {
            var topUps = Enum.GetValues<TopUpState>().Select(state => A.TopUpOf(_customer).In(state)).ToList();
            wrong.AddRange(topUps.Where(topUp => !right.GetValueOrDefault(topUp.State, []).SequenceEqual(set)).Select(topUp => topUp.Id.Value));
            await InAsync(async session =>
            {
                foreach (var topUp in topUps)
                {
                    await AddAsync(session, topUp, RightHolds[topUp.State]);
                    foreach (var kind in set) await session.Ledger.PostAsync(A.Journal() with { Kind = kind, Subject = topUp.Id.Value }, default);
                }
            });
        }

        var found = (await VerifyAsync()).Where(finding => finding.Kind == LedgerRule.JournalsFollowTopUp).Select(finding => finding.Subject);

        found.Should().BeEquivalentTo(wrong, "each of the 10 states has one right set of 8");
    }

    [Test]
    public async Task A_journal_of_somebody_elses_subject_does_not_count_for_a_topup()
    {
        var topUp = await InAsync(async session =>
        {
            await session.CreditAsync(_customer, A.Pesos(100));
            return await session.SubmitAsync(await OrderAsync(session), Delivered);
        });

        await InAsync(session => session.Ledger.PostAsync(A.Journal() with { Kind = JournalKind.TopUpReversed, Subject = topUp.Id + "x" }, default));

        (await VerifyAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Imported_topups_need_no_hold_and_no_journal_in_any_state()
    {
        await InAsync(async session =>
        {
            foreach (var state in Enum.GetValues<TopUpState>()) await AddImportedAsync(session, A.TopUpOf(_customer).In(state));
        });

        (await VerifyAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task A_hold_of_an_imported_topup_is_found([Values(HoldState.Captured, HoldState.Released)] HoldState hold)
    {
        var topUp = A.TopUpOf(_customer).In(TopUpState.Succeeded);
        await InAsync(async session =>
        {
            await AddImportedAsync(session, topUp);
            await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
            await session.Ledger.EndHoldAsync(A.HoldOf(topUp).End(hold, A.Noon), default);
        });

        await ShouldFindAsync(LedgerRule.HoldFollowsTopUp, topUp.Id.Value);
    }

    [TestCaseSource(nameof(KindsOfTopUps))]
    public async Task A_journal_of_an_imported_topup_is_found(JournalKind kind)
    {
        var topUp = A.TopUpOf(_customer).In(TopUpState.Succeeded);
        await InAsync(async session =>
        {
            await AddImportedAsync(session, topUp);
            await session.Ledger.PostAsync(A.Journal() with { Kind = kind, Subject = topUp.Id.Value }, default);
        });

        await ShouldFindAsync(LedgerRule.JournalsFollowTopUp, topUp.Id.Value);
    }

    [Test]
    public async Task What_was_imported_under_the_name_of_a_topup_but_is_none_excuses_no_topup()
    {
        var topUp = A.TopUpOf(_customer).In(TopUpState.Rejected);
        await InAsync(async session =>
        {
            await session.TopUps.AddAsync(topUp with { State = TopUpState.Failed }, default);
            await session.Imports.AddAsync([FullRecords.Item() with { Kind = ImportedKind.Customer, NewId = topUp.Id.Value }], default);
        });

        await ShouldFindAsync(LedgerRule.HoldFollowsTopUp, topUp.Id.Value);
    }

    [Test]
    public async Task At_most_a_hundred_findings_are_given()
    {
        await InAsync(async session =>
        {
            for (var i = 0; i < 120; i++) await session.TopUps.AddAsync(A.TopUpOf(_customer), default); // held, without a hold
        });

        (await VerifyAsync()).Should().HaveCount(100);
    }

    private Task<IReadOnlyList<LedgerFinding>> VerifyAsync() => InAsync(session => session.Ledger.VerifyAsync(default));

    private async Task ShouldFindAsync(LedgerRule rule, string subject)
    {
        var finding = (await VerifyAsync()).Should().ContainSingle().Subject;
        finding.Kind.Should().Be(rule);
        finding.Subject.Should().Be(subject);
        finding.Found.Should().NotBe(finding.Expected);
    }

    private static async Task AddImportedAsync(ISession session, TopUp topUp)
    {
        await session.TopUps.AddAsync(topUp, default);
        await session.Imports.AddAsync([FullRecords.Item() with { OldId = "old " + topUp.Id, NewId = topUp.Id.Value }], default);
    }

    private Task<TopUp> OrderAsync(ISession session) => session.OrderAsync(A.TopUpOf(_customer));

    private static async Task AddAsync(ISession session, TopUp topUp, HoldState? hold)
    {
        await session.TopUps.AddAsync(topUp, default);
        if (hold is not { } state) return;
        await session.Ledger.AddHoldAsync(A.HoldOf(topUp), default);
        if (state != HoldState.Open) await session.Ledger.EndHoldAsync(A.HoldOf(topUp).End(state, A.Noon), default);
    }
}
