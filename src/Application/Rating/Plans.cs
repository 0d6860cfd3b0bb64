using System.Collections.Immutable;
using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Makes the next version of a plan, which calls are rated by from its time on. A version that was to hold from the very same time
/// is retired. Refusals: <c>validation_failed</c> with what <see cref="BandCalendar.Check"/> finds, <c>deck_unknown</c>,
/// <c>plan_unknown</c>, <c>currency_differs</c>, <c>fallback_circle</c>.
/// </summary>
/// <param name="Plan">The plan: letters, digits, _ and -.</param>
/// <param name="Definition">What it says; its id, version, state and times are not looked at.</param>
[Requires(Permission.WriteTariffs)]
public sealed record PutPlan(string Plan, PlanVersion Definition) : IUseCase<PlanVersion>
{
    /// <summary>From when on it holds, RFC 3339; it may lie in the past. Null for now, and for the first version of a plan the beginning of all times that are rated.</summary>
    public string? EffectiveFrom { get; init; }
}

/// <summary>All versions of all plans, or of one, by plan, then version. Refusal <c>not_found</c> for a plan that is none.</summary>
/// <param name="Plan">The plan; null for all.</param>
[Requires(Permission.ReadTariffs)]
public sealed record ListPlans(string? Plan) : IUseCase<IReadOnlyList<PlanVersion>>;

internal sealed class PutPlanRules : AbstractValidator<PutPlan>
{
    private const int MostParts = 50;

    public PutPlanRules()
    {
        RuleFor(plan => plan.Plan).IsGiven().IsIdOf<PutPlan, RatePlan>();
        RuleFor(plan => plan.EffectiveFrom).IsInstant();
        RuleFor(plan => plan.Definition.Name).IsGiven().IsText().OverridePropertyName("name");
        RuleFor(plan => plan.Definition).Custom((definition, context) =>
        {
            foreach (var fault in Faults(definition)) context.AddFailure(new FluentValidation.Results.ValidationFailure(fault.Field, fault.Message) { ErrorCode = fault.Code });
        });
    }

    private static IEnumerable<FieldError> Faults(PlanVersion plan)
    {
        if (plan.Bands.Length > BandCalendar.BandsMax) yield return new("bands", "too_many", $"expected at most {BandCalendar.BandsMax}");
        else foreach (var fault in BandCalendar.Check(plan.Bands, "bands")) yield return fault;
        for (var i = 0; i < plan.Bands.Length; i++)
            if (!Id<RateDeck>.TryParse(plan.Bands[i].Deck, out _)) yield return new($"bands[{i}].deck", "id_invalid", "expected 1 to 64 letters, digits, _ or -");
        if (plan.Fallback.Length > MostParts || plan.Allowances.Length > MostParts || plan.Prices.Count > MostParts || plan.Limits.Count > MostParts)
            yield return new("definition", "too_many", $"expected at most {MostParts} of each");
        foreach (var price in plan.Prices)
            if (price.Value.Currency != plan.Currency || price.Value.IsNegative || !price.Value.IsWhole) yield return new($"prices.{price.Key}", "amount_invalid", $"expected an amount of {plan.Currency} from 0, not finer than its minor unit");
        foreach (var limit in plan.Limits)
            if (limit.Value < 0) yield return new($"limits.{limit.Key}", "number_invalid", "expected a whole number from 0");
        for (var i = 0; i < plan.Allowances.Length; i++)
            foreach (var fault in UsageAccountRules.Faults(plan.Allowances[i], $"allowances[{i}]"))
                yield return fault;
    }
}

internal sealed class PutPlanHandler(IStorage storage, IClock clock, Caller caller) : Handler<PutPlan, PlanVersion>
{
    protected override Task<Outcome<PlanVersion>> HandleAsync(PutPlan order, CancellationToken cancellationToken) =>
        storage.RunAsync(caller.Tenant, session => PutAsync(session, order, cancellationToken), cancellationToken);

