using NodaTime;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class ExchangeRateStore(Session session) : IExchangeRateStore
{
    public Task AddAsync(ExchangeRate rate, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.ExchangeRates.ContainsKey((rate.Base, rate.Quote, rate.AsOf))
                ? throw new DuplicateKeyException(UniqueKey.ExchangeRate)
                : rows with { ExchangeRates = rows.ExchangeRates.Add((rate.Base, rate.Quote, rate.AsOf), rate) },
            cancellationToken);

    public Task<ExchangeRate?> FindAsync(Currency one, Currency other, Instant now, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.ExchangeRates.Values.Where(rate => rate.Joins(one, other) && rate.AsOf <= now)
                .OrderByDescending(rate => rate.AsOf).ThenByDescending(rate => rate.Base == one)
                .FirstOrDefault(),
            cancellationToken);

    public Task<IReadOnlyList<ExchangeRate>> ListAsync(int limit, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyList<ExchangeRate>>(
            rows =>
            [
                .. rows.ExchangeRates.Values
                    .OrderByDescending(rate => rate.AsOf).ThenBy(rate => rate.Pair, StringComparer.Ordinal).Take(limit),
            ],
            cancellationToken);
}
