using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;
using NUnit.Framework;
using Relier.Contracts;
using Relier.EntityFramework;
using Relier.Identity;
using Relier.InMemory;
using Relier.TopUps;

namespace Relier.Adapters.Tests.EntityFramework;

/// <summary>Whatever would only look like one transaction is refused with what to do instead.</summary>
public sealed class EnlistmentMisuseTests
{
    private Storefront _store = null!;
    private StoreContext _context = null!;

    [SetUp]
    public async Task Begin()
    {
        _store = await Storefront.OpenAsync();
        _context = _store.Context();
    }

    [TearDown]
    public async Task End()
    {
        await _context.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Test]
    public void Without_a_transaction_there_is_nothing_to_enlist_in() =>
        FluentActions.Invoking(() => _store.Storage.Enlist(_context)).Should().Throw<InvalidOperationException>().WithMessage("*BeginTransactionAsync*");

    [Test]
    public async Task Only_postgres_can_be_enlisted()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();

        FluentActions.Invoking(() => new InMemoryStorage().Enlist(_context)).Should().Throw<InvalidOperationException>().WithMessage("*InMemoryStorage*.UsePostgres(*");
    }

    [Test]
    public async Task One_flow_of_work_is_enlisted_once()
    {
        await using var other = _store.Context();
        await using var first = await _context.Database.BeginTransactionAsync();
        await using var second = await other.Database.BeginTransactionAsync();
        using var enlistment = _store.Storage.Enlist(_context);

        FluentActions.Invoking(() => _store.Storage.Enlist(other)).Should().Throw<InvalidOperationException>().WithMessage("*already*");
        FluentActions.Invoking(() => _store.Storage.Enlist(_context)).Should().Throw<InvalidOperationException>().WithMessage("*already*");
    }

    [Test]
    public async Task A_transaction_of_Relier_itself_is_not_joined()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();

        await _store.Storage.RunAsync(
            Storefront.Tenant,
            _ =>
            {
                FluentActions.Invoking(() => _store.Storage.Enlist(_context)).Should().Throw<InvalidOperationException>().WithMessage("*already*");
                return Task.FromResult(true);
            },
            default);
    }

    [Test]
    public async Task A_context_on_another_database_is_refused_before_anything_is_written()
    {
        await using var elsewhere = await Storefront.OpenAsync();
        await using var context = elsewhere.Context();
        await using var transaction = await context.Database.BeginTransactionAsync();
        var before = await elsewhere.EverythingAsync();
        using (_store.Storage.Enlist(context))
            await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*another database or schema*");

        await transaction.CommitAsync();
        (await elsewhere.EverythingAsync()).Should().Equal(before);
        (await _store.CountAsync("relier_topup")).Should().Be(0);
    }

    [Test]
    public async Task A_context_that_finds_other_tables_is_refused()
    {
        await _store.ExecuteAsync("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.relier_schema_migrations (version BIGINT)");
        await using var context = _store.Context(connectionString: new NpgsqlConnectionStringBuilder(_store.ConnectionString) { SearchPath = "elsewhere,public" }.ConnectionString);
        await using var transaction = await context.Database.BeginTransactionAsync();
        using var enlistment = _store.Storage.Enlist(context);

        await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*another database or schema*");
    }

    [Test]
    public async Task A_role_that_may_not_do_much_can_be_enlisted()
    {
        await _store.ExecuteAsync("""
            DO $$ BEGIN CREATE ROLE clerk LOGIN PASSWORD 'clerk'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk
            """);
        await using var context = _store.Context(connectionString: new NpgsqlConnectionStringBuilder(_store.ConnectionString) { Username = "clerk", Password = "clerk" }.ConnectionString);
        await using var transaction = await context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(context)) (await _store.OrderAsync("A-1")).Value.Replayed.Should().BeFalse();
    }

    [Test]
    public async Task Nothing_is_waited_for_inside_because_nothing_is_sent_before_the_commit()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(_context))
        {
            await FluentActions.Awaiting(() => _store.Relier.SendAsync(new RequestTopUp("5512345000", "20") { Reference = "A-1" }, _store.Reseller))
                .Should().ThrowAsync<InvalidOperationException>().WithMessage("*Wait = Duration.Zero*");
            await transaction.CommitAsync();
        }

        (await _store.CountAsync("relier_topup")).Should().Be(0);
        _store.Provider.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task Nothing_is_taken_back_inside()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(_context))
        {
            await FluentActions.Awaiting(() => _store.Relier.SendAsync(new ReverseTopUp("RLR1"), Caller.OfSystem(_store.Reseller.Tenant, "house")))
                .Should().ThrowAsync<InvalidOperationException>().WithMessage("*after its commit*");
        }
    }

    [Test]
    public async Task Jobs_are_not_run_inside()
    {
        await _store.OrderAsync("A-1");
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(_context))
        {
            await FluentActions.Awaiting(() => _store.Loop.RunDueAsync()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*after its commit*");
            await FluentActions.Awaiting(() => _store.Loop.RunAsync(default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*after its commit*");
        }

        (await _store.Loop.RunDueAsync()).Should().Be(1);
    }

    [Test]
    public async Task The_schema_is_not_migrated_inside()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using var enlistment = _store.Storage.Enlist(_context);

        await FluentActions.Awaiting(() => _store.Storage.MigrateAsync(default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*Migrate it before*");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task After_the_transaction_nothing_more_is_done_in_its_enlistment(bool another)
    {
        var first = await _context.Database.BeginTransactionAsync();
        using var enlistment = _store.Storage.Enlist(_context);
        await first.CommitAsync();
        await first.DisposeAsync();
        if (another) await _context.Database.BeginTransactionAsync();

        await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*transaction has ended*");
    }

    [Test]
    public async Task After_the_context_nothing_more_is_done_in_its_enlistment()
    {
        var context = _store.Context();
        await context.Database.BeginTransactionAsync();
        using var enlistment = _store.Storage.Enlist(context);
        await context.DisposeAsync();

        await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*transaction has ended*");
    }

    [Test]
    public async Task After_the_enlistment_work_is_on_its_own_again()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        var enlistment = _store.Storage.Enlist(_context);
        enlistment.Dispose();
        enlistment.Dispose();

        await _store.OrderAsync("A-1");
        await transaction.RollbackAsync();

        (await _store.CountAsync("relier_topup")).Should().Be(1);
    }

    [Test]
    public async Task Two_requests_at_once_do_not_share_a_connection()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        var inside = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        using (_store.Storage.Enlist(_context))
        {
            var first = _store.Storage.RunAsync(
                Storefront.Tenant,
                async session =>
                {
                    await session.Audit.AddAsync(A.AuditEntry(), default);
                    inside.SetResult();
                    await done.Task;
                    return true;
                },
                default);
            await inside.Task;
            await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*one thing at a time*");
            done.SetResult();
            await first;
            await _store.OrderAsync("A-2");
            await transaction.CommitAsync();
        }

        (await _store.CountAsync("relier_topup")).Should().Be(1);
    }

    [Test]
    public async Task An_enlistment_that_ends_while_work_is_under_way_is_told()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        var inside = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        var enlistment = _store.Storage.Enlist(_context);
        var work = _store.Storage.RunAsync(
            Storefront.Tenant,
            async session =>
            {
                await session.Audit.AddAsync(A.AuditEntry(), default);
                inside.SetResult();
                await done.Task;
                return true;
            },
            default);
        await inside.Task;

        FluentActions.Invoking(enlistment.Dispose).Should().Throw<InvalidOperationException>().WithMessage("*roll the transaction back now*");

        done.SetResult();
        await work;
    }

    [Test]
    public async Task A_transaction_that_has_failed_already_takes_nothing_more()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(_context))
        {
            await FluentActions.Awaiting(() => _context.Database.ExecuteSqlRawAsync("SELECT 1 / 0")).Should().ThrowAsync<PostgresException>();
            await FluentActions.Awaiting(() => _store.OrderAsync("A-1")).Should().ThrowAsync<InvalidOperationException>().WithMessage("*aborted*");
            await transaction.RollbackAsync();
        }

        (await _store.OrderAsync("A-1")).Value.Replayed.Should().BeFalse();
    }

    [Test]
    public async Task Work_begun_inside_that_goes_on_afterwards_is_stopped_unless_it_was_begun_on_its_own()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        var over = new TaskCompletionSource();
        Task<Outcome<TopUpReceipt>> carriedAlong, onItsOwn;
        using (_store.Storage.Enlist(_context))
        {
            carriedAlong = Task.Run(async () =>
            {
                await over.Task;
                return await _store.OrderAsync("A-1");
            });
            using (ExecutionContext.SuppressFlow()) onItsOwn = Task.Run(() => _store.OrderAsync("A-2"));
            (await onItsOwn).Value.Replayed.Should().BeFalse();
            await transaction.RollbackAsync();
        }

        over.SetResult();

        await FluentActions.Awaiting(() => carriedAlong).Should().ThrowAsync<InvalidOperationException>().WithMessage("*SuppressFlow*");
        (await _store.WalletAsync()).Held.ToDecimal().Should().Be(20.00m, "A-2 was never part of the transaction");
    }

    [Test]
    public async Task An_enlistment_handed_out_of_an_async_method_is_told_at_its_end()
    {
        async Task<IDisposable> EnlistAsync()
        {
            await Task.Yield();
            return _store.Storage.Enlist(_context);
        }

        await using var transaction = await _context.Database.BeginTransactionAsync();
        var enlistment = await EnlistAsync();

        FluentActions.Invoking(enlistment.Dispose).Should().Throw<InvalidOperationException>().WithMessage("*Enlist in the method that does the work*");
    }

    [Test]
    public async Task Work_cancelled_before_it_begins_leaves_the_transaction_as_it_was()
    {
        await using var transaction = await _context.Database.BeginTransactionAsync();
        using (_store.Storage.Enlist(_context))
        {
            await FluentActions.Awaiting(() => _store.Relier.SendAsync(
                new RequestTopUp("5512345000", "20") { Reference = "A-1", Wait = Duration.Zero }, _store.Reseller, new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
            await _store.OrderAsync("A-2");
            await transaction.CommitAsync();
        }

        (await _store.CountAsync("relier_topup")).Should().Be(1);
    }
}
