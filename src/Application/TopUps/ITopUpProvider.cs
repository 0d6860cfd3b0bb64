using NodaTime;

namespace Relier.TopUps;

/// <summary>
/// Somebody who recharges phones for us. An adapter translates; it decides nothing and repeats nothing: one call of
/// <see cref="SubmitAsync"/> is at most one order at the provider. What the provider says is told as the closed outcomes;
/// an adapter throws only for its own bugs.
/// </summary>
public interface ITopUpProvider
{
    /// <summary>Who it is and what it delivers. Read at every order, so it must be cheap.</summary>
    ProviderOffer Offer { get; }

    /// <summary>
    /// Submits once. Whatever cannot be recognised is <see cref="SubmitOutcome.Unknown"/>, as is no answer before the
    /// deadline. Cancelling gives up waiting, not the order: the outcome is then unknown too, and not thrown.
    /// </summary>
    Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken);

    /// <summary>Asks what became of a submission. Moves no money.</summary>
    Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken);

    /// <summary>Whether the provider would let us in now: authenticates and nothing else.</summary>
    Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>One submission, as committed before it is made.</summary>
/// <param name="TopUp">The top-up.</param>
/// <param name="Reference">Our reference with the provider: unique for ever.</param>
/// <param name="Phone">The phone.</param>
/// <param name="Operator">Whose number it is.</param>
/// <param name="Product">The provider's product.</param>
/// <param name="Send">The amount to send.</param>
/// <param name="Timeout">How long an answer is waited for.</param>
public sealed record Submission(
    Id<TopUp> TopUp, string Reference, Msisdn Phone, string Operator, string Product, Money Send, Duration Timeout);

/// <summary>Whether a provider would let us in.</summary>
/// <param name="Healthy">Whether it would.</param>
/// <param name="Detail">What it said, for people of the house.</param>
public sealed record ProbeOutcome(bool Healthy, string Detail);
