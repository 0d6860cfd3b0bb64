using System.CommandLine;
using Relier.Hosting.Resources;
using Relier.Jobs;

namespace Relier.Cli.Commands;

/// <summary><c>relier jobs</c>: what is to be done, what was given up, what is held back, and who does it.</summary>
internal static class JobCommands
{
    private static readonly string[] Columns = ["ID", "KIND", "SUBJECT", "CUSTOMER", "STATE", "RUN AT", "TRIES", "OWNER", "LAST ERROR"];
    private static readonly string[] PauseColumns = ["KIND", "PAUSED", "BY"];
    private static readonly string[] ProcessColumns = ["NAME", "HOST", "VERSION", "ALIVE", "STARTED", "SEEN", "KINDS"];

    public static Command Build(GlobalOptions options, Terminal terminal) =>
        new("jobs", "What is to be done, and who does it.")
        {
            List(options, terminal), Show(options, terminal), Retry(options, terminal), Dead(options, terminal), Pause(options, terminal),
            Resume(options, terminal), Paused(options, terminal), Processes(options, terminal),
        };

    private static Command List(GlobalOptions options, Terminal terminal)
    {
        var state = new Option<string?>("--state") { Description = "waiting, active, delayed or dead.", HelpName = "state" };
        var kind = new Option<string?>("--kind") { Description = "Only of this kind, as in topup.submit.", HelpName = "kind" };
        var listed = new Listed();
        var command = new Command("list", "Jobs that are not finished, newest first.") { state, kind, listed.Limit, listed.Cursor, listed.All };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => listed.AnswerAsync(
                parsed, invocation,
                (cursor, limit) => new ListJobs { State = parsed.GetValue(state), Kind = parsed.GetValue(kind), Cursor = cursor, Limit = limit },
                Columns,
                details => Row(JobResource.Of(details)),
                JobResource.Of),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Show(GlobalOptions options, Terminal terminal) =>
        OfJob("show", "One job, with its last error.", id => new GetJob(id), options, terminal);

    private static Command Retry(GlobalOptions options, Terminal terminal) =>
        OfJob("retry", "Have a dead job done after all, now, with all tries before it.", id => new RetryJob(id), options, terminal);

    private static Command Dead(GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The job." };
        var reason = new Option<string>("--reason") { Description = "Why.", HelpName = "text", Required = true };
        var command = new Command("dead", "Set a job aside until somebody retries it; money it would have decided about stays held.") { id, reason };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new SetJobAside(parsed.GetRequiredValue(id), parsed.GetRequiredValue(reason)), details => Print(invocation.Printer, JobResource.Of(details))),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Pause(GlobalOptions options, Terminal terminal) => OfKind(
        "pause", "Hold jobs of a kind back in all processes.", kind => new PauseJobs(kind),
        pause => $"No process begins {pause.Kind} any more. Go on with: relier jobs resume {pause.Kind}", options, terminal);

    private static Command Resume(GlobalOptions options, Terminal terminal) => OfKind(
        "resume", "Let jobs of a kind go on.", kind => new ResumeJobs(kind), pause => $"{pause.Kind} goes on.", options, terminal);

    private static Command Paused(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("paused", "The kinds of jobs that are held back.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListJobPauses(),
                pauses => Listed.Show(
                    invocation.Printer, pauses, PauseColumns, pause => [pause.Kind, pause.PausedAt.Text(), pause.PausedBy], JobPauseResource.Of)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command Processes(GlobalOptions options, Terminal terminal)
    {
        var command = new Command("processes", "The processes of the installation, and whether they live.");
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(
                new ListProcesses(),
                processes => Listed.Show(
                    invocation.Printer, processes, ProcessColumns,
                    details =>
                    [
                        details.Process.Name, details.Process.Host, details.Process.Version, details.IsAlive ? "yes" : "no", details.Process.StartedAt.Text(),
                        details.Process.SeenAt.Text(), string.Join(' ', details.Process.Kinds),
                    ],
                    ProcessResource.Of)),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command OfJob(string name, string description, Func<string, IUseCase<JobDetails>> useCase, GlobalOptions options, Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The job." };
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(useCase(parsed.GetRequiredValue(id)), details => Print(invocation.Printer, JobResource.Of(details))),
            prepare: true, cancellationToken));
        return command;
    }

    private static Command OfKind(
        string name, string description, Func<string, IUseCase<JobPause>> useCase, Func<JobPause, string> told, GlobalOptions options, Terminal terminal)
    {
        var kind = new Argument<string>("KIND") { Description = "The kind of jobs, as in topup.submit." };
        var command = new Command(name, description) { kind };
        command.SetAction((parsed, cancellationToken) => Invocation.RunAsync(
            parsed, options, terminal,
            invocation => invocation.AnswerAsync(useCase(parsed.GetRequiredValue(kind)), pause =>
            {
                invocation.Printer.Show(JobPauseResource.Of(pause), [("Kind", pause.Kind), ("Paused", pause.PausedAt.Text()), ("By", pause.PausedBy)], key: pause.Kind);
                invocation.Printer.Say(told(pause));
            }),
            prepare: true, cancellationToken));
        return command;
    }

    private static void Print(Printer printer, JobResource job) => printer.Show(
        job,
        [
            ("Job", job.Id), ("Kind", job.Kind), ("Subject", job.Subject), ("Customer", job.Customer), ("State", job.State), ("Run at", job.RunAt),
            ("Tries", $"{job.Tries}"), ("Owner", job.Owner), ("Leased until", job.LeasedUntil), ("Last error", job.LastError), ("Created", job.CreatedAt),
        ],
        key: job.Id);

    private static IReadOnlyList<string?> Row(JobResource job) =>
        [job.Id, job.Kind, job.Subject, job.Customer, job.State, job.RunAt, $"{job.Tries}", job.Owner, job.LastError];
}
