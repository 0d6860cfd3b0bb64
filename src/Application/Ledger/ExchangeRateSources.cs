using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Jobs;
using Relier.Storage;

namespace Relier.Ledger;

/// <summary>Somewhere rates of exchange come from by themselves. An adapter translates; what is believed is decided here.</summary>
public interface IExchangeRateSource
{
    /// <summary>Its name, as it stands on the rates it gave: <c>file</c>, <c>http:rates.example</c>.</summary>
    string Name { get; }

    /// <summary>The rates it has now. Throws when it cannot say; never makes one up.</summary>
    Task<IReadOnlyList<ExchangeRate>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Asks the sources and enters what is new. A rate from the future, or one that differs from the one before by more than
/// the installation allows, is left to people: a comma in the wrong place would charge everybody wrongly.
/// </summary>
internal sealed partial class ExchangeRateWork(
    IEnumerable<IExchangeRateSource> sources, IStorage storage, IClock clock, RelierOptions options, ILogger<ExchangeRateWork> logger) : IJobHandler
{
    public const string Kind = "fx.refresh";

    private static readonly Duration ClockSkewMax = Duration.FromMinutes(5);

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var source in sources)
        {
            try
            {
                foreach (var rate in await source.ReadAsync(cancellationToken)) await EnterAsync(job, rate with { Source = source.Name }, cancellationToken);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                // The other sources are asked all the same; the job is tried again for this one.
                LogSourceFailed(error, source.Name);
                failures.Add(error);
            }
        }

        if (failures.Count > 0) throw new InvalidOperationException($"{failures.Count} sources of rates failed: {failures[0].Message}", failures[0]);
        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }

    private async Task EnterAsync(Job job, ExchangeRate rate, CancellationToken cancellationToken)
    {
        if (rate.AsOf > clock.Now() + ClockSkewMax)
        {
            LogRefused(rate.Pair, rate.Rate.ToString(), rate.Source, "it is from the future");
            return;
        }

        try
        {
            await storage.RunAsync(
                job.Tenant,
                async session =>
                {
                    var before = await session.ExchangeRates.FindAsync(rate.Base, rate.Quote, clock.Now(), cancellationToken);
                    if (before is not null && before.AsOf >= rate.AsOf) return false;
                    if (before is not null && rate.DiffersBy(before) > options.ExchangeRateJumpMax.Value)
                    {
                        LogRefused(rate.Pair, rate.Rate.ToString(), rate.Source, $"the one before is {before.Into(rate.Quote)}");
                        return false;
                    }

                    await session.ExchangeRates.AddAsync(rate, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            // Another process entered the same rate of the same time.
        }
    }

    [LoggerMessage(1041, LogLevel.Error, "Rates of exchange could not be read from {Source}")]
    private partial void LogSourceFailed(Exception error, string source);

    [LoggerMessage(1042, LogLevel.Error, "The rate {Rate} for {Pair} from {Source} was not entered: {Reason}. Enter it by hand if it is right")]
    private partial void LogRefused(string pair, string rate, string source, string reason);
}
