using NodaTime;
using Relier.Archiving;
using Relier.TopUps;

namespace Relier;

/// <summary>What an installation may set. The defaults are those of docs/operating.</summary>
public sealed class RelierOptions
{
    /// <summary>How long a provider may take to answer before the outcome counts as unknown. Default 30 s; 1 s to 5 minutes.</summary>
    public Duration ProviderTimeout { get; set; } = Duration.FromSeconds(30);

    /// <summary>How old a rate of exchange may be to charge by. Default 24 h; null for any age. Older ones refuse orders with <c>fx_unavailable</c>.</summary>
    public Duration? ExchangeRateAgeMax { get; set; } = Duration.FromHours(24);

    /// <summary>By how much a rate from a source may differ from the one before and still be believed. Default a tenth; 0.001 to 1. A person may enter any.</summary>
    public Ratio ExchangeRateJumpMax { get; set; } = Ratio.Percent(10m);

    /// <summary>When submissions to a provider pause because they fail. Default: half of at least 10 within 30 s, for 30 s.</summary>
    public BreakerRule Breaker { get; set; } = BreakerRule.Default;

    /// <summary>How much may be unknown with one provider before it gets nothing more. Default: 5 top-ups or 100 USD within ten minutes.</summary>
    public ExposureLimit ExposureLimit { get; set; } = ExposureLimit.Default;

    /// <summary>How long a job belongs to who claimed it before others may take it. Prolonged while it runs. Default 60 s; longer than a pause of the process ever is.</summary>
    public Duration JobLease { get; set; } = Duration.FromSeconds(60);

    /// <summary>How many jobs of one kind one process works on at once, where <see cref="JobConcurrencyOf"/> says nothing else. Default 20; 1 to 1,000. A kind that is full delays no other.</summary>
    public int JobConcurrency { get; set; } = 20;

    /// <summary>
    /// The same for single kinds. Default: 5 for <c>topup.submit</c>, because providers bear few at once. By the time a provider takes, it bounds
    /// what a process delivers: 5 at 7 s are 43 a minute. Orders whose caller waits are not counted.
    /// </summary>
    public IDictionary<string, int> JobConcurrencyOf { get; } = new Dictionary<string, int> { [TopUps.TopUpWork.SubmitKind] = 5 };

    /// <summary>
    /// How long a job may take before it is cut off and tried again later, where neither <see cref="JobTimeLimitOf"/> nor the work itself
    /// says something else. Default 10 minutes; at least 1 s. A top-up says: five minutes more than <see cref="ProviderTimeout"/>.
    /// </summary>
    public Duration JobTimeLimit { get; set; } = Duration.FromMinutes(10);

    /// <summary>The same for single kinds.</summary>
    public IDictionary<string, Duration> JobTimeLimitOf { get; } = new Dictionary<string, Duration>();

    /// <summary>How often due jobs are looked for when nobody says that there are any. Default 1 s; 50 ms to 1 minute.</summary>
    public Duration JobPolling { get; set; } = Duration.FromSeconds(1);

    /// <summary>How long a stopping process lets what is under way go on, all of it together, from the order to stop. Default 25 s.</summary>
    public Duration ShutdownGrace { get; set; } = Duration.FromSeconds(25);

