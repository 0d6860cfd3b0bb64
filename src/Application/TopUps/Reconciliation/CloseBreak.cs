using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>Gives a break to somebody, or to nobody. Refusals <c>validation_failed</c>, <c>not_found</c>, <c>break_closed</c>.</summary>
/// <param name="Id">The break.</param>
/// <param name="Owner">Who looks into it; null for nobody.</param>
[Requires(Permission.WriteReconciliations)]
public sealed record AssignBreak(string Id, string? Owner) : IUseCase<ReconciliationBreak>;

/// <summary>
/// Ends a break. With <c>applied</c> the statement counts and money moves by the posting table: what they delivered and we
/// had given back is charged late, what they took back is refunded, what nobody knew is decided. Where line and top-up were
/// only found to be alike, the word of one person is kept and the break stays open; the money moves with a second person's.
/// Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>break_closed</c>, <c>nothing_to_apply</c>,
/// <c>second_person_required</c>, <c>invalid_state_transition</c>.
/// </summary>
/// <param name="Id">The break.</param>
/// <param name="Outcome"><c>applied</c>, <c>accepted</c>, <c>claimed</c> or <c>unfounded</c>.</param>
/// <param name="Note">Why: what can be shown to somebody who doubts it.</param>
[Requires(Permission.WriteReconciliations)]
public sealed record CloseBreak(string Id, string Outcome, string Note) : IUseCase<ReconciliationBreak>;

internal sealed class AssignBreakRules : AbstractValidator<AssignBreak>
{
    public AssignBreakRules() =>
        RuleFor(assign => assign.Owner).IsText().Must(owner => owner is null || owner.Trim().Length > 0).WithErrorCode("text_invalid").WithMessage("expected a name, or nothing");
}

internal sealed class CloseBreakRules : AbstractValidator<CloseBreak>
{
    public static readonly Dictionary<string, BreakOutcome> Outcomes = new()
    {
        ["applied"] = BreakOutcome.Applied, ["accepted"] = BreakOutcome.Accepted, ["claimed"] = BreakOutcome.Claimed, ["unfounded"] = BreakOutcome.Unfounded,
    };

    public CloseBreakRules()
    {
        RuleFor(close => close.Outcome).Must(word => word is not null && Outcomes.ContainsKey(word))
            .WithErrorCode("outcome_invalid").WithMessage($"expected one of {string.Join(", ", Outcomes.Keys)}");
        RuleFor(close => close.Note).IsGiven().IsText(100);
    }
}

internal sealed class AssignBreakHandler(IStorage storage, IClock clock, Caller caller) : Handler<AssignBreak, ReconciliationBreak>
{
    protected override Task<Outcome<ReconciliationBreak>> HandleAsync(AssignBreak assign, CancellationToken cancellationToken) =>
        BreakChange.RunAsync(storage, caller, assign.Id, async (session, before) =>
        {
            if (before.Assign(assign.Owner).IsRefused(out var refusal, out var after)) return refusal;
            await session.AuditAsync(caller, clock, "reconciliation.break_assigned", before.Id.Value, new { before.Owner }, new { after.Owner }, cancellationToken);
            return await session.Reconciliations.UpdateBreakAsync(after, cancellationToken);
        }, cancellationToken);
}

internal sealed class CloseBreakHandler(IStorage storage, StatementSettling settling, IClock clock, Caller caller) : Handler<CloseBreak, ReconciliationBreak>
{
    protected override Task<Outcome<ReconciliationBreak>> HandleAsync(CloseBreak close, CancellationToken cancellationToken)
    {
        var outcome = CloseBreakRules.Outcomes[close.Outcome];
        return BreakChange.RunAsync(storage, caller, close.Id, async (session, before) =>
        {
            if (before.Close(outcome, close.Note, caller.Actor, clock.Now()).IsRefused(out var refusal, out var after)) return refusal;
            if (outcome == BreakOutcome.Applied)
            {
                if ((await ApplyAsync(session, before, close.Note, cancellationToken)).IsRefused(out refusal, out var decision)) return refusal;
                // One person's word: it is kept, and waits for a second one's.
                if (!decision.Decided) return before;
            }

            await session.AuditAsync(
                caller, clock, "reconciliation.break_closed", before.Id.Value, new { before.Class, before.Owner }, new { close.Outcome, close.Note }, cancellationToken);
            return await session.Reconciliations.UpdateBreakAsync(after, cancellationToken);
        }, cancellationToken);
    }

    private async Task<Outcome<Decision>> ApplyAsync(ISession session, ReconciliationBreak one, string note, CancellationToken cancellationToken)
    {
        var run = await session.Reconciliations.FindAsync(one.Run, cancellationToken);
        var topUp = await session.TopUps.FindAsync(one.TopUp!.Value, cancellationToken);
        if (run is null || topUp is null) throw new InvalidOperationException($"Break {one.Id} is about {one.Run} and {one.TopUp}, which are not both there.");
        // Where only phone, amount and time agree, what counts is not the statement but the people who say it is the same recharge.
        var source = one.NeedsConfirmation || one.Line is null ? EvidenceSource.Person : EvidenceSource.Statement;
        return (await settling.ApplyAsync(session, run, one, topUp, source, note, caller, cancellationToken))
            .Then(settlement => new Decision(source == EvidenceSource.Statement || settlement.Money != MoneyMove.None || settlement.TopUp == topUp));
    }

    private sealed record Decision(bool Decided);
}

/// <summary>Changing a break on what is there now, also when somebody else was faster by a moment.</summary>
internal static class BreakChange
{
    public static async Task<Outcome<ReconciliationBreak>> RunAsync(
        IStorage storage, Caller caller, string id, Func<ISession, ReconciliationBreak, Task<Outcome<ReconciliationBreak>>> change, CancellationToken cancellationToken)
    {
        if (!Id<ReconciliationBreak>.TryParse(id, out var known)) return Own.NotFound("break", id);
        // Where the top-up or the break changed meanwhile, it is decided again on what is there then.
        return await Turns.RunAsync(() => storage.RunAsync(
            caller.Tenant,
            async session => await session.Reconciliations.FindBreakAsync(known, cancellationToken) is { } before ? await change(session, before) : Own.NotFound("break", id),
            cancellationToken));
    }
}
