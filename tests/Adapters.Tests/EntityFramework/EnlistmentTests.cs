using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NUnit.Framework;
using Relier.Contracts;
using Relier.Customers;
using Relier.EntityFramework;
using Relier.Identity;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Adapters.Tests.EntityFramework;

/// <summary>The application's rows and Relier's commit or vanish together.</summary>
public sealed class EnlistmentTests
{
    private Storefront _store = null!;

    [SetUp]
    public async Task Begin() => _store = await Storefront.OpenAsync();

    [TearDown]
    public async Task End() => await _store.DisposeAsync();

    [Test]
    public async Task The_order_and_its_hold_commit_together()
    {
        await using var context = _store.Context();

        TopUp topUp;
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            using var enlistment = _store.Storage.Enlist(context);
            await context.AddAsync("A-1");
            topUp = (await _store.OrderAsync("A-1")).Value.TopUp;
            await context.AddAsync("A-2", topUp);
            await transaction.CommitAsync();
        }

        (await _store.OrdersAsync()).Should().Equal("A-1", "A-2");
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m);
        (await _store.OrderAsync("A-1")).Value.TopUp.Id.Should().Be(topUp.Id);
        (await _store.CountAsync("relier_hold", "state = 'open'")).Should().Be(1);
        (await _store.CountAsync("relier_job")).Should().Be(1);
    }

    [Test]
    public async Task Nothing_is_seen_by_others_before_the_commit()
    {
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context)) await _store.OrderAsync("A-1");

        (await _store.CountAsync("relier_topup")).Should().Be(0);
        (await _store.Loop.RunDueAsync()).Should().Be(0);
        await transaction.CommitAsync();

        (await _store.CountAsync("relier_topup")).Should().Be(1);
    }

    [Test]
    public async Task A_rollback_after_the_hold_leaves_nothing_of_either()
    {
        var before = await _store.EverythingAsync();
        await using var context = _store.Context();

        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            using var enlistment = _store.Storage.Enlist(context);
            await context.AddAsync("A-1");
            await _store.OrderAsync("A-1");
            (await _store.Relier.SendAsync(
                new RequestTopUp("5512345001", "30") { IdempotencyKey = "key-1", Wait = NodaTime.Duration.Zero }, _store.Reseller)).Value.Replayed.Should().BeFalse();
            (await _store.WalletAsync()).Held.ToDecimal().Should().Be(50.00m, "inside it is there");
            await transaction.RollbackAsync();
        }

        (await _store.EverythingAsync()).Should().Equal(before);
        (await _store.Loop.RunDueAsync()).Should().Be(0);
        _store.Provider.Submissions.Should().BeEmpty();
        (await _store.OrderAsync("A-1")).Value.Replayed.Should().BeFalse("the reference was never used");
    }

    [Test]
    public async Task An_exception_between_the_two_leaves_nothing_of_either()
    {
        var before = await _store.EverythingAsync();

        async Task SellAsync()
        {
            await using var context = _store.Context();
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            await _store.OrderAsync("A-1");
            throw new InvalidOperationException("the printer is on fire");
        }

        await FluentActions.Awaiting(SellAsync).Should().ThrowAsync<InvalidOperationException>().WithMessage("the printer*");
        (await _store.EverythingAsync()).Should().Equal(before);
    }

    [Test]
    public async Task What_relier_refuses_leaves_the_application_free_to_commit_its_own()
    {
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context))
        {
            (await _store.OrderAsync("A-1", amount: "500")).Refusal!.Code.Should().Be("insufficient_credit");
            await context.AddAsync("A-1");
            await transaction.CommitAsync();
        }

        (await _store.OrdersAsync()).Should().Equal("A-1");
        (await _store.CountAsync("relier_hold")).Should().Be(0);
        (await _store.CountAsync("relier_topup", "state = 'rejected'")).Should().Be(1, "the final no is kept with the order");
        (await _store.OrderAsync("A-1", amount: "500")).Refusal!.Replayed.Should().BeTrue();
    }

    [Test]
    public async Task Work_that_the_engine_refuses_is_undone_and_the_rest_commits()
    {
        var broken = A.Customer() with { Version = 0 };
        await using var context = _store.Context();
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            using var enlistment = _store.Storage.Enlist(context);
            await context.AddAsync("A-1");
            await _store.OrderAsync("A-1");
            await FluentActions.Awaiting(() => _store.Storage.RunAsync(
                Storefront.Tenant,
                async session =>
                {
                    await session.Customers.AddAsync(A.Customer(), default);
                    await session.Customers.AddAsync(broken, default);
                    return true;
                },
                default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*relier_customer_version*");
            await _store.OrderAsync("A-2");
            await transaction.CommitAsync();
        }

        (await _store.OrdersAsync()).Should().Equal("A-1");
        (await _store.CountAsync("relier_customer")).Should().Be(2, "the two resellers and nobody else");
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(40.00m);
    }

    [Test]
    public async Task An_enlisted_order_is_delivered_by_the_job_loop_after_the_commit()
    {
        await using (var context = _store.Context())
        {
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            await context.AddAsync("A-1", (await _store.OrderAsync("A-1")).Value.TopUp);
            await transaction.CommitAsync();
        }

        (await _store.Loop.RunDueAsync()).Should().Be(1);

        _store.Provider.Deliveries.Should().ContainSingle();
        (await _store.OrderAsync("A-1")).Value.TopUp.State.Should().Be(TopUpState.Succeeded);
        var wallet = await _store.WalletAsync();
        (wallet.Posted.ToDecimal(), wallet.Held.ToDecimal()).Should().Be((80.00m, 0m));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_job_loop_is_woken_when_an_enlistment_ends_after_the_commit_and_not_before(bool commits)
    {
        using var woken = new SemaphoreSlim(0);
        using var over = new CancellationTokenSource();
        var listening = _store.Storage.ListenForJobsAsync(() => woken.Release(), over.Token);
        // A new connection to listen on is a reason to look, too.
        (await woken.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue();
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        var enlistment = _store.Storage.Enlist(context);
        await _store.OrderAsync("A-1");
        if (commits) await transaction.CommitAsync();
        woken.CurrentCount.Should().Be(0, "the order did not ring by itself");

        enlistment.Dispose();

        woken.CurrentCount.Should().Be(commits ? 1 : 0);
        await over.CancelAsync();
        await listening;
    }

    [Test]
    public async Task Orders_outside_go_their_own_way_meanwhile()
    {
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        var begin = new TaskCompletionSource();
        var outside = Task.Run(async () =>
        {
            await begin.Task;
            return await _store.OrderAsync("B-1", _store.Other);
        });
        using (_store.Storage.Enlist(context))
        {
            await _store.OrderAsync("A-1");
            begin.SetResult();
            (await outside).Value.Replayed.Should().BeFalse();
            await transaction.RollbackAsync();
        }

        (await _store.WalletAsync(_store.Other)).Held.ToDecimal().Should().Be(20.00m);
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(0m);
    }

    [Test]
    public async Task Two_tenants_share_one_transaction_and_no_row()
    {
        await using var context = _store.Context();
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            using var enlistment = _store.Storage.Enlist(context);
            var ours = (await _store.OrderAsync("A-1")).Value;
            var theirs = (await _store.OrderAsync("A-1", _store.Other)).Value;
            theirs.Replayed.Should().BeFalse("a reference of another tenant is another reference");
            (await _store.Relier.SendAsync(new GetTopUp(ours.TopUp.Id.Value), _store.Other)).Refusal!.Code.Should().Be("not_found");
            await transaction.CommitAsync();
        }

        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m);
        (await _store.WalletAsync(_store.Other)).Held.ToDecimal().Should().Be(20.00m);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_same_order_in_two_contexts_at_once_is_one_order(bool firstCommits)
    {
        var firstHolds = new TaskCompletionSource();
        var secondAsks = new TaskCompletionSource();

        var first = Task.Run(async () =>
        {
            await using var context = _store.Context();
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            var receipt = (await _store.OrderAsync("A-1")).Value;
            firstHolds.SetResult();
            await secondAsks.Task;
            await (firstCommits ? transaction.CommitAsync() : transaction.RollbackAsync());
            return receipt;
        });
        var second = Task.Run(async () =>
        {
            await firstHolds.Task;
            await using var context = _store.Context();
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            var order = _store.OrderAsync("A-1");
            secondAsks.SetResult();
            var receipt = (await order).Value;
            await transaction.CommitAsync();
            return receipt;
        });
        var receipts = await Task.WhenAll(first, second);

        receipts[1].Replayed.Should().Be(firstCommits);
        (receipts[1].TopUp.Id == receipts[0].TopUp.Id).Should().Be(firstCommits);
        (await _store.CountAsync("relier_hold")).Should().Be(1);
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m);
    }

    [Test]
    public async Task A_deadlock_is_told_and_nothing_is_done_again_by_itself()
    {
        var bothLocked = new Barrier(2);
        var runs = 0;

        Task<Exception?> SellAsync(string reference, Caller one, Caller other) => Task.Run(async () =>
        {
            await using var context = _store.Context();
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            await _store.OrderAsync(reference, one);
            bothLocked.SignalAndWait();
            Interlocked.Increment(ref runs);
            try
            {
                await _store.OrderAsync(reference, other);
                await transaction.CommitAsync();
                return (Exception?)null;
            }
            catch (Exception lost)
            {
                return lost;
            }
        });

        var outcomes = await Task.WhenAll(SellAsync("A-1", _store.Reseller, _store.Other), SellAsync("A-2", _store.Other, _store.Reseller));

        outcomes.Should().ContainSingle(outcome => outcome == null);
        outcomes.Should().ContainSingle(outcome => outcome is Storage.StorageUnavailableException);
        runs.Should().Be(2);
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m);
        (await _store.WalletAsync(_store.Other)).Held.ToDecimal().Should().Be(20.00m);
    }

    [Test]
    public async Task A_connection_lost_after_the_hold_leaves_nothing_of_either()
    {
        var before = await _store.EverythingAsync();
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context))
        {
            await context.AddAsync("A-1");
            await _store.OrderAsync("A-1");
            await _store.ExecuteAsync($"SELECT pg_terminate_backend({((NpgsqlConnection)context.Database.GetDbConnection()).ProcessID})");
            await FluentActions.Awaiting(() => _store.OrderAsync("A-2")).Should().ThrowAsync<Storage.StorageUnavailableException>();
            await FluentActions.Awaiting(() => transaction.CommitAsync()).Should().ThrowAsync<Exception>();
        }

        (await _store.EverythingAsync()).Should().Equal(before);
    }

    [Test]
    public async Task A_retrying_strategy_that_runs_the_whole_transaction_again_holds_once()
    {
        await using var context = _store.Context(npgsql => npgsql.EnableRetryOnFailure(2, TimeSpan.Zero, null));
        var runs = 0;

        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            context.ChangeTracker.Clear();
            await using var transaction = await context.Database.BeginTransactionAsync();
            using var enlistment = _store.Storage.Enlist(context);
            await context.AddAsync("A-1", (await _store.OrderAsync("A-1")).Value.TopUp);
            if (++runs == 1) throw new TimeoutException("as the driver says it");
            await transaction.CommitAsync();
        });

        runs.Should().Be(2);
        (await _store.OrdersAsync()).Should().Equal("A-1");
        (await _store.CountAsync("relier_topup")).Should().Be(1);
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m);
    }

    [Test]
    public async Task What_was_seen_inside_is_not_remembered_after_a_rollback()
    {
        var nueva = Tenancy.TenantId.Parse("nueva");
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context))
        {
            await _store.Tenants.EnsureAsync(nueva, "Nueva", NodaTime.DateTimeZone.Utc);
            (await _store.Tenants.GetAsync(nueva, default)).Name.Should().Be("Nueva");
            await transaction.RollbackAsync();
        }

        await FluentActions.Awaiting(() => _store.Tenants.GetAsync(nueva, default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("There is no tenant 'nueva'*");
    }

    [Test]
    public async Task A_key_made_inside_opens_nothing_after_a_rollback()
    {
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        string secret;
        using (_store.Storage.Enlist(context))
        {
            secret = (await _store.Relier.SendAsync(
                new CreateKey("till") { Customer = _store.Reseller.Customer!.Value.Value }, Caller.OfAdmin(Storefront.Tenant, "maria"))).Value.Secret;
            (await _store.Door.AuthenticateAsync(secret, null, null, default)).Refusal.Should().BeNull();
            await transaction.RollbackAsync();
        }

        (await _store.Door.AuthenticateAsync(secret, null, null, default)).Refusal!.Code.Should().Be("unauthenticated");
    }

    [Test]
    public async Task A_customer_and_their_credit_can_be_part_of_it_too()
    {
        var house = Caller.OfAdmin(Storefront.Tenant, "maria");
        var before = await _store.EverythingAsync();
        await using var context = _store.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context))
        {
            var customer = (await _store.Relier.SendAsync(new CreateCustomer("New") { WalletCurrency = "MXN" }, house)).Value.Customer.Id;
            await _store.Relier.SendAsync(new AdjustCredit(customer.Value, "5.00", "payment"), house);
            (await _store.Relier.SendAsync(new GetBalance(customer.Value), house)).Value.Account.Posted.ToDecimal().Should().Be(5.00m);
            await transaction.RollbackAsync();
        }

        (await _store.EverythingAsync()).Should().Equal(before);
    }
}