    /// <summary>The name of this process in job leases and lifetime counters. Default: machine name and process id. Must differ between processes.</summary>
    public string ProcessName { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>How many prefixes of decks are kept in memory, about 20 bytes each, before those not used for longest are let go. Default 20 million; at least 1,000.</summary>
    public long DeckPrefixesMax { get; set; } = 20_000_000;

    /// <summary>
    /// How many lines of a file of calls are charged in one transaction. Many, so that an account is booked once for many calls; few, so that others
    /// who want its balance do not wait for seconds. Default 20,000; 1 to 100,000.
    /// </summary>
    public int ImportLinesAtOnce { get; set; } = 20_000;

    /// <summary>
    /// How long calls and reports stay in the storage, and then in the archive. Default 90 days and 24 months; 1 to 3,650 days, 1 to 1,200 months. Ignored
    /// without an archive: then nothing is moved and nothing is deleted. In India call records must be kept for at least 24 months.
    /// </summary>
    public Retention Retention { get; set; } = Retention.Default;

    /// <summary>How many lines a part of the archive has. Its rows leave the storage in one transaction. Default 20,000; 1 to 100,000.</summary>
    public int ArchiveLinesAtOnce { get; set; } = 20_000;

    /// <summary>Where jobs run: the thread pool, except in a simulation, which does one thing at a time.</summary>
    internal TaskScheduler WorkScheduler { get; set; } = TaskScheduler.Default;

    /// <summary>How a moment is waited for in which cut-off work may end: by the machine, whatever the clock says, except in a simulation.</summary>
    internal Func<TimeSpan, Task> WaitForEnding { get; set; } = Task.Delay;

    /// <summary>Everything that is wrong with these values; empty when they will do.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProviderTimeout < Duration.FromSeconds(1) || ProviderTimeout > Duration.FromMinutes(5)) yield return $"ProviderTimeout is {ProviderTimeout}; expected 1 s to 5 minutes.";
        if (ExchangeRateAgeMax is { } age && age < Duration.FromMinutes(1)) yield return $"ExchangeRateAgeMax is {age}; expected at least 1 minute.";
        if (ExchangeRateJumpMax.Value is < 0.001m or > 1m) yield return $"ExchangeRateJumpMax is {ExchangeRateJumpMax}; expected 0.001 to 1.";
        if (Breaker.FailureShare is < 0.01m or > 1m || Breaker.SubmissionsMin < 2 || Breaker.Window < Duration.FromMilliseconds(500) || Breaker.Pause < Duration.FromMilliseconds(500))
            yield return $"Breaker is {Breaker}; expected a share of 0.01 to 1, 2 submissions or more, and times of 0.5 s or more.";
        if (ExposureLimit.CountMax < 1) yield return $"ExposureLimit counts to {ExposureLimit.CountMax}; expected 1 or more.";
        if (JobLease < Duration.FromSeconds(1)) yield return $"JobLease is {JobLease}; expected at least 1 s.";
        if (JobConcurrency is < 1 or > 1000) yield return $"JobConcurrency is {JobConcurrency}; expected 1 to 1,000.";
        foreach (var (kind, count) in JobConcurrencyOf)
            if (count is < 1 or > 1000) yield return $"JobConcurrency of '{kind}' is {count}; expected 1 to 1,000.";
        foreach (var (kind, limit) in JobTimeLimitOf.Append(new KeyValuePair<string, Duration>("all", JobTimeLimit)))
            if (limit < Duration.FromSeconds(1)) yield return $"JobTimeLimit of '{kind}' is {limit}; expected at least 1 s.";
        if (JobPolling < Duration.FromMilliseconds(50) || JobPolling > Duration.FromMinutes(1)) yield return $"JobPolling is {JobPolling}; expected 50 ms to 1 minute.";
        if (DeckPrefixesMax < 1000) yield return $"DeckPrefixesMax is {DeckPrefixesMax}; expected 1,000 or more.";
        if (ImportLinesAtOnce is < 1 or > 100_000) yield return $"ImportLinesAtOnce is {ImportLinesAtOnce}; expected 1 to 100,000.";
        if (Retention.HotDays is < 1 or > 3650) yield return $"Retention keeps {Retention.HotDays} days in the storage; expected 1 to 3,650.";
        if (Retention.Months is < 1 or > 1200) yield return $"Retention keeps {Retention.Months} months in the archive; expected 1 to 1,200.";
        if (ArchiveLinesAtOnce is < 1 or > 100_000) yield return $"ArchiveLinesAtOnce is {ArchiveLinesAtOnce}; expected 1 to 100,000.";
        if (ShutdownGrace < Duration.Zero) yield return $"ShutdownGrace is {ShutdownGrace}; expected zero or more.";
        if (string.IsNullOrWhiteSpace(ProcessName) || ProcessName.Length > 100) yield return "ProcessName must have 1 to 100 characters.";
    }
}
