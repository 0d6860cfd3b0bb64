using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Relier.Alerts;
using Relier.Archiving;
using Relier.ExchangeRates;
using Relier.FreeSwitch;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Hosting;

/// <summary>From configuration to a composed Relier: what every host of ours does first. Settings: docs/operating.md.</summary>
public static class RelierHosting
{
    /// <summary>Adds Relier as the configuration says. What is missing or wrong is said by <see cref="RelierStartup.PrepareAsync"/>, all at once.</summary>
    public static RelierBuilder AddRelier(this IHostApplicationBuilder host)
    {
        ArgumentNullException.ThrowIfNull(host);
        host.Configuration.AddInMemoryCollection(FlatNames.Resolve(host.Configuration));
        var settings = RelierSettings.Read(host.Configuration, host.Environment);
        host.Services.AddSingleton(settings);
        host.Services.AddSingleton<RelierStartup>();
        host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.ShutdownGrace.ToTimeSpan() + TimeSpan.FromSeconds(5));

        var builder = host.Services.AddRelier(options =>
        {
            options.ProviderTimeout = settings.ProviderTimeout;
            options.ExchangeRateAgeMax = settings.ExchangeRateAgeMax;
            options.ExchangeRateJumpMax = settings.ExchangeRateJumpMax;
            options.Breaker = settings.Breaker;
            options.ExposureLimit = settings.ExposureLimit;
            options.JobLease = settings.JobLease;
            options.JobConcurrency = settings.JobConcurrency;
            foreach (var (kind, places) in settings.JobConcurrencyOf) options.JobConcurrencyOf[kind] = places;
            foreach (var (kind, limit) in settings.JobTimeLimitOf) options.JobTimeLimitOf[kind] = limit;
            options.JobPolling = settings.JobPolling;
            options.ShutdownGrace = settings.ShutdownGrace;
            options.ProcessName = settings.ProcessName ?? options.ProcessName;
            options.Retention = settings.Retention;
        });
        Choose(builder, settings, host.Configuration);
        return builder;
    }

    /// <summary>Runs the job loop in this process, and sweeps the error folders of switches that have one.</summary>
    public static RelierBuilder RunJobsAndSweeps(this RelierBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = (RelierSettings)builder.Services.Single(service => service.ServiceType == typeof(RelierSettings)).ImplementationInstance!;
        // A tenant that is none is refused at the start.
        if (builder.Services.Any(service => service.ServiceType == typeof(FreeSwitchSource)) && TenantId.TryParse(settings.Tenant, out var tenant)) builder.SweepErrorFolders(tenant);
        return builder.RunJobs();
    }

    private static void Choose(RelierBuilder builder, RelierSettings settings, IConfiguration configuration)
    {
        switch (settings.Storage)
        {
            case "sqlite" when settings.ConnectionString is { } file: builder.UseSqlite(file); break;
            case "postgres" when settings.ConnectionString is { } server: builder.UsePostgres(server); break;
            case "memory": builder.UseInMemory(); break;
        }

        if (settings.RatesFile is { } ratesFile) builder.UseRatesFile(ratesFile);
        if (settings.RatesAddress is { } service) builder.UseHttpRates(new HttpRatesOptions { Address = service, Currencies = settings.RatesCurrencies });

        if (settings.AlertWebhook is { } webhook)
            builder.UseAlertWebhook(new AlertWebhookOptions { Address = webhook, Secret = settings.AlertSecret!, AllowPrivateAddresses = settings.AlertPrivateAddresses });

        if (settings.ArchiveFolder is { } folder) builder.UseArchiveFolder(folder);

        var switches = configuration.GetSection("Relier:FreeSwitch");
        if (switches.Exists())
        {
            builder.UseFreeSwitch(options =>
            {
                Fill(switches, options);
                foreach (var one in options.Switches) one.Tenant ??= settings.Tenant;
            });
        }

        foreach (var provider in settings.Providers)
        {
            switch (provider)
            {
                case "latcom": builder.UseLatcom(latcom => Fill(configuration.GetSection("Relier:Latcom"), latcom)); break;
                case "simulator": builder.UseSimulator(); break;
                case "callback-simulator": builder.UseCallbackSimulator(); break;
            }
        }
    }

    /// <summary>
    /// The options as the section says. Throws <see cref="RelierConfigurationException"/> for a setting that nobody knows and for one
    /// that cannot be read: both would be as if they had not been written, and an unreadable one would take its whole list entry along.
    /// </summary>
    private static void Fill(IConfigurationSection section, object options)
    {
        try
        {
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException wrong)
        {
            Exception named = wrong;
            while (named.InnerException is InvalidOperationException inner) named = inner; // the innermost names the setting
            throw new RelierConfigurationException([$"{section.Path} cannot be read: {named.Message}"]);
        }
    }
}

