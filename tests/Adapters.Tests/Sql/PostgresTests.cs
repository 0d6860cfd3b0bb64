using System.Diagnostics;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using Relier.Contracts;
using Relier.Customers;
using Relier.Jobs;
using Relier.Postgres;
using Relier.Sql;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Sql;

public sealed class PostgresTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private TestDatabase _database = null!;
    private NpgsqlConnectionStringBuilder _connection = null!;

    [SetUp]
    public async Task Begin()
    {
        _database = await new OnPostgres().CreateAsync();
        var name = (await _database.TextsAsync("SELECT current_database()::TEXT")).Single();
        _connection = new NpgsqlConnectionStringBuilder((await PostgresCluster.SharedAsync()).ConnectionStringFor(name));
    }

    [TearDown]
    public async Task End() => await _database.DisposeAsync();

    [TestCase("Host=db;Password=abc;hunter2=x", "a value with a semicolon needs quotes")]
    [TestCase("Host=db;Password=abc;hunter2", "a value with a semicolon needs quotes")]
    [TestCase("Host=db;Port=hunter2", "the value of port is none")]
    public void A_connection_string_that_cannot_be_read_is_refused_without_a_part_of_a_password(string connectionString, string why) =>
        FluentActions.Invoking(() => PostgresStorage.Create(connectionString)).Should().Throw<ArgumentException>().Which.ToString().Should().Contain(why).And.NotContain("hunter2");

    [Test]
    public async Task Transactions_that_lock_each_other_out_both_come_through()
    {
        var (one, other) = (await _database.EnrolAsync(), await _database.EnrolAsync());
        var bothLocked = new Barrier(2);
        var runs = 0;

        Task TransferAsync(Customer first, Customer second) => Task.Run(() => _database.InAsync(async session =>
        {
            await session.Ledger.LockAsync(first.Wallet, default);
            if (Interlocked.Increment(ref runs) <= 2) bothLocked.SignalAndWait();
            var account = await session.Ledger.LockAsync(second.Wallet, default);
            await session.Ledger.UpdateAsync(account! with { CreditLimit = A.Pesos(7) }, default);
        }));

        await Task.WhenAll(TransferAsync(one, other), TransferAsync(other, one));

        runs.Should().BeGreaterThan(2, "the one that was ended for the deadlock ran again");
        foreach (var customer in new[] { one, other })
            (await _database.InAsync(session => session.Ledger.FindAsync(customer.Wallet, default)))!.CreditLimit.Should().Be(A.Pesos(7));
    }

    [TestCase("System.Threading.ManualResetEventSlim", true)]
    [TestCase("Npgsql.PoolingDataSource", false)]
    public async Task A_broken_connection_that_the_driver_has_taken_apart_is_an_outage_and_a_closed_storage_is_misuse(string disposed, bool isOutage)
    {
        await using var dialect = PostgresDialect.Create(_connection.ConnectionString);

        var trouble = dialect.TroubleOf(new ObjectDisposedException(disposed));

        trouble.Should().Be(isOutage ? SqlTrouble.Unavailable : SqlTrouble.Other);
    }

    [Test]
    public async Task Orders_that_wait_for_whoever_changes_their_customer_are_not_taken_on_what_it_was()
    {
        var customer = await _database.EnrolAsync();
        var topUp = A.TopUpOf(customer);
        var entries = new OrderEntries
        {
            Wallets = [A.WalletOf(customer) with { Held = A.Pesos(20) }], TopUps = [topUp], Holds = [A.HoldOf(topUp)], Day = A.Day,
            Assumed = new OrderAssumption(customer, A.Pesos(0), null, A.Noon),
        };
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Task.Run(async () =>
        {
            await changed.Task;
            await _database.InAsync(session => session.Orders.AddAsync(entries, default));
        });

        await _database.InAsync(async session =>
        {
            var wallet = await session.Ledger.LockAsync(customer.Wallet, default);
            await session.Customers.UpdateAsync(customer with { Status = CustomerStatus.Suspended }, default);
            await session.Ledger.UpdateAsync(wallet!, default);
            changed.SetResult();
            await UntilSomebodyWaitsAsync();
        });

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<StaleVersionException>();
        (await _database.InAsync(session => session.TopUps.FindAsync(topUp.Id, default))).Should().BeNull();
    }

    [Test]
    public async Task A_transaction_that_always_loses_is_unavailable_in_the_end()
    {
        var runs = 0;

        var act = () => _database.InStatementsAsync(statements =>
        {
            runs++;
            return statements.ExecuteAsync("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$", null, default);
        });

        await act.Should().ThrowAsync<StorageUnavailableException>();
        runs.Should().Be(3);
    }

    [Test]
    public async Task A_connection_that_the_server_ends_is_unavailable_and_the_next_one_works()
    {
        var customer = A.Customer();

        var act = () => _database.InAsync(async session =>
        {
            await session.Customers.AddAsync(customer, default);
            await EndOtherConnectionsAsync();
            await session.Ledger.OpenAsync(A.WalletOf(customer), default);
        });

        await act.Should().ThrowAsync<StorageUnavailableException>();
        (await _database.InAsync(session => session.Customers.FindAsync(customer.Id, default))).Should().BeNull();
        await _database.EnrolAsync();
    }

    [Test]
    public async Task A_connection_that_ends_at_the_commit_says_that_nobody_knows()
    {
        var act = () => _database.InAsync(async session =>
        {
            await session.Customers.AddAsync(A.Customer(), default);
            await EndOtherConnectionsAsync();
        });

        (await act.Should().ThrowAsync<StorageUnavailableException>()).WithMessage("*whether it was done is not known*");
    }

    [Test]
    public async Task A_statement_that_waits_too_long_for_a_lock_is_unavailable()
    {
        var customer = await _database.EnrolAsync();
        _connection.CommandTimeout = 1;
        await using var impatient = PostgresStorage.Create(_connection.ConnectionString);

        await _database.InAsync(async session =>
        {
            await session.Ledger.LockAsync(customer.Wallet, default);
            await impatient.Invoking(storage => storage.InAsync(other => other.Ledger.LockAsync(customer.Wallet, default)))
                .Should().ThrowAsync<StorageUnavailableException>();
        });

        (await impatient.InAsync(session => session.Ledger.LockAsync(customer.Wallet, default))).Should().NotBeNull();
    }

    [Test]
    public async Task More_transactions_than_connections_are_unavailable_when_none_becomes_free_in_time()
    {
        (_connection.MaxPoolSize, _connection.Timeout) = (1, 1);
        await using var one = PostgresStorage.Create(_connection.ConnectionString);
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var holder = one.InAsync(_ =>
        {
            entered.SetResult();
            return leave.Task;
        });
        await entered.Task;

        await one.Invoking(storage => storage.EnrolAsync()).Should().ThrowAsync<StorageUnavailableException>();
        leave.SetResult();
        await holder;

        await one.EnrolAsync();
    }

    [Test]
    public async Task A_server_that_is_away_is_unavailable_and_when_it_is_back_all_works_again()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var storage = PostgresStorage.Create(await cluster.CreateDatabaseAsync());
        await storage.MigrateAsync(default);
        await storage.KeepAsync();

        await cluster.StopAsync(immediate: true);
        await storage.Invoking(it => it.EnrolAsync()).Should().ThrowAsync<StorageUnavailableException>();
        await storage.Invoking(it => it.EnrolAsync()).Should().ThrowAsync<StorageUnavailableException>();
        await cluster.RestartAsync(immediate: true);

        (await storage.VerifyAsync()).Should().BeEmpty();
        await storage.EnrolAsync();
    }

    [TestCase("Host=127.0.0.1;Port=1;Database=x;Username=x;Timeout=2")]
    [TestCase("Host=nowhere.invalid;Database=x;Username=x;Timeout=2")]
    public async Task A_server_that_is_not_there_is_unavailable(string connectionString)
    {
        await using var storage = PostgresStorage.Create(connectionString);

        await storage.Invoking(it => it.MigrationsAsync(default)).Should().ThrowAsync<StorageUnavailableException>();
    }

    [Test]
    public async Task A_database_that_is_not_there_and_a_wrong_password_are_unavailable()
    {
        var right = _connection.ConnectionString;
        await using var missing = PostgresStorage.Create(new NpgsqlConnectionStringBuilder(right) { Database = "nobodys" }.ConnectionString);
        await using var wrong = PostgresStorage.Create(new NpgsqlConnectionStringBuilder(right) { Password = "wrong" }.ConnectionString);

        await missing.Invoking(it => it.MigrationsAsync(default)).Should().ThrowAsync<StorageUnavailableException>();
        await wrong.Invoking(it => it.MigrationsAsync(default)).Should().ThrowAsync<StorageUnavailableException>();
    }

    [TestCase("")]
    [TestCase("Database=relier")]
    [TestCase("no connection string")]
    public void A_connection_string_without_a_host_is_refused(string connectionString)
    {
        var create = () => PostgresStorage.Create(connectionString);

        create.Should().Throw<ArgumentException>();
    }

    [Test]
    public async Task Text_that_the_engine_cannot_keep_is_a_bug_and_not_an_outage() =>
        await _database.Invoking(database => database.InAsync(session => session.Customers.AddAsync(A.Customer() with { Name = "a\0b" }, default)))
            .Should().ThrowAsync<InvalidOperationException>();

    [Test]
    public async Task Jobs_that_somebody_is_about_to_claim_are_passed_over_without_waiting()
    {
        var jobs = Enumerable.Range(0, 4).Select(_ => A.Job(Books.Tenant)).ToList();
        await _database.InAsync(async session =>
        {
            foreach (var job in jobs) await session.Jobs.AddAsync(job, default);
        });
        await using var other = PostgresStorage.Create(_connection.ConnectionString);

        var (mine, theirs) = await _database.RunSystemAsync(
            async house => (await ClaimAsync(house, "one", 3), await other.RunSystemAsync(session => ClaimAsync(session, "other", 3), default)), default);

        mine.Should().Equal(jobs.Take(3).Select(job => job.Id));
        theirs.Should().Equal(jobs[3].Id);

        static async Task<List<Id<Job>>> ClaimAsync(ISystemSession session, string owner, int limit) =>
            (await session.Jobs.ClaimAsync(A.ClaimBy(owner) with { Limit = limit }, default)).Jobs.Select(job => job.Id).ToList();
    }

    [Test]
    public async Task A_job_of_another_process_is_told_at_once_also_after_the_connection_was_lost()
    {
        using var heard = new SemaphoreSlim(0);
        using var over = new CancellationTokenSource();
        var listening = _database.ListenForJobsAsync(() => heard.Release(), over.Token);
        (await heard.WaitAsync(Patience)).Should().BeTrue("it calls once when it can hear");

        await AddAsync();
        await EndOtherConnectionsAsync();
        (await heard.WaitAsync(Patience)).Should().BeTrue("it calls once when it can hear again");
        while (heard.CurrentCount > 0) await heard.WaitAsync();
        var told = await AddAsync();

        told.Should().BeLessThan(TimeSpan.FromMilliseconds(500), "that is well under the time between two looks");
        await over.CancelAsync();
        await listening.WaitAsync(Patience);

        async Task<TimeSpan> AddAsync()
        {
            await using var other = PostgresStorage.Create(_connection.ConnectionString);
            await other.MigrationsAsync(default);
            var begun = Stopwatch.GetTimestamp();
            await other.InAsync(session => session.Jobs.AddAsync(A.Job(Books.Tenant), default));
            (await heard.WaitAsync(Patience)).Should().BeTrue("another process has work");
            return Stopwatch.GetElapsedTime(begun);
        }
    }

    [Test]
    public async Task Many_commits_become_few_notices()
    {
        await using var other = PostgresStorage.Create(_connection.ConnectionString);
        var heard = 0;
        using var over = new CancellationTokenSource();
        var listening = _database.ListenForJobsAsync(() => Interlocked.Increment(ref heard), over.Token);
        for (var tries = 0; heard == 0 && tries < 1000; tries++) await Task.Delay(10);
        var begun = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var count = 0; count < 50; count++)
                await other.InAsync(session => session.Jobs.AddAsync(A.Job(Books.Tenant), default));
        })));
        await Task.Delay(100);

        // One each 10 ms at most, one for the connection, one under way at the end.
        heard.Should().BeInRange(2, (int)(Stopwatch.GetElapsedTime(begun).TotalMilliseconds / 10) + 2);
        heard.Should().BeLessThan(400);
        await over.CancelAsync();
        await listening.WaitAsync(Patience);
    }

    /// <summary>A plan that steps from lane to lane is quicker, on any machine and under any load, than one look at every job.</summary>
    [Test]
    public async Task A_claim_among_100_000_due_jobs_of_one_lane_and_20_000_for_later_is_quick()
    {
        await _database.ExecuteAsync($"""
            INSERT INTO relier_job (tenant_id, id, lane, kind, subject, run_at, tries, is_dead, created_at)
            SELECT 'main', 'job_' || n, CASE WHEN n <= 100000 THEN 'main/cus_burst' ELSE 'main/cus_' || n % 5000 END, 'topup.submit', 'x',
                   CASE WHEN n <= 100000 THEN {Relier.Sql.Micros.Of(A.Noon)} ELSE {Relier.Sql.Micros.Of(A.Noon)} + 1000000 END, 0, 0, {Relier.Sql.Micros.Of(A.Noon)}
            FROM generate_series(1, 120000) n
            """);
        await _database.InAsync(session => session.Jobs.AddAsync(A.Job(Books.Tenant) with { Party = "cus_few" }, default));
        var (after, lanes, times, looks) = ("", new List<string>(), new List<double>(), new List<double>());

        for (var claim = 0; claim < 60; claim++)
        {
            var begun = Stopwatch.GetTimestamp();
            var claimed = await _database.RunSystemAsync(
                async house =>
                {
                    (await house.Jobs.DueKindsAsync(A.Noon, default)).Should().Equal("topup.submit");
                    return await house.Jobs.ClaimAsync(A.ClaimBy("w") with { Limit = 5, After = after }, default);
                },
                default);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            after = claimed.LastLane;
            claimed.Jobs.Should().NotBeEmpty();
            if (claim < 2) lanes.AddRange(claimed.Jobs.Select(job => job.Lane));
            begun = Stopwatch.GetTimestamp();
            (await _database.CountAsync("SELECT COUNT(*) FROM relier_job WHERE is_dead = 0 AND subject <> 'y'")).Should().Be(120_001);
            looks.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        lanes.Should().Contain($"{Books.Tenant}/cus_few", "it waits for nobody's burst");
        var median = times.Order().ElementAt(30);
        TestContext.Out.WriteLine($"Claims: median {median:0.0} ms, longest {times.Max():0.0} ms; looks at every job: median {looks.Order().ElementAt(30):0.0} ms");
        median.Should().BeLessThan(looks.Order().ElementAt(30));
    }

    [Test]
    public async Task People_can_read_times_and_amounts()
    {
        await _database.KeepAsync();

        (await _database.TextsAsync("SELECT available || ' ' || opened_at FROM relier_readable_account"))
            .Should().Equal("60.000000 2026-11-20 12:00:00+00"); // 100.00 - 20.00 charged - 20.00 held
        (await _database.TextsAsync("SELECT amount || ' ' || kind FROM relier_readable_posting WHERE entry = 2")).Should().Equal("-20.000000 topup_captured");
        (await _database.TextsAsync("SELECT state || ' ' || amount FROM relier_readable_hold ORDER BY state")).Should().Equal("captured 20.000000", "open 20.000000");
        (await _database.TextsAsync("SELECT face || ' ' || day FROM relier_readable_topup LIMIT 1")).Should().Equal("20.000000 2026-11-20");
        foreach (var view in new[] { "exchange_rate", "job", "audit_entry" }) await _database.CountAsync($"SELECT COUNT(*) FROM relier_readable_{view}");
    }

    [Test]
    public async Task The_microsecond_survives_in_the_views() =>
        (await _database.TextsAsync("SELECT relier_time(1795176000123457)::TEXT")).Should().Equal("2026-11-20 12:00:00.123457+00");

    private async Task UntilSomebodyWaitsAsync()
    {
        await using var connection = new NpgsqlConnection(_connection.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", connection);
        var patience = Stopwatch.StartNew();
        while ((long)(await command.ExecuteScalarAsync())! == 0) patience.Elapsed.Should().BeLessThan(Patience, "the orders must come to the locked wallet");
    }

    private async Task EndOtherConnectionsAsync()
    {
        await using var connection = new NpgsqlConnection(_connection.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", connection);
        await command.ExecuteNonQueryAsync();
    }
}
