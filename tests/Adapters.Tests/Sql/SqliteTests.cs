using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Relier.Contracts;
using Relier.Customers;
using Relier.Sqlite;
using Relier.Storage;

namespace Relier.Adapters.Tests.Sql;

public sealed class SqliteTests
{
    /// <summary>Names the file in which another process shall work, and the customer there.</summary>
    private const string FileVariable = "RELIER_TEST_SQLITE_FILE";

    private const int CreditsOfEach = 40;

    private string _file = null!;

    [SetUp]
    public void Begin() => _file = SqliteFiles.NewFile();

    [TearDown]
    public void End() => SqliteFiles.Delete(_file);

    [Test]
    public void The_bundled_engine_and_the_systems_both_run_in_this_process()
    {
        SqliteEngine.Version.Should().Be("3.35.5");
        SqliteEngine.IsSystemLibrary.Should().BeFalse();
        Version.Parse(OnSystemSqlite.Version).Should().BeGreaterThan(new Version(3, 35, 5));
    }

    [Test]
    public void Choosing_the_engine_when_it_already_runs_is_too_late()
    {
        _ = SqliteEngine.Version;

        var choose = () => SqliteEngine.UseSystemLibrary();

        choose.Should().Throw<InvalidOperationException>().WithMessage("*already in use*");
    }

    [TestCase("")]
    [TestCase("Data Source=")]
    [TestCase("Data Source=:memory:")]
    [TestCase("Data Source=x;Mode=Memory;Cache=Shared")]
    [TestCase("Data Source=file:x?mode=memory")]
    public void A_connection_string_without_a_file_is_refused(string connectionString)
    {
        var create = () => SqliteStorage.Create(connectionString);

        create.Should().Throw<ArgumentException>();
    }

    [Test]
    public async Task Commits_are_durable_and_keys_are_kept()
    {
        await using var database = new TestDatabase(() => Open(), () => ValueTask.CompletedTask);
        await database.MigrateAsync(default);

        (await database.TextsAsync("PRAGMA journal_mode")).Should().Equal("wal");
        (await database.CountAsync("PRAGMA synchronous")).Should().Be(2); // FULL
        (await database.CountAsync("PRAGMA foreign_keys")).Should().Be(1);
    }

