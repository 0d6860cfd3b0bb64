using FluentValidation;
using NodaTime;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Which suppliers to try for a number, in order, and what each would charge. A supplier is a plan of its prices. Refusals:
/// <c>validation_failed</c>, <c>plan_unknown</c>, <c>currency_differs</c> when their prices cannot be compared.
/// </summary>
/// <param name="To">The number, as dialled.</param>
/// <param name="Suppliers">The plans of the suppliers, 1 to 50.</param>
[Requires(Permission.ReadTariffs)]
public sealed record FindRoutes(string To, IReadOnlyList<string> Suppliers) : IUseCase<IReadOnlyList<SupplierOffer>>
{
    /// <summary><c>cheapest</c> or <c>longestPrefix</c>.</summary>
    public string Order { get; init; } = "cheapest";

    /// <summary>How many seconds the call is expected to last.</summary>
    public long Seconds { get; init; } = 60;

    /// <summary>The customer's plan: who would cost as much as the customer pays, or more, is left out. Null when that does not matter.</summary>
    public string? Plan { get; init; }

    /// <summary>When, RFC 3339; null for now.</summary>
    public string? At { get; init; }
}

internal sealed class FindRoutesRules : AbstractValidator<FindRoutes>
{
    public static readonly Dictionary<string, RouteOrder> Orders = Enum.GetValues<RouteOrder>().ToDictionary(order => FieldNames.Camel($"{order}"));

    private const int MostSuppliers = 50;

    public FindRoutesRules()
    {
        RuleFor(query => query.To).IsGiven().IsText(CallRecord.TextMax);
        RuleFor(query => query.Suppliers).Must(plans => plans.Count is > 0 and <= MostSuppliers && plans.All(plan => Id<RatePlan>.TryParse(plan, out _)) && plans.Distinct().Count() == plans.Count)
            .WithErrorCode("suppliers_invalid").WithMessage($"expected 1 to {MostSuppliers} plans, each once");
        RuleFor(query => query.Order).Must(word => Orders.ContainsKey(word)).WithErrorCode("order_invalid").WithMessage($"expected one of {string.Join(", ", Orders.Keys)}");
        RuleFor(query => query.Seconds).InclusiveBetween(1, Usage.SecondsMax).WithErrorCode("quantity_invalid").WithMessage($"expected a whole number from 1 to {Usage.SecondsMax}");
        RuleFor(query => query.Plan).IsIdOf<FindRoutes, RatePlan>();
        RuleFor(query => query.At).IsInstant();
    }
}

internal sealed class FindRoutesHandler(TariffLibrary tariffs, IClock clock, Caller caller) : Handler<FindRoutes, IReadOnlyList<SupplierOffer>>
{
    protected override async Task<Outcome<IReadOnlyList<SupplierOffer>>> HandleAsync(FindRoutes query, CancellationToken cancellationToken)
    {
        var call = new Usage(UsageKind.Voice, query.To, Validation.ReadInstant(query.At) ?? clock.Now(), query.Seconds);
        if (call.Check("call").ToList() is { Count: > 0 } faults) return Validation.Failed(faults);
        return await tariffs.RunAsync(caller.Tenant, (_, shelf) => Task.FromResult(Offers(query, call, shelf)), cancellationToken);
    }

    private static Outcome<IReadOnlyList<SupplierOffer>> Offers(FindRoutes query, Usage call, TariffShelf shelf)
    {
        var plans = query.Suppliers.Concat(query.Plan is null ? [] : [query.Plan]).Select(Id<RatePlan>.Parse).ToList();
        foreach (var plan in plans)
            if (shelf.Book.PlanAt(plan, call.Start) is null) return new Refusal("plan_unknown", $"There is no plan {plan} at that time.").With("plan", plan.Value);
        var currencies = plans.Select(plan => shelf.Book.PlanAt(plan, call.Start)!.Currency).Distinct().ToList();
        if (currencies.Count > 1) return new Refusal("currency_differs", "The plans are in more than one currency.").With("currencies", currencies.Select(currency => currency.Code).ToList());

        decimal? revenue = query.Plan is { } own ? Rater.Price(shelf.Of(Id<RatePlan>.Parse(own), call.Start).Tariff, call, []).Amount : null;
        return Outcome.Of(LeastCost.Offers(query.Suppliers.Select(plan => shelf.Of(Id<RatePlan>.Parse(plan), call.Start).Tariff), call, FindRoutesRules.Orders[query.Order], revenue));
    }
}
