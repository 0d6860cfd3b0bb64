using NodaTime;
using Relier.Notifications;
using Relier.Storage;

namespace Relier.InMemory;

/// <summary>What was raised or suspected last for a kind and subject.</summary>
/// <param name="Cause">What.</param>
/// <param name="RaisedAt">When; null while it is a suspicion.</param>
internal sealed record AlertCause(string Cause, Instant? RaisedAt);

internal sealed class AlertStore(Session session) : IAlertStore
{
    public Task<bool> RaiseAsync(Alert alert, Duration? quietFor, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.AlertCauses.GetValueOrDefault((alert.Kind, alert.Subject)) is { RaisedAt: { } raisedAt } last
                && last.Cause == alert.Cause && (quietFor is null || raisedAt > alert.At - quietFor)
                ? (rows, false)
                : (rows with
                {
                    AlertCauses = rows.AlertCauses.SetItem((alert.Kind, alert.Subject), new AlertCause(alert.Cause, alert.At)),
                    Alerts = rows.Alerts.Add(alert.Id, alert),
                }, true),
            cancellationToken);

    public Task<string> SuspectAsync(AlertKind kind, string subject, string cause, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.AlertCauses.GetValueOrDefault((kind, subject)) is { } known
                ? (rows, known.Cause)
                : (rows with { AlertCauses = rows.AlertCauses.Add((kind, subject), new AlertCause(cause, null)) }, cause),
            cancellationToken);

    public Task<bool> EndAsync(AlertKind kind, string subject, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => (rows with { AlertCauses = rows.AlertCauses.Remove((kind, subject)) }, rows.AlertCauses.GetValueOrDefault((kind, subject))?.RaisedAt is not null),
            cancellationToken);

    public Task<Alert?> FindAsync(Id<Alert> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Alerts.GetValueOrDefault(id), cancellationToken);

    public Task<Page<Alert>> ListAsync(AlertKind? kind, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Alerts.Values.Where(alert => kind is null || alert.Kind == kind).ToPage(page, alert => new Position(alert.At, alert.Id.Value)),
            cancellationToken);
}
