using FluentValidation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Relier.Archiving;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Pipeline;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier;

/// <summary>Putting Relier into an application: one line per choice.</summary>
public static class RelierServiceCollectionExtensions
{
    /// <summary>
    /// Adds Relier. Then choose a storage and at least one provider on the builder; what is missing is refused when
    /// <see cref="IRelier"/> is first asked for, with the line to add.
    /// </summary>
    public static RelierBuilder AddRelier(this IServiceCollection services, Action<RelierOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new RelierOptions();
        configure?.Invoke(options);
        services.AddSingleton(options);
        services.TryAddSingleton<IClock, MachineClock>();
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(Logger<>)));
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);

        services.AddSingleton<ConfigurationCheck>();
        services.AddSingleton<IRelier>(provider =>
        {
            provider.GetRequiredService<ConfigurationCheck>().ThrowIfWrong();
            return new MediatedRelier(provider.GetRequiredService<IServiceScopeFactory>());
        });
        services.AddScoped<CallerHolder>();
        services.AddScoped(provider => provider.GetRequiredService<CallerHolder>().Caller);
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton<KnownKeys>();
        services.AddSingleton(provider => new Authenticator(
            provider.GetRequiredService<IStorage>(), provider.GetRequiredService<IClock>(), provider.GetRequiredService<KnownKeys>()));
        services.AddSingleton<Intake>();
        services.AddSingleton<Shutdown>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<Providers>();
        services.AddSingleton<TopUpWork>();
        services.AddSingleton<StatementSettling>();
        services.AddSingleton<StatementMatching>();
        services.AddSingleton<StatementImport>();
        services.AddSingleton<FirstVersionImport>();
        services.AddSingleton<IJobHandler>(provider => provider.GetRequiredService<TopUpWork>());
        services.AddSingleton<IJobHandler, CallbackWork>();
        services.AddSingleton<ReversalWork>();
        services.AddSingleton<IJobHandler>(provider => provider.GetRequiredService<ReversalWork>());
        services.AddSingleton<IJobHandler, ProviderWatch>();
        services.AddSingleton<IJobHandler, ExchangeRateWork>();
        services.AddSingleton(new Schedule(ProviderWatch.ProbeKind, ProviderWatch.ProbeKind, Duration.FromMinutes(1)));
        services.AddSingleton(new Schedule(ProviderWatch.BalanceKind, ProviderWatch.BalanceKind, Duration.FromMinutes(10)));
        services.AddSingleton(new Schedule(ProviderWatch.CatalogueKind, ProviderWatch.CatalogueKind, Duration.FromHours(1)));
        services.AddSingleton(new Schedule(ExchangeRateWork.Kind, ExchangeRateWork.Kind, Duration.FromMinutes(15)));
        services.AddSingleton<IJobHandler, TidyJobs>();
        services.AddSingleton(TidyJobs.Schedule);
        services.AddSingleton<IAlertSink, AlertLog>();
        services.AddSingleton<Alerts>();
        services.AddSingleton<IJobHandler, AlertDelivery>();
        services.AddSingleton<IJobHandler, AlertWatch>();
        services.AddSingleton(AlertWatch.Schedule);
        services.AddSingleton<TariffLibrary>();
        services.AddSingleton<CallDesk>();
        services.AddSingleton<SessionDesk>();
        services.AddSingleton<IJobHandler, CallWork>();
        services.AddSingleton<IJobHandler, SessionExpiry>();
        services.AddSingleton(SessionExpiry.Schedule);
        services.AddSingleton<Archivist>();
        services.AddSingleton<Scheduler>();
        services.AddSingleton<IHostedService, InFlight>();
        services.AddSingleton(provider => new JobLoop(
            provider.GetRequiredService<IStorage>(), provider.GetServices<IJobHandler>(), provider.GetRequiredService<JobRunner>(),
            provider.GetRequiredService<Scheduler>(), provider.GetRequiredService<Shutdown>(), provider.GetRequiredService<IClock>(), options,
            provider.GetRequiredService<ILogger<JobLoop>>()));
        services.Scan(scan => scan.FromAssemblyOf<IRelier>()
            .AddClasses(classes => classes.AssignableTo(typeof(Handler<,>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(classes => classes.AssignableTo(typeof(IValidator<>)).Where(type => type.GetConstructor(Type.EmptyTypes) is not null), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime());
        return new RelierBuilder(services);
    }
}

/// <summary>Where adapters add themselves, by extension methods in their packages.</summary>
/// <param name="services">The application's services.</param>
public sealed class RelierBuilder(IServiceCollection services)
{
    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Keeps everything in this storage. The last one chosen counts.</summary>
    public RelierBuilder UseStorage(Func<IServiceProvider, IStorage> storage)
    {
        Services.Replace(ServiceDescriptor.Singleton(storage));
        return this;
    }

    /// <summary>Delivers through this provider too. The first one added is asked first.</summary>
    public RelierBuilder UseProvider(Func<IServiceProvider, ITopUpProvider> provider)
    {
        Services.AddSingleton(provider);
        return this;
    }

    /// <summary>Takes the calls of this kind of switch too.</summary>
    public RelierBuilder UseCallSource(Func<IServiceProvider, ICallSource> source)
    {
        Services.AddSingleton(source);
        return this;
    }

    /// <summary>Moves what is old into this archive, once a day. The last one chosen counts; without one everything stays in the storage.</summary>
    public RelierBuilder UseArchive(Func<IServiceProvider, IArchive> archive)
    {
        if (Services.All(service => service.ServiceType != typeof(IArchive)))
        {
            Services.AddSingleton<IJobHandler, ArchiveWork>();
            Services.AddSingleton(ArchiveWork.Schedule);
        }

        Services.Replace(ServiceDescriptor.Singleton(archive));
        return this;
    }

    /// <summary>Runs the job loop in this process, from the start of the application's host to its end.</summary>
    public RelierBuilder RunJobs()
    {
        Services.AddSingleton<IHostedService, JobLoopService>();
        return ShowProcess(runsJobs: true);
    }

    /// <summary>Shows this process among those of the installation, though it runs no job loop.</summary>
    public RelierBuilder ShowProcess() => ShowProcess(runsJobs: false);

    private RelierBuilder ShowProcess(bool runsJobs)
    {
        Services.Replace(ServiceDescriptor.Singleton(new HeartbeatOf(runsJobs)));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Heartbeat>());
        return this;
    }
}

/// <summary>Says what is wrong with a composition, all at once, and how to mend it.</summary>
/// <param name="services">What was composed.</param>
/// <param name="options">What was set.</param>
public sealed class ConfigurationCheck(IServiceProvider services, RelierOptions options)
{
    /// <summary>Everything that is wrong; empty when Relier can run.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = options.Problems().ToList();
        try
        {
            if (services.GetService<IStorage>() is null)
                problems.Add("No storage was chosen. Add .UseSqlite(\"Data Source=relier.db\"), .UsePostgres(…) or, in tests, .UseInMemory() behind AddRelier().");
        }
        catch (ArgumentException unreadable)
        {
            problems.Add($"The connection string of the storage cannot be read: {unreadable.Message}");
        }

        List<string> providers, sources;
        try
        {
            providers = [.. services.GetServices<ITopUpProvider>().Select(provider => provider.Offer.Provider)];
            sources = [.. services.GetServices<ICallSource>().Select(source => source.Name)];
        }
        catch (RelierConfigurationException wrong)
        {
            return [.. problems, .. wrong.Problems];
        }

        if (providers.Count == 0)
            problems.Add("No top-up provider was chosen. Add .UseLatcom(…) or, for trials, .UseSimulator() behind AddRelier().");
        problems.AddRange(providers.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => $"The provider '{same.Key}' was added twice; its references must belong to one."));
        problems.AddRange(sources.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => $"The source of calls '{same.Key}' was added twice; name all of its switches in one."));
        return problems;
    }

    /// <summary>Throws <see cref="RelierConfigurationException"/> when anything is wrong.</summary>
    public void ThrowIfWrong()
    {
        var problems = Problems();
        if (problems.Count > 0) throw new RelierConfigurationException(problems);
    }
}

/// <summary>Relier was put together so that it cannot run.</summary>
/// <param name="problems">Everything that is wrong.</param>
public sealed class RelierConfigurationException(IReadOnlyList<string> problems)
    : InvalidOperationException(string.Join(Environment.NewLine, problems))
{
    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

/// <summary>Lets a stopping host finish what its waiting callers began, also where it runs no job loop. The time for it counts from the order to stop.</summary>
internal sealed class InFlight : IHostedService
{
    private readonly JobRunner _runner;

    public InFlight(JobRunner runner, Shutdown shutdown, IServiceProvider services)
    {
        _runner = runner;
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopping.Register(shutdown.Begin);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _runner.DrainAsync();
}

internal sealed class JobLoopService(JobLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop.RunAsync(stoppingToken);

    /// <summary>The host's own patience may be shorter than ours; the loop ends by itself within the grace.</summary>
    public override Task StopAsync(CancellationToken cancellationToken) => base.StopAsync(CancellationToken.None);
}
