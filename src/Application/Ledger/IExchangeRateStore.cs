using NodaTime;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>Rates of exchange of the session's tenant: dated rows, never changed.</summary>
public interface IExchangeRateStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.ExchangeRate"/>) when its pair has one of that time.</summary>
    Task AddAsync(ExchangeRate rate, CancellationToken cancellationToken);

    /// <summary>The newest rate between two currencies, in either direction, that is not later than this; null if there is none. Of two as new, the one from <paramref name="one"/> to <paramref name="other"/>.</summary>
    Task<ExchangeRate?> FindAsync(Currency one, Currency other, Instant now, CancellationToken cancellationToken);

    /// <summary>All rates, newest first, then by pair; at most so many.</summary>
    Task<IReadOnlyList<ExchangeRate>> ListAsync(int limit, CancellationToken cancellationToken);
}
