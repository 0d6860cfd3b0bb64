using Relier.Customers;
using Relier.Ledger;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

// Transactions run one after the other, so until the end of this one nobody else does anything: there is nothing to lock.
internal sealed class OrderStore(Session session) : IOrderStore
{
    public async Task<OrderFacts> LockAsync(OrderQuestions questions, CancellationToken cancellationToken)
    {
        var answers = await FoundAsync(questions.Keys, key => session.Idempotency.FindAsync(key.Actor, key.Key, cancellationToken));
        var topUps = await FoundAsync(questions.References, asked => session.TopUps.FindByReferenceAsync(asked.Customer, asked.Reference, cancellationToken));
        topUps.AddRange(await FoundAsync(
            questions.Twins, twin => session.TopUps.FindTwinAsync(twin.Customer, twin.Phone, twin.Face, questions.TwinsSince, cancellationToken)));
        topUps.AddRange(await FoundAsync(
            answers.Where(answer => answer.Resource is not null), answer => session.TopUps.FindAsync(Id<TopUp>.Parse(answer.Resource!), cancellationToken)));
        var customers = await FoundAsync(questions.Customers, id => session.Customers.FindAsync(id, cancellationToken));
        return new OrderFacts
        {
            Customers = customers,
            Wallets = await FoundAsync(customers, customer => session.Ledger.LockAsync(customer.Wallet, cancellationToken)),
            Answers = answers,
            TopUps = [.. topUps.DistinctBy(topUp => topUp.Id)],
            Used = await session.ReadAsync(rows => Used(rows, questions).ToList(), cancellationToken),
            Rates = await RatesAsync(questions, cancellationToken),
        };
    }

    public Task<IReadOnlyList<DailyUseOfPhone>> UsedAsync(
        IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone)> phones, NodaTime.LocalDate day, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<DailyUseOfPhone>>(
            rows =>
            [
                .. from asked in phones
                   from topUp in rows.TopUpsOfPhones.GetValueOrDefault((asked.Customer, asked.Phone), []).Select(id => rows.TopUps[id])
                   where topUp.Day == day && topUp.MayHaveBeenDelivered
                   group topUp.Face by (asked.Customer, asked.Phone, topUp.Face.Currency) into alike
                   select new DailyUseOfPhone(alike.Key.Customer, alike.Key.Phone, alike.Sum(alike.Key.Currency)),
            ],
            cancellationToken);

    public Task AddAsync(OrderEntries entries, CancellationToken cancellationToken) => session.AtomicallyAsync(async () =>
    {
        if (entries.Assumed is { } assumed) await RequireAsync(assumed, entries, cancellationToken);
        foreach (var wallet in entries.Wallets) await session.Ledger.UpdateAsync(wallet, cancellationToken);
        foreach (var topUp in entries.TopUps) await session.TopUps.AddAsync(topUp, cancellationToken);
        foreach (var hold in entries.Holds) await session.Ledger.AddHoldAsync(hold, cancellationToken);
        foreach (var job in entries.Jobs) await session.Jobs.AddAsync(job, cancellationToken);
        foreach (var answer in entries.Answers) await session.Idempotency.AddAsync(answer, cancellationToken);
        await session.WriteAsync(rows => entries.Used.Aggregate(rows, (all, use) => Add(all, use, entries.Day)), cancellationToken);
    });

    private async Task RequireAsync(OrderAssumption assumed, OrderEntries entries, CancellationToken cancellationToken)
    {
        var wallet = entries.Wallets.Single();
        // Taking orders changes nothing of a wallet but what is held.
        if (await session.Ledger.FindAsync(wallet.Id, cancellationToken) != wallet with { Held = entries.Holds.Aggregate(wallet.Held, (held, hold) => held - hold.Amount) })
            throw new StaleVersionException($"Account {wallet.Id}", wallet.Version);
        var customer = assumed.Customer;
        if ((await session.Customers.FindAsync(customer.Id, cancellationToken))?.Version != customer.Version)
            throw new StaleVersionException($"Customer {customer.Id}", customer.Version);
        var used = (customer.Id, entries.Day, assumed.Used.Currency);
        if (await session.ReadAsync(rows => rows.Used.GetValueOrDefault(used, Money.Zero(assumed.Used.Currency)), cancellationToken) != assumed.Used)
            throw new StaleVersionException($"The use of {entries.Day} by {customer.Id}");
        if (assumed.Rate is not { } rate) return;
        var face = assumed.Used.Currency;
        if (await session.ExchangeRates.FindAsync(face, rate.Base == face ? rate.Quote : rate.Base, assumed.Now, cancellationToken) != rate)
            throw new StaleVersionException($"The rate for {rate.Pair}");
    }

    private static IEnumerable<DailyUse> Used(TenantRows rows, OrderQuestions questions) =>
        from customer in questions.Customers
        from currency in Currency.All
        where rows.Used.ContainsKey((customer, questions.Day, currency))
        select new DailyUse(customer, rows.Used[(customer, questions.Day, currency)]);

    private async Task<Dictionary<(Currency One, Currency Other), ExchangeRate?>> RatesAsync(OrderQuestions questions, CancellationToken cancellationToken)
    {
        var rates = new Dictionary<(Currency One, Currency Other), ExchangeRate?>();
        foreach (var pair in questions.Pairs)
            rates[pair] = await session.ExchangeRates.FindAsync(pair.One, pair.Other, questions.Now, cancellationToken);
        return rates;
    }

    public static TenantRows Add(TenantRows rows, DailyUse use, NodaTime.LocalDate day)
    {
        var key = (use.Customer, day, use.Face.Currency);
        return rows with { Used = rows.Used.SetItem(key, rows.Used.GetValueOrDefault(key, Money.Zero(use.Face.Currency)) + use.Face) };
    }

    private static async Task<List<TFound>> FoundAsync<T, TFound>(IEnumerable<T> asked, Func<T, Task<TFound?>> find)
        where TFound : class
    {
        var found = new List<TFound>();
        foreach (var one in asked)
            if (await find(one) is { } there)
                found.Add(there);
        return found;
    }
}
