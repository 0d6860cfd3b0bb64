using NodaTime;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>A provider as one process reaches it: over a line that fails.</summary>
internal sealed class FaultyProvider(SimulatedProcess process, Stage stage, ITopUpProvider inner, Faults faults) : ITopUpProvider
{
    public ProviderOffer Offer => inner.Offer;

    public IProviderCallbacks? Callbacks => inner.Callbacks;

    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        faults.Tell($"{process.Name} submits {submission.Reference} to {Offer.Provider}");
        if (faults.Strikes(Fault.ProviderThrowsBefore, process)) throw new HttpRequestException("Simulated: nothing was sent.");
        var begun = stage.Now;
        var outcome = await stage.CallAsync<SubmitOutcome>(
            process, submission.Reference,
            // A connection that was given up carries nothing any more.
            () => stage.Now - begun > submission.Timeout ? Timeout() : Finished(inner.SubmitAsync(submission, CancellationToken.None)),
            isOnNetwork: true, cancellationToken);
        if (faults.Strikes(Fault.ProviderThrowsAfter, process)) throw new HttpRequestException("Simulated: the answer broke off.");
        if (faults.Strikes(Fault.AnswerLate, process)) await stage.DelayAsync(process, submission.Timeout, cancellationToken);
        return stage.Now - begun >= submission.Timeout || faults.Strikes(Fault.AnswerLost, process) ? Timeout() : outcome;
    }

    public async Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        var answer = await stage.CallAsync(
            process, "look-up", () => Finished(inner.LookUpAsync(submission, transactionId, CancellationToken.None)), isOnNetwork: true, cancellationToken);
        if (faults.Strikes(Fault.ProviderThrowsAfter, process)) throw new HttpRequestException("Simulated: the answer broke off.");
        return faults.Strikes(Fault.AnswerLost, process) ? new LookupOutcome.Unavailable("Simulated: no answer.") : answer;
    }

    public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) =>
        stage.CallAsync(process, "probe", () => Finished(inner.ProbeAsync(CancellationToken.None)), isOnNetwork: true, cancellationToken);

    public Task<Money?> BalanceAsync(CancellationToken cancellationToken) =>
        stage.CallAsync(process, "balance", () => Finished(inner.BalanceAsync(CancellationToken.None)), isOnNetwork: true, cancellationToken);

    public Task<IReadOnlyList<string>?> CatalogueAsync(CancellationToken cancellationToken) =>
        stage.CallAsync(process, "catalogue", () => Finished(inner.CatalogueAsync(CancellationToken.None)), isOnNetwork: true, cancellationToken);

    public async Task<ReverseOutcome> ReverseAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        var answer = await stage.CallAsync(
            process, "reversal", () => Finished(inner.ReverseAsync(submission, transactionId, CancellationToken.None)), isOnNetwork: true, cancellationToken);
        return faults.Strikes(Fault.AnswerLost, process) ? new ReverseOutcome.Unknown("Simulated: no answer.") : answer;
    }

    private static SubmitOutcome Timeout() => new SubmitOutcome.Unknown("timeout", "Simulated: no answer in time.");

    private static T Finished<T>(Task<T> call) => call.IsCompleted
        ? call.GetAwaiter().GetResult()
        : throw new InvalidOperationException("A simulated provider answers at once; what delays it is ours.");
}
