using NodaTime;

namespace Relier.Jobs;

/// <summary>When recurring work of the session's tenant is due next. A turn that is taken is taken once, however many ask.</summary>
public interface IScheduleStore
{
    /// <summary>
    /// Takes the turn of a schedule if it is due at this time, and sets the next one; a schedule nobody has heard of is due at
    /// once. False when it is not due, or somebody took it. Turns that were missed are one turn.
    /// </summary>
    Task<bool> TakeAsync(string name, Instant now, Instant next, CancellationToken cancellationToken);

    /// <summary>When it is due next; null for a schedule nobody has heard of.</summary>
    Task<Instant?> FindDueAsync(string name, CancellationToken cancellationToken);
}
