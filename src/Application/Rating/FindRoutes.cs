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

    public FindRoutesRules()
    {
        RuleFor(query => query.To).IsGiven().IsText(CallRecord.TextMax);
        RuleFor(query => query.Suppliers).AreSuppliers();
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
        if (Suppliers.CurrencyOf(shelf.Book, plans, call.Start).IsRefused(out var refusal, out _)) return refusal;

        decimal? revenue = query.Plan is { } own ? Rater.Price(shelf.Of(Id<RatePlan>.Parse(own), call.Start).Tariff, call, []).Amount : null;
        return Outcome.Of(LeastCost.Offers(query.Suppliers.Select(plan => shelf.Of(Id<RatePlan>.Parse(plan), call.Start).Tariff), call, FindRoutesRules.Orders[query.Order], revenue));
    }
}

/// <summary>Plans that are taken together because they are compared.</summary>
internal static class Suppliers
{
    private const int Most = 50;

    public static IRuleBuilderOptions<T, IReadOnlyList<string>> AreSuppliers<T>(this IRuleBuilder<T, IReadOnlyList<string>> rule) =>
        rule.Must(plans => plans.Count is > 0 and <= Most && plans.All(plan => Id<RatePlan>.TryParse(plan, out _)) && plans.Distinct().Count() == plans.Count)
            .WithErrorCode("suppliers_invalid").WithMessage($"expected 1 to {Most} plans, each once");

    /// <summary>The one currency of plans that hold at a time. Refusals <c>plan_unknown</c>, <c>currency_differs</c>.</summary>
    public static Outcome<Currency> CurrencyOf(TariffBook book, IReadOnlyList<Id<RatePlan>> plans, Instant at)
    {
        foreach (var plan in plans)
            if (book.PlanAt(plan, at) is null) return new Refusal("plan_unknown", $"There is no plan {plan} at that time.").With("plan", plan.Value);
        var currencies = plans.Select(plan => book.PlanAt(plan, at)!.Currency).Distinct().ToList();
        return currencies is [var one] ? one : Differs("The plans are in more than one currency.", currencies);
    }

    public static Refusal Differs(string message, IEnumerable<Currency> currencies) =>
        new Refusal("currency_differs", message).With("currencies", currencies.Select(currency => currency.Code).ToList());
}
