using Relier.Api.Http;
using Relier.Api.OpenApi;
using Relier.Hosting.Resources;
using Relier.Jobs;

namespace Relier.Api.Endpoints;

/// <summary>Jobs, one by one, and the processes that do them, for those who run the installation.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("").WithTags(Tags.Operations);
        jobs.MapGet("/jobs", ListAsync).As(JobDocs.List);
        jobs.MapGet("/jobs/{id}", GetAsync).As(JobDocs.Get);
        jobs.MapPost("/jobs/{id}/retry", RetryAsync).As(JobDocs.Retry);
        jobs.MapPost("/jobs/{id}/dead", SetAsideAsync).As(JobDocs.SetAside);
        jobs.MapGet("/job-pauses", PausesAsync).As(JobDocs.Pauses);
        jobs.MapPut("/job-pauses/{kind}", PauseAsync).As(JobDocs.Pause);
        jobs.MapDelete("/job-pauses/{kind}", ResumeAsync).As(JobDocs.Resume);
        jobs.MapGet("/processes", ProcessesAsync).As(JobDocs.Processes);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IRelier relier)
    {
        var request = http.Request;
        var list = new ListJobs { State = request.Text("state"), Kind = request.Text("kind"), Cursor = request.Text("cursor"), Limit = request.Limit() };
        return (await relier.SendAsync(list, http.Caller(), http.RequestAborted)).ToPage(http, JobResource.Of);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new GetJob(id), http.Caller(), http.RequestAborted)).ToResult(JobResource.Of);

    private static async Task<IResult> RetryAsync(string id, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new RetryJob(id), http.Caller(), http.RequestAborted)).ToResult(JobResource.Of);

    private static async Task<IResult> SetAsideAsync(string id, HttpContext http, IRelier relier)
    {
        if ((await http.Request.ReadAsync<JobAsideBody>()).IsRefused(out var unread, out var body)) return unread.ToResult();
        return (await relier.SendAsync(new SetJobAside(id, body.Reason!), http.Caller(), http.RequestAborted)).ToResult(JobResource.Of);
    }

    private static async Task<IResult> PausesAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListJobPauses(), http.Caller(), http.RequestAborted)).ToPage(http, JobPauseResource.Of);

    private static async Task<IResult> PauseAsync(string kind, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new PauseJobs(KindOf(kind)), http.Caller(), http.RequestAborted)).ToResult(JobPauseResource.Of);

    private static async Task<IResult> ResumeAsync(string kind, HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ResumeJobs(KindOf(kind)), http.Caller(), http.RequestAborted)).ToResult(JobPauseResource.Of);

    /// <summary>As it was sent: a slash alone stays percent-encoded on its way through a path.</summary>
    private static string KindOf(string kind) => kind.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> ProcessesAsync(HttpContext http, IRelier relier) =>
        (await relier.SendAsync(new ListProcesses(), http.Caller(), http.RequestAborted)).ToPage(http, ProcessResource.Of);
}

/// <summary>Why a job is set aside.</summary>
internal sealed record JobAsideBody(string? Reason);
