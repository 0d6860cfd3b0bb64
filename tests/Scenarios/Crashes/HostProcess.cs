using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Relier.Scenarios.Crashes;

/// <summary>A host as a process of its own: the program that is shipped, the REST host on a free port of the loopback address.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Programs = AppContext.BaseDirectory;
    private static readonly string[] Foreign = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "RELIER", "LATCOM_", "DATABASE_URL", "ADMIN_KEY", "URLS"];

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process) => _process = process;

    /// <summary>Where it answers, once <see cref="ListenAsync"/> has said so.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Everything it wrote, on both streams.</summary>
    public string Output
    {
        get { lock (_lock) return string.Join('\n', _lines); }
    }

    /// <summary>Starts it in a directory, with these environment variables and none of the developer's own, and, if said, with at most so many open files.</summary>
    public static HostProcess Start(
        string directory, IReadOnlyDictionary<string, string> settings, bool withCrashPoints = false, string program = "Relier.Api", int? openFilesMax = null)
    {
        // The dependencies of this assembly instead of the host's own, so that the host can load it; all else is the host's.
        string[] scenarios = ["--depsfile", Path.Combine(Programs, "Relier.Scenarios.deps.json")];
        string[] arguments =
        [
            "exec", .. withCrashPoints ? scenarios : [], "--runtimeconfig", Path.Combine(Programs, $"{program}.runtimeconfig.json"), Path.Combine(Programs, $"{program}.dll"),
        ];
        var (file, all) = openFilesMax is { } most ? ("/bin/sh", ["-c", $"ulimit -n {most}; exec \"$0\" \"$@\"", Dotnet(), .. arguments]) : (Dotnet(), arguments);
        var start = new ProcessStartInfo(file, all)
        {
            WorkingDirectory = directory, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToList())
            start.Environment.Remove(name);
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        if (withCrashPoints)
        {
            start.Environment["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = "Relier.Scenarios";
            start.Environment[CrashPoints.Switch] = "1";
        }

        var process = Process.Start(start)!;
        var host = new HostProcess(process);
        process.OutputDataReceived += (_, line) => host.Note(line.Data);
        process.ErrorDataReceived += (_, line) => host.Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Waits until it serves.</summary>
    public async Task ListenAsync()
    {
        var line = await SaysAsync(line => Listening().IsMatch(line), "that it listens");
        Address = new Uri(Listening().Match(line).Groups["address"].Value);
    }

    /// <summary>Waits until it does jobs, for a host that only does them.</summary>
    public Task WorkAsync() => SaysAsync(line => line.Contains(" works on ", StringComparison.Ordinal), "that it works");

    /// <summary>Tells it to stop, as an orchestrator does.</summary>
    public async Task TerminateAsync()
    {
        // The shell's own kill, because not every machine has the program.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>From now on the order for this phone gets as far as this point, and no further.</summary>
    public async Task AimAsync(string point, string phone)
    {
        await _process.StandardInput.WriteLineAsync($"{point} {phone}");
        await _process.StandardInput.FlushAsync();
        await SaysAsync(line => line == $"{CrashPoints.Agreement}{point} {phone}", "that it was told where to stand");
    }

    /// <summary>Waits until the order stands at this point.</summary>
    public Task StandsAtAsync(string point) => SaysAsync(line => line == CrashPoints.Announcement + point, $"that it stands at {point}");

    /// <summary>Waits for a line, also one that was said before.</summary>
    public async Task<string> SaysAsync(Func<string, bool> wanted, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        var ended = _process.WaitForExitAsync(patience.Token);
        while (true)
        {
            // Asked before the lines are read: when it has ended, everything it said is among them.
            var isOver = ended.IsCompletedSuccessfully;
            Task more;
            lock (_lock)
            {
                if (_lines.FirstOrDefault(wanted) is { } line) return line;
                more = _more.Task;
            }

            if (isOver) throw new InvalidOperationException($"The host ended with {_process.ExitCode} instead of saying {what}:\n{Output}");
            await Task.WhenAny(more, ended);
            if (patience.IsCancellationRequested) throw new TimeoutException($"The host has not said {what} within {Patience.TotalSeconds} s:\n{Output}");
        }
    }

    /// <summary>kill -9: nothing is finished, nothing is written, nobody is told.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for its end, at most half a minute; its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_lock)
        {
            _lines.Add(line);
            _more.TrySetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static string Dotnet() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
