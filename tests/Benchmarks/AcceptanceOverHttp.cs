using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Benchmarks;

/// <summary>
/// Asynchronous acceptance of top-ups over HTTP, from 64 connections, by the shipped host on PostgreSQL with fsync on,
/// beside pgbench on the same server. With one reseller the baseline debits one row and inserts one, in one exchange; with
/// many it is pgbench's own TPC-B-like transaction at scale 20.
/// </summary>
internal static partial class AcceptanceOverHttp
{
    private const int Connections = 64;
    private const int Rounds = 5;
    private const int Scale = 20;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(10);
    private static readonly TenantId Tenant = TenantId.Parse("main");

    private const string OneRow = """
        BEGIN; UPDATE wallet SET balance = balance - 20 WHERE id = 1 AND balance >= 20; INSERT INTO topup (wallet, amount, at) VALUES (1, 20, now()); END;
        """;

    private const string OneRowTables = """
        CREATE TABLE wallet (id bigint PRIMARY KEY, balance bigint NOT NULL);
        CREATE TABLE topup (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, wallet bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL);
        INSERT INTO wallet VALUES (1, 1000000000000);
        """;

    public static async Task<bool> RunAsync(int resellers)
    {
        if (!File.Exists("/usr/bin/wrk"))
        {
            Console.WriteLine("wrk is missing: apt-get install wrk");
            return false;
        }

        var goal = resellers == 1 ? 5m : 1m;
        var directory = Machine.RealDirectory();
        Machine.RefuseMemory(Path.GetTempPath());
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        try
        {
            var baseline = await Baseline.PrepareAsync(cluster, directory, resellers == 1);
            var connection = await cluster.CreateDatabaseAsync();
            var services = new ServiceCollection();
            services.AddRelier().UsePostgres(connection).UseSimulator();
            await using var provider = services.BuildServiceProvider();
            var house = Caller.OfSystem(Tenant, "benchmark");
            var relier = provider.GetRequiredService<IRelier>();
            var keys = Path.Combine(directory, "keys");
            await File.WriteAllLinesAsync(keys, await PrepareAsync(provider, relier, house, resellers));

            var server = Machine.FindProcess("-p", $"{cluster.Port}");
            await using var api = await ApiProcess.StartAsync(directory, connection);
            var answered = 0L;
            var ratios = new List<decimal>();
            for (var round = 0; round <= Rounds; round++)
            {
                var bare = round == 0 ? 0 : await baseline.RunAsync(Round);
                var (apiBefore, serverBefore) = (Machine.ProcessorTimeOf(api.Id), Machine.ProcessorTimeOf(server));
                var load = await LoadAsync(api.Address, keys, $"r{round}", round == 0 ? WarmUp : Round);
                answered += load.Accepted;
                if (load.Refused + load.Broken > 0) Console.WriteLine($"{load.Refused} refused, {load.Broken} broken");
                if (round == 0)
                {
                    Console.WriteLine($"warm-up: {load.PerSecond:F0}/s");
                    continue;
                }

                ratios.Add(load.PerSecond / bare);
                Console.WriteLine(
                    $"round {round}: pgbench {bare:F0}/s; Relier {load.PerSecond:F0}/s ({load.PerSecond / bare:F2}x), "
                    + $"p50 {load.P50:F1} ms, p95 {load.P95:F1} ms, p99 {load.P99:F1} ms; processor time per order: "
                    + $"host {PerOrder(apiBefore, api.Id):F0} us, PostgreSQL {PerOrder(serverBefore, server):F0} us");

                double PerOrder(TimeSpan before, int process) => (Machine.ProcessorTimeOf(process) - before).TotalMicroseconds / load.Accepted;
            }

            Console.WriteLine($"memory of the host under load: {api.MemoryBytes / 1_048_576} MiB");
            var report = (await relier.SendAsync(new VerifyLedger(), house)).Value;
            var held = (await relier.SendAsync(new GetTopUpStats(), house)).Value.Undecided;

            // Each connection may have had one order on its way when a round ended: taken, and nobody there to hear it.
            var unheard = held - answered;
            Console.WriteLine($"ledger: {report.Findings.Count} findings; {answered} accepted over HTTP, {held} held in storage");
            var sound = report.IsSound && unheard >= 0 && unheard <= Connections * (Rounds + 1);
            var middle = ratios.Order().ElementAt(ratios.Count / 2);
            Console.WriteLine($"goal: {goal:F0}x in the middle round: {(middle >= goal ? "met" : "missed")} ({middle:F2}x){(sound ? "" : "; AND THE BOOKS ARE WRONG")}");
            return sound && middle >= goal;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<string>> PrepareAsync(ServiceProvider provider, IRelier relier, Caller house, int resellers)
    {
        await provider.GetRequiredService<IStorage>().MigrateAsync(default);
        await provider.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZone.Utc);
        (await relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), house)).Value.ToString();
        var secrets = new List<string>();
        for (var i = 0; i < resellers; i++)
        {
            var create = new CreateCustomer($"Reseller {i}") { Policies = new PoliciesInput { DailyLimit = "" } };
            var customer = (await relier.SendAsync(create, house)).Value.Customer.Id.Value;
            (await relier.SendAsync(new AdjustCredit(customer, "100000000.00", "payment"), house)).Value.ToString();
            secrets.Add((await relier.SendAsync(new CreateKey("load") { Customer = customer }, house)).Value.Secret);
        }

