using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>How top-ups went. A customer sees their own. Refusals as of <see cref="ListTopUps"/>.</summary>
[Requires(Permission.ReadTopUps)]
public sealed record GetTopUpStats : TopUpQuery, IUseCase<TopUpStats>;

/// <summary>How top-ups went.</summary>
/// <param name="Totals">Count and sums by state and currency.</param>
public sealed record TopUpStats(IReadOnlyList<TopUpTotal> Totals)
{
    /// <summary>Delivered and charged.</summary>
    public long Succeeded => Count(TopUpState.Succeeded);

    /// <summary>Not delivered and given back.</summary>
    public long Failed => Count(TopUpState.Failed);

    /// <summary>Not decided: what was only just ordered, what is under way and what nobody knows of.</summary>
    public long Undecided => Totals.Where(total => IsUndecided(total.State)).Sum(total => total.Count);

    /// <summary>Share of the decided ones that succeeded, between 0 and 1; null when none is decided. The undecided count on neither side.</summary>
    public decimal? SuccessRate => Succeeded + Failed == 0 ? null : (decimal)Succeeded / (Succeeded + Failed);

    /// <summary>What the undecided ones hold, per currency: the exposure.</summary>
    public IReadOnlyList<Money> Held =>
        [.. Totals.Where(total => IsUndecided(total.State) && total.Charge is not null)
            .GroupBy(total => total.Charge!.Value.Currency)
            .Select(group => group.Aggregate(Money.Zero(group.Key), (sum, total) => sum + total.Charge!.Value))];

    private long Count(TopUpState state) => Totals.Where(total => total.State == state).Sum(total => total.Count);

    private static bool IsUndecided(TopUpState state) => state is TopUpState.Reserved or TopUpState.Submitting
        or TopUpState.Pending or TopUpState.Unknown or TopUpState.InReview;
}

internal sealed class GetTopUpStatsRules : TopUpQueryRules<GetTopUpStats>;

internal sealed class GetTopUpStatsHandler(IStorage storage, Caller caller) : Handler<GetTopUpStats, TopUpStats>
{
    protected override async Task<Outcome<TopUpStats>> HandleAsync(GetTopUpStats query, CancellationToken cancellationToken)
    {
        if (query.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        return new TopUpStats(await storage.RunAsync(caller.Tenant, session => session.TopUps.TotalsAsync(filter, cancellationToken), cancellationToken));
    }
}
