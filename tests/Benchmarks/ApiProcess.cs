using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Relier.Benchmarks;

/// <summary>The REST host as it is shipped, in a process of its own, without the job loop.</summary>
internal sealed partial class ApiProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ApiProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>What of it is in memory, in bytes.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ApiProcess> StartAsync(string directory, string connectionString)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet")
        {
            WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in new[] { "exec", "--runtimeconfig", Of("Relier.Api.runtimeconfig.json"), Of("Relier.Api.dll") }) start.ArgumentList.Add(argument);
        // Development, because nowhere else the simulator is let in, and no vendor is to be troubled.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Relier__ConnectionString"] = connectionString;
        start.Environment["Relier__RunJobs"] = "false";
        start.Environment["Relier__Demo"] = "false";

        var process = Process.Start(start)!;
        var listens = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } said && Listening().Match(said) is { Success: true } match) listens.TrySetResult(new Uri(match.Groups["address"].Value));
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } said) Console.Error.WriteLine(said);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ApiProcess(process, await listens.Task.WaitAsync(Patience));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Of(string file) => Path.Combine(AppContext.BaseDirectory, file);

    [GeneratedRegex(@"Now listening on: (?<address>http://\S+)")]
    private static partial Regex Listening();
}
