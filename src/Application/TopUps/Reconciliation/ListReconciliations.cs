using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>One reconciliation. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The run.</param>
[Requires(Permission.ReadReconciliations)]
public sealed record GetReconciliation(string Id) : IUseCase<ReconciliationRun>;

/// <summary>Reconciliations, newest first. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadReconciliations)]
public sealed record ListReconciliations : IUseCase<Listing<ReconciliationRun>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class ListReconciliationsRules : AbstractValidator<ListReconciliations>
{
    public ListReconciliationsRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class GetReconciliationHandler(IStorage storage, Caller caller) : Handler<GetReconciliation, ReconciliationRun>
{
    protected override async Task<Outcome<ReconciliationRun>> HandleAsync(GetReconciliation query, CancellationToken cancellationToken) =>
        Id<ReconciliationRun>.TryParse(query.Id, out var id)
        && await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindAsync(id, cancellationToken), cancellationToken) is { } run
            ? run
            : Own.NotFound("reconciliation", query.Id);
}

internal sealed class ListReconciliationsHandler(IStorage storage, Caller caller) : Handler<ListReconciliations, Listing<ReconciliationRun>>
{
    protected override Task<Outcome<Listing<ReconciliationRun>>> HandleAsync(ListReconciliations list, CancellationToken cancellationToken) =>
        Listing.ReadAsync(list.Cursor, list.Limit, "reconciliations", page =>
            storage.RunAsync(caller.Tenant, session => session.Reconciliations.ListAsync(page, cancellationToken), cancellationToken));
}
