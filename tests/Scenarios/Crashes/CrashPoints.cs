using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relier.Jobs;
using Relier.Scenarios.Crashes;
using Relier.Storage;
using Relier.TopUps;

[assembly: HostingStartup(typeof(CrashPoints))]

namespace Relier.Scenarios.Crashes;

/// <summary>
/// Puts places to die into a real host, from outside: the product has none. Loaded by the host as a hosting startup, it
/// stands between the product and its storage and provider, and changes nothing until a line on the standard input
/// names a <see cref="Point"/> and a phone. When the order for that phone gets there, the process says so on its
/// standard output, and nothing in it goes any further, the job loop neither: it could finish what is to be left undone.
/// Killing it is the test's part. When its standard input ends, the process ends.
/// </summary>
internal sealed class CrashPoints : IHostingStartup
{
    /// <summary>Set in a process that is to have them.</summary>
    public const string Switch = "RELIER_SCENARIOS_CRASH_POINTS";

    /// <summary>What the process says when it stands still, before the name of the point.</summary>
    public const string Announcement = "STANDS AT ";

    /// <summary>What it says when it has understood, before the point and the phone.</summary>
    public const string Agreement = "WILL STAND AT ";

    private const int ExitOrphaned = 70;

    private volatile Aim? _aim;
    private volatile string? _topUp;
    private volatile bool _stands;

    public void Configure(IWebHostBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(Switch) is null) return;
        new Thread(Listen) { IsBackground = true }.Start();

        // A hosting startup comes before the program's own registrations; what it decorates comes after them.
        DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
        {
            if (listener.Name != "Microsoft.Extensions.Hosting") return;
            listener.Subscribe(new Observer<KeyValuePair<string, object?>>(happened =>
            {
                if (happened is { Key: "HostBuilding", Value: IHostBuilder host }) host.ConfigureServices((_, services) => Decorate(services));
            }));
        }));
    }

    /// <summary>Goes on, unless the process stands still.</summary>
    public Task PassAsync() => _stands ? Task.Delay(Timeout.Infinite) : Task.CompletedTask;

    /// <summary>The order gets there.</summary>
    public Task ReachedAsync(string point, TopUp topUp)
    {
        if (_aim is { } aim && topUp.Phone.E164.EndsWith(aim.Phone, StringComparison.Ordinal)) _topUp = topUp.Id.Value;
        return ReachedAsync(point, topUp.Phone);
    }

    /// <inheritdoc cref="ReachedAsync(string, TopUp)"/>
    public Task ReachedAsync(string point, Msisdn phone) =>
        _aim is { } aim && aim.Point == point && phone.E164.EndsWith(aim.Phone, StringComparison.Ordinal) ? StandStillAsync(point) : PassAsync();

    /// <summary>Jobs get there; a job names only its top-up, which this process has seen before.</summary>
    public Task ReachedAsync(string point, IReadOnlyList<Job> jobs) =>
        _aim is { } aim && aim.Point == point && jobs.Any(job => job.Subject == _topUp) ? StandStillAsync(point) : PassAsync();

    private async Task StandStillAsync(string point)
    {
        _stands = true;
        await Console.Out.WriteLineAsync(Announcement + point);
        await Console.Out.FlushAsync();
        await PassAsync();
    }

    private void Listen()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.Split(' ') is not [var point, var phone]) continue;
            _aim = new Aim(point, phone);
            Console.Out.WriteLine(Agreement + line);
            Console.Out.Flush();
        }

        Environment.Exit(ExitOrphaned);
    }

    private void Decorate(IServiceCollection services)
    {
        for (var index = 0; index < services.Count; index++)
        {
            var inner = services[index].ServiceType == typeof(IStorage) || services[index].ServiceType == typeof(ITopUpProvider) ? services[index].ImplementationFactory! : null;
            if (services[index].ServiceType == typeof(IStorage))
                services[index] = ServiceDescriptor.Singleton<IStorage>(provider => new WatchedStorage((IStorage)inner!(provider), this));
            if (services[index].ServiceType == typeof(ITopUpProvider))
                services[index] = ServiceDescriptor.Singleton<ITopUpProvider>(provider => new WatchedProvider((ITopUpProvider)inner!(provider), this));
        }
    }

    private sealed record Aim(string Point, string Phone);

    private sealed class Observer<T>(Action<T> next) : IObserver<T>
    {
        public void OnNext(T value) => next(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
