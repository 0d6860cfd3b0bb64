using System.Collections.Concurrent;
using System.Collections.Immutable;
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
/// counts towards the day, and the job that will submit it are written together or not at all. Orders that arrive while a
/// commit is under way share the next one; one alone is a batch of one. Each is decided as if those before it in the batch
/// had been written already; a burst of one customer on what the batch before it left (<see cref="OrderMemory"/>).
/// </summary>
internal sealed class Intake(IStorage storage, Providers providers, TenantDirectory tenants, IClock clock, RelierOptions options)
{
    /// <summary>Orders in one transaction: it stays short, and what is lost with one that fails stays small.</summary>
    private const int MostInBatch = 256;

    private const int MostCollisions = 3;

    private readonly ConcurrentDictionary<TenantId, SharedWork<PlacedOrder>> _batches = new();

    /// <summary>Between which currencies rates were needed so far: the next orders will need the same.</summary>
    private readonly ConcurrentDictionary<(Currency One, Currency Other), bool> _pairs = new();

    /// <summary>
    /// Takes an order. With <paramref name="claim"/> the job is this process's from the start; should the process die,
    /// others find it when the lease is over. No job means the order was there before. Cancelled before its batch begins,
    /// an order is not taken; later, it is, and the answer is given.
    /// </summary>
    public async Task<Outcome<TakenOrder>> TakeAsync(Caller caller, CustomerRef customer, RequestTopUp request, bool claim, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
        var order = new PlacedOrder(tenant, caller, customer.Id, request, claim, cancellationToken);

        // Inside somebody's transaction there is nothing to share: the order belongs to their commit.
        if (storage.IsInTransaction) await TakeAsync([order], memory: null);
        else await _batches.GetOrAdd(tenant.Id, NewBatches).JoinAsync(order);
        return order.Answer;
    }

    private SharedWork<PlacedOrder> NewBatches(TenantId tenant)
    {
        var memory = new OrderMemory();
        return new SharedWork<PlacedOrder>(MostInBatch, orders => TakeAsync(orders, memory));
    }

    private async Task TakeAsync(IReadOnlyList<PlacedOrder> orders, OrderMemory? memory)
    {
        var batch = orders.Where(order => order.IsStillWanted()).ToList();
        if (batch.Count == 0) return;
        var (tenant, now) = (batch[0].Tenant, clock.Now());
        var day = tenant.DayOf(now);
        var assumed = memory?.Recall(batch, day, now);
        try
        {
            // Nobody's patience ends it: it is the work of all who share it.
            var standings = await providers.StandingsAsync(tenant.Id, CancellationToken.None);
            var decided = await storage.RunAsync(tenant.Id, session => DecideAsync(session, batch, standings, assumed, now, CancellationToken.None), CancellationToken.None);
            memory?.Keep(decided, day, now);
            for (var i = 0; i < batch.Count; i++) batch[i].Say(decided.Answers[i]);
        }
        catch (StorageUnavailableException away)
        {
            foreach (var order in batch) order.Fail(new StorageUnavailableException(away.Message, away));
        }
        catch (Exception error) when (assumed is not null && error is StaleVersionException or DuplicateKeyException)
        {
            memory!.WasWrong();
            await TakeAsync(batch, memory);
        }
        catch (DuplicateKeyException) when (batch.Count == 1 && ++batch[0].Collisions <= MostCollisions)
        {
            // Somebody wrote the same reference, key or id a moment ago; asked again, we read what they wrote.
            await TakeAsync(batch, memory);
        }
        catch (Exception) when (batch.Count > 1)
        {
            // Nothing was written, and one of them is the reason: in halves, until it stands alone.
            await TakeAsync(batch[..(batch.Count / 2)], memory);
            await TakeAsync(batch[(batch.Count / 2)..], memory);
        }
        catch (Exception error)
        {
            batch[0].Fail(error);
        }
    }

