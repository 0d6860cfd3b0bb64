using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Customers;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Pipeline;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.TopUps;

/// <summary>
/// The second and third act of a top-up: submit once, then settle; and looking up what is not known. The waiting
/// request and the job loop run the same functions, also after a crash: where a top-up stands says what is left to do.
/// </summary>
internal sealed partial class TopUpWork(
    IStorage storage, Providers providers, Alerts alerts, JobRunner runner, IClock clock, RelierOptions options, ILogger<TopUpWork> logger)
    : IJobHandler
{
    public const string KindPrefix = "topup.";
    public const string SubmitKind = KindPrefix + "submit";
    public const string CheckKind = KindPrefix + "check";

    public IReadOnlyList<string> Kinds { get; } = [SubmitKind, CheckKind];

    /// <summary>As long as an outcome is not known it is asked for, whatever goes wrong with the asking.</summary>
    public bool GivesUp(string kind) => kind != CheckKind;

    /// <summary>Beside what the provider may take, long enough for a storage that is away: an answer in hand is worth waiting for it.</summary>
    public Duration? TimeLimitOf(string kind) => options.ProviderTimeout + Duration.FromMinutes(5);

    /// <summary>Runs a job that this process holds the lease of, to its end; the task never fails.</summary>
    public Task Run(Job job) => runner.Run(job, this);

    public Task RunAsync(Job job, CancellationToken cancellationToken) =>
        job.Kind == SubmitKind ? SubmitAsync(job, cancellationToken) : CheckAsync(job, cancellationToken);

    private async Task SubmitAsync(Job job, CancellationToken cancellationToken)
    {
        for (var triesElsewhere = true; triesElsewhere;)
        {
            // Die before this commit: nothing was sent, the next owner of the job submits.
            if (await BeginAsync(job, cancellationToken) is not { } topUp) return;
            // Die from here to the last commit: the next owner finds the attempt open and calls it unknown. Nobody submits again.
            var attempt = topUp.OpenAttempt!;
            var outcome = await SubmitToProviderAsync(topUp, attempt, cancellationToken);
            triesElsewhere = await SettleAsync(job, topUp.Id, attempt, outcome, cancellationToken);
        }
    }

    /// <summary>
    /// Commits the attempt before any byte leaves; null when there is nothing to submit any more. A commit that was not confirmed
    /// is looked for: if the open attempt is the one just written, nobody has sent it yet, and it is ours to begin again and send.
    /// </summary>
    private async Task<TopUp?> BeginAsync(Job job, CancellationToken cancellationToken)
    {
        var written = new List<Attempt>();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await storage.RunAsync(job.Tenant, session => BeginAsync(session, job, written, cancellationToken), cancellationToken);
            }
            catch (StorageUnavailableException error) when (written.Count > 0 && tries < 6)
            {
                LogBeginDelayed(error, job.Subject, tries);
                await clock.DelayAsync(Duration.FromSeconds(1 << (tries - 1)), cancellationToken);
            }
            catch (StaleVersionException) when (written.Count > 1 && tries < 6)
            {
                // The commit that was not confirmed was still under way when we looked; now it is done.
            }
        }
    }

    private async Task<TopUp?> BeginAsync(ISession session, Job job, List<Attempt> written, CancellationToken cancellationToken)
    {
        var topUp = await FindAsync(session, job, cancellationToken);
        var now = clock.Now();
        switch (topUp.State)
        {
            case TopUpState.Reserved:
                var offer = Provider(topUp)?.Offer;
                var begun = topUp.Begin(offer?.Environment ?? ProviderEnvironment.Production, now, offer?.References ?? ReferenceFormat.Text);
                written.Add(begun.Value.OpenAttempt!);
                return await session.TopUps.UpdateAsync(begun.Value, cancellationToken);
            case TopUpState.Submitting when written.Any(attempt => (attempt.No, attempt.StartedAt, attempt.ProviderReference) == (topUp.OpenAttempt!.No, topUp.OpenAttempt.StartedAt, topUp.OpenAttempt.ProviderReference)):
                // Written once more, with the time at which it is really sent; and should somebody call it unknown meanwhile, one of us two is too late.
                var again = topUp.BeginAgain(now).Value;
                written.Add(again.OpenAttempt!);
                return await session.TopUps.UpdateAsync(again, cancellationToken);
            case TopUpState.Submitting:
                var lost = new SubmitOutcome.Unknown("process_lost", "The process that submitted it ended without saying what came of it.");
                await ApplyAsync(session, topUp, topUp.Settle(topUp.OpenAttempt!.No, lost, now), cancellationToken);
                await session.Jobs.CompleteAsync(job, cancellationToken);
                return null;
            default:
                await session.Jobs.CompleteAsync(job, cancellationToken);
                return null;
        }
    }

    private async Task<SubmitOutcome> SubmitToProviderAsync(TopUp topUp, Attempt attempt, CancellationToken cancellationToken)
    {
        if (Provider(topUp) is not { } provider)
            return new SubmitOutcome.NotSent("provider_not_configured", $"There is no provider '{attempt.Provider}' here.");

        var started = Stopwatch.GetTimestamp();
        var outcome = await providers.SubmitAsync(provider, ToSubmission(topUp, attempt), cancellationToken);
        var word = outcome.GetType().Name;
        Telemetry.ProviderDuration.Record(
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            new KeyValuePair<string, object?>("provider", attempt.Provider), new KeyValuePair<string, object?>("outcome", word));
        LogSubmitted(topUp.Id.Value, topUp.Phone.Masked, attempt.Provider, word);
        return outcome;
    }

    /// <summary>
    /// Writes what came of it, together with what the money does and the end of the job. An answer in hand is worth some
    /// patience with storage; if it is lost all the same, the outcome becomes unknown and is looked up. True when the
    /// order is to be tried with the next provider, and the job goes on.
    /// </summary>
    private async Task<bool> SettleAsync(Job job, Id<TopUp> id, Attempt attempt, SubmitOutcome outcome, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var standings = TopUp.MayBeTriedElsewhere(attempt, outcome) ? await providers.StandingsAsync(job.Tenant, cancellationToken) : [];
                return await storage.RunAsync(
                    job.Tenant,
                    async session =>
                    {
                        var topUp = await FindAsync(session, job, cancellationToken);
                        var next = await NextAsync(session, topUp, attempt, outcome, standings, cancellationToken);
                        var after = await ApplyAsync(session, topUp, topUp.Settle(attempt.No, outcome, clock.Now(), next), cancellationToken);
                        if (after.State == TopUpState.Reserved) return true;
                        await session.Jobs.CompleteAsync(job, cancellationToken);
                        return false;
                    },
                    cancellationToken);
            }
            catch (StaleVersionException) when (tries < 10)
            {
                // Evidence or another worker was faster; decide again on what is there now.
            }
            catch (StorageUnavailableException error) when (tries < 6)
            {
                LogSettleDelayed(error, id.Value, tries);
                await clock.DelayAsync(Duration.FromSeconds(1 << (tries - 1)), cancellationToken);
            }
        }
    }

    private async Task<Route?> NextAsync(
        ISession session, TopUp topUp, Attempt attempt, SubmitOutcome outcome, ImmutableArray<ProviderStanding> standings, CancellationToken cancellationToken)
    {
        if (!TopUp.MayBeTriedElsewhere(attempt, outcome)) return null;
        var customer = await session.Customers.FindAsync(topUp.Customer, cancellationToken);
        return Routing.Next(topUp, providers.Offers, customer!.Policies.PinnedProvider, standings);
    }

    private async Task CheckAsync(Job job, CancellationToken cancellationToken)
    {
        var topUp = await storage.RunAsync(job.Tenant, session => FindAsync(session, job, cancellationToken), cancellationToken);
        LookupOutcome outcome = new LookupOutcome.Unavailable("There is nothing to ask about.");
        if (topUp.OpenAttempt is { } attempt)
        {
            outcome = await LookUpAsync(topUp, attempt, cancellationToken);
        }

        await storage.RunAsync(
            job.Tenant,
            async session =>
            {
                // Somebody else has this look-up now, and learns the same.
                if (!await session.Jobs.CompleteAsync(job, cancellationToken)) return false;
                var before = await FindAsync(session, job, cancellationToken);
                var now = clock.Now();
                var settlement = before.Weigh(outcome, Provider(before)?.Offer.NotFoundFinalAfter, Ids.New<Evidence>("evd", now), now);
                await ApplyAsync(session, before, settlement, cancellationToken);
                if (before.NextCheckAt is not null && settlement.TopUp.NextCheckAt is { } next)
                    await session.Jobs.AddAsync(NewCheck(job.Tenant, before, next, now), cancellationToken);
                return true;
            },
            cancellationToken);
    }

    private async Task<LookupOutcome> LookUpAsync(TopUp topUp, Attempt attempt, CancellationToken cancellationToken)
    {
        if (Provider(topUp) is not { } provider) return new LookupOutcome.Unavailable($"There is no provider '{attempt.Provider}' here.");
        try
        {
            return await provider.LookUpAsync(ToSubmission(topUp, attempt), attempt.TransactionId, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // An adapter that throws has a bug; the schedule of look-ups must not end because of it.
            LogAdapterError(error, topUp.Id.Value, attempt.Provider);
            return new LookupOutcome.Unavailable("adapter_error");
        }
    }

    /// <summary>Writes a settlement: the top-up, what its money does, and the first look-up when its outcome became unknown.</summary>
    public async Task<TopUp> ApplyAsync(ISession session, TopUp before, Settlement settlement, CancellationToken cancellationToken)
    {
        if (settlement.TopUp == before) return before;
        var after = await session.TopUps.UpdateAsync(settlement.TopUp, cancellationToken);
        await MoveAsync(session, after, settlement, cancellationToken);
        if (after.UnknownSince != before.UnknownSince) providers.Forget(session.Tenant);
        if (before.NextCheckAt is null && after.NextCheckAt is { } next)
            await session.Jobs.AddAsync(NewCheck(session.Tenant, after, next, clock.Now()), cancellationToken);
        if (after.IsFinal && after.State != before.State)
            Telemetry.TopUps.Add(
                1, new KeyValuePair<string, object?>("provider", after.Route?.Provider), new KeyValuePair<string, object?>("outcome", TopUpStates.Word(after.State)));
        return after;
    }

    private async Task MoveAsync(ISession session, TopUp topUp, Settlement settlement, CancellationToken cancellationToken)
    {
        var move = settlement.Money;
        if (move == MoneyMove.None) return;
        var now = clock.Now();
        var journal = Ids.New<Journal>("jnl", now);
        var account = await session.Ledger.LockAsync(topUp.Account, cancellationToken)
            ?? throw new InvalidOperationException($"Top-up {topUp.Id} was charged to account {topUp.Account}, which is not there.");
        switch (move)
        {
            case MoneyMove.Capture:
                await BookAsync(session, account, PostingTable.TopUpCaptured(journal, now, account, topUp.ToCharge()), cancellationToken);
                await EndHoldAsync(session, topUp, HoldState.Captured, now, cancellationToken);
                break;
            case MoneyMove.Release:
                await session.Ledger.UpdateAsync(account.Release(topUp.ToCharge().Charge), cancellationToken);
                await EndHoldAsync(session, topUp, HoldState.Released, now, cancellationToken);
                await session.TopUps.AddUseAsync(topUp.Customer, topUp.Day, -topUp.Face, cancellationToken);
                break;
            case MoneyMove.ChargeLate:
                var customer = await session.Customers.FindAsync(topUp.Customer, cancellationToken);
                if (customer!.Policies.LateDelivery == LateDeliveryPolicy.Customer)
                    await BookAsync(session, account, PostingTable.LateDeliveryPaidByCustomer(journal, now, account, topUp.ToCharge()), cancellationToken);
                else
                {
                    await session.Ledger.PostAsync(PostingTable.LateDeliveryPaidByHouse(journal, now, topUp.ToCharge()), cancellationToken);
                    // Nothing of it changes but the version, for those who decide the next order by the use of the day that they know.
                    await session.Ledger.UpdateAsync(account, cancellationToken);
                }

                await session.TopUps.AddUseAsync(topUp.Customer, topUp.Day, topUp.Face, cancellationToken);
                LogLateDelivery(topUp.Id.Value);
                break;
            case MoneyMove.Refund:
                var capture = await session.Ledger.FindJournalAsync(JournalKind.TopUpCaptured, topUp.Id.Value, cancellationToken)
                    ?? throw new InvalidOperationException($"Top-up {topUp.Id} is to be refunded and was never captured.");
                await BookAsync(session, account, PostingTable.TopUpReversed(journal, now, account, capture), cancellationToken);
                await session.TopUps.AddUseAsync(topUp.Customer, topUp.Day, -topUp.Face, cancellationToken);
                break;
            case MoneyMove.CaptureAndRefund:
                var captured = PostingTable.TopUpCaptured(journal, now, account, topUp.ToCharge());
                var refunded = PostingTable.TopUpReversed(Ids.New<Journal>("jnl", now), now, captured.Account, captured.Journal);
                await session.Ledger.PostAsync(captured.Journal, cancellationToken);
                await BookAsync(session, account, refunded, cancellationToken);
                await EndHoldAsync(session, topUp, HoldState.Captured, now, cancellationToken);
                await session.TopUps.AddUseAsync(topUp.Customer, topUp.Day, -topUp.Face, cancellationToken);
                break;
            case MoneyMove.BookLoss:
                var lost = settlement.Lost!;
                await session.Ledger.PostAsync(PostingTable.DeliveredBeside(journal, now, lost.ProviderReference, lost.Provider, lost.Route.Cost), cancellationToken);
                LogDeliveredBeside(topUp.Id.Value, lost.Provider);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(move), move, "Not a move this version knows.");
        }
    }

    private async Task BookAsync(ISession session, Account before, Booking booking, CancellationToken cancellationToken)
    {
        await session.Ledger.UpdateAsync(booking.Account, cancellationToken);
        await session.Ledger.PostAsync(booking.Journal, cancellationToken);
        await alerts.AfterMoveAsync(session, before, booking.Account, cancellationToken);
    }

    private static async Task EndHoldAsync(ISession session, TopUp topUp, HoldState how, Instant now, CancellationToken cancellationToken)
    {
        var hold = await session.Ledger.FindHoldAsync(topUp.Id.Value, cancellationToken)
            ?? throw new InvalidOperationException($"Top-up {topUp.Id} has no hold.");
        await session.Ledger.EndHoldAsync(hold.End(how, now), cancellationToken);
    }

    private static async Task<TopUp> FindAsync(ISession session, Job job, CancellationToken cancellationToken) =>
        await session.TopUps.FindAsync(Id<TopUp>.Parse(job.Subject), cancellationToken)
        ?? throw new InvalidOperationException($"Job {job.Id} is about top-up {job.Subject}, which is not there.");

    private ITopUpProvider? Provider(TopUp topUp)
    {
        var name = topUp.OpenAttempt?.Provider ?? topUp.Route?.Provider;
        return name is null ? null : providers.Find(name);
    }

    public Submission ToSubmission(TopUp topUp, Attempt attempt) => new(
        topUp.Id, attempt.ProviderReference, topUp.Phone, attempt.Route.Operator, attempt.Route.Product, attempt.Route.Send, options.ProviderTimeout);

    private static Job NewCheck(TenantId tenant, TopUp topUp, Instant at, Instant now) => new()
    {
        Id = Ids.New<Job>("job", now), Tenant = tenant, Party = topUp.Customer.Value, Kind = CheckKind, Subject = topUp.Id.Value, RunAt = at, CreatedAt = now,
    };

    [LoggerMessage(1001, LogLevel.Information, "Top-up {TopUp} for {Phone} was submitted to {Provider}: {Outcome}")]
    private partial void LogSubmitted(string topUp, string phone, string provider, string outcome);

    [LoggerMessage(1002, LogLevel.Error, "The adapter of {Provider} threw over top-up {TopUp}; nothing was learnt from it")]
    private partial void LogAdapterError(Exception error, string topUp, string provider);

    [LoggerMessage(1007, LogLevel.Warning, "Storage was unavailable while beginning to submit top-up {TopUp}, try {Try}")]
    private partial void LogBeginDelayed(Exception error, string topUp, int @try);

    [LoggerMessage(1003, LogLevel.Warning, "Storage was unavailable while settling top-up {TopUp}, try {Try}")]
    private partial void LogSettleDelayed(Exception error, string topUp, int @try);

    [LoggerMessage(1004, LogLevel.Error, "Top-up {TopUp} was delivered after its hold was released")]
    private partial void LogLateDelivery(string topUp);

    [LoggerMessage(1005, LogLevel.Error, "Top-up {TopUp} was delivered by {Provider} beside the delivery that was charged")]
    private partial void LogDeliveredBeside(string topUp, string provider);
}
