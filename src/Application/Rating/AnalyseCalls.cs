using FluentValidation;
using NodaTime;
using Relier.Calendar;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>
/// What calls come to, hour by hour, day by day or month by month in the tenant's zone, the earliest first; where there are none, nothing.
/// Refusals: <c>validation_failed</c>; <c>too_many</c> periods for more than <see cref="PeriodsMax"/>.
/// </summary>
[Requires(Permission.ReadUsage)]
public sealed record AnalyseCalls : CallQuery, IUseCase<IReadOnlyList<PeriodTotals>>
{
    /// <summary>The most periods that are told at once.</summary>
    public const int PeriodsMax = 800;

    /// <summary><c>hour</c>, <c>day</c> or <c>month</c>. <see cref="CallQuery.From"/> and <see cref="CallQuery.To"/> must be given.</summary>
    public string GroupBy { get; init; } = "day";
}

/// <summary>Where most calls out go. Refusal <c>validation_failed</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record ListTopDestinations : CallQuery, IUseCase<IReadOnlyList<DestinationTotals>>
{
    /// <summary><c>destination</c> or <c>number</c>.</summary>
    public string GroupBy { get; init; } = "destination";

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = 10;
}

/// <summary>Hours, days or months of the tenant's zone.</summary>
internal static class CallPeriods
{
    public static readonly string[] Words = ["hour", "day", "month"];

    /// <summary>Those of a filter that begins and ends. Refusal <c>validation_failed</c> with <c>too_many</c>.</summary>
    public static async Task<Outcome<IReadOnlyList<(Instant From, Instant To)>>> FindAsync(IStorage storage, TenantId id, CallFilter filter, string unit, CancellationToken cancellationToken)
    {
        var tenant = await storage.RunSystemAsync(session => session.Tenants.FindAsync(id, cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {id} is not there.");
        var periods = LocalPeriods.Between(filter.From!.Value, filter.To!.Value, tenant.Zone, unit).Take(AnalyseCalls.PeriodsMax + 1).ToList();
        return periods.Count <= AnalyseCalls.PeriodsMax
            ? periods
            : Validation.Failed([new FieldError("to", "too_many", $"expected at most {AnalyseCalls.PeriodsMax} periods; ask for less time, or longer periods")]);
    }
}

internal sealed class AnalyseCallsRules : CallQueryRules<AnalyseCalls>
{
    public AnalyseCallsRules()
    {
        RuleFor(query => query.From).IsGiven();
        RuleFor(query => query.To).IsGiven();
        RuleFor(query => query.GroupBy).Must(word => CallPeriods.Words.Contains(word)).WithErrorCode("group_invalid").WithMessage($"expected one of {string.Join(", ", CallPeriods.Words)}");
    }
}

internal sealed class ListTopDestinationsRules : CallQueryRules<ListTopDestinations>
{
    public ListTopDestinationsRules()
    {
        RuleFor(query => query.GroupBy).Must(word => word is "destination" or "number").WithErrorCode("group_invalid").WithMessage("expected destination or number");
        RuleFor(query => query.Limit).IsLimit();
    }
}

internal sealed class AnalyseCallsHandler(IStorage storage, Caller caller) : Handler<AnalyseCalls, IReadOnlyList<PeriodTotals>>
{
    protected override async Task<Outcome<IReadOnlyList<PeriodTotals>>> HandleAsync(AnalyseCalls query, CancellationToken cancellationToken)
    {
        if (query.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        if ((await CallPeriods.FindAsync(storage, caller.Tenant, filter, query.GroupBy, cancellationToken)).IsRefused(out refusal, out var periods)) return refusal;
        return Outcome.Of(await storage.RunAsync(caller.Tenant, session => session.Calls.PeriodTotalsAsync(filter, periods, cancellationToken), cancellationToken));
    }
}

internal sealed class ListTopDestinationsHandler(IStorage storage, Caller caller) : Handler<ListTopDestinations, IReadOnlyList<DestinationTotals>>
{
    protected override async Task<Outcome<IReadOnlyList<DestinationTotals>>> HandleAsync(ListTopDestinations query, CancellationToken cancellationToken)
    {
        if (query.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        return Outcome.Of(await storage.RunAsync(
            caller.Tenant, session => session.Calls.DestinationTotalsAsync(filter, query.GroupBy == "number", query.Limit, cancellationToken), cancellationToken));
    }
}
