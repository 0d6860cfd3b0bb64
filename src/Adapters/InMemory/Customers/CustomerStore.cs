using Relier.Customers;
using Relier.Storage;

namespace Relier.InMemory;

internal sealed class CustomerStore(Session session) : ICustomerStore
{
    public Task AddAsync(Customer customer, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows => rows.Customers.ContainsKey(customer.Id)
                ? throw new DuplicateKeyException(UniqueKey.Customer)
                : Put(rows, customer),
            cancellationToken);

    public Task<Customer> UpdateAsync(Customer customer, CancellationToken cancellationToken) =>
        session.WriteAsync(
            rows =>
            {
                if (rows.Customers.GetValueOrDefault(customer.Id)?.Version != customer.Version)
                    throw new StaleVersionException($"Customer {customer.Id}", customer.Version);
                var written = customer with { Version = customer.Version + 1 };
                return (Put(rows, written), written);
            },
            cancellationToken);

    public Task<Customer?> FindAsync(Id<Customer> id, CancellationToken cancellationToken) =>
        session.ReadAsync(rows => rows.Customers.GetValueOrDefault(id), cancellationToken);

    public Task<Page<Customer>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        session.ReadAsync(
            rows => rows.Customers.Values.ToPage(page, customer => new Position(customer.CreatedAt, customer.Id.Value)), cancellationToken);

    private static TenantRows Put(TenantRows rows, Customer customer) =>
        rows.Customers.Values.Any(other => other.Channel == customer.Channel && other.Id != customer.Id)
            ? throw new DuplicateKeyException(UniqueKey.CustomerChannel)
            : rows with { Customers = rows.Customers.SetItem(customer.Id, customer) };
}
