using System.Collections.Immutable;
using NodaTime;
using Relier.Customers;
using Relier.Ledger;

namespace Relier.TopUps;

/// <summary>What a customer asks for.</summary>
public sealed record TopUpOrder
{
    /// <summary>The phone to recharge.</summary>
    public required Msisdn Phone { get; init; }

    /// <summary>What shall arrive; null when the product says it.</summary>
    public Money? Amount { get; init; }

    /// <summary>The product; null for the best that delivers the amount.</summary>
    public string? Product { get; init; }

    /// <summary>Whose number it is; null for the operator of the first provider that delivers the amount.</summary>
    public string? Operator { get; init; }

    /// <summary>The customer's own name for the order.</summary>
    public string? Reference { get; init; }

    /// <summary>Whether a second order for the same phone and amount within two minutes is meant. Ignored when there is a reference: two references are two orders.</summary>
    public bool AllowDuplicate { get; init; }

    /// <summary>Whether an earlier top-up was for this very order.</summary>
    public bool IsTheOneOf(TopUp earlier) =>
        earlier.Phone == Phone && earlier.Product == Product && (Amount is null || earlier.Face == Amount)
        && (Operator is null || earlier.Route is null || earlier.Route.Operator == Operator);
}

/// <summary>What is known when an order is decided: all of it as of one moment, and still so when the decision is committed.</summary>
public sealed record OrderSituation
{
    /// <summary>Who orders.</summary>
    public required Customer Customer { get; init; }

    /// <summary>The wallet.</summary>
    public required Account Account { get; init; }

    /// <summary>The top-up that already has this reference, if any.</summary>
    public TopUp? Earlier { get; init; }

    /// <summary>A top-up of the same customer, phone and amount, younger than two minutes, that has or may have been delivered.</summary>
    public TopUp? Twin { get; init; }

    /// <summary>Face values of today, held and undecided ones included, in the currency of the order's face value.</summary>
    public required Money UsedToday { get; init; }

    /// <summary>The same for this phone; counts only where the policies limit it.</summary>
    public required Money UsedTodayForPhone { get; init; }

    /// <summary>The newest rate between face value and wallet; null when there is none or none is needed.</summary>
    public ExchangeRate? Rate { get; init; }

    /// <summary>How old that rate may be; null for any age.</summary>
    public Duration? RateAgeMax { get; init; }

    /// <summary>The providers, in the order of preference.</summary>
    public required ImmutableArray<ProviderOffer> Offers { get; init; }

    /// <summary>Which of them take orders now; one that is not listed does.</summary>
    public ImmutableArray<ProviderStanding> Standings { get; init; } = [];

    /// <summary>The id a new top-up gets.</summary>
    public required Id<TopUp> NewId { get; init; }

    /// <summary>When.</summary>
    public required Instant Now { get; init; }

    /// <summary>The tenant's day.</summary>
    public required LocalDate Today { get; init; }
}

/// <summary>The answer to an order: a closed set.</summary>
public abstract record OrderDecision
{
    private OrderDecision()
    {
    }

    /// <summary>Taken: these three are written in one commit.</summary>
    /// <param name="TopUp">The new top-up.</param>
    /// <param name="Account">The wallet with the money set aside.</param>
    /// <param name="Hold">The hold.</param>
    public sealed record Taken(TopUp TopUp, Account Account, Hold Hold) : OrderDecision;

    /// <summary>Asked before: this is the first answer, as it stands now.</summary>
    /// <param name="TopUp">The first one.</param>
    public sealed record Repeated(TopUp TopUp) : OrderDecision;

    /// <summary>A final no, kept as a rejected top-up so that a second asker gets it too.</summary>
    /// <param name="TopUp">The rejected top-up, with the whole refusal.</param>
    public sealed record Rejected(TopUp TopUp) : OrderDecision;

    /// <summary>A no that leaves no trace: the caller may try again.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(Refusal Refusal) : OrderDecision;
}

/// <summary>Deciding an order.</summary>
public static class Ordering
{
    /// <summary>How long a second order for the same phone and amount is taken for a mistake.</summary>
    public static Duration DuplicateWindow { get; } = Duration.FromSeconds(120);

