using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relier.Api.Endpoints;
using Relier.Api.Endpoints.FirstVersion;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting;
using Relier.Sqlite;

namespace Relier.Api;

/// <summary>What this host is made of, and the order in which a request passes through it.</summary>
internal static class Composition
{
    public static void AddApi(this WebApplicationBuilder builder)
    {
        var relier = builder.AddRelier();
        var settings = (RelierSettings)builder.Services.Single(service => service.ServiceType == typeof(RelierSettings)).ImplementationInstance!;
        _ = settings.RunJobs ? relier.RunJobsAndSweeps() : relier.ShowProcess();
        // The machine's own SQLite is newer and patched with it; where there is none, the bundled one runs.
        if (settings.Storage == "sqlite") SqliteEngine.UseSystemLibrary();

        builder.Services.AddSingleton<Vitals>();
        builder.Services.AddHostedService<Draining>();
        builder.Services.AddHostedService<SecondSignal>();
        builder.Services.ConfigureHttpJsonOptions(options => Json.Strict(options.SerializerOptions));
        builder.Services.Configure<ForwardedHeadersOptions>(options => Proxies.Trust(options, settings.TrustedProxies));
        builder.Services.AddDocumentation();
        builder.WebHost.ConfigureKestrel(Limit);
        if (OpenFiles.ConnectionsMax() is { } max) builder.Services.Decorate<IConnectionListenerFactory>(sockets => new ConnectionLimit(sockets, max));
        AddLogging(builder);
    }

    public static void UseApi(this WebApplication app)
    {
        app.UseMiddleware<EdgeMiddleware>();
        app.UseForwardedHeaders();
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Relier API";
            page.SwaggerEndpoint($"/openapi/{Documentation.Name}.json", "Relier v1");
        });
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();

        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new Access(AccessKind.Open));
        app.MapHealth();
        app.MapCallbacks();
        app.MapIngest();
        app.MapFirstVersion();
        var v1 = app.MapGroup("/api/v1");
        v1.MapBalance();
        v1.MapResources();
        app.MapGroup("/api").ExcludeFromDescription().MapResources();
    }

    /// <summary>What answers under <c>/api/v1</c> and under <c>/api</c> alike.</summary>
    private static void MapResources(this IEndpointRouteBuilder api)
    {
        api.MapTopUps();
        api.MapProviders();
        api.MapReconciliations();
        api.MapLedger();
        api.MapStatements();
        api.MapCustomers();
        api.MapKeys();
        api.MapOperations();
        api.MapJobs();
        api.MapAlerts();
        api.MapQuotes();
        api.MapCalls();
        api.MapSessions();
        api.MapCallFiles();
        api.MapDisputes();
        api.MapArchive();
        api.MapCallReports();
        api.MapDecks();
        api.MapPlans();
        api.MapUsageAccounts();
    }

    private static void Limit(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = Body.MaxBytes;
        server.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        server.Limits.MaxRequestHeaderCount = 64;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        // The framework's own lines carry whole addresses, and those may carry phone numbers.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        if (builder.Environment.IsDevelopment()) return;
        builder.Logging.ClearProviders();
        builder.Logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }
}
