using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relier.Latcom;

namespace Relier;

/// <summary>Choosing Latcom.</summary>
public static class LatcomRelierBuilderExtensions
{
    /// <summary>Delivers through Latcom: Movistar numbers in Mexico. What is wrong with the options is said when Relier is first asked for.</summary>
    public static RelierBuilder UseLatcom(this RelierBuilder builder, Action<LatcomOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddSingleton(services =>
        {
            var options = new LatcomOptions();
            configure(options);
            if (options.ListProblems() is { Count: > 0 } problems) throw new RelierConfigurationException([.. problems.Select(problem => "Latcom: " + problem)]);
            return new LatcomProvider(options, services.GetRequiredService<IClock>(), services.GetRequiredService<ILogger<LatcomProvider>>());
        });
        return builder.UseProvider(services => services.GetRequiredService<LatcomProvider>());
    }
}
