using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Relier.Storage;

namespace Relier.Hosting;

/// <summary>How a host of ours ends: with an exit code that says why, in its own time at the first signal, and at once at the second.</summary>
internal static class HostEnd
{
    // sysexits.h: try again later; the protocol (here, the schema) does not match; the configuration is wrong.
    private const int ExitUnavailable = 75;
    private const int ExitSchema = 76;
    private const int ExitConfiguration = 78;

    /// <summary>Runs a host to its end; its exit code. What kept it from starting is said on the error stream.</summary>
    public static async Task<int> RunAsync(Func<Task> serve)
    {
        try
        {
            await serve();
            return 0;
        }
        catch (RelierConfigurationException wrong)
        {
            foreach (var problem in wrong.Problems) await Console.Error.WriteLineAsync(problem);
            return ExitConfiguration;
        }
        catch (SchemaMismatchException mismatch)
        {
            await Console.Error.WriteLineAsync(mismatch.Message);
            return ExitSchema;
        }
        catch (StorageUnavailableException unavailable)
        {
            await Console.Error.WriteLineAsync($"The database cannot be reached: {unavailable.Message}");
            return ExitUnavailable;
        }
    }
}

/// <summary>
/// Ends the process at once when it is told to stop a second time: whoever says it twice does not want to wait. Nothing is lost by
/// it; leases run out, and what was submitted is looked up.
/// </summary>
internal sealed class SecondSignal : IHostedService, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (signal, number) in new[] { (PosixSignal.SIGTERM, 15), (PosixSignal.SIGINT, 2) })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                if (Interlocked.Increment(ref _signals) > 1) Environment.Exit(128 + number);
            }));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());
}