    private async Task<DecidedOrders> DecideAsync(
        ISession session, IReadOnlyList<PlacedOrder> orders, ImmutableArray<ProviderStanding> standings, OrderFacts? assumed, Instant now, CancellationToken cancellationToken)
    {
        var questions = Questions(orders, providers.Offers, now);
        if (assumed is not null)
        {
            var (quick, guess) = await DecideOnAsync(assumed);

            // A no is not said on an assumption, nor that something was there already.
            if (guess.AllAreNew && quick.Assumption() is { } assumption)
            {
                await session.Orders.AddAsync(quick.Entries with { Assumed = assumption }, cancellationToken);
                return guess with { IsAssumed = true };
            }
        }

        // The locks on the wallets put the orders of one customer in a row; everything is read behind them, policies too.
        var (desk, decided) = await DecideOnAsync(await session.Orders.LockAsync(questions, cancellationToken));
        if (desk.HasEntries) await session.Orders.AddAsync(desk.Entries, cancellationToken);
        return decided;

        async Task<(OrderDesk Desk, DecidedOrders Decided)> DecideOnAsync(OrderFacts facts)
        {
            var rates = new Rates(facts.Rates, session.ExchangeRates, now);
            var market = new Market(providers.Offers, standings, options.ExchangeRateAgeMax, rates);
            var desk = new OrderDesk(facts, questions);
            if (desk.LimitedPhones(orders) is { Count: > 0 } limited) desk.KnowPhones(await session.Orders.UsedAsync(limited, questions.Day, cancellationToken));

            var answers = new List<Outcome<TakenOrder>>(orders.Count);
            foreach (var order in orders) answers.Add(await DecideAsync(order, desk, market, now, cancellationToken));
            return (desk, new DecidedOrders(answers, desk.Left(rates.Known), IsAssumed: false));
        }
    }

    private async Task<Outcome<TakenOrder>> DecideAsync(
        PlacedOrder placed, OrderDesk desk, Market market, Instant now, CancellationToken cancellationToken)
    {
        if (desk.FindCustomer(placed.Customer) is not { } customer) return Own.NotFound("customer", placed.Customer.Value);
        if (customer.Status != CustomerStatus.Active) return new Refusal("customer_suspended", "This customer is suspended.");
        if (FirstAnswer(placed, desk) is { } answered) return answered;

        var situation = await GatherAsync(placed, customer, desk, market, now, cancellationToken);
        switch (Ordering.Decide(placed.Order, situation))
        {
            case OrderDecision.Taken taken:
                var job = NewJob(placed, taken.TopUp, now);
                desk.Take(taken, job);
                Remember(placed, taken.TopUp, desk, now);
                return new TakenOrder(taken.TopUp, job);
            case OrderDecision.Rejected rejected:
                desk.Add(rejected.TopUp);
                Remember(placed, rejected.TopUp, desk, now);
                return rejected.TopUp.Rejection!;
            case OrderDecision.Repeated repeated:
                Remember(placed, repeated.TopUp, desk, now);
                return Again(repeated.TopUp);
            case OrderDecision.Refused refused:
                return refused.Refusal;
            default:
                throw new InvalidOperationException("Not a decision this version knows.");
        }
    }

    private OrderQuestions Questions(IReadOnlyList<PlacedOrder> orders, ImmutableArray<ProviderOffer> offers, Instant now) => new()
    {
        Customers = orders.Select(order => order.Customer).ToHashSet(),
        References = orders.Where(order => order.Order.Reference is not null).Select(order => (order.Customer, order.Order.Reference!)).ToHashSet(),
        Keys = orders.Where(order => order.Key is not null).Select(order => (order.Caller.Actor, order.Key!)).ToHashSet(),
        Twins = orders.Where(order => order.MustHaveNoTwin)
            .SelectMany(order => Ordering.FaceOf(order.Order, offers) is { } face ? [(order.Customer, order.Order.Phone, face)] : Array.Empty<(Id<Customer>, Msisdn, Money)>())
            .ToHashSet(),
        TwinsSince = now - Ordering.DuplicateWindow,
        Pairs = [.. _pairs.Keys],
        Now = now,
        Day = orders[0].Tenant.DayOf(now),
    };

