using Microsoft.Extensions.Options;
using Relier.Api.Http;
using Relier.Hosting;
using Relier.Storage;

namespace Relier.Api;

/// <summary>From a composed host to one that serves, or to the exit code that says why not.</summary>
internal static class Serving
{
    // sysexits.h: try again later; the protocol (here, the schema) does not match; the configuration is wrong.
    private const int ExitUnavailable = 75;
    private const int ExitSchema = 76;
    private const int ExitConfiguration = 78;

    /// <summary>Prepares, serves until told to stop, and answers with the exit code.</summary>
    public static async Task<int> ServeAsync(this WebApplication app)
    {
        try
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
            return 0;
        }
        catch (RelierConfigurationException wrong)
        {
            foreach (var problem in wrong.Problems) await Console.Error.WriteLineAsync(problem);
            return ExitConfiguration;
        }
        catch (SchemaMismatchException mismatch)
        {
            await Console.Error.WriteLineAsync(mismatch.Message);
            return ExitSchema;
        }
        catch (StorageUnavailableException unavailable)
        {
            await Console.Error.WriteLineAsync($"The database cannot be reached: {unavailable.Message}");
            return ExitUnavailable;
        }
    }
}
