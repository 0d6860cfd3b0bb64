using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Relier.Contracts;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Benchmarks;

/// <summary>
/// A statement of a million lines against a million submissions on PostgreSQL: nearly all match by the operator's id, some by
/// the provider's, by our reference, or by the phone alone, and some by nothing. The goal is five minutes and 400 MB of this
/// process; the lines of each class are counted beforehand.
/// </summary>
internal static class ReconciliationAtScale
{
    private const int TopUps = 1_000_000;
    private const long MegabytesMax = 400;
    private static readonly TimeSpan Goal = TimeSpan.FromMinutes(5);

    // One in a thousand each: by another amount, refused by us, not listed. The rest of a thousand agrees.
    private const string Fill = """
        INSERT INTO relier_topup (tenant_id, id, customer_id, account_id, phone, face_amount, face_currency, charge_amount, charge_currency, route_provider, route_product,
          route_operator, send_amount, send_currency, cost_amount, cost_currency, state, created_at, day, decided_at, version)
        SELECT 'main', 'RLR' || lpad(n::text, 21, '0'), 'cus_1', 'acc_1', '+5255' || lpad(n::text, 8, '0'), 20000000, 'MXN', 1090000, 'USD', 'simulator', 'P', 'O', 20000000, 'MXN',
          19000000, 'MXN', CASE WHEN n % 1000 = 1 THEN 'failed' ELSE 'succeeded' END, @start + n * 80000, '2026-11-19', @start + n * 80000, 1
        FROM generate_series(0, @count - 1) n;
        INSERT INTO relier_topup_attempt (tenant_id, topup_id, no, provider, product, operator, send_amount, send_currency, cost_amount, cost_currency, environment,
          provider_reference, state, started_at, ended_at, transaction_id, operator_reference)
        SELECT 'main', 'RLR' || lpad(n::text, 21, '0'), 1, 'simulator', 'P', 'O', 20000000, 'MXN', 19000000, 'MXN', 'simulator', 'RLR' || lpad(n::text, 21, '0'),
          CASE WHEN n % 1000 = 1 THEN 'refused' ELSE 'delivered' END, @start + n * 80000, @start + n * 80000, 'LT' || n, CASE WHEN n % 10 < 8 THEN 'op' || md5(n::text) END
        FROM generate_series(0, @count - 1) n;
        INSERT INTO relier_provider_reference (tenant_id, provider, reference, topup_id, attempt_no)
        SELECT 'main', 'simulator', 'RLR' || lpad(n::text, 21, '0'), 'RLR' || lpad(n::text, 21, '0'), 1 FROM generate_series(0, @count - 1) n;
        """;

    public static async Task<bool> RunAsync()
    {
        var directory = Machine.RealDirectory();
        await using var cluster = await PostgresCluster.StartAsync(new PostgresClusterOptions { Fsync = true });
        try
        {
            var connection = await cluster.CreateDatabaseAsync();
            var services = new ServiceCollection();
            services.AddRelier().UsePostgres(connection).UseSimulator();
            await using var provider = services.BuildServiceProvider();
            await provider.GetRequiredService<IStorage>().MigrateAsync(default);
            await provider.GetRequiredService<TenantDirectory>().EnsureAsync(TenantId.Parse("main"), "Main", DateTimeZone.Utc);
            var start = Instant.FromUtc(2026, 11, 19, 6, 0);
            await FillAsync(connection, start);
            var file = Path.Combine(directory, "statement.csv");
            WriteStatement(file, start);
            Console.WriteLine($"{TopUps:N0} top-ups, a statement of {new FileInfo(file).Length / 1_000_000} MB");

            var last = "";
            var started = Stopwatch.GetTimestamp();
            await using var content = File.OpenRead(file);
            var import = new ReconcileStatement(content, "simulator")
            {
                Map = "time=T; operatorId=O; providerId=P; ourReference=R; phone=M; amount=A; currency=MXN; status=S; delivered=OK", From = "2026-11-19", To = "2026-11-20",
                Progress = new Told(progress =>
                {
                    if (progress.Phase != last) Console.WriteLine($"  {Stopwatch.GetElapsedTime(started).TotalSeconds,6:F1} s {last = progress.Phase}");
                }),
            };
            var relier = provider.GetRequiredService<IRelier>();
            var run = (await relier.SendAsync(import, Caller.OfSystem(TenantId.Parse("main"), "benchmark"))).Value;
            var took = Stopwatch.GetElapsedTime(started);

            using var self = Process.GetCurrentProcess();
            var megabytes = self.PeakWorkingSet64 / 1_000_000;
            var found = run.Classes.Select(total => $"{StatementClasses.Word(total.Class)} {total.Count}").ToList();
            string[] expected = ["matched 997000", "matched_amount_diff 1000", "provider_delivered_we_failed 1000", "provider_only 1000", "our_only 1000"];
            Console.WriteLine($"{run.Rows:N0} lines in {took.TotalSeconds:F1} s ({run.Rows / took.TotalSeconds:F0}/s), peak memory {megabytes} MB; {string.Join(", ", found)}");
            var good = found.SequenceEqual(expected) && took < Goal && megabytes < MegabytesMax;
            Console.WriteLine($"goal: every line in its class, under {Goal.TotalMinutes:F0} minutes and {MegabytesMax} MB: {(good ? "met" : "missed")}");
            return good;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task FillAsync(string connection, Instant start)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var fill = new NpgsqlCommand(Fill, database) { CommandTimeout = 0 };
        fill.Parameters.AddWithValue("start", start.ToUnixTimeTicks() / 10);
        fill.Parameters.AddWithValue("count", (long)TopUps);
        await fill.ExecuteNonQueryAsync();
        await using var analyze = new NpgsqlCommand("ANALYZE", database) { CommandTimeout = 0 };
        await analyze.ExecuteNonQueryAsync();
    }

    /// <summary>Of ten lines eight carry the operator's id, one only the provider's, one only our reference or nothing but the phone. A thousand are of others.</summary>
    private static void WriteStatement(string file, Instant start)
    {
        using var writer = new StreamWriter(file);
        writer.WriteLine("T,O,P,R,M,A,S");
        for (var n = 0; n < TopUps; n++)
        {
            if (n % 1000 == 3) writer.WriteLine($"2026-11-19 12:00:00,X{n},,,5599999999,20.00,OK");
            if (n % 1000 == 2) continue;
            var at = start + Duration.FromMilliseconds(80L * n + 3000);
            var operatorId = n % 10 < 8 ? "OP" + Convert.ToHexString(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.ASCII.GetBytes(n.ToString(CultureInfo.InvariantCulture)))) : "";
            var transaction = n % 10 == 8 ? $"LT{n}" : "";
            var reference = n % 100 == 19 ? $"RLR{n:D21}" : "";
            writer.WriteLine($"{NodaTime.Text.InstantPattern.General.Format(at)},{operatorId},{transaction},{reference},55{n:D8},{(n % 1000 == 5 ? "19.99" : "20.00")},OK");
        }
    }

    private sealed class Told(Action<ReconciliationProgress> tell) : IProgress<ReconciliationProgress>
    {
        public void Report(ReconciliationProgress value) => tell(value);
    }
}
