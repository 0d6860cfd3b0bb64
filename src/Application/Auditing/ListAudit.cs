using FluentValidation;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Auditing;

/// <summary>Who changed what, newest first. Refusal <c>cursor_invalid</c>.</summary>
[Requires(Permission.Audit)]
public sealed record ListAudit : IUseCase<Listing<AuditEntry>>
{
    /// <summary>Only about this id; null for all.</summary>
    public string? Subject { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class ListAuditRules : AbstractValidator<ListAudit>
{
    public ListAuditRules()
    {
        RuleFor(list => list.Subject).IsText();
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class ListAuditHandler(IStorage storage, Caller caller) : Handler<ListAudit, Listing<AuditEntry>>
{
    protected override Task<Outcome<Listing<AuditEntry>>> HandleAsync(ListAudit list, CancellationToken cancellationToken) =>
        Listing.ReadAsync(list.Cursor, list.Limit, $"audit {list.Subject}", page =>
            storage.RunAsync(caller.Tenant, session => session.Audit.ListAsync(list.Subject, page, cancellationToken), cancellationToken));
}
