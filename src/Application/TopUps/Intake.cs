using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.TopUps;

/// <summary>
/// The first act of a top-up: in one short transaction the order is decided and, if taken, the top-up, its hold, what
/// counts towards the day, and the job that will submit it are written together or not at all.
/// </summary>
internal sealed class Intake(IStorage storage, IEnumerable<ITopUpProvider> providers, TenantDirectory tenants, IClock clock, RelierOptions options)
{
    private const int MostCollisions = 3;

    /// <summary>
    /// Takes an order. With <paramref name="claim"/> the job is this process's from the start; should the process die,
    /// others find it when the lease is over. No job means the order was there before.
    /// </summary>
    public async Task<Outcome<TakenOrder>> TakeAsync(Caller caller, CustomerRef customer, RequestTopUp request, bool claim, CancellationToken cancellationToken)
    {
        var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
        for (var collisions = 0; ; collisions++)
        {
            try
            {
                return await storage.RunAsync(caller.Tenant, session => TakeAsync(session, caller, customer, tenant, request, claim, cancellationToken), cancellationToken);
            }
            catch (DuplicateKeyException) when (collisions < MostCollisions)
            {
                // Somebody wrote the same reference, key or id a moment ago; asked again, we read what they wrote.
            }
        }
    }

    private async Task<Outcome<TakenOrder>> TakeAsync(
        ISession session, Caller caller, CustomerRef customerRef, Tenant tenant, RequestTopUp request, bool claim, CancellationToken cancellationToken)
    {
        if (await session.Customers.FindAsync(customerRef.Id, cancellationToken) is not { } known) return Own.NotFound("customer", customerRef.Id.Value);

        // The lock on the wallet puts the orders of one customer in a row; everything below is read behind it, policies too.
        var account = await session.Ledger.LockAsync(known.Wallet, cancellationToken)
            ?? throw new InvalidOperationException($"Customer {known.Id} has no account {known.Wallet}.");
        var customer = (await session.Customers.FindAsync(known.Id, cancellationToken))!;
        if (customer.Status != CustomerStatus.Active) return new Refusal("customer_suspended", "This customer is suspended.");

        var order = ToOrder(request);
        var fingerprint = $"topup {customer.Id} {order.Phone.E164} {order.Product} {order.Amount} {order.Reference}";
        if (await FirstAnswerAsync(session, caller, request, fingerprint, cancellationToken) is { } answered) return answered;

        var situation = await GatherAsync(session, customer, account, order, tenant, cancellationToken);
        switch (Ordering.Decide(order, situation))
        {
            case OrderDecision.Taken taken:
                await session.TopUps.AddAsync(taken.TopUp, cancellationToken);
                await session.Ledger.UpdateAsync(taken.Account, cancellationToken);
                await session.Ledger.AddHoldAsync(taken.Hold, cancellationToken);
                await session.TopUps.AddUseAsync(customer.Id, order.Phone, taken.TopUp.Day, taken.TopUp.Face, cancellationToken);
                var job = NewJob(session, taken.TopUp, situation.Now, claim);
                await session.Jobs.AddAsync(job, cancellationToken);
                await RememberAsync(session, caller, request, fingerprint, taken.TopUp, situation.Now, cancellationToken);
                return new TakenOrder(taken.TopUp, job);
            case OrderDecision.Rejected rejected:
                await session.TopUps.AddAsync(rejected.TopUp, cancellationToken);
                await RememberAsync(session, caller, request, fingerprint, rejected.TopUp, situation.Now, cancellationToken);
                return rejected.TopUp.Rejection!;
            case OrderDecision.Repeated repeated:
                await RememberAsync(session, caller, request, fingerprint, repeated.TopUp, situation.Now, cancellationToken);
                return Again(repeated.TopUp);
            case OrderDecision.Refused refused:
                return refused.Refusal;
            default:
                throw new InvalidOperationException("Not a decision this version knows.");
        }
    }

