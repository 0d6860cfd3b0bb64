using Microsoft.Extensions.DependencyInjection;
using Relier.FreeSwitch;

namespace Relier;

/// <summary>Choosing FreeSWITCH.</summary>
public static class FreeSwitchRelierBuilderExtensions
{
    /// <summary>Takes the calls of FreeSWITCH switches. What is wrong with the options is said when Relier is first asked for.</summary>
    public static RelierBuilder UseFreeSwitch(this RelierBuilder builder, Action<FreeSwitchOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddSingleton(_ =>
        {
            var options = new FreeSwitchOptions();
            configure(options);
            if (options.ListProblems() is { Count: > 0 } problems) throw new RelierConfigurationException([.. problems.Select(problem => "FreeSWITCH: " + problem)]);
            return new FreeSwitchSource(options);
        });
        return builder.UseCallSource(services => services.GetRequiredService<FreeSwitchSource>());
    }
}
