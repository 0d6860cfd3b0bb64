using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>One process of a simulated installation: a whole Relier of its own, whose clock is a little off.</summary>
internal sealed class SimulatedProcess
{
    private readonly ServiceProvider _services;

    public SimulatedProcess(string name, Duration skew, Stage stage, IStorage storage, IEnumerable<ITopUpProvider> providers, Faults faults)
    {
        Name = name;
        Context = new Place(this, stage);
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(new Clock(this, stage, skew));
        var relier = services.AddRelier(options =>
        {
            options.ProcessName = name;
            // Polly's breaker tells of its opening on another thread, which would take the order out of our hands.
            options.Breaker = BreakerRule.Default with { SubmissionsMin = int.MaxValue };
            options.ExposureLimit = faults.LimitsExposure ? ExposureLimit.Default : new ExposureLimit(1_000_000, []);
            if (faults.AnyRateWillDo) options.ExchangeRateAgeMax = null;
            options.WaitForEnding = time => stage.DelayAsync(this, Duration.FromTimeSpan(time), CancellationToken.None);
            stage.In(this, () => options.WorkScheduler = TaskScheduler.FromCurrentSynchronizationContext());
        });
        relier.UseStorage(_ => new FaultyStorage(this, stage, storage, faults));
        foreach (var provider in providers) relier.UseProvider(_ => new FaultyProvider(this, stage, provider, faults));
        _services = services.BuildServiceProvider();
        Relier = _services.GetRequiredService<IRelier>();
        Jobs = _services.GetRequiredService<JobLoop>();
        Tenants = _services.GetRequiredService<Tenancy.TenantDirectory>();
    }

    public string Name { get; }

    public bool IsAlive { get; set; } = true;

    /// <summary>What it has begun and not ended.</summary>
    public int UnderWay { get; set; }

    /// <summary>Until when it does nothing.</summary>
    public Instant StalledUntil { get; set; } = Instant.MinValue;

    public SynchronizationContext Context { get; }

    public IRelier Relier { get; }

    public JobLoop Jobs { get; }

    public Tenancy.TenantDirectory Tenants { get; }

    private sealed class Place(SimulatedProcess process, Stage stage) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => stage.Post(process, d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Clock(SimulatedProcess process, Stage stage, Duration skew) : IClock
    {
        public Instant Now() => stage.Now + skew;

        public Task DelayAsync(Duration duration, CancellationToken cancellationToken = default) => stage.DelayAsync(process, duration, cancellationToken);
    }
}