/// <summary>The names that operators of the first version have in their environment, under the names of today.</summary>
internal static class FlatNames
{
    private static readonly (string Old, string New)[] Names =
    [
        ("DATABASE_URL", "Relier:ConnectionString"), ("ADMIN_KEY", "Relier:AdminKey"), ("LATCOM_DIST_API", "Relier:Latcom:BaseAddress"),
        ("LATCOM_USERNAME", "Relier:Latcom:Username"), ("LATCOM_PASSWORD", "Relier:Latcom:Password"),
        ("LATCOM_API_KEY", "Relier:Latcom:DistributorKey"), ("LATCOM_USER_UID", "Relier:Latcom:UserUid"),
    ];

    /// <summary>Those that are set under the old name only.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Resolve(IConfiguration configuration) =>
        [.. Names.Where(name => configuration[name.New] is null && configuration[name.Old] is not null)
            .Select(name => new KeyValuePair<string, string?>(name.New, configuration[name.Old]))];
}

/// <summary>The settings under <c>Relier</c>, read once.</summary>
public sealed record RelierSettings
{
    private const string FilePrefix = "Data Source=";

    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>memory</c>. Without one: postgres for a connection string that names a host, sqlite for any other.</summary>
    public string? Storage { get; private init; }

    /// <summary>Where the storage is.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>The same, with the path of a file as seen from anywhere.</summary>
    public string? AbsoluteConnectionString =>
        Storage == "sqlite" && ConnectionString?.StartsWith(FilePrefix, StringComparison.OrdinalIgnoreCase) == true && !ConnectionString.Contains(';')
            ? FilePrefix + Path.GetFullPath(ConnectionString[FilePrefix.Length..])
            : ConnectionString;

    /// <summary>Whether the schema is brought up to date at the start. Default: yes for SQLite, no for PostgreSQL.</summary>
    public bool AutoMigrate { get; private init; }

    /// <summary>The providers, the first asked first: <c>latcom</c>, <c>simulator</c>, <c>callback-simulator</c>. Default in Development: simulator.</summary>
    public IReadOnlyList<string> Providers { get; private init; } = [];

    /// <summary>Whether this process runs the job loop. Default yes.</summary>
    public bool RunJobs { get; private init; }

    /// <summary>Whether a demo tenant is made at the first start. Default: in Development.</summary>
    public bool Demo { get; private init; }

    /// <summary>A secret for the first admin, where there is none yet: at least 32 characters. It is stored hashed, under the name <c>bootstrap</c>.</summary>
    public string? AdminKey { get; private init; }

    /// <summary>The id of the tenant that a fresh installation gets. Default <c>main</c>.</summary>
    public string Tenant { get; private init; } = "main";

    /// <summary>Its zone. Default <c>America/Mexico_City</c>.</summary>
    public string Zone { get; private init; } = "America/Mexico_City";

    /// <summary>Proxies whose X-Forwarded-For is believed: addresses or networks. Default none.</summary>
    public IReadOnlyList<string> TrustedProxies { get; private init; } = [];

    /// <summary>See <see cref="RelierOptions.ProviderTimeout"/>.</summary>
    public Duration ProviderTimeout { get; private init; }

    /// <summary>A file with rates of exchange that is read again and again; null for none.</summary>
    public string? RatesFile { get; private init; }

    /// <summary>A service with rates of exchange that is asked again and again; null for none.</summary>
    public Uri? RatesAddress { get; private init; }

    /// <summary>The currencies that are wanted of that service.</summary>
    public IReadOnlyList<string> RatesCurrencies { get; private init; } = [];

    /// <summary>Where alerts are posted, beside the log; null for nowhere.</summary>
    public Uri? AlertWebhook { get; private init; }

    /// <summary>The secret that those posts are signed under: at least 32 characters.</summary>
    public string? AlertSecret { get; private init; }

    /// <summary>Whether they may go to this machine or a private network. Default no.</summary>
    public bool AlertPrivateAddresses { get; private init; }

    /// <summary>The folder that old calls and reports are moved to; null for none, and then nothing is moved and nothing deleted.</summary>
    public string? ArchiveFolder { get; private init; }

    /// <summary>See <see cref="RelierOptions.Retention"/>.</summary>
    public Retention Retention { get; private init; } = Retention.Default;

    /// <summary>See <see cref="RelierOptions.ExchangeRateAgeMax"/>. Zero hours for any age.</summary>
    public Duration? ExchangeRateAgeMax { get; private init; }

    /// <summary>See <see cref="RelierOptions.ExchangeRateJumpMax"/>.</summary>
    public Ratio ExchangeRateJumpMax { get; private init; }

    /// <summary>See <see cref="RelierOptions.Breaker"/>.</summary>
    public BreakerRule Breaker { get; private init; } = BreakerRule.Default;

