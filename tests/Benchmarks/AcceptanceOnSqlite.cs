using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Benchmarks;

/// <summary>
/// Asynchronous acceptance of top-ups with 64 in flight on SQLite, beside bare durable commits of one row each, on the same
/// file and in the same run. The baseline is the least that any durable acceptance must do, done by one writer without pause.
/// </summary>
internal static class AcceptanceOnSqlite
{
    private const int InFlight = 64;
    private const int Orders = 20_000;
    private const int Commits = 4_000;
    private const int WarmUps = 4;
    private const int Rounds = 3;
    private const decimal Goal = 2m;

    public static async Task<bool> RunAsync()
    {
        var directory = Machine.RealDirectory();
        var file = Path.Combine(directory, "relier.db");
        try
        {
            var services = new ServiceCollection();
            services.AddRelier().UseSqlite($"Data Source={file}").UseSimulator();
            await using var provider = services.BuildServiceProvider();
            var (relier, caller, house) = await PrepareAsync(provider);

            // Uncounted: until what is called often has been compiled for the second time.
            for (var round = 1; round <= WarmUps; round++) await AcceptAsync(relier, caller, -round);
            var ratios = new List<decimal>();
            for (var round = 1; round <= Rounds; round++)
            {
                var bare = Bare(file);
                var (rate, times) = await AcceptAsync(relier, caller, round);
                ratios.Add(rate / bare);
                Console.WriteLine(
                    $"round {round}: bare commits {bare:F0}/s; Relier {rate:F0}/s ({rate / bare:F2}x), "
                    + $"p50 {Machine.Percentile(times, 50).TotalMilliseconds:F1} ms, p95 {Machine.Percentile(times, 95).TotalMilliseconds:F1} ms, p99 {Machine.Percentile(times, 99).TotalMilliseconds:F1} ms");
            }

            var report = (await relier.SendAsync(new VerifyLedger(), house)).Value;
            var held = (await relier.SendAsync(new GetTopUpStats(), house)).Value;
            Console.WriteLine($"ledger: {report.Findings.Count} findings; {held.Undecided} of {Orders * (WarmUps + Rounds)} orders accepted and held");
            var good = report.IsSound && held.Undecided == Orders * (WarmUps + Rounds);
            var middle = ratios.Order().ElementAt(ratios.Count / 2);
            Console.WriteLine($"goal: {Goal:F0}x in the middle round: {(middle >= Goal ? "met" : "missed")} ({middle:F2}x){(good ? "" : "; AND THE BOOKS ARE WRONG")}");
            return good && middle >= Goal;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(IRelier Relier, Caller Reseller, Caller House)> PrepareAsync(ServiceProvider provider)
    {
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        var tenant = TenantId.Parse("main");
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, "Main", DateTimeZone.Utc);
        var relier = provider.GetRequiredService<IRelier>();
        var house = Caller.OfSystem(tenant, "benchmark");
        var create = new CreateCustomer("Reseller") { Policies = new PoliciesInput { DailyLimit = "" } };
        var customer = (await relier.SendAsync(create, house)).Value.Customer.Id;
        (await relier.SendAsync(new AdjustCredit(customer.Value, "100000000.00", "payment"), house)).Value.ToString();
        (await relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), house)).Value.ToString();
        return (relier, Caller.OfCustomer(tenant, customer), house);
    }

    /// <summary>Durable commits of one row per second: a prepared insert per transaction, one after the other.</summary>
    private static decimal Bare(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var setup = connection.CreateCommand();
        setup.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)";
        setup.ExecuteNonQuery();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO bare (amount) VALUES (20)";
        insert.Prepare();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Commits; i++) insert.ExecuteNonQuery();
        return Commits / (decimal)Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<(decimal Rate, IReadOnlyList<TimeSpan> Times)> AcceptAsync(IRelier relier, Caller caller, int round)
    {
        var times = new TimeSpan[Orders];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next); number < Orders; number = Interlocked.Increment(ref next))
            {
                var begun = Stopwatch.GetTimestamp();
                var order = new RequestTopUp($"551234{number % 10_000:D4}", "20") { Reference = $"B{round}-{number}", Wait = Duration.Zero };
                if ((await relier.SendAsync(order, caller)).Refusal is { } refusal) throw new InvalidOperationException(refusal.Message);
                times[number] = Stopwatch.GetElapsedTime(begun);
            }
        })));
        return (Orders / (decimal)Stopwatch.GetElapsedTime(started).TotalSeconds, [.. times.Order()]);
    }
}
