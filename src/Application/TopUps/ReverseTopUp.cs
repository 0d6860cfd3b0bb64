using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Asks the provider to take a delivered top-up back. The money comes back to the customer when the provider says it was
/// done, and not before; asked twice, it is taken back once. A top-up that is reversed already is given back as it is.
/// Without an answer from the provider it is asked again by a job. Refusals: <c>not_found</c>, <c>invalid_state_transition</c>,
/// <c>reversal_refused</c> with the provider's reason, <c>provider_unavailable</c>. Throws <see cref="InvalidOperationException"/>
/// inside an application's own transaction.
/// </summary>
/// <param name="Id">The top-up.</param>
[Requires(Permission.ResolveTopUps)]
public sealed record ReverseTopUp(string Id) : IUseCase<TopUp>;

internal sealed class ReverseTopUpHandler(IStorage storage, ReversalWork work, IClock clock, RelierOptions options, Caller caller) : Handler<ReverseTopUp, TopUp>
{
    protected override async Task<Outcome<TopUp>> HandleAsync(ReverseTopUp reverse, CancellationToken cancellationToken)
    {
        if (storage.IsInTransaction)
            throw new InvalidOperationException("A provider is not asked to take something back inside a transaction: rolled back, it would be taken back all the same. Ask after its commit.");
        if (!Id<TopUp>.TryParse(reverse.Id, out var id)) return Customers.Own.NotFound("top-up", reverse.Id);
        if ((await storage.RunAsync(caller.Tenant, session => BeginAsync(session, id, cancellationToken), cancellationToken)).IsRefused(out var refusal, out var begun))
            return refusal;

        // What the provider does is to be booked, whether or not somebody still waits for the answer.
        return begun.Job is { } job ? await work.AskAsync(job, CancellationToken.None) : begun.TopUp;
    }

    /// <summary>Leaves a job before the provider is asked: should this process die, another one asks again when the lease is over.</summary>
    private async Task<Outcome<Begun>> BeginAsync(ISession session, Id<TopUp> id, CancellationToken cancellationToken)
    {
        if (await session.TopUps.FindAsync(id, cancellationToken) is not { } topUp) return Customers.Own.NotFound("top-up", id.Value);
        if (topUp.State == TopUpState.Reversed) return new Begun(topUp, null);
        if (topUp.State != TopUpState.Succeeded)
            return new Refusal("invalid_state_transition", $"Top-up {id} is {TopUpStates.Word(topUp.State)} and cannot be reversed.").With("status", TopUpStates.Word(topUp.State));
        // What was delivered before it came here has no submission of ours that a provider could take back.
        if (topUp.Attempts.All(made => made.State != AttemptState.Delivered))
            return new Refusal("invalid_state_transition", $"Top-up {id} was not submitted from here and cannot be reversed.").With("status", TopUpStates.Word(topUp.State));
        if (!work.CanAsk(topUp)) return ReversalWork.NoProvider(topUp);

        var now = clock.Now();
        var job = new Job
        {
            Id = Ids.New<Job>("job", now), Tenant = session.Tenant, Kind = ReversalWork.Kind, Subject = id.Value, RunAt = now, CreatedAt = now,
            Tries = 1, Owner = options.ProcessName, LeasedUntil = now + options.JobLease,
        };
        await session.Jobs.AddAsync(job, cancellationToken);
        await session.AuditAsync(caller, clock, "topup.reversal_requested", id.Value, new { status = TopUpStates.Word(topUp.State) }, null, cancellationToken);
        return new Begun(topUp, job);
    }

    private sealed record Begun(TopUp TopUp, Job? Job);
}

/// <summary>
/// Asks a provider to take a delivery back, and books what it says. A provider that is asked again takes back once, so the
/// next owner of the job simply asks again.
/// </summary>
internal sealed class ReversalWork(IStorage storage, Providers providers, TopUpWork work, IClock clock) : IJobHandler
{
    public const string Kind = "provider.reverse";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        if ((await AskAsync(job, cancellationToken)).IsRefused(out var refusal, out _) && refusal.Code == "provider_unavailable")
            throw new InvalidOperationException(refusal.Message);
    }

    public bool CanAsk(TopUp topUp) => providers.Find(Delivered(topUp).Provider) is not null;

    public static Refusal NoProvider(TopUp topUp) => new("provider_unavailable", $"There is no provider '{Delivered(topUp).Provider}' here.");

    /// <summary>The top-up, taken back; or why not. Unless the provider gave no answer, the job is done.</summary>
    public async Task<Outcome<TopUp>> AskAsync(Job job, CancellationToken cancellationToken)
    {
        var id = Id<TopUp>.Parse(job.Subject);
        var before = await storage.RunAsync(job.Tenant, session => session.TopUps.FindAsync(id, cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Job {job.Id} is about top-up {id}, which is not there.");
        if (before.State != TopUpState.Succeeded) return await EndAsync(job, _ => Task.FromResult(Outcome.Of(before)), cancellationToken);

        var attempt = Delivered(before);
        if (providers.Find(attempt.Provider) is not { } provider) return NoProvider(before);
        return await provider.ReverseAsync(work.ToSubmission(before, attempt), attempt.TransactionId, cancellationToken) switch
        {
            // Die before this commit: asked again, the provider says the same.
            ReverseOutcome.Reversed done => await EndAsync(job, session => RefundAsync(session, id, attempt, done.Reference, cancellationToken), cancellationToken),
            ReverseOutcome.Refused no => await EndAsync(job, _ => Task.FromResult<Outcome<TopUp>>(new Refusal("reversal_refused", no.Reason)), cancellationToken),
            ReverseOutcome.Unknown unknown => new Refusal("provider_unavailable", $"Whether it was taken back is not known; it is asked again by itself. {unknown.Reason}"),
            var other => throw new InvalidOperationException($"{other} is not an answer this version knows."),
        };
    }

    private static Attempt Delivered(TopUp topUp) => topUp.Attempts.Last(made => made.State == AttemptState.Delivered);

    /// <summary>Writes the answer and the end of the job together.</summary>
    private async Task<Outcome<TopUp>> EndAsync(Job job, Func<ISession, Task<Outcome<TopUp>>> write, CancellationToken cancellationToken)
    {
        // Where a callback told the same meanwhile, it is decided again on what is there then.
        return await Turns.RunAsync(() => storage.RunAsync(
            job.Tenant,
            async session =>
            {
                var answer = await write(session);
                await session.Jobs.CompleteAsync(job, cancellationToken);
                return answer;
            },
            cancellationToken));
    }

    private async Task<Outcome<TopUp>> RefundAsync(ISession session, Id<TopUp> id, Attempt attempt, string reference, CancellationToken cancellationToken)
    {
        var topUp = (await session.TopUps.FindAsync(id, cancellationToken))!;
        var now = clock.Now();
        var evidence = new Evidence
        {
            Id = Ids.New<Evidence>("evd", now), Verdict = Verdict.Reversed, Source = EvidenceSource.Lookup, Reference = reference,
            By = $"provider:{attempt.Provider}", AttemptNo = attempt.No, At = now,
        };
        if (topUp.Hear(evidence, now).IsRefused(out var refusal, out var settlement)) return refusal;
        return await work.ApplyAsync(session, topUp, settlement, cancellationToken);
    }
}