        return secrets;
    }

    private static async Task<Load> LoadAsync(Uri address, string keys, string run, TimeSpan duration)
    {
        var output = await Machine.RunAsync(
            "/usr/bin/wrk",
            [
                "-t", "1", "-c", $"{Connections}", "-d", $"{duration.TotalSeconds:F0}s", "--timeout", "30s",
                "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"), address.ToString(), "--", run, keys,
            ]);
        var result = Result().Match(output);
        if (!result.Success) throw new InvalidOperationException($"wrk said:\n{output}");
        var numbers = result.Groups["number"].Captures.Select(capture => decimal.Parse(capture.Value, CultureInfo.InvariantCulture)).ToList();
        var accepted = (long)(numbers[0] - numbers[2]);
        return new Load(accepted, (long)numbers[2], (long)numbers[3], accepted / (numbers[1] / 1_000_000), numbers[4] / 1000, numbers[5] / 1000, numbers[6] / 1000);
    }

    /// <summary>What wrk measured; times in milliseconds.</summary>
    private sealed record Load(long Accepted, long Refused, long Broken, decimal PerSecond, decimal P50, decimal P95, decimal P99);

    private sealed partial class Baseline(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        public static async Task<Baseline> PrepareAsync(PostgresCluster cluster, string directory, bool oneRow)
        {
            var words = new DbConnectionStringBuilder { ConnectionString = await cluster.CreateDatabaseAsync() };
            var environment = new Dictionary<string, string>
            {
                ["PGHOST"] = (string)words["Host"], ["PGPORT"] = (string)words["Port"], ["PGDATABASE"] = (string)words["Database"],
                ["PGUSER"] = (string)words["Username"], ["PGPASSWORD"] = (string)words["Password"],
            };
            string[] load = ["-M", "prepared", "-c", "16", "-j", "2"];
            if (!oneRow)
            {
                await Machine.RunAsync("pgbench", ["-i", "-q", "-s", $"{Scale}"], environment);
                return new Baseline(load, environment);
            }

            var script = Path.Combine(directory, "one-row.sql");
            await File.WriteAllTextAsync(script, OneRow.Replace("; ", ";\n", StringComparison.Ordinal));
            await Machine.RunAsync("psql", ["--no-psqlrc", "--quiet", "--command", OneRowTables], environment);
            return new Baseline(["-n", .. load, "-f", script], environment);
        }

        public async Task<decimal> RunAsync(TimeSpan duration)
        {
            var output = await Machine.RunAsync("pgbench", [.. arguments, "-T", $"{duration.TotalSeconds:F0}"], environment);
            return decimal.Parse(Tps().Match(output).Groups["tps"].Value, CultureInfo.InvariantCulture);
        }

        [GeneratedRegex(@"tps = (?<tps>[0-9.]+)")]
        private static partial Regex Tps();
    }

    [GeneratedRegex(@"^RESULT(?: (?<number>\d+)){7}", RegexOptions.Multiline)]
    private static partial Regex Result();
}
