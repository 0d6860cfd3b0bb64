using System.Text.Json;
using Relier.Identity;
using Relier.Storage;

namespace Relier.Auditing;

/// <summary>Writing the audit log, in the transaction of the change itself.</summary>
internal static class Audited
{
    /// <summary>Adds an entry. What is given as before and after becomes JSON: pass small records of text, without secrets.</summary>
    public static Task AuditAsync(
        this ISession session, Caller caller, IClock clock, string action, string subject, object? before, object? after, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        return session.Audit.AddAsync(
            new AuditEntry(Ids.New<AuditEntry>("aud", now), now, caller.Actor, action, subject, Json(before), Json(after)), cancellationToken);
    }

    private static string? Json(object? facts) => facts is null ? null : JsonSerializer.Serialize(facts, JsonSerializerOptions.Web);
}
