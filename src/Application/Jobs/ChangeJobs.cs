using FluentValidation;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>
/// Has a dead job done after all: due now, with all tries before it. Safe for money: a job does what is left to do, and a top-up
/// that was submitted is not submitted again. Refusals: <c>not_found</c>, <c>job_not_dead</c>.
/// </summary>
/// <param name="Id">The job.</param>
[Requires(Permission.WriteJobs)]
public sealed record RetryJob(string Id) : IUseCase<JobDetails>;

/// <summary>
/// Sets a job aside, as after its last try, until somebody retries it: what it would have done is left undone, and money it would
/// have decided about stays held. Refusals: <c>not_found</c>, <c>validation_failed</c>, <c>job_dead</c>, <c>job_active</c> while somebody works on it.
/// </summary>
/// <param name="Id">The job.</param>
/// <param name="Reason">Why: kept as its error.</param>
[Requires(Permission.WriteJobs)]
public sealed record SetJobAside(string Id, string Reason) : IUseCase<JobDetails>;

/// <summary>
/// Holds jobs of a kind back in all processes, until they are resumed. What is being worked on goes on; so does the submission of an order
/// whose caller waits for the outcome, which never stands in the queue. Asked twice, the first pause stays. Refusal <c>validation_failed</c>.
/// </summary>
/// <param name="Kind">The kind: <c>topup.submit</c>. Any text: another version's processes may know kinds that this one does not.</param>
[Requires(Permission.WriteJobs)]
public sealed record PauseJobs(string Kind) : IUseCase<JobPause>;

/// <summary>Lets jobs of a kind go on; answers with the pause that ended. Refusal <c>not_found</c> when there is none.</summary>
/// <param name="Kind">The kind.</param>
[Requires(Permission.WriteJobs)]
public sealed record ResumeJobs(string Kind) : IUseCase<JobPause>;

/// <summary>The kinds that are paused, by kind.</summary>
[Requires(Permission.ReadJobs)]
public sealed record ListJobPauses : IUseCase<Listing<JobPause>>;

internal sealed class SetJobAsideRules : AbstractValidator<SetJobAside>
{
    public SetJobAsideRules() => RuleFor(job => job.Reason).Cascade(CascadeMode.Stop).IsGiven().IsText();
}

internal sealed class PauseJobsRules : AbstractValidator<PauseJobs>
{
    public PauseJobsRules() => RuleFor(pause => pause.Kind).Cascade(CascadeMode.Stop).IsGiven().IsText(64);
}

internal sealed class RetryJobHandler(IStorage storage, IClock clock, Caller caller) : Handler<RetryJob, JobDetails>
{
    protected override async Task<Outcome<JobDetails>> HandleAsync(RetryJob request, CancellationToken cancellationToken) =>
        Id<Job>.TryParse(request.Id, out var id)
            ? await storage.RunAsync(caller.Tenant, session => RetryAsync(session, id, cancellationToken), cancellationToken)
            : Own.NotFound("job", request.Id);

    private async Task<Outcome<JobDetails>> RetryAsync(ISession session, Id<Job> id, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        if (await session.Jobs.FindAsync(id, cancellationToken) is not { } before) return Own.NotFound("job", id.Value);
        if (!await session.Jobs.ReviveAsync(id, now, cancellationToken))
            return new Refusal("job_not_dead", "This job was not given up; it is tried again by itself.").With("state", JobFacts.Word(before.StateAt(now)));

        var after = (await session.Jobs.FindAsync(id, cancellationToken))!;
        await session.AuditAsync(caller, clock, "job.retried", id.Value, JobFacts.Of(before, now), JobFacts.Of(after, now), cancellationToken);
        return new JobDetails(after, after.StateAt(now));
    }
}

internal sealed class SetJobAsideHandler(IStorage storage, IClock clock, Caller caller) : Handler<SetJobAside, JobDetails>
{
    protected override async Task<Outcome<JobDetails>> HandleAsync(SetJobAside request, CancellationToken cancellationToken) =>
        Id<Job>.TryParse(request.Id, out var id)
            ? await storage.RunAsync(caller.Tenant, session => SetAsideAsync(session, id, request.Reason, cancellationToken), cancellationToken)
            : Own.NotFound("job", request.Id);

    private async Task<Outcome<JobDetails>> SetAsideAsync(ISession session, Id<Job> id, string reason, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        if (await session.Jobs.FindAsync(id, cancellationToken) is not { } before) return Own.NotFound("job", id.Value);
        if (before.IsDead) return new Refusal("job_dead", "This job was set aside before.");
        if (!await session.Jobs.SetAsideAsync(id, reason, now, cancellationToken))
            return new Refusal("job_active", "Somebody works on this job; ask again when that is over.");

        var after = (await session.Jobs.FindAsync(id, cancellationToken))!;
        await session.AuditAsync(caller, clock, "job.set_aside", id.Value, JobFacts.Of(before, now), JobFacts.Of(after, now), cancellationToken);
        return new JobDetails(after, after.StateAt(now));
    }
}

internal sealed class PauseJobsHandler(IStorage storage, IClock clock, Caller caller) : Handler<PauseJobs, JobPause>
{
    protected override async Task<Outcome<JobPause>> HandleAsync(PauseJobs request, CancellationToken cancellationToken) =>
        await storage.RunAsync(caller.Tenant, session => PauseAsync(session, request.Kind, cancellationToken), cancellationToken);

    private async Task<JobPause> PauseAsync(ISession session, string kind, CancellationToken cancellationToken)
    {
        var pause = new JobPause(kind, clock.Now(), caller.Actor);
        if (!await session.Jobs.PauseAsync(pause, cancellationToken))
            return (await session.Jobs.ListPausesAsync(cancellationToken)).FirstOrDefault(known => known.Kind == kind) ?? pause;
        await session.AuditAsync(caller, clock, "jobs.paused", kind, null, new { kind }, cancellationToken);
        return pause;
    }
}

internal sealed class ResumeJobsHandler(IStorage storage, IClock clock, Caller caller) : Handler<ResumeJobs, JobPause>
{
    protected override async Task<Outcome<JobPause>> HandleAsync(ResumeJobs request, CancellationToken cancellationToken) =>
        await storage.RunAsync(caller.Tenant, session => ResumeAsync(session, request.Kind, cancellationToken), cancellationToken);

    private async Task<Outcome<JobPause>> ResumeAsync(ISession session, string kind, CancellationToken cancellationToken)
    {
        var pause = (await session.Jobs.ListPausesAsync(cancellationToken)).FirstOrDefault(known => known.Kind == kind);
        if (pause is null || !await session.Jobs.ResumeAsync(kind, cancellationToken)) return Own.NotFound("pause of", kind);
        await session.AuditAsync(caller, clock, "jobs.resumed", kind, new { kind, pause.PausedBy }, null, cancellationToken);
        return pause;
    }
}

internal sealed class ListJobPausesHandler(IStorage storage, Caller caller) : Handler<ListJobPauses, Listing<JobPause>>
{
    protected override async Task<Outcome<Listing<JobPause>>> HandleAsync(ListJobPauses list, CancellationToken cancellationToken) =>
        new Listing<JobPause>(await storage.RunAsync(caller.Tenant, session => session.Jobs.ListPausesAsync(cancellationToken), cancellationToken), null);
}

/// <summary>A job in the audit log.</summary>
internal static class JobFacts
{
    public static object Of(Job job, NodaTime.Instant now) => new { job.Kind, job.Subject, State = Word(job.StateAt(now)), job.Tries, job.LastError };

    public static string Word(JobState state) => state.ToString().ToLowerInvariant();
}