    /// <summary>See <see cref="RelierOptions.ExposureLimit"/>.</summary>
    public ExposureLimit ExposureLimit { get; private init; } = ExposureLimit.Default;

    /// <summary>See <see cref="RelierOptions.JobLease"/>.</summary>
    public Duration JobLease { get; private init; }

    /// <summary>See <see cref="RelierOptions.JobConcurrency"/>.</summary>
    public int JobConcurrency { get; private init; }

    /// <summary>See <see cref="RelierOptions.JobConcurrencyOf"/>: what is said here comes before its default.</summary>
    public IReadOnlyDictionary<string, int> JobConcurrencyOf { get; private init; } = new Dictionary<string, int>();

    /// <summary>See <see cref="RelierOptions.JobTimeLimitOf"/>.</summary>
    public IReadOnlyDictionary<string, Duration> JobTimeLimitOf { get; private init; } = new Dictionary<string, Duration>();

    /// <summary>See <see cref="RelierOptions.JobPolling"/>.</summary>
    public Duration JobPolling { get; private init; }

    /// <summary>See <see cref="RelierOptions.ShutdownGrace"/>.</summary>
    public Duration ShutdownGrace { get; private init; }

    /// <summary>See <see cref="RelierOptions.ProcessName"/>: give each process of an installation its own lasting name. Default: machine name and process id.</summary>
    public string? ProcessName { get; private init; }

    /// <summary>Whether this is a real installation.</summary>
    public bool IsProduction { get; private init; }

    /// <summary>What could not be read, with the name of the setting.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>Without what they say: secrets are among them, and the addresses of webhooks often are some.</summary>
    public override string ToString() => $"{nameof(RelierSettings)} {Storage}";

    internal static RelierSettings Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection("Relier");
        var problems = new List<string>();
        var development = environment.IsDevelopment();
        var connection = section["ConnectionString"] ?? (development && section["Storage"] is null or "sqlite" ? "Data Source=relier.db" : null);
        if (connection is not null) connection = FromAddress(connection);
        var storage = section["Storage"] ?? (connection is null ? null : IsServer(connection) ? "postgres" : "sqlite");
        if (storage is not (null or "sqlite" or "postgres" or "memory")) problems.Add($"Relier:Storage is '{storage}'; expected sqlite, postgres or memory.");
        if (storage is "sqlite" or "postgres" && connection is null) problems.Add("Relier:ConnectionString is missing (environment: Relier__ConnectionString).");
        if (storage is null) problems.Add("Relier:ConnectionString is missing (environment: Relier__ConnectionString): 'Data Source=/var/lib/relier/relier.db' for SQLite, 'Host=…' for PostgreSQL.");
        var providers = section.GetSection("Providers").Get<string[]>() ?? (development ? ["simulator"] : []);
        problems.AddRange(providers.Where(name => name is not ("latcom" or "simulator" or "callback-simulator")).Select(name => $"Relier:Providers names '{name}'; expected latcom, simulator or callback-simulator."));
        if (providers.Length == 0) problems.Add("Relier:Providers is missing (environment: Relier__Providers__0=latcom).");

