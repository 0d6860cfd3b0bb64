using System.Runtime.CompilerServices;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Every top-up the filter lets through, newest first, as a stream that holds one page at a time. Those ordered after it
/// began are left out. Refusals as of <see cref="ListTopUps"/>.
/// </summary>
[Requires(Permission.ReadTopUps)]
public sealed record ExportTopUps : TopUpQuery, IUseCase<IAsyncEnumerable<ExportedTopUp>>;

/// <summary>A top-up and who ordered it.</summary>
/// <param name="TopUp">The top-up.</param>
/// <param name="Customer">The customer.</param>
public sealed record ExportedTopUp(TopUp TopUp, Customer Customer);

internal sealed class ExportTopUpsRules : TopUpQueryRules<ExportTopUps>;

internal sealed class ExportTopUpsHandler(IStorage storage, Caller caller, IClock clock) : Handler<ExportTopUps, IAsyncEnumerable<ExportedTopUp>>
{
    protected override Task<Outcome<IAsyncEnumerable<ExportedTopUp>>> HandleAsync(ExportTopUps export, CancellationToken cancellationToken) =>
        Task.FromResult(export.ToFilter(caller).IsRefused(out var refusal, out var filter)
            ? refusal
            : Outcome.Of(ReadAsync(filter with { To = filter.To ?? clock.Now() }, CancellationToken.None)));

    private async IAsyncEnumerable<ExportedTopUp> ReadAsync(TopUpFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var customers = new Dictionary<Id<Customer>, Customer>();
        for (var page = new PageRequest(null, PageRequest.MaxLimit); ;)
        {
            var read = await storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    var topUps = await session.TopUps.ListAsync(filter, page, cancellationToken);
                    foreach (var id in topUps.Data.Select(topUp => topUp.Customer).Distinct().Where(id => !customers.ContainsKey(id)))
                        customers[id] = (await session.Customers.FindAsync(id, cancellationToken))!;
                    return topUps;
                },
                cancellationToken);
            foreach (var topUp in read.Data) yield return new ExportedTopUp(topUp, customers[topUp.Customer]);
            if (read.Next is null) yield break;
            page = page with { After = read.Next };
        }
    }
}