    /// <summary>The currency of face values unless an order says otherwise.</summary>
    public static Currency FaceCurrency { get; } = Currency.MXN;

    /// <summary>
    /// Decides an order. The refusals, in the order in which they win: <c>reference_conflict</c>,
    /// <c>duplicate_suspected</c>, <c>amount_out_of_range</c>, <c>amount_not_allowed</c>, <c>amount_not_deliverable</c>,
    /// <c>daily_limit_exceeded</c>, <c>fx_unavailable</c>, <c>provider_unavailable</c>, <c>insufficient_credit</c>. The
    /// first two and the two "unavailable" leave no trace; the others are final for their reference.
    /// </summary>
    public static OrderDecision Decide(TopUpOrder order, OrderSituation situation)
    {
        if (situation.Earlier is { } earlier)
            return order.IsTheOneOf(earlier) ? new OrderDecision.Repeated(earlier) : new OrderDecision.Refused(ReferenceConflict(earlier));
        if (situation.Twin is { } twin && order.Reference is null && !order.AllowDuplicate)
            return new OrderDecision.Refused(DuplicateSuspected(twin));

        var policies = situation.Customer.Policies;
        var offers = situation.Offers.Where(offer => policies.PinnedProvider is null || offer.Provider == policies.PinnedProvider).ToImmutableArray();
        if (FaceOf(order, offers) is not { } face)
            return offers.IsEmpty ? new OrderDecision.Refused(NoProvider()) : Reject(order, situation, Money.Zero(policies.Currency), ProductUnknown(order.Product!));

        if (OutOfPolicy(order, face, policies, offers) is { } forbidden) return Reject(order, situation, face, forbidden);
        var ways = Routing.Ways(offers, order.Product, order.Operator, face);
        if (ways.IsEmpty && !offers.IsEmpty) return Reject(order, situation, face, NotDeliverable(face));
        if (OverLimit(face, policies.DailyLimit, situation.UsedToday, "day") is { } overDay) return Reject(order, situation, face, overDay);
        if (OverLimit(face, policies.DailyLimitPerPhone, situation.UsedTodayForPhone, "phone and day") is { } overPhone) return Reject(order, situation, face, overPhone);

        var wallet = situation.Account.Currency;
        if (face.Currency != wallet && NoRate(situation, face.Currency, wallet) is { } noRate) return new OrderDecision.Refused(noRate);
        if (Routing.FirstOpen(ways, situation.Standings) is not { } route) return new OrderDecision.Refused(NoProvider());

        var rate = face.Currency == wallet ? null : situation.Rate;
        Money? commission = policies.Commission > Ratio.Zero ? face.Times(policies.Commission, Rounding.HalfUp) : null;
        var price = commission is { } kept ? face - kept : face;
        var charge = rate?.Convert(price, Rounding.HalfUp) ?? price;
        if (!charge.IsPositive) return Reject(order, situation, face, OutOfRange(face, policies));
        var topUp = New(order, situation, face) with
        {
            State = TopUpState.Reserved, Charge = charge, Commission = commission, Rate = rate, Route = route,
        };
        if (situation.Account.Reserve(charge).IsRefused(out var poor, out var reserved))
            return new OrderDecision.Rejected(topUp with { State = TopUpState.Rejected, Code = poor.Code, Rejection = poor, DecidedAt = situation.Now });

        return new OrderDecision.Taken(topUp, reserved, new Hold
        {
            Subject = topUp.Id.Value, Account = reserved.Id, Amount = charge, State = HoldState.Open, OpenedAt = situation.Now,
        });
    }

    private static TopUp New(TopUpOrder order, OrderSituation situation, Money face) => new()
    {
        Id = situation.NewId, Customer = situation.Customer.Id, Account = situation.Account.Id, Reference = order.Reference,
        Phone = order.Phone, Product = order.Product, Face = face, State = TopUpState.Rejected,
        CreatedAt = situation.Now, Day = situation.Today, Version = 1,
    };

