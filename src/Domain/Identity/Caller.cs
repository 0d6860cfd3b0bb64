using Relier.Customers;
using Relier.Tenancy;

namespace Relier.Identity;

/// <summary>
/// Who asks: the tenant, the name that goes into the audit log, the customer when it is one, and what they may do.
/// Every host makes one per request, so that embedded use, HTTP, worker and command line are authorised alike.
/// </summary>
public sealed record Caller
{
    private Caller(TenantId tenant, string actor, Id<Customer>? customer, IReadOnlySet<string> permissions)
    {
        Tenant = tenant;
        Actor = actor;
        Customer = customer;
        Permissions = permissions;
    }

    /// <summary>Whose rows this caller sees. There is no way to see another tenant's.</summary>
    public TenantId Tenant { get; }

    /// <summary>The name in the audit log: <c>customer:cus_…</c>, <c>admin:maria</c>, <c>system:worker</c>.</summary>
    public string Actor { get; }

    /// <summary>The customer who asks, and whose objects alone they see; null for people of the house.</summary>
    public Id<Customer>? Customer { get; }

    /// <summary>What they may do, in the words of <see cref="Permission"/>.</summary>
    public IReadOnlySet<string> Permissions { get; }

    /// <summary>A customer. Without permissions, those of <see cref="Permission.OfCustomers"/>.</summary>
    public static Caller OfCustomer(TenantId tenant, Id<Customer> customer, IEnumerable<string>? permissions = null) =>
        new(tenant, $"customer:{customer}", customer, (permissions ?? Permission.OfCustomers).ToHashSet());

    /// <summary>A named person of the house. Without permissions, those of <see cref="Permission.OfAdmins"/>.</summary>
    public static Caller OfAdmin(TenantId tenant, string name, IEnumerable<string>? permissions = null) =>
        new(tenant, $"admin:{name}", null, (permissions ?? Permission.OfAdmins).ToHashSet());

    /// <summary>A process of the house (the worker, the command line, an embedding application), allowed everything.</summary>
    public static Caller OfSystem(TenantId tenant, string process) =>
        new(tenant, $"system:{process}", null, Permission.OfAdmins.ToHashSet());

    /// <summary>Whether they may.</summary>
    public bool May(string permission) => Permissions.Contains(permission);

    /// <summary>Whether objects of this customer are theirs to see.</summary>
    public bool Sees(Id<Customer> customer) => Customer is null || Customer == customer;
}
