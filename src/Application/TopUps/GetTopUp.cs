using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>One top-up as it stands. Refusal <c>not_found</c>, also for another customer's.</summary>
/// <param name="Id">Its id.</param>
[Requires(Permission.ReadTopUps)]
public sealed record GetTopUp(string Id) : IUseCase<TopUp>;

internal sealed class GetTopUpHandler(IStorage storage, Caller caller) : Handler<GetTopUp, TopUp>
{
    protected override async Task<Outcome<TopUp>> HandleAsync(GetTopUp query, CancellationToken cancellationToken)
    {
        if (!Id<TopUp>.TryParse(query.Id, out var id)) return Own.NotFound("top-up", query.Id);
        var topUp = await storage.RunAsync(caller.Tenant, session => session.TopUps.FindAsync(id, cancellationToken), cancellationToken);
        return topUp is not null && caller.Sees(topUp.Customer) ? topUp : Own.NotFound("top-up", query.Id);
    }
}
