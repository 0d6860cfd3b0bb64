using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Benchmarks;

/// <summary>
/// A deck of 1,000,000 rows, taken in, validated and active; then a file of 1,000,000 calls, taken in, deduplicated, rated, charged to
/// 10,000 accounts, half of them prepaid, and kept on PostgreSQL. Beside it: a binary COPY of all the rows that came of it into the same
/// tables with the same indexes on the same server. The file is taken in by a process of its own, whose memory is reported; the books are
/// verified at the end.
/// </summary>
internal static class CallsAtScale
{
    /// <summary>The argument that has a process take in the file only.</summary>
    public const string Part = "calls-part";

    private const int Prefixes = 1_000_000;
    private const int Calls = 1_000_000;
    private const int Accounts = 10_000;
    private const decimal Goal = 3m;
    private const long MemoryGoal = 500_000_000;
    private static readonly TimeSpan DeckGoal = TimeSpan.FromSeconds(30);
    private static readonly TenantId Tenant = TenantId.Parse("main");

    /// <summary>A file is taken in by the command, whose memory is collected as on a workstation, unlike the hosts' and this program's.</summary>
    private static readonly Dictionary<string, string> AsTheCommand = new() { ["DOTNET_gcServer"] = "0" };

    private static readonly Instant Begin = Instant.FromUtc(2026, 11, 1, 0, 0);

    // What is written for calls; accounts are only changed, and are there in both.
    private static readonly string[] Tables = ["relier_call_name", "relier_call", "relier_journal", "relier_posting", "relier_usage_count"];

