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

    /// <summary>What the provider says we have with it; null when it cannot be asked.</summary>
    Task<Money?> BalanceAsync(CancellationToken cancellationToken) => Task.FromResult<Money?>(null);

    /// <summary>The ids of the products it delivers at present; null when it cannot be asked.</summary>
    Task<IReadOnlyList<string>?> CatalogueAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>?>(null);

    /// <summary>
    /// Asks for a delivered order to be taken back. Asked again for the same submission it answers the same, so it may be
    /// repeated. Cancelling gives up waiting only.
    /// </summary>
    Task<ReverseOutcome> ReverseAsync(Submission submission, string? transactionId, CancellationToken cancellationToken) =>
        Task.FromResult<ReverseOutcome>(new ReverseOutcome.Refused("This provider takes nothing back."));

    /// <summary>Reads what the provider tells unasked; null when it never does.</summary>
    IProviderCallbacks? Callbacks => null;
}

/// <summary>Reads the messages of a provider that calls us. Verifies and translates; moves nothing.</summary>
public interface IProviderCallbacks
{
    /// <summary>What a message says, if it is the provider's.</summary>
    /// <param name="headers">The headers, names in lower case.</param>
    /// <param name="body">The body, as received.</param>
    /// <param name="now">When it came: a message that was signed long ago is refused.</param>
    CallbackReading Read(IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, Instant now);

    /// <summary>What the provider wants to hear when its message was taken in: the type of the content, and the text.</summary>
    (string ContentType, string Text) Acknowledgement { get; }
}

/// <summary>What came of reading a message: a closed set.</summary>
public abstract record CallbackReading
{
    private CallbackReading()
    {
    }

    /// <summary>Not signed by the provider, or too long ago. Nothing of it is believed or kept.</summary>
    public sealed record Forged : CallbackReading;

    /// <summary>The provider's own, but not understood. Kept for people.</summary>
    /// <param name="Reason">What is wrong with it.</param>
    public sealed record Unreadable(string Reason) : CallbackReading;

    /// <summary>Understood.</summary>
    /// <param name="Id">The provider's id of the message: the same one again is the same message.</param>
    /// <param name="Reference">Our reference it is about.</param>
    /// <param name="Verdict">What it says; null when it decides nothing yet.</param>
    /// <param name="TransactionId">The provider's id of the order.</param>
    public sealed record Understood(string Id, string Reference, Verdict? Verdict, string? TransactionId) : CallbackReading;
}

/// <summary>What came of asking for a delivered order to be taken back: a closed set.</summary>
public abstract record ReverseOutcome
{
    private ReverseOutcome()
    {
    }

    /// <summary>It was taken back.</summary>
    /// <param name="Reference">The provider's id for the reversal.</param>
    public sealed record Reversed(string Reference) : ReverseOutcome;

    /// <summary>It will not be.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(string Reason) : ReverseOutcome;

    /// <summary>Nothing was learnt; ask again.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Unknown(string Reason) : ReverseOutcome;
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
