using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Relier.Benchmarks;

/// <summary>What a figure was measured on, since it means nothing without.</summary>
internal static class Machine
{
    public static void Describe()
    {
        var cpu = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        Console.WriteLine($"machine: {Environment.ProcessorCount} cores, {cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");
    }

    /// <summary>A directory on a real disk: on a file system in memory nothing is durable and every figure would flatter.</summary>
    public static string RealDirectory()
    {
        var directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"bench-{Guid.NewGuid():N}")).FullName;
        var type = new DriveInfo(directory).DriveFormat;
        if (type is "tmpfs" or "ramfs") throw new InvalidOperationException($"{directory} is on {type}: nothing there is durable. Run from a checkout on a disk.");
        Console.WriteLine($"disk: {type}, one fsync takes {FsyncMedian(directory).TotalMilliseconds:F2} ms (median of 200)");
        return directory;
    }

    private static TimeSpan FsyncMedian(string directory)
    {
        using var file = new FileStream(Path.Combine(directory, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[4096];
        var times = new List<TimeSpan>();
        for (var i = 0; i < 200; i++)
        {
            var started = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        return Percentile([.. times.Order()], 50);
    }

    /// <summary>The value below which so many per cent lie, of sorted values.</summary>
    public static TimeSpan Percentile(IReadOnlyList<TimeSpan> sorted, int percent) =>
        sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
}
