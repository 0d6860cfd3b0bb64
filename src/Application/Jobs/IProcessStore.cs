using NodaTime;

namespace Relier.Jobs;

/// <summary>The processes of the installation, as they say of themselves.</summary>
public interface IProcessStore
{
    /// <summary>Writes that a process lives, in place of what it said before.</summary>
    Task BeatAsync(ProcessBeat process, CancellationToken cancellationToken);

    /// <summary>Takes away a process that ended.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);

    /// <summary>Takes away those that were last seen before this time.</summary>
    Task RemoveUnseenAsync(Instant before, CancellationToken cancellationToken);

    /// <summary>All, by name.</summary>
    Task<IReadOnlyList<ProcessBeat>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>One process.</summary>
/// <param name="Name">Its name, as in leases.</param>
/// <param name="Host">The program: <c>Relier.Api</c>, <c>Relier.Worker</c>, or the application that embeds Relier.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Kinds">The kinds of jobs it does; empty when it does none.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="SeenAt">When it last said that it lives.</param>
public sealed record ProcessBeat(string Name, string Host, string Version, IReadOnlyList<string> Kinds, Instant StartedAt, Instant SeenAt);
