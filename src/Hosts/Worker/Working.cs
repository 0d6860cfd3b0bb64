using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relier.Hosting;
using Relier.Jobs;
using Relier.Sqlite;

namespace Relier.Worker;

/// <summary>A process that does jobs and fires schedules, and nothing else: as many as you like on one PostgreSQL.</summary>
internal static partial class Working
{
    /// <summary>Works until told to stop; the exit code.</summary>
    public static Task<int> RunAsync(string[] args) => HostEnd.RunAsync(async () =>
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddRelier().RunJobsAndSweeps();
        builder.Services.AddHostedService<SecondSignal>();
        if (!builder.Environment.IsDevelopment()) LogAsJson(builder.Logging);

        using var host = builder.Build();
        var settings = host.Services.GetRequiredService<RelierSettings>();
        // The machine's own SQLite is newer and patched with it; where there is none, the bundled one runs.
        if (settings.Storage == "sqlite") SqliteEngine.UseSystemLibrary();
        if (Problem(settings) is { } problem) throw new RelierConfigurationException([problem]);
        await host.Services.GetRequiredService<RelierStartup>().PrepareStorageAsync();
        var options = host.Services.GetRequiredService<RelierOptions>();
        var logger = host.Services.GetRequiredService<ILogger<JobLoop>>();
        var kinds = string.Join(' ', host.Services.GetRequiredService<JobLoop>().Kinds);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => LogWorking(logger, options.ProcessName, kinds));
        await host.RunAsync();
    });

    private static string? Problem(RelierSettings settings) => settings switch
    {
        { RunJobs: false } => "Relier:RunJobs is false; a worker does nothing but jobs.",
        { Storage: "memory" } => "Relier:Storage is memory; a worker shares a storage with those who make its jobs.",
        _ => null,
    };

    private static void LogAsJson(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }

    [LoggerMessage(2101, LogLevel.Information, "{Process} works on {Kinds}")]
    private static partial void LogWorking(ILogger logger, string process, string kinds);
}
