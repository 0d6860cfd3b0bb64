using System.Diagnostics;

namespace Relier.Benchmarks;

/// <summary>How long the shipped host takes from its start to its first answer, and what it keeps in memory when nobody asks. Reported; no goal.</summary>
internal static class IdleHost
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public static async Task<bool> RunAsync()
    {
        var directory = Machine.RealDirectory();
        try
        {
            // The first start creates the database, the others find it.
            for (var start = 1; start <= 3; start++)
            {
                var started = Stopwatch.GetTimestamp();
                await using var api = await ApiProcess.StartAsync(directory, $"Data Source={Path.Combine(directory, "relier.db")}");
                using var client = new HttpClient();
                (await client.GetAsync(new Uri(api.Address, "/health/ready"))).EnsureSuccessStatusCode();
                var answered = Stopwatch.GetElapsedTime(started);
                await Task.Delay(Idle);
                Console.WriteLine($"start {start}: first answer after {answered.TotalMilliseconds:F0} ms; idle with {api.MemoryBytes / 1_048_576} MiB");
            }

            return true;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
