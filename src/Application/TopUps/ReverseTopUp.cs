using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Asks the provider to take a delivered top-up back. The money comes back to the customer when the provider says it was
/// done, and not before; asked twice, it is taken back once. A top-up that is reversed already is given back as it is.
/// Refusals: <c>not_found</c>, <c>invalid_state_transition</c>, <c>reversal_refused</c> with the provider's reason.
/// </summary>
/// <param name="Id">The top-up.</param>
[Requires(Permission.ResolveTopUps)]
public sealed record ReverseTopUp(string Id) : IUseCase<TopUp>;

internal sealed class ReverseTopUpHandler(IStorage storage, Providers providers, TopUpWork work, IClock clock, Caller caller) : Handler<ReverseTopUp, TopUp>
{
    protected override async Task<Outcome<TopUp>> HandleAsync(ReverseTopUp reverse, CancellationToken cancellationToken)
    {
        if (!Id<TopUp>.TryParse(reverse.Id, out var id)) return Customers.Own.NotFound("top-up", reverse.Id);
        var before = await storage.RunAsync(caller.Tenant, session => session.TopUps.FindAsync(id, cancellationToken), cancellationToken);
        if (before is null) return Customers.Own.NotFound("top-up", reverse.Id);
        if (before.State == TopUpState.Reversed) return before;
        if (before.State != TopUpState.Succeeded)
            return new Refusal("invalid_state_transition", $"Top-up {id} is {TopUpStates.Word(before.State)} and cannot be reversed.").With("status", TopUpStates.Word(before.State));

        // What was delivered before it came here has no submission of ours that a provider could take back.
        if (before.Attempts.LastOrDefault(made => made.State == AttemptState.Delivered) is not { } attempt)
            return new Refusal("invalid_state_transition", $"Top-up {id} was not submitted from here and cannot be reversed.").With("status", TopUpStates.Word(before.State));
        await AuditAsync("topup.reversal_requested", before, cancellationToken);
        if (providers.Find(attempt.Provider) is not { } provider)
            return new Refusal("provider_unavailable", $"There is no provider '{attempt.Provider}' here.");
        return await provider.ReverseAsync(work.ToSubmission(before, attempt), attempt.TransactionId, cancellationToken) switch
        {
            ReverseOutcome.Reversed done => await RefundAsync(before, attempt, done.Reference, cancellationToken),
            ReverseOutcome.Refused no => new Refusal("reversal_refused", no.Reason),
            ReverseOutcome.Unknown unknown => new Refusal("provider_unavailable", $"Whether it was taken back is not known; ask again. {unknown.Reason}"),
            var other => throw new InvalidOperationException($"{other} is not an answer this version knows."),
        };
    }

    private async Task<Outcome<TopUp>> RefundAsync(TopUp before, Attempt attempt, string reference, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await storage.RunAsync(
                    caller.Tenant,
                    async session =>
                    {
                        var topUp = (await session.TopUps.FindAsync(before.Id, cancellationToken))!;
                        var now = clock.Now();
                        var evidence = new Evidence
                        {
                            Id = Ids.New<Evidence>("evd", now), Verdict = Verdict.Reversed, Source = EvidenceSource.Lookup, Reference = reference,
                            By = $"provider:{attempt.Provider}", AttemptNo = attempt.No, At = now,
                        };
                        if (topUp.Hear(evidence, now).IsRefused(out var refusal, out var settlement)) return refusal;
                        return Outcome.Of(await work.ApplyAsync(session, topUp, settlement, cancellationToken));
                    },
                    cancellationToken);
            }
            catch (StaleVersionException) when (tries < 10)
            {
                // A callback told the same a moment ago; decide again on what is there now.
            }
        }
    }

    private Task AuditAsync(string action, TopUp topUp, CancellationToken cancellationToken) => storage.RunAsync(
        caller.Tenant,
        async session =>
        {
            await session.AuditAsync(caller, clock, action, topUp.Id.Value, new { status = TopUpStates.Word(topUp.State) }, null, cancellationToken);
            return true;
        },
        cancellationToken);
}
