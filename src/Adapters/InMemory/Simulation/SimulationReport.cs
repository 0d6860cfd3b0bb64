using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>What a simulation is made with.</summary>
public sealed record SimulationOptions
{
    /// <summary>What decides everything: the same seed gives the same run.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many steps things go wrong for, before all becomes calm; 400 by default, at least 1.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>Put around the storage that all processes share, so that a test can break it.</summary>
    public Func<IStorage, IStorage> AroundStorage { get; init; } = storage => storage;

    /// <summary>Put around each provider, so that a test can break it.</summary>
    public Func<ITopUpProvider, ITopUpProvider> AroundProvider { get; init; } = provider => provider;
}

/// <summary>What came of a simulation.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Steps">How many steps were asked for.</param>
/// <param name="Trace">What happened, in order.</param>
/// <param name="Hash">Two runs are the same when this is the same.</param>
/// <param name="Broken">The promises that were broken; empty when all held.</param>
/// <param name="BrokenAt">The step at which the first was found broken; null when none was.</param>
/// <param name="TopUps">How many orders were taken.</param>
/// <param name="Deliveries">How many of them reached a phone.</param>
public sealed record SimulationReport(
    int Seed, int Steps, IReadOnlyList<string> Trace, string Hash, IReadOnlyList<string> Broken, int? BrokenAt, int TopUps, int Deliveries)
{
    /// <summary>Whether every promise held after every step.</summary>
    public bool Holds => Broken.Count == 0;
}
