using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Contracts;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Latcom;
using Relier.Ledger;
using Relier.Simulators;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Scenarios;

/// <summary>
/// A whole Relier on one engine, with the Latcom simulator at the other end of a real socket, a clock that is set, and
/// the reseller of the acceptance cases: a USD wallet with 10,000.00, at 0.0544 USD for one MXN.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private const string Inside = "inside";

    private readonly string? _file;
    private readonly List<ServiceProvider> _processes = [];
    private readonly Func<RelierBuilder, RelierBuilder> _storage;
    private readonly WorldOptions _options;

    private World(WorldOptions options, LatcomSimulator latcom, string? file, Func<RelierBuilder, RelierBuilder> storage)
    {
        _options = options;
        Latcom = latcom;
        _file = file;
        _storage = storage;
        Second = new CallbackProvider(Clock, options.Second);
        Services = NewProcess("p1");
    }

    public static readonly TenantId Tenant = TenantId.Parse("main");

    public FakeClock Clock { get; } = new();

    public LatcomSimulator Latcom { get; }

    /// <summary>The provider asked after Latcom, when the world has one; one and the same for all processes, as in truth.</summary>
    public CallbackProvider Second { get; }

    public LogBook Logs { get; } = new();

    public ServiceProvider Services { get; private set; }

    public IRelier Relier => Services.GetRequiredService<IRelier>();

    public IStorage Storage => Services.GetRequiredService<IStorage>();

    public Caller House { get; } = Caller.OfAdmin(Tenant, "maria");

    public Caller Reseller { get; private set; } = null!;

    public string CustomerId { get; private set; } = null!;

    public static Task<World> StartAsync(Engine engine) => StartAsync(engine, new WorldOptions());

    public static async Task<World> StartAsync(Engine engine, WorldOptions options)
    {
        var latcom = await LatcomSimulator.StartAsync(options.Simulator);
        string? file = null;
        Func<RelierBuilder, RelierBuilder> storage;
        switch (engine)
        {
            case Engine.Memory:
                var memory = new InMemoryStorage();
                storage = builder => builder.UseStorage(_ => memory);
                break;
            case Engine.Sqlite:
                file = Path.Combine(Path.GetTempPath(), $"relier-{Guid.NewGuid():N}.db");
                storage = builder => builder.UseSqlite($"Data Source={file}");
                break;
            default:
                var connection = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
                storage = builder => builder.UsePostgres(connection);
                break;
        }

        var world = new World(options, latcom, file, storage);
        await world.SettleInAsync();
        return world;
    }

    /// <summary>Another process on the same storage: its own loop, its own provider client, its own name.</summary>
    public ServiceProvider NewProcess(string name, Func<IStorage, IStorage>? around = null, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(Clock);
        services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(logging => logging.AddProvider(Logs)));
        var builder = _storage(services.AddRelier(relier =>
        {
            relier.ProcessName = name;
            relier.ProviderTimeout = Duration.FromSeconds(1);
            relier.Breaker = _options.Breaker;
            relier.ExposureLimit = _options.ExposureLimit;
        }));
        if (around is not null)
        {
            // Under a key, so that it is disposed with the process: what is around it does not.
            var inner = services.Last(service => service.ServiceType == typeof(IStorage)).ImplementationFactory!;
            services.AddKeyedSingleton(Inside, (provider, _) => (IStorage)inner(provider));
            builder.UseStorage(provider => around(provider.GetRequiredKeyedService<IStorage>(Inside)));
        }

        builder.UseLatcom(latcom =>
        {
            latcom.BaseAddress = Latcom.Address;
            latcom.Username = "simulated-user";
            latcom.Password = "simulated-password";
            latcom.DistributorKey = new LatcomSimulatorOptions().DistApi;
            latcom.UserUid = "00000001";
            latcom.Discount = 5m;
            _options.Latcom(latcom);
        });
        if (_options.Second is not null) builder.UseProvider(_ => Second);
        more?.Invoke(services);
        var process = services.BuildServiceProvider(validateScopes: true);
        _processes.Add(process);
        return process;
    }

    /// <summary>The first process is gone with all it had in memory; a new one goes on with what was stored.</summary>
    public async Task RestartAsync(string name)
    {
        _processes.Remove(Services);
        await Services.DisposeAsync();
        Services = NewProcess(name);
    }

    public Task<Outcome<TopUpReceipt>> OrderAsync(string phone, string amount, string? reference = null, bool wait = true, bool allowDuplicate = false) =>
        Relier.SendAsync(
            new RequestTopUp(phone, amount)
            {
                Reference = reference, AllowDuplicate = allowDuplicate, Wait = wait ? Duration.FromSeconds(25) : Duration.Zero,
            },
            Reseller);

    public async Task<TopUp> FindAsync(TopUp topUp) => (await Relier.SendAsync(new GetTopUp(topUp.Id.Value), House)).Value;

    public async Task<Account> WalletAsync() => (await Relier.SendAsync(new GetBalance(CustomerId), House)).Value.Account;

    public Task<int> RunJobsAsync() => Services.GetRequiredService<JobLoop>().RunDueAsync();

    /// <summary>Lets time pass in steps, doing what falls due in each, so that nothing scheduled is jumped over.</summary>
    public async Task PassAsync(Duration duration, Duration step)
    {
        for (var passed = Duration.Zero; passed < duration; passed += step)
        {
            Clock.Advance(step);
            await RunJobsAsync();
        }
    }

    public async Task SetPoliciesAsync(PoliciesInput policies, string? creditLimit = null)
    {
        var customer = (await Relier.SendAsync(new GetCustomer(CustomerId), House)).Value.Customer;
        (await Relier.SendAsync(new UpdateCustomer(CustomerId, customer.Version) { Policies = policies, CreditLimit = creditLimit }, House)).Value.Should().NotBeNull();
    }

    public async Task SetBalanceAsync(decimal posted)
    {
        var wallet = await WalletAsync();
        var difference = posted - wallet.Posted.ToDecimal();
        if (difference != 0)
            (await Relier.SendAsync(new AdjustCredit(CustomerId, difference.ToString(System.Globalization.CultureInfo.InvariantCulture), "correction"), House)).Value.Should().NotBeNull();
    }

    /// <summary>The books add up, and say the same as the provider's truth.</summary>
    public async Task ShouldBeSoundAsync()
    {
        var report = (await Relier.SendAsync(new VerifyLedger(), House)).Value;
        report.Findings.Should().BeEmpty();
        foreach (var currency in report.Balances.GroupBy(balance => balance.Balance.Currency))
            currency.Sum(balance => balance.Balance.ToDecimal()).Should().Be(0m, $"all accounts in {currency.Key} sum to zero");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        await Latcom.DisposeAsync();
        if (_file is null) return;
        foreach (var path in new[] { _file, _file + "-wal", _file + "-shm" }) File.Delete(path);
    }

    private async Task SettleInAsync()
    {
        await Storage.MigrateAsync(default);
        await Services.GetRequiredService<TenantDirectory>().EnsureAsync(Tenant, "Main", DateTimeZoneProviders.Tzdb["America/Mexico_City"]);
        var details = (await Relier.SendAsync(new CreateCustomer("C1") { Channel = "enviadespensa", WalletCurrency = _options.Wallet }, House)).Value;
        CustomerId = details.Customer.Id.Value;
        Reseller = Caller.OfCustomer(Tenant, details.Customer.Id);
        (await Relier.SendAsync(new AdjustCredit(CustomerId, "10000.00", "payment"), House)).Value.After.Amount.Should().Be("10000.00");
        (await Relier.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"), House)).Value.Should().NotBeNull();
    }
}

/// <summary>What a world is made with.</summary>
internal sealed record WorldOptions
{
    public string Wallet { get; init; } = "USD";

    public LatcomSimulatorOptions Simulator { get; init; } = new() { HangTime = TimeSpan.FromSeconds(3) };

    public Action<LatcomOptions> Latcom { get; init; } = _ => { };

    /// <summary>How a second provider behaves; null for none.</summary>
    public CallbackProviderOptions? Second { get; init; }

    /// <summary>Never opens unless a case is about it.</summary>
    public BreakerRule Breaker { get; init; } = BreakerRule.Default with { SubmissionsMin = 1_000_000 };

    /// <summary>Never reached unless a case is about it.</summary>
    public ExposureLimit ExposureLimit { get; init; } = new(1_000_000, []);
}

/// <summary>Keeps every line that is logged.</summary>
internal sealed class LogBook : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get { lock (_lock) return [.. _lines]; }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock) _lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
