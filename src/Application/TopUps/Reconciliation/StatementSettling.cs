using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>Has a statement count: the proof is written on the top-up, the money moves and the break ends in one transaction, so each happens once.</summary>
internal sealed class StatementSettling(IStorage storage, TopUpWork work, IClock clock)
{
    /// <summary>Settles what settles itself. May be run again after a crash: what has ended stays as it is.</summary>
    public async Task<ReconciliationRun> RunAsync(ReconciliationRun run, Caller caller, Action<ReconciliationProgress> tell, CancellationToken cancellationToken)
    {
        var filter = new BreakFilter { Run = run.Id, IsOpen = true, SettlesItself = true };
        var tried = 0;
        for (var page = new PageRequest(null, PageRequest.MaxLimit); ;)
        {
            var breaks = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.ListBreaksAsync(filter, page, cancellationToken), cancellationToken);
            foreach (var one in breaks.Data)
            {
                run = await SettleAsync(run, one, caller, cancellationToken);
                tell(new ReconciliationProgress("settling", ++tried, 0));
            }

            if (breaks.Next is null) return run;
            page = page with { After = breaks.Next };
        }
    }

    private async Task<ReconciliationRun> SettleAsync(ReconciliationRun run, ReconciliationBreak one, Caller caller, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await storage.RunAsync(
                    caller.Tenant,
                    async session =>
                    {
                        var topUp = await session.TopUps.FindAsync(one.TopUp!.Value, cancellationToken);
                        var settled = topUp is null ? null : await SettleAsync(session, run, one, topUp, caller, cancellationToken);
                        return await session.Reconciliations.UpdateAsync(
                            run with { Settled = run.Settled + (settled is null ? 0 : 1), TouchedAt = clock.Now() }, cancellationToken);
                    },
                    cancellationToken);
            }
            catch (StaleVersionException) when (tries < 10)
            {
                // The top-up was decided a moment ago; look again. When it is the run that has another version, somebody took it over: then it is theirs.
                var now = await storage.RunAsync(caller.Tenant, session => session.Reconciliations.FindAsync(run.Id, cancellationToken), cancellationToken);
                if (now?.Version != run.Version) throw;
            }
        }
    }

    /// <summary>Null when it is no longer for the statement to say: it stays open for people.</summary>
    private async Task<ReconciliationBreak?> SettleAsync(
        ISession session, ReconciliationRun run, ReconciliationBreak one, TopUp topUp, Caller caller, CancellationToken cancellationToken)
    {
        var attempt = topUp.Attempts.SingleOrDefault(attempt => attempt.No == one.AttemptNo);
        if (attempt is { IsOpen: false })
        {
            // Somebody learnt it in the meantime; where it is the same, there is nothing left to do.
            var agrees = attempt.State == AttemptState.Delivered == (one.Verdict == Verdict.Delivered);
            return agrees ? await EndAsync(session, one, BreakOutcome.Settled, "known in the meantime", caller, cancellationToken) : null;
        }

        var applied = await ApplyAsync(session, run, one, topUp, EvidenceSource.Statement, null, caller, cancellationToken);
        return applied.IsRefused(out _, out _) ? null : await EndAsync(session, one, BreakOutcome.Settled, null, caller, cancellationToken);
    }

    /// <summary>
    /// Writes the proof, about the one submission that the statement speaks of, and moves the money. Refusal
    /// <c>invalid_state_transition</c> when the top-up contradicts.
    /// </summary>
    public async Task<Outcome<Settlement>> ApplyAsync(
        ISession session, ReconciliationRun run, ReconciliationBreak one, TopUp topUp, EvidenceSource source, string? note, Caller caller,
        CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var place = one.Line is { } line ? $"line {line}" : "not listed";
        var evidence = new Evidence
        {
            Id = Ids.New<Evidence>("evd", now), Verdict = one.Verdict!.Value, Source = source, Reference = one.Reference ?? run.Id.Value, By = caller.Actor, AttemptNo = one.AttemptNo, At = now,
            Note = $"reconciliation {run.Id}, {place}{(note is null ? "" : $": {note}")}",
        };
        if (topUp.Hear(evidence, now).IsRefused(out var refusal, out var settlement)) return refusal;
        var after = await work.ApplyAsync(session, topUp, settlement, cancellationToken);
        await session.AuditAsync(
            caller, clock, "topup.evidence_added", topUp.Id.Value, new { status = TopUpStates.Word(topUp.State) },
            new { status = TopUpStates.Word(after.State), verdict = evidence.Verdict.ToString(), source = source.ToString(), evidence.Reference, evidence.Note }, cancellationToken);
        return settlement;
    }

    public async Task<ReconciliationBreak> EndAsync(
        ISession session, ReconciliationBreak one, BreakOutcome outcome, string? note, Caller caller, CancellationToken cancellationToken) =>
        await session.Reconciliations.UpdateBreakAsync(one.Close(outcome, note, caller.Actor, clock.Now()).Value, cancellationToken);
}
