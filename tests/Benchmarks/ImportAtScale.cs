using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Identity;
using Relier.Importing;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Benchmarks;

/// <summary>
/// 100,000 lines of the first version's history, on SQLite and on PostgreSQL, and the same once more. The goal is a minute
/// for each run; the memory of this process is reported, and the books are verified at the end.
/// </summary>
internal static class ImportAtScale
{
    private const int Lines = 100_000;
    private const int Customers = 50;
    private static readonly TimeSpan Goal = TimeSpan.FromMinutes(1);

    public static async Task<bool> RunAsync()
    {
        var directory = Machine.RealDirectory();
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        try
        {
            WriteExports(directory);
            var connection = await cluster.CreateDatabaseAsync();
            var good = await RunAsync("SQLite", directory, relier => relier.UseSqlite($"Data Source={Path.Combine(directory, "import.db")}"));
            good &= await RunAsync("PostgreSQL", directory, relier => relier.UsePostgres(connection));
            using var self = Process.GetCurrentProcess();
            Console.WriteLine($"peak memory {self.PeakWorkingSet64 / 1_000_000} MB; goal: every line, and the same once more, each under a minute: {(good ? "met" : "missed")}");
            return good;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<bool> RunAsync(string engine, string directory, Action<RelierBuilder> storage)
    {
        var services = new ServiceCollection();
        storage(services.AddRelier().UseSimulator());
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        var tenant = TenantId.Parse("main");
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(tenant, "Main", DateTimeZone.Utc);
        var relier = provider.GetRequiredService<IRelier>();
        var caller = Caller.OfSystem(tenant, "benchmark");

        var good = true;
        foreach (var fate in new[] { ImportFate.Succeeded, ImportFate.Known })
        {
            await using var customers = File.OpenRead(Path.Combine(directory, "customers.csv"));
            await using var transactions = File.OpenRead(Path.Combine(directory, "transactions.csv"));
            var started = Stopwatch.GetTimestamp();
            var report = (await relier.SendAsync(
                new ImportFirstVersion(new ImportFile("customers.csv", customers))
                {
                    Transactions = new ImportFile("transactions.csv", transactions), Apply = true, KeepSecret = (_, _) => Task.CompletedTask,
                },
                caller)).Value;
            var took = Stopwatch.GetElapsedTime(started);
            Console.WriteLine($"{engine,-12} {string.Join(", ", report.TopUps.Select(total => $"{ImportFates.Word(total.Fate)} {total.Count} {total.Face}"))} in {took.TotalSeconds:F1} s ({Lines / took.TotalSeconds:F0}/s)");
            good &= took < Goal && report.TopUps is [{ Count: Lines } only] && only.Fate == fate;
        }

        var verifying = Stopwatch.GetTimestamp();
        var findings = (await relier.SendAsync(new VerifyLedger(), caller)).Value.Findings;
        Console.WriteLine($"{engine,-12} ledger verified in {Stopwatch.GetElapsedTime(verifying).TotalSeconds:F1} s, {findings.Count} findings");
        return good && findings.Count == 0;
    }

    private static void WriteExports(string directory)
    {
        using var customers = new StreamWriter(Path.Combine(directory, "customers.csv"));
        customers.WriteLine("customer_id,company_name,current_balance");
        for (var n = 0; n < Customers; n++) customers.WriteLine(string.Create(CultureInfo.InvariantCulture, $"C{n},Customer {n},{1000 + n}.50"));
        using var transactions = new StreamWriter(Path.Combine(directory, "transactions.csv"));
        transactions.WriteLine("transaction_id,customer_id,phone,amount_mxn,amount_usd,exchange_rate,status,reference,operator_transaction_id,provider,created_at,processed_at");
        for (var n = 0; n < Lines; n++)
        {
            var at = NodaTime.Text.InstantPattern.ExtendedIso.Format(Instant.FromUtc(2025, 10, 1, 0, 0) + Duration.FromSeconds(7L * n));
            transactions.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RLR{1760000000000 + n},C{n % Customers},55{12000000 + n},20,1.09,0.0544,SUCCESS,ORDER-{n},LT{n},Latcom,{at},{at}"));
        }
    }
}
