using Relier.Storage;

namespace Relier.Customers;

/// <summary>Customers of the session's tenant.</summary>
public interface ICustomerStore
{
    /// <summary>Adds one. Throws <see cref="DuplicateKeyException"/> (<see cref="UniqueKey.Customer"/>, <see cref="UniqueKey.CustomerChannel"/>).</summary>
    Task AddAsync(Customer customer, CancellationToken cancellationToken);

    /// <summary>Writes all of it if the stored version is the given one's, and counts the version up. Throws <see cref="StaleVersionException"/>, <see cref="DuplicateKeyException"/>.</summary>
    Task<Customer> UpdateAsync(Customer customer, CancellationToken cancellationToken);

    /// <summary>The customer; null if there is none.</summary>
    Task<Customer?> FindAsync(Id<Customer> id, CancellationToken cancellationToken);

    /// <summary>Customers, newest first, then by id.</summary>
    Task<Page<Customer>> ListAsync(PageRequest page, CancellationToken cancellationToken);
}
