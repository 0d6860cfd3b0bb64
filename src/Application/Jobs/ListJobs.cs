using FluentValidation;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Jobs;

/// <summary>The jobs of the tenant that are not finished, newest first. Refusals: <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadJobs)]
public sealed record ListJobs : IUseCase<Listing<JobDetails>>
{
    /// <summary><c>waiting</c>, <c>active</c>, <c>delayed</c> or <c>dead</c>; null for all.</summary>
    public string? State { get; init; }

    /// <summary>Only of this kind; null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>A job and where it stands.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Where it stands now.</param>
public sealed record JobDetails(Job Job, JobState State);

/// <summary>One job. Refusal <c>not_found</c>, also for one that is finished.</summary>
/// <param name="Id">Its id.</param>
[Requires(Permission.ReadJobs)]
public sealed record GetJob(string Id) : IUseCase<JobDetails>;

internal sealed class ListJobsRules : AbstractValidator<ListJobs>
{
    public ListJobsRules()
    {
        RuleFor(list => list.State).Must(word => word is null || JobStates.TryParse(word, out _))
            .WithErrorCode("state_invalid").WithMessage("expected waiting, active, delayed or dead");
        RuleFor(list => list.Kind).IsText();
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal static class JobStates
{
    private static readonly Dictionary<string, JobState> Words = Enum.GetValues<JobState>().ToDictionary(state => state.ToString().ToLowerInvariant());

    public static bool TryParse(string word, out JobState state) => Words.TryGetValue(word, out state);
}

internal sealed class ListJobsHandler(IStorage storage, IClock clock, Caller caller) : Handler<ListJobs, Listing<JobDetails>>
{
    protected override Task<Outcome<Listing<JobDetails>>> HandleAsync(ListJobs list, CancellationToken cancellationToken)
    {
        var filter = new JobFilter(clock.Now()) { Kind = list.Kind, State = list.State is { } word && JobStates.TryParse(word, out var state) ? state : null };
        return Listing.ReadAsync(list.Cursor, list.Limit, $"jobs {list.State} {list.Kind}", async page =>
        {
            var found = await storage.RunAsync(caller.Tenant, session => session.Jobs.ListAsync(filter, page, cancellationToken), cancellationToken);
            return new Page<JobDetails>([.. found.Data.Select(job => new JobDetails(job, job.StateAt(filter.Now)))], found.Next);
        });
    }
}

internal sealed class GetJobHandler(IStorage storage, IClock clock, Caller caller) : Handler<GetJob, JobDetails>
{
    protected override async Task<Outcome<JobDetails>> HandleAsync(GetJob request, CancellationToken cancellationToken)
    {
        if (!Id<Job>.TryParse(request.Id, out var id)) return Own.NotFound("job", request.Id);
        var job = await storage.RunAsync(caller.Tenant, session => session.Jobs.FindAsync(id, cancellationToken), cancellationToken);
        return job is null ? Own.NotFound("job", request.Id) : new JobDetails(job, job.StateAt(clock.Now()));
    }
}
