using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>The work list: what statements and our books differ in, newest first. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadReconciliations)]
public sealed record ListBreaks : BreakQuery, IUseCase<Listing<ReconciliationBreak>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>Which breaks, in the words of a client. What is null does not limit.</summary>
public abstract record BreakQuery
{
    /// <summary>Only of this reconciliation.</summary>
    public string? Run { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Only of this class: a word of <see cref="StatementClasses"/>.</summary>
    public string? Class { get; init; }

    /// <summary>Only of this owner; empty for those of nobody.</summary>
    public string? Owner { get; init; }

    internal BreakFilter ToFilter() => new()
    {
        Run = Run is null ? null : Id<ReconciliationRun>.Parse(Run), IsOpen = Status is null ? null : Status == "open",
        Class = StatementClasses.Parse(Class), Owner = Owner,
    };

    internal string Mark => $"breaks {Run} {Status} {Class} {Owner}";
}

internal abstract class BreakQueryRules<T> : AbstractValidator<T>
    where T : BreakQuery
{
    protected BreakQueryRules()
    {
        RuleFor(query => query.Run).IsIdOf<T, ReconciliationRun>();
        RuleFor(query => query.Status).Must(word => word is null or "open" or "closed").WithErrorCode("status_invalid").WithMessage("expected open or closed");
        RuleFor(query => query.Class).Must(word => word is null || StatementClasses.Parse(word) is not null)
            .WithErrorCode("class_invalid").WithMessage($"expected one of {string.Join(", ", StatementClasses.All)}");
        RuleFor(query => query.Owner).IsText();
    }
}

internal sealed class ListBreaksRules : BreakQueryRules<ListBreaks>
{
    public ListBreaksRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class ListBreaksHandler(IStorage storage, Caller caller) : Handler<ListBreaks, Listing<ReconciliationBreak>>
{
    protected override Task<Outcome<Listing<ReconciliationBreak>>> HandleAsync(ListBreaks list, CancellationToken cancellationToken) =>
        Listing.ReadAsync(list.Cursor, list.Limit, list.Mark, page =>
            storage.RunAsync(caller.Tenant, session => session.Reconciliations.ListBreaksAsync(list.ToFilter(), page, cancellationToken), cancellationToken));
}

/// <summary>One break. Refusal <c>not_found</c>.</summary>
/// <param name="Id">The break.</param>
[Requires(Permission.ReadReconciliations)]
public sealed record GetBreak(string Id) : IUseCase<ReconciliationBreak>;

internal sealed class GetBreakHandler(IStorage storage, Caller caller) : Handler<GetBreak, ReconciliationBreak>
{
    protected override async Task<Outcome<ReconciliationBreak>> HandleAsync(GetBreak query, CancellationToken cancellationToken) =>
        Id<ReconciliationBreak>.TryParse(query.Id, out var id)
        && await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindBreakAsync(id, cancellationToken), cancellationToken) is { } found
            ? found
            : Own.NotFound("break", query.Id);
}
