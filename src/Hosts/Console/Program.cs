using System.Runtime.InteropServices;
using Relier.Cli;
using Relier.Sqlite;

// The first signal asks the command to end well, the second ends the process at once.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
SqliteEngine.UseSystemLibrary();
return await CommandLine.RunAsync(args, Terminal.OfProcess(), stop.Token);

void Stop(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested) return;
    signal.Cancel = true;
    stop.Cancel();
}