    [Test]
    public async Task Two_storages_on_one_file_take_turns()
    {
        await using var one = Open();
        await using var other = Open();
        await one.MigrateAsync(default);
        var customer = await one.EnrolAsync();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(() => (number % 2 == 0 ? one : other).CreditAsync(customer, A.Pesos(1)))));

        await ShouldHaveAsync(one, customer, A.Pesos(40));
    }

    [Test]
    public async Task A_file_that_stays_in_use_is_unavailable_after_the_timeout_and_then_free_again()
    {
        await using var one = Open();
        await using var other = Open("Default Timeout=1");
        await one.MigrateAsync(default);
        var customer = await one.EnrolAsync();

        await one.InAsync(_ => other.Invoking(it => it.CreditAsync(customer, A.Pesos(1))).Should().ThrowAsync<StorageUnavailableException>());

        await other.CreditAsync(customer, A.Pesos(1));
        await ShouldHaveAsync(one, customer, A.Pesos(1));
    }

    [Test]
    public async Task Who_gives_up_waiting_takes_no_turn_from_the_others()
    {
        await using var storage = Open();
        await storage.MigrateAsync(default);
        var customer = await storage.EnrolAsync();
        using var patience = new CancellationTokenSource();
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var holder = storage.InAsync(_ =>
        {
            entered.SetResult();
            return leave.Task;
        });
        await entered.Task;

        var impatient = Enumerable.Range(0, 5).Select(_ => storage.RunAsync(Books.Tenant, _ => Task.FromResult(true), patience.Token)).ToList();
        var patient = storage.CreditAsync(customer, A.Pesos(1));
        await patience.CancelAsync();
        foreach (var one in impatient) await one.Invoking(it => it).Should().ThrowAsync<OperationCanceledException>();
        leave.SetResult();

        await Task.WhenAll(holder, patient);
        await ShouldHaveAsync(storage, customer, A.Pesos(1));
    }

    [Test]
    public async Task A_directory_that_is_not_there_is_unavailable()
    {
        await using var storage = SqliteStorage.Create("Data Source=/nowhere/at/all/relier.db");

        await storage.Invoking(it => it.MigrateAsync(default)).Should().ThrowAsync<StorageUnavailableException>();
    }

    [Test]
    public async Task A_file_that_is_no_database_is_unavailable()
    {
        await File.WriteAllTextAsync(_file, new string('x', 5_000));
        await using var storage = Open();

        await storage.Invoking(it => it.MigrateAsync(default)).Should().ThrowAsync<StorageUnavailableException>();
    }

    [Test]
    public async Task A_disposed_storage_says_so_and_has_let_go_of_its_file()
    {
        var storage = Open();
        await storage.MigrateAsync(default);
        await storage.DisposeAsync();
        await storage.DisposeAsync();

        await storage.Invoking(it => it.EnrolAsync()).Should().ThrowAsync<ObjectDisposedException>();
        File.Exists(_file + "-wal").Should().BeFalse("the last one to close a file writes everything into it");
    }

    /// <summary>A test like any other; but when another test has started this process for it, in the file of that one.</summary>
    [Test]
    public async Task A_process_adds_its_credits()
    {
        var work = Environment.GetEnvironmentVariable(FileVariable)?.Split('|');
        await using var storage = SqliteStorage.Create(SqliteFiles.ConnectionString(work?[0] ?? _file));
        await storage.MigrateAsync(default);
        var customer = work is null
            ? await storage.EnrolAsync()
            : (await storage.InAsync(session => session.Customers.FindAsync(Id<Customer>.Parse(work[1]), default)))!;
        var endless = work?[2] == "endless";

        for (var i = 0; endless || i < CreditsOfEach; i++) await storage.CreditAsync(customer, A.Pesos(1), prefix: $"p{Environment.ProcessId}");

        if (work is null) await ShouldHaveAsync(storage, customer, A.Pesos(CreditsOfEach));
    }

    [Test]
    public async Task Two_more_processes_and_this_one_share_a_file()
    {
        await using var storage = Open();
        await storage.MigrateAsync(default);
        var customer = await storage.EnrolAsync();

        using var one = StartProcess(customer, "counted");
        using var other = StartProcess(customer, "counted");
        for (var i = 0; i < CreditsOfEach; i++) await storage.CreditAsync(customer, A.Pesos(1));
        await Task.WhenAll(one.WaitForExitAsync(), other.WaitForExitAsync());

        (one.ExitCode, other.ExitCode).Should().Be((0, 0));
        await ShouldHaveAsync(storage, customer, A.Pesos(3 * CreditsOfEach));
    }

    [Test]
    public async Task A_process_that_is_killed_leaves_whole_transactions_and_nothing_locked()
    {
        await using var storage = Open();
        await storage.MigrateAsync(default);
        var customer = await storage.EnrolAsync();

        using var process = StartProcess(customer, "endless");
        while (await BalanceAsync(storage, customer) < A.Pesos(20))
        {
            process.HasExited.Should().BeFalse();
            await Task.Delay(10);
        }

        process.Kill();
        await process.WaitForExitAsync();

        await storage.CreditAsync(customer, A.Pesos(1));
        (await storage.VerifyAsync()).Should().BeEmpty();
        (await BalanceAsync(storage, customer)).Should().BeGreaterThan(A.Pesos(20));
    }

    private SqliteStorage Open(string options = "") => SqliteStorage.Create($"{SqliteFiles.ConnectionString(_file)};{options}");

    private Process StartProcess(Customer customer, string how)
    {
        var program = Path.ChangeExtension(typeof(SqliteTests).Assembly.Location, null);
        var start = new ProcessStartInfo(program, ["--filter", $"Name={nameof(A_process_adds_its_credits)}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment[FileVariable] = $"{_file}|{customer.Id}|{how}";
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static Task<Money> BalanceAsync(IStorage storage, Customer customer) =>
        storage.InAsync(async session => (await session.Ledger.FindAsync(customer.Wallet, default))!.Posted);

    private static async Task ShouldHaveAsync(IStorage storage, Customer customer, Money balance)
    {
        (await BalanceAsync(storage, customer)).Should().Be(balance);
        (await storage.VerifyAsync()).Should().BeEmpty();
    }
}
