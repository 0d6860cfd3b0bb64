using System.Collections.Immutable;
using NodaTime;
using Relier.Customers;
using Relier.Storage;
using Relier.TopUps;

namespace Relier.InMemory;

internal sealed class TopUpStore(Session session) : ITopUpStore
{
    public Task AddAsync(TopUp topUp, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.TopUps.ContainsKey(topUp.Id)) throw new DuplicateKeyException(UniqueKey.TopUp);
                if (topUp.Reference is { } reference)
                {
                    if (rows.TopUpReferences.ContainsKey((topUp.Customer, reference))) throw new DuplicateKeyException(UniqueKey.TopUpReference);
                    rows = rows with { TopUpReferences = rows.TopUpReferences.Add((topUp.Customer, reference), topUp.Id) };
                }

                var phone = (topUp.Customer, topUp.Phone);
                var ofPhone = rows.TopUpsOfPhones.GetValueOrDefault(phone, []).Add(topUp.Id);
                return Put(rows with { TopUpsOfPhones = rows.TopUpsOfPhones.SetItem(phone, ofPhone) }, topUp);
            },
            cancellationToken);

    public Task<TopUp> UpdateAsync(TopUp topUp, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.TopUps.GetValueOrDefault(topUp.Id) is not { } stored || stored.Version != topUp.Version)
                    throw new StaleVersionException($"Top-up {topUp.Id}", topUp.Version);
                var written = stored with
                {
                    State = topUp.State, Code = topUp.Code, Route = topUp.Route, OperatorReference = topUp.OperatorReference,
                    DecidedAt = topUp.DecidedAt, UnknownSince = topUp.UnknownSince, NextCheckAt = topUp.NextCheckAt,
                    Attempts = Merge(stored.Attempts, topUp.Attempts), Evidence = Merge(stored.Evidence, topUp.Evidence),
                    Version = topUp.Version + 1,
                };
                return (Put(rows, written), written);
            },
            cancellationToken);

    public Task<TopUp?> FindAsync(Id<TopUp> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.TopUps.GetValueOrDefault(id), cancellationToken);

    public Task<IReadOnlyList<TopUp>> FindManyAsync(IReadOnlyCollection<Id<TopUp>> ids, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<TopUp>>(
            rows => [.. ids.Distinct().Select(id => rows.TopUps.GetValueOrDefault(id)).OfType<TopUp>()], cancellationToken);

    public Task<TopUp?> FindByReferenceAsync(Id<Customer> customer, string reference, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.TopUpReferences.TryGetValue((customer, reference), out var id) ? rows.TopUps[id] : null, cancellationToken);

    public Task<TopUp?> FindTwinAsync(Id<Customer> customer, Msisdn phone, Money face, Instant since, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.TopUpsOfPhones.GetValueOrDefault((customer, phone), []).Select(id => rows.TopUps[id])
                .Where(topUp => topUp.Face == face && topUp.CreatedAt > since
                    && topUp.MayHaveBeenDelivered)
                .OrderByDescending(topUp => topUp.CreatedAt).ThenByDescending(topUp => topUp.Id.Value, StringComparer.Ordinal)
                .FirstOrDefault(),
            cancellationToken);

    public Task<Page<TopUp>> ListAsync(TopUpFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => Through(rows, filter).ToPage(page, topUp => new Position(topUp.CreatedAt, topUp.Id.Value), IdOrder.Downwards), cancellationToken);

    public Task<IReadOnlyList<TopUpTotal>> TotalsAsync(TopUpFilter filter, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<TopUpTotal>>(
            rows =>
            [
                .. from topUp in Through(rows, filter)
                   group topUp by (topUp.State, Face: topUp.Face.Currency, Charge: topUp.Charge?.Currency) into alike
                   orderby alike.Key.State, alike.Key.Face.Code, alike.Key.Charge?.Code
                   select new TopUpTotal(
                       alike.Key.State, alike.LongCount(), alike.Select(topUp => topUp.Face).Sum(alike.Key.Face),
                       alike.Key.Charge is { } currency ? alike.Select(topUp => topUp.Charge!.Value).Sum(currency) : null),
            ],
            cancellationToken);

    public Task AddUseAsync(Id<Customer> customer, LocalDate day, Money face, CancellationToken cancellationToken) =>
        session.WriteAsync(rows => OrderStore.Add(rows, new DailyUse(customer, face), day), cancellationToken);

    private static IEnumerable<TopUp> Through(TenantRows rows, TopUpFilter filter) =>
        from topUp in rows.TopUps.Values
        where filter.Customer is null || topUp.Customer == filter.Customer
        where filter.States.Count == 0 || filter.States.Contains(topUp.State)
        where filter.From is null || topUp.CreatedAt >= filter.From
        where filter.To is null || topUp.CreatedAt < filter.To
        where filter.Phone is null || topUp.Phone == filter.Phone
        where filter.Reference is null || topUp.Reference == filter.Reference
        select topUp;

    private static TenantRows Put(TenantRows rows, TopUp topUp)
    {
        if (topUp.Attempts.Count(attempt => attempt.IsOpen) > 1) throw new DuplicateKeyException(UniqueKey.OpenAttempt);
        var references = rows.ProviderReferences;
        foreach (var attempt in topUp.Attempts)
        {
            var key = (attempt.Provider, attempt.ProviderReference);
            if (references.TryGetValue(key, out var owner) && owner != (topUp.Id, attempt.No))
                throw new DuplicateKeyException(UniqueKey.ProviderReference);
            references = references.SetItem(key, (topUp.Id, attempt.No));
        }

        return rows with { TopUps = rows.TopUps.SetItem(topUp.Id, topUp), ProviderReferences = references };
    }

    private static ImmutableArray<Attempt> Merge(ImmutableArray<Attempt> stored, ImmutableArray<Attempt> given) =>
        [.. stored.Where(old => given.All(attempt => attempt.No != old.No)).Concat(given).OrderBy(attempt => attempt.No)];

    private static ImmutableArray<Evidence> Merge(ImmutableArray<Evidence> stored, ImmutableArray<Evidence> given) =>
        [.. stored, .. given.Where(evidence => stored.All(old => old.Id != evidence.Id))];
}
