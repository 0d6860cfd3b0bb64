using Microsoft.Extensions.Options;
using Relier.Api.Http;
using Relier.Hosting;

namespace Relier.Api;

/// <summary>From a composed host to one that serves, or to the exit code that says why not.</summary>
internal static class Serving
{
    /// <summary>Prepares, serves until told to stop, and answers with the exit code.</summary>
    public static Task<int> ServeAsync(this WebApplication app) => HostEnd.RunAsync(async () =>
    {
        // Read now, so that a wrong one is said like everything else that is wrong.
        _ = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value;
        app.UseApi();
        var startup = app.Services.GetRequiredService<RelierStartup>();
        await startup.PrepareAsync();
        // Made now, because it counts the time from now.
        _ = app.Services.GetRequiredService<Vitals>();
        var settings = app.Services.GetRequiredService<RelierSettings>();
        if (app.Environment.IsDevelopment() && settings.Demo)
        {
            var keys = await DemoData.CreateAsync(app.Services.GetRequiredService<IRelier>(), startup.Tenant);
            app.Lifetime.ApplicationStarted.Register(() => Welcome.Print(Console.Out, app.Urls, keys, settings.AbsoluteConnectionString));
        }

        await app.RunAsync();
    });
}
