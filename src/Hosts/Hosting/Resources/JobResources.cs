using Relier.Jobs;

namespace Relier.Hosting.Resources;

/// <summary>Something to be done.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What is to be done.</param>
/// <param name="Subject">The id of what it is about.</param>
/// <param name="Customer">The customer in whose queue it stands.</param>
/// <param name="State">waiting, active, delayed or dead.</param>
/// <param name="RunAt">Not before this time.</param>
/// <param name="Tries">How often it was begun.</param>
/// <param name="Owner">Who works on it.</param>
/// <param name="LeasedUntil">Until when nobody else may.</param>
/// <param name="LastError">What went wrong the last time.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record JobResource(
    string Id, string Kind, string Subject, string? Customer, string State, string RunAt, int Tries, string? Owner, string? LeasedUntil, string? LastError,
    string CreatedAt)
{
    public static JobResource Of(JobDetails details) => Of(details.Job, details.State);

    private static JobResource Of(Job job, JobState state) => new(
        job.Id.Value, job.Kind, job.Subject, job.Party, Words.Of(state), job.RunAt.Text(), job.Tries, job.Owner, job.LeasedUntil.Text(), job.LastError,
        job.CreatedAt.Text());
}

/// <summary>A kind of jobs that is held back.</summary>
/// <param name="Kind">Which.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="PausedBy">By whom.</param>
internal sealed record JobPauseResource(string Kind, string PausedAt, string PausedBy)
{
    public static JobPauseResource Of(JobPause pause) => new(pause.Kind, pause.PausedAt.Text(), pause.PausedBy);
}

/// <summary>A process of the installation.</summary>
/// <param name="Name">Its name, as in leases.</param>
/// <param name="Host">The program.</param>
/// <param name="Version">Its version.</param>
/// <param name="Kinds">The kinds of jobs it does.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="SeenAt">When it last said that it lives.</param>
/// <param name="Alive">Whether that was in the last half minute.</param>
internal sealed record ProcessResource(string Name, string Host, string Version, IReadOnlyList<string> Kinds, string StartedAt, string SeenAt, bool Alive)
{
    public static ProcessResource Of(ProcessDetails details) => new(
        details.Process.Name, details.Process.Host, details.Process.Version, details.Process.Kinds, details.Process.StartedAt.Text(),
        details.Process.SeenAt.Text(), details.IsAlive);
}
