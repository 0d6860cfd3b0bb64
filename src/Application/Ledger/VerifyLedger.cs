using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>Checks every <see cref="LedgerRule"/> over all of the tenant's books, and adds up every account.</summary>
[Requires(Permission.Audit)]
public sealed record VerifyLedger : IUseCase<LedgerReport>;

/// <summary>What the books say about themselves.</summary>
/// <param name="Findings">What does not add up; empty when all is well, at most 100.</param>
/// <param name="Balances">What every account comes to, credit positive.</param>
public sealed record LedgerReport(IReadOnlyList<LedgerFinding> Findings, IReadOnlyList<AccountBalance> Balances)
{
    /// <summary>Whether everything adds up.</summary>
    public bool IsSound => Findings.Count == 0;
}

internal sealed class VerifyLedgerHandler(IStorage storage, Caller caller) : Handler<VerifyLedger, LedgerReport>
{
    protected override async Task<Outcome<LedgerReport>> HandleAsync(VerifyLedger useCase, CancellationToken cancellationToken) =>
        await storage.RunAsync(
            caller.Tenant,
            async session => new LedgerReport(await session.Ledger.VerifyAsync(cancellationToken), await session.Ledger.BalancesAsync(cancellationToken)),
            cancellationToken);
}
