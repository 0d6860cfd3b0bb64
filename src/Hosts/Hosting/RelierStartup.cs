using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Auditing;
using Relier.FreeSwitch;
using Relier.Identity;
using Relier.Rating;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Hosting;

/// <summary>
/// What a host does before it serves: checks everything it was told, brings the schema up to date or refuses, makes sure
/// of the tenant and of somebody who may administer it. An unsafe installation does not start.
/// </summary>
public sealed partial class RelierStartup(
    RelierSettings settings, ConfigurationCheck check, IServiceProvider services, IClock clock)
{
    private const int ShortestAdminKey = 32;

    /// <summary>
    /// Makes ready, or throws <see cref="RelierConfigurationException"/> with everything that is wrong,
    /// <see cref="SchemaMismatchException"/>, or <see cref="StorageUnavailableException"/>.
    /// </summary>
    public async Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        await PrepareStorageAsync(cancellationToken);
        await EnsureAdminAsync(Tenant, cancellationToken);
        if (settings.ArchiveFolder is null) LogNoArchive(Resolve<ILogger<RelierStartup>>());
    }

    /// <summary>The same without asking for an admin: for programs of the machine's own people, which issue the first key.</summary>
    public async Task PrepareStorageAsync(CancellationToken cancellationToken = default)
    {
        var problems = Problems();
        if (problems.Count > 0) throw new RelierConfigurationException(problems);

        await MigrateAsync(cancellationToken);
        await Resolve<TenantDirectory>().EnsureAsync(Tenant, settings.Tenant, DateTimeZoneProviders.Tzdb[settings.Zone], cancellationToken);
        await RequireTenantsOfSwitchesAsync(cancellationToken);
    }

    /// <summary>Everything that is wrong with what this host was told, without touching the storage; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = settings.Problems.ToList();
        // What is not composed because a setting cannot be read is said by the setting's own line.
        var composition = check.Problems();
        if (problems.Count == 0) problems.AddRange(composition);
        if (composition.Count == 0) problems.AddRange(UnsafeProviders());
        problems.AddRange(UnsafeSettings());
        if (!TenantId.TryParse(settings.Tenant, out _)) problems.Add($"Relier:Tenant is '{settings.Tenant}'; expected 1 to 32 of a-z, 0-9 and -.");
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(settings.Zone) is null) problems.Add($"Relier:Zone is '{settings.Zone}'; expected a zone of the tz database, as in America/Mexico_City.");
        if (settings.AdminKey is { } key && (key.Length is < ShortestAdminKey or > 256 || !key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')))
            problems.Add($"Relier:AdminKey must have {ShortestAdminKey} to 256 letters, digits or _.");
        return problems;
    }

    /// <summary>The tenant of this installation.</summary>
    public TenantId Tenant => TenantId.Parse(settings.Tenant);

    private IEnumerable<string> UnsafeProviders() =>
        from provider in settings.IsProduction ? Resolve<IEnumerable<ITopUpProvider>>() : []
        where provider.Offer.Environment != ProviderEnvironment.Production
        select $"The provider '{provider.Offer.Provider}' does not deliver for real ({provider.Offer.Environment.ToString().ToLowerInvariant()}); customers would be charged for nothing. It is refused outside Development.";

    private IEnumerable<string> UnsafeSettings()
    {
        if (!settings.IsProduction) yield break;
        if (settings.Storage == "memory") yield return "Relier:Storage is memory: everything would be lost at the end of the process. It is refused outside Development.";
        if (settings.Demo) yield return "Relier:Demo makes a tenant with made-up credit. It is refused outside Development.";
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var storage = Resolve<IStorage>();
        if (settings.AutoMigrate)
        {
            await storage.MigrateAsync(cancellationToken);
            return;
        }

        var missing = (await storage.MigrationsAsync(cancellationToken)).Where(migration => migration.AppliedAt is null).ToList();
        if (missing.Count > 0)
            throw new SchemaMismatchException($"{missing.Count} migrations are not applied, from {missing[0].Version} ({missing[0].Name}) on. Run: relier db migrate");
    }

    /// <summary>A switch of a tenant that is not there would have its calls written where nobody reads them.</summary>
    private async Task RequireTenantsOfSwitchesAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var origin in Resolve<IEnumerable<ICallSource>>().OfType<FreeSwitchSource>().SelectMany(source => source.Origins))
        {
            if (origin.Tenant is not { } tenant || await Resolve<IStorage>().RunSystemAsync(session => session.Tenants.FindAsync(tenant, cancellationToken), cancellationToken) is not null) continue;
            problems.Add($"FreeSWITCH: the switch '{origin.Switch}' reports for the tenant '{tenant}', which is not there. A tenant is made at the first start with Relier:Tenant (environment: Relier__Tenant).");
        }

        if (problems.Count > 0) throw new RelierConfigurationException(problems);
    }

    private async Task EnsureAdminAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await HasAdminAsync(cancellationToken)) return;
        if (settings.AdminKey is { } secret) await BootstrapAsync(tenant, secret, cancellationToken);
        else if (settings.IsProduction)
            throw new RelierConfigurationException(
                ["There is no admin key. Run: relier keys create --admin NAME, or set Relier:AdminKey (environment: Relier__AdminKey) to a secret of your own for the first start."]);
    }

    private Task<bool> HasAdminAsync(CancellationToken cancellationToken) =>
        Resolve<IStorage>().RunSystemAsync(session => session.AnyAdminKeyAsync(clock.Now(), cancellationToken), cancellationToken);

    private async Task BootstrapAsync(TenantId tenant, string secret, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var key = new ApiKey
        {
            Id = Ids.New<ApiKey>("key", now), Tenant = tenant, Customer = null, Name = "bootstrap", Prefix = secret[..16],
            SecretHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))), Scopes = Permission.OfAdmins, CreatedAt = now,
        };
        try
        {
            await Resolve<IStorage>().RunAsync(
                tenant,
                async session =>
                {
                    await session.Keys.AddAsync(key, cancellationToken);
                    await session.Audit.AddAsync(
                        new AuditEntry(Ids.New<AuditEntry>("aud", now), now, "system:startup", "key.created", key.Id.Value, null, $$"""{"name":"{{key.Name}}","prefix":"{{key.Prefix}}"}"""),
                        cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            // Another host of the same installation was faster by a moment; the key it wrote must be one that still opens.
            if (!await HasAdminAsync(cancellationToken))
                throw new RelierConfigurationException(["Relier:AdminKey is a key that was revoked or has ended. Run: relier keys create --admin NAME"]);
        }
    }

    [LoggerMessage(1201, LogLevel.Information, "There is no archive (Relier:Archive:Folder): old calls and reports stay in the database, and nothing is deleted")]
    private static partial void LogNoArchive(ILogger logger);

    private T Resolve<T>()
        where T : notnull => (T)services.GetService(typeof(T))!;
}
