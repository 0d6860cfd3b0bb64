using Microsoft.Extensions.DependencyInjection;
using Relier.InMemory;

namespace Relier;

/// <summary>Choosing the in-memory adapters.</summary>
public static class InMemoryRelierBuilderExtensions
{
    /// <summary>Keeps everything in memory, for tests and trials: gone with the process.</summary>
    public static RelierBuilder UseInMemory(this RelierBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var storage = new InMemoryStorage();
        return builder.UseStorage(_ => storage);
    }

    /// <summary>Moves what is old into an archive in memory, for tests and trials: gone with the process.</summary>
    public static RelierBuilder UseInMemoryArchive(this RelierBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var archive = new InMemoryArchive();
        return builder.UseArchive(_ => archive);
    }

    /// <summary>Delivers through a provider that recharges nothing and answers by the last three digits of the number (<see cref="SimulatedProvider"/>). A host refuses it in Production.</summary>
    public static RelierBuilder UseSimulator(this RelierBuilder builder, SimulatedProviderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => new SimulatedProvider(services.GetRequiredService<IClock>(), options));
        return builder.UseProvider(services => services.GetRequiredService<SimulatedProvider>());
    }

    /// <summary>Delivers through a second simulated provider too, with another contract: it decides later and tells by signed messages (<see cref="CallbackProvider"/>). A host refuses it in Production.</summary>
    public static RelierBuilder UseCallbackSimulator(this RelierBuilder builder, CallbackProviderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => new CallbackProvider(services.GetRequiredService<IClock>(), options));
        return builder.UseProvider(services => services.GetRequiredService<CallbackProvider>());
    }
}
