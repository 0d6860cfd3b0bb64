using Relier.Jobs;
using Relier.Storage;

namespace Relier.Notifications;

/// <summary>Tells one alert at one place, at least once; a place that fails is tried again by itself, and set aside for people in the end.</summary>
internal sealed class AlertDelivery(IStorage storage, IEnumerable<IAlertSink> sinks) : IJobHandler
{
    public const string Kind = "alert.deliver";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public static string SubjectOf(Alert alert, string sink) => $"{alert.Id}/{sink}";

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var (id, name) = job.Subject.Split('/') is [var first, var second] ? (Id<Alert>.Parse(first), second) : throw new FormatException($"Job {job.Id} is about '{job.Subject}'; expected ALERT/PLACE.");
        var sink = sinks.FirstOrDefault(sink => sink.Name == name)
            ?? throw new InvalidOperationException($"Alerts are not told at '{name}' by this process; give all processes the same settings.");
        var alert = await storage.RunAsync(job.Tenant, session => session.Alerts.FindAsync(id, cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Job {job.Id} is about alert {id}, which is not there.");

        // Die behind this line and it is told again, under the same id.
        await sink.SendAsync(job.Tenant, alert, cancellationToken);
        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }
}
