using Relier.Auditing;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class AuditStore(Session session) : IAuditStore
{
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => rows with { Audit = rows.Audit.Add(entry) }, cancellationToken);

    public Task<Page<AuditEntry>> ListAsync(string? subject, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Audit.Where(entry => subject is null || entry.Subject == subject)
                .ToPage(page, entry => new Position(entry.At, entry.Id.Value)),
            cancellationToken);
}
