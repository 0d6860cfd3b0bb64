using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class JobDocs
{
    private static readonly JobResource Dead = new(
        "job_01j9z3v8w4x5y6z7", "topup.submit", "RLR179518680000012345678", "cus_01j9z3v8w4x5y6z7", "dead", "2026-11-20T12:00:00.000000Z", 6, null, null,
        "StorageUnavailableException: The storage cannot be used now.", "2026-11-20T09:20:00.000000Z");

    private static readonly JobResource Waiting = Dead with { State = "waiting", RunAt = "2026-11-20T15:00:00.000000Z" };

    private static readonly JobPauseResource Paused = new("topup.submit", "2026-11-20T12:00:00.000000Z", "admin:maria");

    private static readonly ProcessResource Process = new(
        "worker-1", "Relier.Worker", "0.1.0", ["jobs.tidy", "topup.check", "topup.submit"], "2026-11-20T08:00:00.000000Z", "2026-11-20T12:00:00.000000Z", true);

    public static readonly Operation List = new("listJobs", "List jobs", "What is to be done and is not finished, newest first. Finished jobs are gone; GET /queue counts them.")
    {
        Query = [new("state", "waiting, active, delayed or dead."), new("kind", "Only of this kind, as in topup.submit."), .. QueryParameter.Paging],
        Answers = [new(200, "A part of the list.", typeof(PageResource<JobResource>), new PageResource<JobResource>([Dead], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Get = new("getJob", "Read a job", "With its last error.")
    {
        Answers = [new(200, "The job.", typeof(JobResource), Dead)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Retry = new("retryJob", "Have a dead job done after all",
        "Due now, with all tries before it. A job does what is left to do: a top-up that was submitted is not submitted again.")
    {
        Answers = [new(200, "The job.", typeof(JobResource), Waiting)],
        Refusals = ["not_found", "job_not_dead"],
    };

    public static readonly Operation SetAside = new("setJobAside", "Set a job aside",
        "As after its last try, until somebody retries it. What it would have done is left undone; money it would have decided about stays held.")
    {
        Body = new(typeof(JobAsideBody), new JobAsideBody("wait for the provider's statement")) { Required = ["reason"] },
        Answers = [new(200, "The job.", typeof(JobResource), Dead)],
        Refusals = ["not_found", "validation_failed", "job_dead", "job_active"],
    };

    public static readonly Operation Pauses = new("listJobPauses", "List what is paused", "The kinds of jobs that are held back.")
    {
        Answers = [new(200, "The pauses.", typeof(PageResource<JobPauseResource>), new PageResource<JobPauseResource>([Paused], false, null))],
    };

    public static readonly Operation Pause = new("pauseJobs", "Pause a kind of jobs",
        "No process begins one any more. What is begun goes on, and so does the submission of an order whose caller waits. Asked again, the first pause stays.")
    {
        Answers = [new(200, "The pause.", typeof(JobPauseResource), Paused)],
        Refusals = ["validation_failed"],
    };

    public static readonly Operation Resume = new("resumeJobs", "Resume a kind of jobs", "Answers with the pause that ended.")
    {
        Answers = [new(200, "The pause.", typeof(JobPauseResource), Paused)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Processes = new("listProcesses", "List processes", "Those of the installation that say they live, and those that ended without saying so, for an hour.")
    {
        Answers = [new(200, "The processes.", typeof(PageResource<ProcessResource>), new PageResource<ProcessResource>([Process], false, null))],
    };
}
