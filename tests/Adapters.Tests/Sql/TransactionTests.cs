using FluentAssertions;
using NUnit.Framework;
using Relier.Contracts;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Sql;

/// <summary>What a failed statement does to its transaction: the same on engines that differ in it.</summary>
[TestFixture(typeof(OnSqlite))]
[TestFixture(typeof(OnSystemSqlite))]
[TestFixture(typeof(OnPostgres))]
public sealed class TransactionTests<TEngine>
    where TEngine : SqlEngine, new()
{
    private TestDatabase _database = null!;

    [SetUp]
    public async Task Begin() => _database = await new TEngine().CreateAsync();

    [TearDown]
    public async Task End() => await _database.DisposeAsync();

    [Test]
    public async Task After_a_duplicate_the_transaction_goes_on_and_commits_the_rest()
    {
        var customer = A.Customer();
        await _database.InAsync(session => session.Customers.AddAsync(customer, default));
        var (first, second) = (A.TopUpOf(customer) with { Reference = "r-1" }, A.TopUpOf(customer) with { Reference = "r-2" });

        await _database.InAsync(async session =>
        {
            await session.TopUps.AddAsync(first, default);
            await ShouldBeDuplicateAsync(UniqueKey.Customer, () => session.Customers.AddAsync(customer, default));
            await ShouldBeDuplicateAsync(UniqueKey.TopUpReference, () => session.TopUps.AddAsync(A.TopUpOf(customer) with { Reference = "r-1" }, default));
            await session.TopUps.AddAsync(second, default);
        });

        var stored = await _database.InAsync(session => session.TopUps.ListAsync(new TopUpFilter(), new PageRequest(null, 10), default));
        stored.Data.Select(topUp => topUp.Reference).Should().Equal("r-2", "r-1");
    }

    [Test]
    public async Task After_a_refused_update_the_transaction_goes_on_without_any_of_it()
    {
        var customer = await _database.EnrolAsync();
        var (sent, next) = (A.TopUpOf(customer), A.TopUpOf(customer));
        await _database.InAsync(async session =>
        {
            await session.TopUps.AddAsync(sent, default);
            await session.TopUps.UpdateAsync(sent.Begin(ProviderEnvironment.Simulator, A.Noon).Value, default);
            await session.TopUps.AddAsync(next, default);
        });

        await _database.InAsync(async session =>
        {
            var begun = next.Begin(ProviderEnvironment.Simulator, A.Noon).Value;
            var taken = begun with { Attempts = [begun.Attempts[0] with { ProviderReference = sent.Id.Value }] };
            await ShouldBeDuplicateAsync(UniqueKey.ProviderReference, () => session.TopUps.UpdateAsync(taken, default));
            (await session.TopUps.FindAsync(next.Id, default)).ShouldWhollyBe(next);
            await session.TopUps.UpdateAsync(begun, default);
        });

        (await _database.InAsync(session => session.TopUps.FindAsync(next.Id, default)))!.State.Should().Be(TopUpState.Submitting);
    }

    [Test]
    public async Task A_statement_that_failed_and_was_ignored_is_not_committed_around()
    {
        var customer = A.Customer();
        var nonsense = A.HoldOf(A.TopUpOf(customer)) with { Amount = A.Pesos(0) };

        var act = () => _database.InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, default);
            await session.Invoking(it => it.Ledger.AddHoldAsync(nonsense, default)).Should().ThrowAsync<InvalidOperationException>();
        });

        await act.Should().ThrowAsync<InvalidOperationException>();
        (await _database.InAsync(session => session.Customers.FindAsync(customer.Id, default))).Should().BeNull();
    }

    [Test]
    public async Task A_transaction_inside_another_is_refused_at_once() =>
        await _database.Invoking(database => database.InAsync(_ => database.InAsync(session => session.Jobs.FindAsync(A.New<Jobs.Job>("job"), default))))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*already open*");

    [Test]
    public async Task A_posting_on_a_customers_account_without_its_balance_is_a_bug()
    {
        var customer = await _database.EnrolAsync();
        var bare = new Posting(AccountCode.OfCustomer(customer.Wallet), A.Pesos(1));

        var act = () => _database.InAsync(session => session.Ledger.PostAsync(
            A.Journal() with { Postings = [bare, new Posting(AccountCode.Adjustment, A.Pesos(-1))] }, default));

        await act.Should().ThrowAsync<ArgumentException>();
    }

    [Test]
    public async Task A_cancelled_transaction_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var customer = A.Customer();

        var act = () => _database.InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, cancellation.Token);
            await cancellation.CancelAsync();
            await session.Ledger.OpenAsync(A.WalletOf(customer), cancellation.Token);
        });

        await act.Should().ThrowAsync<OperationCanceledException>();
        (await _database.InAsync(session => session.Customers.FindAsync(customer.Id, default))).Should().BeNull();
    }

    [Test]
    public async Task A_worker_that_comes_back_late_has_no_say_in_its_own_second_lease()
    {
        await _database.InAsync(session => session.Jobs.AddAsync(A.Job(Books.Tenant), default));
        var lease = NodaTime.Duration.FromMinutes(1);

        async Task<IReadOnlyList<Jobs.Job>> ClaimAsync(NodaTime.Instant now) =>
            (await _database.RunSystemAsync(house => house.Jobs.ClaimAsync(A.ClaimBy("worker") with { Now = now, Lease = lease, Limit = 1 }, default), default)).Jobs;
        var first = (await ClaimAsync(A.Noon)).Single();
        var second = (await ClaimAsync(A.Noon + lease)).Single();

        (await _database.InAsync(session => session.Jobs.CompleteAsync(first, default))).Should().BeFalse();
        (await _database.InAsync(session => session.Jobs.RetryAsync(first, default))).Should().BeFalse();
        (await _database.InAsync(session => session.Jobs.BuryAsync(first, default))).Should().BeFalse();
        (await _database.RunSystemAsync(house => house.Jobs.ProlongAsync(first, A.Noon + lease * 9, default), default)).Should().BeFalse();
        (await _database.InAsync(session => session.Jobs.CompleteAsync(second, default))).Should().BeTrue();
    }

    [Test]
    public async Task A_job_that_a_process_of_the_version_before_adds_is_claimed_like_any_other()
    {
        await _database.ExecuteAsync($"""
            INSERT INTO relier_job (tenant_id, id, kind, subject, run_at, tries, is_dead, created_at)
            VALUES ('norte', 'job_old', 'topup.submit', 'RLR_1', {Relier.Sql.Micros.Of(A.Noon)}, 0, 0, {Relier.Sql.Micros.Of(A.Noon)})
            """);

        foreach (var after in new[] { "", "sur/" })
        {
            var claimed = await _database.RunSystemAsync(house => house.Jobs.ClaimAsync(A.ClaimBy("w") with { After = after, Lease = NodaTime.Duration.Zero }, default), default);
            claimed.Jobs.Should().ContainSingle().Which.Party.Should().BeNull();
        }
    }

    private static async Task ShouldBeDuplicateAsync(string key, Func<Task> act) =>
        (await act.Should().ThrowAsync<DuplicateKeyException>()).Which.Key.Should().Be(key);
}
