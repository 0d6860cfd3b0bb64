using Relier.Customers;
using Relier.Storage;

namespace Relier.Identity;

/// <summary>API keys of the session's tenant.</summary>
public interface IApiKeyStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.ApiKeyPrefix"/>).</summary>
    Task AddAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>The key; null if there is none.</summary>
    Task<ApiKey?> FindAsync(Id<ApiKey> id, CancellationToken cancellationToken);

    /// <summary>
    /// Writes when it was last used, when it ends and when it was taken back; nothing else of a key ever changes. None of
    /// them goes back, however old what is written: the later use, the earlier end, and the first taking back stay.
    /// </summary>
    Task UpdateAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>The keys of a customer, or with null those of the house; newest first, then by id.</summary>
    Task<IReadOnlyList<ApiKey>> ListAsync(Id<Customer>? customer, CancellationToken cancellationToken);
}
