using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Benchmarks;

/// <summary>
/// Delivery by a provider that takes 7 s, with 20 workers, on PostgreSQL: how much of workers / latency is left after
/// claiming, writing the attempt, settling and waking up. The baseline is the arithmetic itself.
/// </summary>
internal static class WorkersAgainstLatency
{
    private const int Workers = 20;
    private const int Rounds = 6;
    private const decimal Goal = 0.95m;
    private static readonly Duration Latency = Duration.FromSeconds(7);
    private static readonly TenantId Tenant = TenantId.Parse("main");

    public static async Task<bool> RunAsync()
    {
        Machine.RefuseMemory(Path.GetTempPath());
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        var services = new ServiceCollection();
        services.AddRelier(options => options.JobConcurrencyOf["topup.submit"] = Workers)
            .UsePostgres(await cluster.CreateDatabaseAsync()).UseSimulator(new SimulatedProviderOptions { Latency = Latency });
        await using var provider = services.BuildServiceProvider();
        var relier = provider.GetRequiredService<IRelier>();
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
        var house = Caller.OfSystem(Tenant, "benchmark");
        var customer = (await relier.SendAsync(new CreateCustomer("Reseller") { WalletCurrency = "MXN" }, house)).Value.Customer.Id;
        (await relier.SendAsync(new AdjustCredit(customer.Value, "100000.00", "payment"), house)).Value.ToString();
        for (var i = 0; i < Workers * Rounds; i++)
            (await relier.SendAsync(new RequestTopUp($"5512{100 + i}000", "20") { Customer = customer.Value, Reference = $"R{i}", Wait = Duration.Zero }, house)).Value.ToString();

        using var stop = new CancellationTokenSource();
        var started = Stopwatch.GetTimestamp();
        var loop = provider.GetRequiredService<JobLoop>().RunAsync(stop.Token);
        TopUpStats stats;
        do
        {
            await Task.Delay(20);
            stats = (await relier.SendAsync(new GetTopUpStats(), house)).Value;
        }
        while (stats.Undecided > 0);

        var took = Stopwatch.GetElapsedTime(started);
        await stop.CancelAsync();
        await loop;

        var ideal = TimeSpan.FromSeconds(Latency.TotalSeconds * Rounds);
        var share = (decimal)(ideal / took);
        var report = (await relier.SendAsync(new VerifyLedger(), house)).Value;
        var delivered = provider.GetRequiredService<SimulatedProvider>().Deliveries.Count;
        Console.WriteLine($"{Workers * Rounds} top-ups, {Workers} workers, 7 s each: {took.TotalSeconds:F2} s beside {ideal.TotalSeconds:F0} s: {share:P1} (goal {Goal:P0})");
        Console.WriteLine($"ledger: {report.Findings.Count} findings; {delivered} delivered, {stats.Succeeded} charged");
        return share >= Goal && report.IsSound && delivered == Workers * Rounds && stats.Succeeded == delivered;
    }
}