        Duration Seconds(string name, int fallback) => Duration.FromMilliseconds(Number(name, fallback, 0.001m));
        long Number(string name, int fallback, decimal unit)
        {
            if (section[name] is not { } text) return (long)(fallback / unit);
            if (decimal.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var value) && value < 1_000_000) return (long)(value / unit);
            problems.Add($"Relier:{name} is '{text}'; expected a number.");
            return (long)(fallback / unit);
        }

        IEnumerable<string> Kinds(string name) => section.GetSection(name).GetChildren().Select(child => child.Key);

        bool Flag(string name, bool fallback)
        {
            if (section[name] is not { } text) return fallback;
            if (bool.TryParse(text, out var value)) return value;
            problems.Add($"Relier:{name} is '{text}'; expected true or false.");
            return fallback;
        }

        return new RelierSettings
        {
            Storage = storage,
            ConnectionString = connection,
            AutoMigrate = Flag("AutoMigrate", storage != "postgres"),
            Providers = providers,
            RunJobs = Flag("RunJobs", true),
            Demo = Flag("Demo", development),
            AdminKey = section["AdminKey"],
            Tenant = section["Tenant"] ?? "main",
            Zone = section["Zone"] ?? "America/Mexico_City",
            TrustedProxies = section.GetSection("TrustedProxies").Get<string[]>() ?? [],
            RatesFile = section["Rates:File"],
            RatesAddress = RatesAddressOf(section, problems),
            RatesCurrencies = RatesCurrenciesOf(section, problems),
            AlertWebhook = AlertWebhookOf(section, problems),
            AlertSecret = section["Alerts:Secret"],
            AlertPrivateAddresses = Flag("Alerts:AllowPrivateAddresses", false),
            ArchiveFolder = string.IsNullOrWhiteSpace(section["Archive:Folder"]) ? null : section["Archive:Folder"],
            Retention = new Retention((int)Number("Archive:HotDays", Retention.Default.HotDays, 1), (int)Number("Archive:Months", Retention.Default.Months, 1)),
            ExchangeRateAgeMax = Number("Rates:AgeMaxHours", 24, 1) is > 0 and var hours ? Duration.FromHours(hours) : null,
            ExchangeRateJumpMax = Ratio.Of(Math.Min(Number("Rates:JumpMaxPercent", 10, 1), 100) / 100m),
            Breaker = BreakerRule.Default with
            {
                FailureShare = Number("Breaker:FailurePercent", 50, 1) / 100m, SubmissionsMin = (int)Number("Breaker:SubmissionsMin", 10, 1),
                Window = Seconds("Breaker:WindowSeconds", 30), Pause = Seconds("Breaker:PauseSeconds", 30),
            },
            ExposureLimit = new ExposureLimit((int)Number("Exposure:CountMax", 5, 1), HeldMaxOf(section, problems)),
            ProviderTimeout = Seconds("ProviderTimeoutSeconds", 30),
            JobLease = Seconds("JobLeaseSeconds", 60),
            JobConcurrency = (int)Number("JobConcurrency", 20, 1),
            JobConcurrencyOf = Kinds("Jobs:Concurrency").ToDictionary(kind => kind, kind => (int)Number($"Jobs:Concurrency:{kind}", 1, 1)),
            JobTimeLimitOf = Kinds("Jobs:TimeLimitSeconds").ToDictionary(kind => kind, kind => Seconds($"Jobs:TimeLimitSeconds:{kind}", 600)),
            JobPolling = Seconds("JobPollingSeconds", 1),
            ShutdownGrace = Seconds("ShutdownGraceSeconds", 25),
            ProcessName = section["ProcessName"],
            IsProduction = !development,
            Problems = problems,
        };
    }

    private static Uri? RatesAddressOf(IConfigurationSection section, List<string> problems)
    {
        if (section["Rates:Address"] is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http") return address;
        problems.Add($"Relier:Rates:Address is '{text}'; expected an address, as in https://rates.example/latest?base=USD.");
        return null;
    }

    private static Uri? AlertWebhookOf(IConfigurationSection section, List<string> problems)
    {
        if (section["Alerts:Webhook"] is not { } text) return null;
        if (section["Alerts:Secret"] is not { Length: >= 32 }) problems.Add("Relier:Alerts:Secret must have at least 32 characters: the receiver tells our alerts from others' by it.");
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http") return address;
        problems.Add("Relier:Alerts:Webhook is no address; expected one as in https://chat.example/hooks/relier.");
        return null;
    }

    private static string[] RatesCurrenciesOf(IConfigurationSection section, List<string> problems)
    {
        var currencies = section.GetSection("Rates:Currencies").Get<string[]>() ?? ["MXN"];
        problems.AddRange(currencies.Where(code => !Currency.TryParse(code, out _)).Select(code => $"Relier:Rates:Currencies names '{code}'; expected codes as in MXN."));
        return currencies;
    }

    private static List<Money> HeldMaxOf(IConfigurationSection section, List<string> problems)
    {
        var limits = new List<Money>();
        foreach (var text in section.GetSection("Exposure:HeldMax").Get<string[]>() ?? ["100 USD"])
        {
            if (text.Split(' ') is [var amount, var code] && Currency.TryParse(code, out var currency) && Money.TryParse(amount, currency, out var money)) limits.Add(money);
            else problems.Add($"Relier:Exposure:HeldMax names '{text}'; expected amounts with their currency, as in '100 USD'.");
        }

        return limits;
    }

    /// <summary>An address of PostgreSQL, as hosting companies hand it out in DATABASE_URL, in the words of the driver; anything else as it is.</summary>
    private static string FromAddress(string connection)
    {
        if (!connection.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) || !Uri.TryCreate(connection, UriKind.Absolute, out var address)) return connection;
        var words = new System.Data.Common.DbConnectionStringBuilder { ["Host"] = address.Host, ["Database"] = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')) };
        if (address.Port > 0) words["Port"] = address.Port;
        var user = address.UserInfo.Split(':', 2);
        if (user[0].Length > 0) words["Username"] = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) words["Password"] = Uri.UnescapeDataString(user[1]);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            if (pair.Split('=', 2) is [var name, var value]) words[name] = Uri.UnescapeDataString(value);
        return words.ConnectionString;
    }

    private static bool IsServer(string connection) =>
        connection.Contains("Host=", StringComparison.OrdinalIgnoreCase) || connection.Contains("Server=", StringComparison.OrdinalIgnoreCase) || connection.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
}
