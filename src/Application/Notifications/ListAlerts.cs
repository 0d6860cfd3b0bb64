using FluentValidation;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Notifications;

/// <summary>The alerts that were raised, newest first. Refusals: <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadAlerts)]
public sealed record ListAlerts : IUseCase<Listing<Alert>>
{
    /// <summary>Only of this kind (<see cref="AlertKinds"/>); null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

internal sealed class ListAlertsRules : AbstractValidator<ListAlerts>
{
    public ListAlertsRules()
    {
        RuleFor(list => list.Kind).Must(word => word is null || AlertKinds.Find(word) is not null)
            .WithErrorCode("kind_invalid").WithMessage($"expected one of {string.Join(", ", AlertKinds.Words)}");
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class ListAlertsHandler(IStorage storage, Caller caller) : Handler<ListAlerts, Listing<Alert>>
{
    protected override Task<Outcome<Listing<Alert>>> HandleAsync(ListAlerts list, CancellationToken cancellationToken)
    {
        var kind = list.Kind is null ? null : AlertKinds.Find(list.Kind);
        return Listing.ReadAsync(list.Cursor, list.Limit, $"alerts {list.Kind}", page =>
            storage.RunAsync(caller.Tenant, session => session.Alerts.ListAsync(kind, page, cancellationToken), cancellationToken));
    }
}