    public static async Task<bool> RunAsync()
    {
        var directory = Machine.RealDirectory();
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        try
        {
            var connection = await cluster.CreateDatabaseAsync();
            var services = new ServiceCollection();
            services.AddRelier().UseSimulator().UsePostgres(connection);
            await using var provider = services.BuildServiceProvider();
            var storage = provider.GetRequiredService<IStorage>();
            await storage.MigrateAsync(default);
            await provider.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
            var (relier, caller) = (provider.GetRequiredService<IRelier>(), Caller.OfSystem(Tenant, "benchmark"));
            var prefixes = WriteDeck(Path.Combine(directory, "deck.csv"));
            WriteCalls(Path.Combine(directory, "calls.csv"), prefixes);

            var isGood = await ImportDeckAsync(relier, caller, directory);
            await OpenAccountsAsync(relier, storage, caller);
            var (took, peak) = await ImportElsewhereAsync(connection, Path.Combine(directory, "calls.csv"));
            var copied = await CopyAsync(connection, await CopyOfSchemaAsync(cluster), directory);
            var ratio = (decimal)(took / copied);
            Console.WriteLine($"calls: {took.TotalSeconds:F1} s ({Calls / took.TotalSeconds:F0}/s); COPY of the finished rows: {copied.TotalSeconds:F1} s; {ratio:F2}x of COPY's time; goal at most {Goal}x: {(ratio <= Goal ? "met" : "missed")}");
            Console.WriteLine($"peak memory of the process that took in the file {peak / 1_000_000} MB, the deck among it; goal under {MemoryGoal / 1_000_000} MB: {(peak < MemoryGoal ? "met" : "missed")}");

            var findings = (await relier.SendAsync(new VerifyLedger(), caller)).Value.Findings;
            Console.WriteLine($"ledger verified, {findings.Count} findings");
            return isGood && ratio <= Goal && peak < MemoryGoal && findings.Count == 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static List<string> WriteDeck(string path)
    {
        var (random, prefixes) = (new Random(7), new HashSet<string>());
        while (prefixes.Count < Prefixes) prefixes.Add("91" + random.NextInt64(0, 10_000_000).ToString(CultureInfo.InvariantCulture).PadLeft(random.Next(1, 8), '0'));
        using var file = new StreamWriter(path);
        file.WriteLine("prefix,price,destination");
        foreach (var prefix in prefixes) file.WriteLine($"{prefix},{random.Next(10, 500) / 100m},zone {prefix[..3]}");
        return [.. prefixes];
    }

    private static void WriteCalls(string path, List<string> prefixes)
    {
        var random = new Random(8);
        using var file = new StreamWriter(path);
        file.WriteLine("id,from,to,start,answer,duration,billsec,cause,account_code");
        for (var i = 0; i < Calls; i++)
        {
            var (start, seconds) = (Begin + Duration.FromSeconds(i * 2), random.Next(0, 600));
            file.WriteLine($"{Guid.NewGuid()},1001,{prefixes[random.Next(prefixes.Count)].PadRight(12, '5')},{start},{start + Duration.FromSeconds(3)},{seconds + 3},{seconds},NORMAL_CLEARING,ACC-{random.Next(Accounts)}");
        }
    }

    private static async Task<bool> ImportDeckAsync(IRelier relier, Caller caller, string directory)
    {
        await using var content = File.OpenRead(Path.Combine(directory, "deck.csv"));
        var started = Stopwatch.GetTimestamp();
        var draft = (await relier.SendAsync(new ImportDeck("india", "deck.csv", content, "INR"), caller)).Value;
        (await relier.SendAsync(new ActivateDeck("india", draft.Version) { EffectiveFrom = "1970-01-02T00:00:00Z" }, caller)).Value.ToString();
        var took = Stopwatch.GetElapsedTime(started);
        Console.WriteLine($"deck: {draft.Entries} rows taken in, validated and active in {took.TotalSeconds:F1} s; goal under {DeckGoal.TotalSeconds:F0} s: {(took < DeckGoal ? "met" : "missed")}");
        return took < DeckGoal;
    }

    private static async Task OpenAccountsAsync(IRelier relier, IStorage storage, Caller caller)
    {
        var plan = new PlanVersion
        {
            Plan = Id<RatePlan>.Parse("plan"), Version = 1, Name = "plan", Currency = Currency.INR, EffectiveFrom = Begin, Zone = DateTimeZone.Utc, Bands = [new CalendarBand { Name = "always", Deck = "india" }], CreatedAt = Begin,
        };
        (await relier.SendAsync(new PutPlan("plan", plan), caller)).Value.ToString();
        var customer = (await relier.SendAsync(new CreateCustomer("Seller") { WalletCurrency = "INR" }, caller)).Value.Customer;
        await storage.RunAsync(
            Tenant,
            async session =>
            {
                for (var i = 0; i < Accounts; i++)
                {
                    var id = Id<Account>.Parse($"acc_{i:D5}");
                    await session.Ledger.OpenAsync(Account.Open(id, customer.Id, Money.Zero(Currency.INR), Begin), default);
                    await session.UsageAccounts.AddAsync(
                        new UsageAccount
                        {
                            Id = id, Customer = customer.Id, Name = $"Account {i}", Mode = i % 2 == 0 ? PaymentMode.Prepaid : PaymentMode.Postpaid, Currency = Currency.INR, Zone = DateTimeZone.Utc,
                            Plans = [new PlanAssignment(plan.Plan, Instant.FromUnixTimeSeconds(0))], CreatedAt = Begin, Version = 1,
                        },
                        default);
                    await session.UsageAccounts.AddLineAsync(new LineOwner(new LineRef(LineKind.AccountCode, $"ACC-{i}"), id, customer.Id), default);
                }

                return true;
            },
            default);
    }

    /// <summary>Takes in the file in this process: how long it took, and the most memory it had.</summary>
    public static async Task<bool> ImportAsync(string connection, string path)
    {
        var services = new ServiceCollection();
        services.AddRelier().UseSimulator().UsePostgres(connection);
        await using var provider = services.BuildServiceProvider();
        await using var content = File.OpenRead(path);
        var started = Stopwatch.GetTimestamp();
        var report = (await provider.GetRequiredService<IRelier>().SendAsync(new ImportCalls(content, "switch"), Caller.OfSystem(Tenant, "benchmark"))).Value;
        var took = Stopwatch.GetElapsedTime(started);
        Console.WriteLine($"calls: {string.Join(", ", report.States.Select(state => $"{state.Value} {state.Key}"))}, {string.Join(", ", report.Amounts)}");
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"{took.TotalMilliseconds:F0} {self.PeakWorkingSet64}");
        return report.New == Calls;
    }

    private static async Task<(TimeSpan Took, long Peak)> ImportElsewhereAsync(string connection, string path)
    {
        var output = await Machine.RunAsync(Environment.ProcessPath!, [typeof(CallsAtScale).Assembly.Location, Part, connection, path], AsTheCommand);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Console.WriteLine(lines[^2]);
        return lines[^1].Split(' ') is [var milliseconds, var peak]
            ? (TimeSpan.FromMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture)), long.Parse(peak, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The process that takes in the file said: {output}");
    }

    private static async Task<string> CopyOfSchemaAsync(PostgresCluster cluster)
    {
        var connection = await cluster.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddRelier().UseSimulator().UsePostgres(connection);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        return connection;
    }

    /// <summary>Out to files first, which does not count; then in, in one transaction for each table.</summary>
    private static async Task<TimeSpan> CopyAsync(string from, string to, string directory)
    {
        await using (var source = new NpgsqlConnection(from))
        {
            await source.OpenAsync();
            foreach (var table in Tables)
            {
                await using var file = File.Create(Path.Combine(directory, table));
                await using var rows = await source.BeginRawBinaryCopyAsync($"COPY {table} TO STDOUT (FORMAT BINARY)");
                await rows.CopyToAsync(file);
            }
        }

        await using var target = new NpgsqlConnection(to);
        await target.OpenAsync();
        var started = Stopwatch.GetTimestamp();
        foreach (var table in Tables)
        {
            await using var file = File.OpenRead(Path.Combine(directory, table));
            await using var rows = await target.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT BINARY)");
            await file.CopyToAsync(rows, 1024 * 1024);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
