using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Says what became of a top-up that nobody could answer for, or that turned out otherwise. The word of one person is
/// kept; money moves with the word of a second one. Refusals: <c>validation_failed</c>, <c>not_found</c>,
/// <c>second_person_required</c>, <c>invalid_state_transition</c>.
/// </summary>
/// <param name="Id">The top-up.</param>
/// <param name="Verdict"><c>delivered</c>, <c>not_delivered</c> or <c>reversed</c>.</param>
/// <param name="Reference">What can be shown to somebody who doubts it.</param>
/// <param name="Note">Anything else worth keeping.</param>
[Requires(Permission.ResolveTopUps)]
public sealed record AddEvidence(string Id, string Verdict, string Reference, string? Note = null) : IUseCase<TopUp>
{
    /// <summary>Which of its submissions it is about, from 1; null for the last one.</summary>
    public int? Attempt { get; init; }
}

internal sealed class AddEvidenceRules : AbstractValidator<AddEvidence>
{
    public static readonly Dictionary<string, Verdict> Verdicts = new()
    {
        ["delivered"] = Verdict.Delivered, ["not_delivered"] = Verdict.NotDelivered, ["reversed"] = Verdict.Reversed,
    };

    public AddEvidenceRules()
    {
        RuleFor(evidence => evidence.Verdict).Must(word => word is not null && Verdicts.ContainsKey(word))
            .WithErrorCode("verdict_invalid").WithMessage($"expected one of {string.Join(", ", Verdicts.Keys)}");
        RuleFor(evidence => evidence.Reference).IsGiven().IsText();
        RuleFor(evidence => evidence.Note).IsText();
        RuleFor(evidence => evidence.Attempt).GreaterThanOrEqualTo(1).WithErrorCode("attempt_invalid").WithMessage("expected the number of a submission, from 1");
    }
}

internal sealed class AddEvidenceHandler(IStorage storage, TopUpWork work, IClock clock, Caller caller) : Handler<AddEvidence, TopUp>
{
    protected override async Task<Outcome<TopUp>> HandleAsync(AddEvidence said, CancellationToken cancellationToken)
    {
        if (!Id<TopUp>.TryParse(said.Id, out var id)) return Own.NotFound("top-up", said.Id);
        // Where an answer or a look-up was written meanwhile, it is decided again on what is there then.
        return await Turns.RunAsync(() => storage.RunAsync(caller.Tenant, session => HearAsync(session, id, said, cancellationToken), cancellationToken));
    }

    private async Task<Outcome<TopUp>> HearAsync(ISession session, Id<TopUp> id, AddEvidence said, CancellationToken cancellationToken)
    {
        if (await session.TopUps.FindAsync(id, cancellationToken) is not { } before) return Own.NotFound("top-up", said.Id);
        if (said.Attempt > before.Attempts.Length)
            return Validation.Failed([new FieldError("attempt", "attempt_invalid", $"expected at most {before.Attempts.Length}, the last submission")]);
        var now = clock.Now();
        var evidence = new Evidence
        {
            Id = Ids.New<Evidence>("evd", now), Verdict = AddEvidenceRules.Verdicts[said.Verdict], Source = EvidenceSource.Person,
            Reference = said.Reference, By = caller.Actor, AttemptNo = said.Attempt, At = now, Note = said.Note,
        };
        if (before.Hear(evidence, now).IsRefused(out var refusal, out var settlement)) return refusal;
        var after = await work.ApplyAsync(session, before, settlement, cancellationToken);
        await session.AuditAsync(
            caller, clock, "topup.evidence_added", id.Value,
            new { status = TopUpStates.Word(before.State) },
            new { status = TopUpStates.Word(after.State), said.Verdict, said.Reference, said.Note }, cancellationToken);
        return after;
    }
}
