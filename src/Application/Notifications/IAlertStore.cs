using NodaTime;
using Relier.Storage;

namespace Relier.Notifications;

/// <summary>Alerts of the session's tenant, and what was raised last for each kind and subject: seen by all processes alike.</summary>
public interface IAlertStore
{
    /// <summary>
    /// Keeps the alert, unless its kind and subject had one of the same cause less than <paramref name="quietFor"/> before it that
    /// was not ended; null for at any time before. False then, and nothing happens. Of many who ask at once one is told true.
    /// </summary>
    Task<bool> RaiseAsync(Alert alert, Duration? quietFor, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers a cause that may become an alert if it is seen again, unless one is remembered or was raised and not ended. What is
    /// remembered then, the given one or the earlier.
    /// </summary>
    Task<string> SuspectAsync(AlertKind kind, string subject, string cause, CancellationToken cancellationToken);

    /// <summary>The cause is over: whatever comes next is raised. Whether an alert had been raised for it; false also when there was nothing.</summary>
    Task<bool> EndAsync(AlertKind kind, string subject, CancellationToken cancellationToken);

    /// <summary>The alert; null if there is none.</summary>
    Task<Alert?> FindAsync(Id<Alert> id, CancellationToken cancellationToken);

    /// <summary>Alerts of this kind, or all with null, newest first, then by id.</summary>
    Task<Page<Alert>> ListAsync(AlertKind? kind, PageRequest page, CancellationToken cancellationToken);
}