    private async Task<OrderSituation> GatherAsync(
        ISession session, Customer customer, Account account, TopUpOrder order, Tenant tenant, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var today = tenant.DayOf(now);
        var policies = customer.Policies;
        var offers = providers.Select(provider => provider.Offer).ToList();
        var face = Ordering.FaceOf(order, offers);
        var currency = face?.Currency ?? policies.Currency;
        var nothing = Money.Zero(currency);
        return new OrderSituation
        {
            Customer = customer,
            Account = account,
            Offers = [.. offers],
            NewId = Ids.NewTopUp(now),
            Now = now,
            Today = today,
            Earlier = order.Reference is { } reference ? await session.TopUps.FindByReferenceAsync(customer.Id, reference, cancellationToken) : null,
            Twin = order.Reference is null && !order.AllowDuplicate && face is { } same
                ? await session.TopUps.FindTwinAsync(customer.Id, order.Phone, same, now - Ordering.DuplicateWindow, cancellationToken)
                : null,
            UsedToday = policies.DailyLimit is null ? nothing : await session.TopUps.UsedAsync(customer.Id, null, today, currency, cancellationToken),
            UsedTodayForPhone = policies.DailyLimitPerPhone is null
                ? nothing
                : await session.TopUps.UsedAsync(customer.Id, order.Phone, today, currency, cancellationToken),
            Rate = currency == account.Currency ? null : await session.ExchangeRates.FindAsync(currency, account.Currency, now, cancellationToken),
        };
    }

    private static TopUpOrder ToOrder(RequestTopUp request)
    {
        var currency = request.Currency is null ? Ordering.FaceCurrency : Currency.Parse(request.Currency);
        return new TopUpOrder
        {
            Phone = Msisdn.Parse(request.Phone),
            Amount = request.Amount is null ? null : Money.Parse(request.Amount, currency),
            Product = request.Product,
            Reference = request.Reference,
            AllowDuplicate = request.AllowDuplicate,
        };
    }

    private static async Task<Outcome<TakenOrder>?> FirstAnswerAsync(
        ISession session, Caller caller, RequestTopUp request, string fingerprint, CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is not { } key || await session.Idempotency.FindAsync(caller.Actor, key, cancellationToken) is not { } first) return null;
        if (first.Fingerprint != fingerprint) return IdempotencyRefusals.KeyReused();
        var topUp = await session.TopUps.FindAsync(Id<TopUp>.Parse(first.Resource!), cancellationToken);
        return Again(topUp ?? throw new InvalidOperationException($"The first answer names top-up {first.Resource}, which is not there."));
    }

    private static Task RememberAsync(
        ISession session, Caller caller, RequestTopUp request, string fingerprint, TopUp topUp, Instant now, CancellationToken cancellationToken) =>
        request.IdempotencyKey is { } key
            ? session.Idempotency.AddAsync(new FirstAnswer(caller.Actor, key, fingerprint, topUp.Id.Value, null, now), cancellationToken)
            : Task.CompletedTask;

    private static Outcome<TakenOrder> Again(TopUp topUp) =>
        topUp.Rejection is { } rejection ? rejection with { Replayed = true } : new TakenOrder(topUp, null);

    private Job NewJob(ISession session, TopUp topUp, Instant now, bool claim) => new()
    {
        Id = Ids.New<Job>("job", now), Tenant = session.Tenant, Party = topUp.Customer.Value, Kind = TopUpWork.SubmitKind, Subject = topUp.Id.Value, RunAt = now, CreatedAt = now,
        Tries = claim ? 1 : 0, Owner = claim ? options.ProcessName : null, LeasedUntil = claim ? now + options.JobLease : null,
    };
}

/// <summary>An order that was taken, now or before.</summary>
/// <param name="TopUp">The top-up.</param>
/// <param name="Job">The job that submits it; null when it was taken before.</param>
internal sealed record TakenOrder(TopUp TopUp, Job? Job);