    private async Task<OrderSituation> GatherAsync(
        PlacedOrder placed, Customer customer, OrderDesk desk, Market market, Instant now, CancellationToken cancellationToken)
    {
        var order = placed.Order;
        var account = desk.WalletOf(customer);
        var face = Ordering.FaceOf(order, market.Offers);
        var currency = face?.Currency ?? customer.Policies.Currency;
        return new OrderSituation
        {
            Customer = customer,
            Account = account,
            Offers = market.Offers,
            Standings = market.Standings,
            RateAgeMax = market.RateAgeMax,
            NewId = desk.NewTopUpId(),
            Now = now,
            Today = placed.Tenant.DayOf(now),
            Earlier = order.Reference is { } reference ? desk.FindByReference(customer.Id, reference) : null,
            Twin = placed.MustHaveNoTwin && face is { } same ? desk.FindTwin(customer.Id, order.Phone, same) : null,
            UsedToday = desk.Used(customer.Id, currency),
            UsedTodayForPhone = desk.Used(customer.Id, order.Phone, currency),
            Rate = currency == account.Currency ? null : await RateAsync(currency, account.Currency, market.Rates, cancellationToken),
        };
    }

    private ValueTask<ExchangeRate?> RateAsync(Currency one, Currency other, Rates rates, CancellationToken cancellationToken)
    {
        _pairs.TryAdd((one, other), true);
        return rates.FindAsync(one, other, cancellationToken);
    }

    private static Outcome<TakenOrder>? FirstAnswer(PlacedOrder placed, OrderDesk desk)
    {
        if (placed.Key is not { } key || desk.FindAnswer(placed.Caller.Actor, key) is not { } first) return null;
        if (first.Fingerprint != placed.Fingerprint) return IdempotencyRefusals.KeyReused();
        return Again(desk.FindTopUp(Id<TopUp>.Parse(first.Resource!)) ?? throw new InvalidOperationException($"The first answer names top-up {first.Resource}, which is not there."));
    }

    private static void Remember(PlacedOrder placed, TopUp topUp, OrderDesk desk, Instant now)
    {
        if (placed.Key is { } key) desk.Remember(new FirstAnswer(placed.Caller.Actor, key, placed.Fingerprint, topUp.Id.Value, null, now));
    }

    private static Outcome<TakenOrder> Again(TopUp topUp) =>
        topUp.Rejection is { } rejection ? rejection with { Replayed = true } : new TakenOrder(topUp, null);

    private Job NewJob(PlacedOrder placed, TopUp topUp, Instant now) => new()
    {
        Id = Ids.New<Job>("job", now), Tenant = placed.Tenant.Id, Party = topUp.Customer.Value, Kind = TopUpWork.SubmitKind, Subject = topUp.Id.Value, RunAt = now, CreatedAt = now,
        Tries = placed.Claim ? 1 : 0, Owner = placed.Claim ? options.ProcessName : null, LeasedUntil = placed.Claim ? now + options.JobLease : null,
    };

    /// <summary>What holds for every order of a batch.</summary>
    private sealed record Market(
        ImmutableArray<ProviderOffer> Offers, ImmutableArray<ProviderStanding> Standings, Duration? RateAgeMax, Rates Rates);

    /// <summary>The rates of one batch, each read once: with everything else, or when an order is the first to need it.</summary>
    private sealed class Rates(IReadOnlyDictionary<(Currency One, Currency Other), ExchangeRate?> read, IExchangeRateStore store, Instant now)
    {
        private readonly Dictionary<(Currency One, Currency Other), ExchangeRate?> _read = new(read);

        public IReadOnlyDictionary<(Currency One, Currency Other), ExchangeRate?> Known => _read;

        public async ValueTask<ExchangeRate?> FindAsync(Currency one, Currency other, CancellationToken cancellationToken)
        {
            if (_read.TryGetValue((one, other), out var known)) return known;
            return _read[(one, other)] = await store.FindAsync(one, other, now, cancellationToken);
        }
    }
}

/// <summary>An order that was taken, now or before.</summary>
/// <param name="TopUp">The top-up.</param>
/// <param name="Job">The job that submits it; null when it was taken before.</param>
internal sealed record TakenOrder(TopUp TopUp, Job? Job);
