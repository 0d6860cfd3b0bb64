using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relier.FreeSwitch;
using Relier.Tenancy;

namespace Relier;

/// <summary>Choosing FreeSWITCH.</summary>
public static class FreeSwitchRelierBuilderExtensions
{
    /// <summary>Takes the calls of FreeSWITCH switches. What is wrong with the options is said when Relier is first asked for.</summary>
    public static RelierBuilder UseFreeSwitch(this RelierBuilder builder, Action<FreeSwitchOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddSingleton(services =>
        {
            var options = new FreeSwitchOptions();
            configure(options);
            List<string> problems = [.. options.ListProblems(), .. services.GetService<SweepingFor>() is null ? [] : options.ListMissingFolders()];
            if (problems.Count > 0) throw new RelierConfigurationException([.. problems.Select(problem => "FreeSWITCH: " + problem)]);
            return new FreeSwitchSource(options);
        });
        builder.Services.AddSingleton<ErrorFolderSweep>();
        return builder.UseCallSource(services => services.GetRequiredService<FreeSwitchSource>());
    }

    /// <summary>
    /// Sweeps the error folders of the switches in this process, from the start of the application's host to its end. A folder that is missing then
    /// is said when Relier is first asked for; one that vanishes later is an error in the log. Behind <see cref="UseFreeSwitch"/>. Any number of processes may sweep one folder.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="tenant">The tenant of switches that name none.</param>
    public static RelierBuilder SweepErrorFolders(this RelierBuilder builder, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new SweepingFor(tenant));
        builder.Services.AddSingleton<IHostedService, ErrorFolderSweeper>();
        return builder;
    }
}