    private async Task<Outcome<PlanVersion>> PutAsync(ISession session, PutPlan order, CancellationToken cancellationToken)
    {
        await session.Tariffs.LockAsync(cancellationToken);
        var (plans, decks) = (await session.Tariffs.ListPlansAsync(cancellationToken), await session.Tariffs.ListDecksAsync(cancellationToken));
        var (id, now) = (Id<RatePlan>.Parse(order.Plan), clock.Now());
        var versions = plans.Where(version => version.Plan == id).ToList();
        var next = order.Definition with
        {
            Plan = id, Version = versions.Count + 1, State = VersionState.Active, CreatedAt = now, RetiredAt = null,
            EffectiveFrom = Validation.ReadInstant(order.EffectiveFrom) ?? (versions.Count == 0 ? Instant.FromUnixTimeSeconds(0) : now),
        };
        if (Refuse(next, plans, decks) is { } refusal) return refusal;

        foreach (var replaced in versions.Where(version => version.State == VersionState.Active && version.EffectiveFrom == next.EffectiveFrom))
            await session.Tariffs.RetirePlanAsync(replaced with { State = VersionState.Retired, RetiredAt = now }, cancellationToken);
        await session.Tariffs.AddPlanAsync(next, cancellationToken);
        await session.AuditAsync(caller, clock, "plan.put", order.Plan, null, new { next.Version, from = $"{next.EffectiveFrom}", next.Name }, cancellationToken);
        return next;
    }

    private static Refusal? Refuse(PlanVersion plan, IReadOnlyList<PlanVersion> plans, IReadOnlyList<DeckVersion> decks)
    {
        foreach (var name in plan.Bands.Select(band => band.Deck).Distinct())
        {
            if (decks.FirstOrDefault(deck => deck.Deck.Value == name) is not { } deck) return new Refusal("deck_unknown", $"There is no deck {name}; take it in first.").With("deck", name);
            if (deck.Currency != plan.Currency) return Differs($"deck {name}", deck.Currency, plan.Currency);
        }

        foreach (var fallback in plan.Fallback)
        {
            if (plans.FirstOrDefault(known => known.Plan == fallback) is not { } known) return new Refusal("plan_unknown", $"There is no plan {fallback} to fall back to.").With("plan", fallback.Value);
            if (known.Currency != plan.Currency) return Differs($"plan {fallback}", known.Currency, plan.Currency);
        }

        if (plans.FirstOrDefault(known => known.Plan == plan.Plan) is { } before && before.Currency != plan.Currency) return Differs("it", before.Currency, plan.Currency);
        var all = plans.Where(known => known.State == VersionState.Active).Append(plan).ToLookup(known => known.Plan, known => known.Fallback);
        return Reaches(plan.Plan, plan.Fallback, []) ? new Refusal("fallback_circle", $"{plan.Plan} would fall back to itself.") : null;

        bool Reaches(Id<RatePlan> target, IEnumerable<Id<RatePlan>> from, HashSet<Id<RatePlan>> seen) =>
            from.Any(step => step == target || (seen.Add(step) && Reaches(target, all[step].SelectMany(steps => steps), seen)));
    }

    private static Refusal Differs(string what, Currency found, Currency expected) =>
        new Refusal("currency_differs", $"The prices of {what} are in {found}; expected {expected}.").With("currency", found.Code);
}

internal sealed class ListPlansHandler(IStorage storage, Caller caller) : Handler<ListPlans, IReadOnlyList<PlanVersion>>
{
    protected override async Task<Outcome<IReadOnlyList<PlanVersion>>> HandleAsync(ListPlans query, CancellationToken cancellationToken)
    {
        var versions = await storage.RunAsync(caller.Tenant, session => session.Tariffs.ListPlansAsync(cancellationToken), cancellationToken);
        IReadOnlyList<PlanVersion> asked = [.. versions.Where(version => query.Plan is null || version.Plan.Value == query.Plan)];
        return query.Plan is not null && asked.Count == 0 ? Own.NotFound("plan", query.Plan) : Outcome.Of(asked);
    }
}
