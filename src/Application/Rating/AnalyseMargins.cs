using FluentValidation;
using NodaTime;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// What calls out brought, what they cost, and what is left: each at the cheapest of the suppliers that had a price for it when it took place.
/// A supplier is a plan of its prices. All calls with something to charge for count that are rated, come to nothing, or are unrated; one that
/// no supplier has a price for is told apart. For people of the house alone. Refusals: <c>forbidden</c>, <c>validation_failed</c>,
/// <c>not_found</c>, <c>plan_unknown</c>, <c>currency_differs</c> when prices of suppliers or of calls are in another currency.
/// </summary>
/// <param name="Suppliers">The plans of the suppliers, 1 to 50.</param>
[Requires(Permission.ReadUsage)]
[Requires(Permission.ReadTariffs)]
public sealed record AnalyseMargins(IReadOnlyList<string> Suppliers) : CallQuery, IUseCase<Margins>
{
    /// <summary>The most destinations or numbers that calls of one question go to; of more, ask for less time.</summary>
    public const int NamesMax = 200_000;

    /// <summary>The most destinations or numbers that are told at once.</summary>
    public const int LimitMax = 1_000;

    /// <summary>
    /// <c>hour</c>, <c>day</c> or <c>month</c> of the tenant's zone, at most <see cref="AnalyseCalls.PeriodsMax"/> of them; <c>destination</c> or
    /// <c>number</c>. <see cref="CallQuery.From"/> and <see cref="CallQuery.To"/> must be given.
    /// </summary>
    public string GroupBy { get; init; } = "day";

    /// <summary>How many destinations or numbers, 1 to <see cref="LimitMax"/>. Ignored for times.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>What calls brought and cost.</summary>
/// <param name="Groups">The times, the earliest first, those without calls left out; or the destinations or numbers, the smallest margin first, then by name.</param>
/// <param name="AreMore">Whether there are more groups than were asked for.</param>
/// <param name="Total">Of all calls.</param>
public sealed record Margins(IReadOnlyList<MarginGroup> Groups, bool AreMore, CallMargin Total);

/// <summary>What some of the calls brought and cost.</summary>
/// <param name="From">Where the time begins; null when they are not grouped by time.</param>
/// <param name="Name">The destination or the number as dialled; null for calls that have none, and when they are grouped by time.</param>
/// <param name="Margin">What they brought and cost.</param>
public sealed record MarginGroup(Instant? From, string? Name, CallMargin Margin);

internal sealed class AnalyseMarginsRules : CallQueryRules<AnalyseMargins>
{
    private static readonly string[] Words = [.. CallPeriods.Words, "destination", "number"];

    public AnalyseMarginsRules()
    {
        RuleFor(query => query.Suppliers).AreSuppliers();
        RuleFor(query => query.From).IsGiven();
        RuleFor(query => query.To).IsGiven();
        RuleFor(query => query.GroupBy).Must(word => Words.Contains(word)).WithErrorCode("group_invalid").WithMessage($"expected one of {string.Join(", ", Words)}");
        RuleFor(query => query.Limit).InclusiveBetween(1, AnalyseMargins.LimitMax).WithErrorCode("limit_invalid").WithMessage($"expected 1 to {AnalyseMargins.LimitMax}");
    }
}

internal sealed class AnalyseMarginsHandler(IStorage storage, TariffLibrary tariffs, Caller caller) : Handler<AnalyseMargins, Margins>
{
    /// <summary>Calls that are in memory at once: some megabytes.</summary>
    private const int CallsAtOnce = 10_000;

