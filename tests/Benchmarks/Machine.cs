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
        Console.WriteLine($"disk: {RefuseMemory(directory)}, one fsync takes {FsyncMedian(directory).TotalMilliseconds:F2} ms (median of 200)");
        return directory;
    }

    /// <summary>The file system of a directory. Throws when it is in memory.</summary>
    public static string RefuseMemory(string directory)
    {
        var type = new DriveInfo(directory).DriveFormat;
        return type is "tmpfs" or "ramfs"
            ? throw new InvalidOperationException($"{directory} is on {type}: nothing there is durable. Run from a checkout, and with TMPDIR, on a disk.")
            : type;
    }

    /// <summary>
    /// Processor time that a process and its children have used, ended children included: what a figure costs whoever
    /// else is on the machine. Linux only; zero elsewhere.
    /// </summary>
    public static TimeSpan ProcessorTimeOf(int pid)
    {
        if (!Directory.Exists("/proc")) return TimeSpan.Zero;
        const int ticksPerSecond = 100;
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                // Behind the name in brackets: state, parent, ... and as 12th to 15th the times: its own, then those of ended children.
                var stat = File.ReadAllText(Path.Combine(process, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (Path.GetFileName(process) == $"{pid}") ticks += fields[11..15].Sum(long.Parse);
                else if (fields[1] == $"{pid}") ticks += fields[11..13].Sum(long.Parse);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Ended between being listed and being read.
            }
        }

        return TimeSpan.FromSeconds((double)ticks / ticksPerSecond);
    }

    /// <summary>The process that was started with these words in its command line; 0 when there is none.</summary>
    public static int FindProcess(params string[] words)
    {
        if (!Directory.Exists("/proc")) return 0;
        foreach (var path in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(path, "cmdline")).Split('\0');
                if (words.All(line.Contains)) return int.Parse(Path.GetFileName(path));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // As above.
            }
        }

        return 0;
    }

    /// <summary>Runs a program to its end; what it wrote. Throws with that when it fails.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}{await errors}");
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
