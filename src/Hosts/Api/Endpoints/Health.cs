using System.Reflection;
using System.Runtime.InteropServices;
using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting;
using Relier.Hosting.Resources;

namespace Relier.Api.Endpoints;

/// <summary>Whether it runs, for whoever watches over it: short words, no internals, no credentials asked.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("").WithTags(Tags.Operations).WithMetadata(new Access(AccessKind.Open));
        health.MapGet("/health", HealthAsync).As(OperationDocs.Health);
        health.MapGet("/health/live", () => Probe(true)).As(OperationDocs.Live);
        health.MapGet("/health/ready", async (Vitals vitals) => Probe(!vitals.IsStopping && await vitals.IsStorageUpAsync())).As(OperationDocs.Ready);
        health.MapGet("/health/startup", (Vitals vitals) => Probe(vitals.HasStarted)).As(OperationDocs.Startup);
        health.MapGet("/version", Version).As(OperationDocs.Version);
    }

    private static IResult Probe(bool healthy) =>
        Answers.Ok(new ProbeResource(healthy ? "Healthy" : "Unhealthy"), healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> HealthAsync(Vitals vitals, RelierSettings settings, IClock clock)
    {
        var up = await vitals.IsStorageUpAsync();
        var service = new ServiceResource(up, up ? "connected" : "disconnected");
        var resource = new HealthResource(
            up ? "OK" : "ERROR", clock.Now().Text(), vitals.UptimeSeconds, settings.IsProduction ? "PRODUCTION" : "TEST_MODE",
            new ServicesResource(service, service));
        return Answers.Ok(resource, up ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Version()
    {
        var text = typeof(HealthEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var parts = text.Split('+', 2);
        return Answers.Ok(new VersionResource(parts[0], parts.Length > 1 ? parts[1] : null, RuntimeInformation.FrameworkDescription));
    }
}

/// <summary>One word.</summary>
internal sealed record ProbeResource(string Status);

/// <summary>The health in the shape of the first version, without what is nobody's business.</summary>
internal sealed record HealthResource(string Status, string Timestamp, long Uptime, string Mode, ServicesResource Services);

/// <summary>What is depended on. The queue lives in the database.</summary>
internal sealed record ServicesResource(ServiceResource Database, ServiceResource Queue);

/// <summary>Whether one of them answers.</summary>
internal sealed record ServiceResource(bool Connected, string Status);

/// <summary>What runs here.</summary>
internal sealed record VersionResource(string Version, string? Commit, string Runtime);
