using NodaTime;
using Relier.Storage;

namespace Relier.Auditing;

/// <summary>Who changed what in the session's tenant. Only ever added to.</summary>
public interface IAuditStore
{
    /// <summary>Adds an entry.</summary>
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Entries, newest first, then by id; with a subject, only those about it.</summary>
    Task<Page<AuditEntry>> ListAsync(string? subject, PageRequest page, CancellationToken cancellationToken);
}

/// <summary>One change.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What was done, as <c>customer.created</c>.</param>
/// <param name="Subject">The id of what it was done to.</param>
/// <param name="Before">What it was before, as JSON without secrets and full phone numbers; null for something new.</param>
/// <param name="After">What it was after, likewise; null for something gone.</param>
public sealed record AuditEntry(Id<AuditEntry> Id, Instant At, string Actor, string Action, string Subject, string? Before, string? After);
