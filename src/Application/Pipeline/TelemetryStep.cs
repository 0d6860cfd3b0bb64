using System.Diagnostics;
using System.Diagnostics.Metrics;
using Relier.Identity;

namespace Relier.Pipeline;

/// <summary>A span and a duration per use case. Names and counts only: no phone, no amount, no secret.</summary>
internal sealed class TelemetryStep<TUseCase, TOutcome>(Caller caller) : Step<TUseCase, TOutcome>
{
    protected override async Task<TOutcome> HandleAsync(TUseCase useCase, Func<Task<TOutcome>> next, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Source.StartActivity(typeof(TUseCase).Name);
        activity?.SetTag("relier.tenant.id", caller.Tenant.Value);
        var started = Stopwatch.GetTimestamp();
        var outcome = "error";
        try
        {
            var answer = await next();
            outcome = Telemetry.WordFor(answer);
            return answer;
        }
        finally
        {
            activity?.SetTag("relier.outcome", outcome);
            Telemetry.UseCaseDuration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                new KeyValuePair<string, object?>("use_case", typeof(TUseCase).Name), new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}

/// <summary>Where spans and measurements of Relier come from; listen to the name <c>Relier</c>.</summary>
public static class Telemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "Relier";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);
    internal static readonly Histogram<double> UseCaseDuration = Meter.CreateHistogram<double>("relier.use_case.duration", "s", "Time a use case took.");
    internal static readonly Counter<long> TopUps = Meter.CreateCounter<long>("relier.topups", "{topup}", "Top-ups decided, by outcome.");
    internal static readonly Histogram<double> ProviderDuration = Meter.CreateHistogram<double>("relier.provider.request.duration", "s", "Time a provider took to answer.");
    internal static readonly Counter<long> Jobs = Meter.CreateCounter<long>("relier.jobs", "{job}", "Jobs run, by kind and outcome.");

    internal static string WordFor(object? outcome) =>
        outcome is IOutcome { Refusal: { } refusal } ? refusal.Code : "ok";
}