    protected override async Task<Outcome<Margins>> HandleAsync(AnalyseMargins query, CancellationToken cancellationToken)
    {
        if (caller.Customer is not null) return new Refusal("forbidden", "What calls cost is for people of the house.");
        if (query.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        // One revision for all parts, so that a price that is changed meanwhile does not count for half of the calls.
        var shelf = await tariffs.RunAsync(caller.Tenant, (_, current) => Task.FromResult(current), cancellationToken);
        var suppliers = query.Suppliers.Select(Id<RatePlan>.Parse).ToList();
        if (Suppliers.CurrencyOf(shelf.Book, suppliers, filter.To!.Value).IsRefused(out refusal, out var currency)) return refusal;
        if ((await SumsAsync(query, filter, currency, cancellationToken)).IsRefused(out refusal, out var sums)) return refusal;

        Position? after = null;
        while (true)
        {
            var behind = after;
            var calls = await storage.RunAsync(caller.Tenant, session => session.Calls.ListSoldAsync(filter, behind, CallsAtOnce, cancellationToken), cancellationToken);
            var costs = await tariffs.RunAsync(caller.Tenant, shelf, () => calls.Select(call => CostOf(call, suppliers, shelf, currency)).ToList(), cancellationToken);
            if (sums.Add(calls, costs) is { } no) return no;
            if (calls.Count < CallsAtOnce) return sums.ToMargins(query.Limit);
            after = new Position(calls[^1].StartedAt, calls[^1].Id.Value);
        }
    }

    private async Task<Outcome<MarginSums>> SumsAsync(AnalyseMargins query, CallFilter filter, Currency currency, CancellationToken cancellationToken)
    {
        if (query.GroupBy == "destination") return new MarginSums(currency, call => (null, call.Destination));
        if (query.GroupBy == "number") return new MarginSums(currency, call => (null, call.Usage.To));
        if ((await CallPeriods.FindAsync(storage, caller.Tenant, filter, query.GroupBy, cancellationToken)).IsRefused(out var refusal, out var periods)) return refusal;
        var begins = periods.Select(period => period.From).ToList();
        return new MarginSums(currency, call => (begins.BinarySearch(call.StartedAt) is var place && place >= 0 ? begins[place] : begins[~place - 1], null));
    }

    private static Money? CostOf(SoldCall call, List<Id<RatePlan>> suppliers, TariffShelf shelf, Currency currency) =>
        CallCosts.Of(suppliers.Select(plan => shelf.Of(plan, call.Usage.Start).Tariff), call.Usage, currency);
}

/// <summary>Adds up calls, group by group.</summary>
internal sealed class MarginSums(Currency currency, Func<SoldCall, (Instant? From, string? Name)> groupOf)
{
    private readonly Dictionary<(Instant? From, string? Name), CallMargin> _groups = [];

    /// <summary>Adds calls and what each cost. Refusals: <c>currency_differs</c>; <c>validation_failed</c> for too many groups.</summary>
    public Refusal? Add(IReadOnlyList<SoldCall> calls, IReadOnlyList<Money?> costs)
    {
        foreach (var (call, cost) in calls.Zip(costs))
        {
            if (call.Revenue is { } revenue && revenue.Currency != currency)
                return Suppliers.Differs($"There are calls in {revenue.Currency}, and the suppliers' prices are in {currency}.", [currency, revenue.Currency]).With("call", call.Id.Value);
            var group = groupOf(call);
            _groups[group] = (_groups.GetValueOrDefault(group) ?? CallMargin.None(currency)).Plus(call, cost);
        }

        return _groups.Count <= AnalyseMargins.NamesMax
            ? null
            : Validation.Failed([new FieldError("to", "too_many", $"expected calls to at most {AnalyseMargins.NamesMax} of them; ask for less time")]);
    }

    public Margins ToMargins(int limit)
    {
        var groups = _groups.Select(group => new MarginGroup(group.Key.From, group.Key.Name, group.Value))
            .OrderBy(group => group.From).ThenBy(group => group.Margin.Margin).ThenBy(group => group.Name, StringComparer.Ordinal).ToList();
        var isByTime = groups is [{ From: not null }, ..];
        return new Margins(isByTime ? groups : [.. groups.Take(limit)], !isByTime && groups.Count > limit, groups.Aggregate(CallMargin.None(currency), (sum, group) => sum.Plus(group.Margin)));
    }
}
