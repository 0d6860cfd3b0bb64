using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Hosting;

/// <summary>A reseller to try things with: made at the first start in Development, with credit nobody paid for.</summary>
public static class DemoData
{
    /// <summary>The customer's channel: the segment of its own paths.</summary>
    public const string Channel = "demo";

    private const string Rate = "0.0544";

    /// <summary>Makes the reseller, its credit, a rate of exchange and two fresh keys; null when that was done before.</summary>
    public static async Task<DemoKeys?> CreateAsync(IRelier relier, TenantId tenant, CancellationToken cancellationToken = default)
    {
        var house = Caller.OfSystem(tenant, "demo");
        var existing = await relier.SendAsync(new ListCustomers { Limit = 1 }, house, cancellationToken);
        if (existing.Value.Data.Count > 0)
        {
            // The demo keeps working on the second day: a rate of yesterday charges nobody.
            (await relier.SendAsync(new AddExchangeRate("MXN", "USD", Rate), house, cancellationToken)).Value.ToString();
            return null;
        }

        var customer = (await relier.SendAsync(new CreateCustomer("Demo Reseller") { Channel = Channel }, house, cancellationToken)).Value.Customer.Id.Value;
        (await relier.SendAsync(new AdjustCredit(customer, "10000.00", "opening_balance") { Note = "demo" }, house, cancellationToken)).Value.ToString();
        (await relier.SendAsync(new AddExchangeRate("MXN", "USD", Rate), house, cancellationToken)).Value.ToString();
        var api = (await relier.SendAsync(new CreateKey("demo") { Customer = customer }, house, cancellationToken)).Value;
        var admin = (await relier.SendAsync(new CreateKey("demo"), house, cancellationToken)).Value;
        return new DemoKeys(customer, api.Secret, admin.Secret);
    }
}

/// <summary>The keys of the demo, shown this once.</summary>
/// <param name="Customer">The reseller.</param>
/// <param name="ApiKey">The reseller's key.</param>
/// <param name="AdminKey">The key of an admin.</param>
public sealed record DemoKeys(string Customer, string ApiKey, string AdminKey);