    private static OrderDecision.Rejected Reject(TopUpOrder order, OrderSituation situation, Money face, Refusal refusal) =>
        new(New(order, situation, face) with { Code = refusal.Code, Rejection = refusal, DecidedAt = situation.Now });

    /// <summary>What shall arrive: the amount asked for, or the one the product says; null for a product that says none.</summary>
    public static Money? FaceOf(TopUpOrder order, IEnumerable<ProviderOffer> offers) =>
        order.Amount ?? offers.SelectMany(offer => offer.Products).FirstOrDefault(product => product.Id == order.Product && product.IsFixed)?.Min;

    private static Refusal? OutOfPolicy(TopUpOrder order, Money face, CustomerPolicies policies, IEnumerable<ProviderOffer> offers)
    {
        // A bundle is priced by its provider, in whatever currency; ranges and steps are about amounts of money.
        if (face.Currency != policies.Currency) return order.Product is null || IsOpenRange(order.Product, offers) ? OutOfRange(face, policies) : null;
        if (face < policies.MinAmount || face > policies.MaxAmount) return OutOfRange(face, policies);
        if (!policies.FixedAmounts.IsEmpty && !policies.FixedAmounts.Contains(face))
            return new Refusal("amount_not_allowed", $"{face} is not one of the amounts allowed.")
                .With("requested_amount", face).With("allowed_amounts", policies.FixedAmounts.Select(amount => amount.Amount).ToList());
        return face.IsMultipleOf(policies.Step)
            ? null
            : new Refusal("amount_not_allowed", $"{face} is not a multiple of {policies.Step}.").With("requested_amount", face).With("step", policies.Step);
    }

    private static bool IsOpenRange(string product, IEnumerable<ProviderOffer> offers) =>
        offers.SelectMany(offer => offer.Products).Any(candidate => candidate.Id == product && !candidate.IsFixed);

    private static Refusal? OverLimit(Money face, Money? limit, Money used, string per) =>
        limit is { } most && most.Currency == face.Currency && used + face > most
            ? new Refusal("daily_limit_exceeded", $"{face} on top of {used} is more than the limit of {most} per {per}.")
                .With("limit", most).With("used", used).With("requested", face)
                .With("available", used < most ? most - used : Money.Zero(most.Currency))
            : null;

    private static Refusal OutOfRange(Money face, CustomerPolicies policies) =>
        new Refusal("amount_out_of_range", $"{face} is not between {policies.MinAmount} and {policies.MaxAmount}.")
            .With("requested_amount", face).With("min_amount", policies.MinAmount).With("max_amount", policies.MaxAmount);

    private static Refusal NotDeliverable(Money face) =>
        new Refusal("amount_not_deliverable", $"No product delivers exactly {face}.").With("requested_amount", face);

    private static Refusal ProductUnknown(string product) =>
        new Refusal("amount_not_deliverable", $"There is no product '{product}' with an amount of its own.").With("product", product);

    private static Refusal ReferenceConflict(TopUp earlier) =>
        new Refusal("reference_conflict", "This reference was used for another order.").With("id", earlier.Id.Value);

    private static Refusal DuplicateSuspected(TopUp twin) =>
        new Refusal("duplicate_suspected", "The same phone and amount were ordered less than two minutes ago; say allowDuplicate if it is meant.")
            .With("id", twin.Id.Value);

    private static Refusal? NoRate(OrderSituation situation, Currency face, Currency wallet)
    {
        var pair = $"{face}/{wallet}";
        if (situation.Rate is not { } rate || !rate.Joins(face, wallet))
            return new Refusal("fx_unavailable", $"There is no rate of exchange between {face} and {wallet}.").With("pair", pair);
        return situation.RateAgeMax is { } most && situation.Now - rate.AsOf > most
            ? new Refusal("fx_unavailable", $"The newest rate of exchange between {face} and {wallet} is too old to charge by.")
                .With("pair", pair).With("as_of", NodaTime.Text.InstantPattern.ExtendedIso.Format(rate.AsOf))
            : null;
    }

    private static Refusal NoProvider() => new(TopUp.ProviderUnavailable, "No provider can take this order now.");
}
