using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.TopUps;

namespace Relier.Latcom;

/// <summary>
/// Top-ups through Latcom: Movistar numbers in Mexico. Thread-safe; one instance serves a process, and keeps one login
/// for all that it does.
/// </summary>
/// <remarks>
/// An order is sent once. The only repetition is the same reference after an answer of 401, because Latcom authenticates
/// before it looks at an order. What ends before the first byte of an order has left is <c>NotSent</c>; after that,
/// whatever is not plainly a yes or a listed no is <c>Unknown</c>. The README of the package has the whole table.
/// </remarks>
public sealed class LatcomProvider : ITopUpProvider, IDisposable
{
    /// <summary>The provider's id in offers, attempts and policies: <c>latcom</c>.</summary>
    public const string ProviderId = "latcom";

    // What Latcom's own client waited for a status.
    private static readonly TimeSpan LookupTimeoutMax = TimeSpan.FromSeconds(10);

    private readonly LatcomCatalogue _catalogue;
    private readonly LatcomVerdict _verdict;
    private readonly LatcomHttp _http;
    private readonly LatcomSession _session;
    private readonly TimeSpan _timeout;
    private readonly ILogger _logger;

    /// <summary>A provider with its own connections. The options are read once, here.</summary>
    /// <param name="options">Where, who, and what is sold.</param>
    /// <param name="clock">Ages the login. Waiting for the network is in the machine's time, whatever this says.</param>
    /// <param name="logger">Told of logins and of unknown outcomes; never of secrets, bodies or full phone numbers.</param>
    /// <exception cref="ArgumentException">Something is wrong with the options; the message lists all of it.</exception>
    public LatcomProvider(LatcomOptions options, IClock clock, ILogger<LatcomProvider> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(logger);
        if (options.ListProblems() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));

        _catalogue = new LatcomCatalogue(options);
        _verdict = new LatcomVerdict(options);
        _http = new LatcomHttp(options);
        _session = new LatcomSession(_http, options, clock, logger);
        _timeout = options.Timeout;
        _logger = logger;
    }

    /// <inheritdoc/>
    public ProviderOffer Offer => _catalogue.Offer;

    /// <inheritdoc/>
    /// <remarks>
    /// Waits for the shorter of the submission's and the options' timeout, login included. A product that is not offered
    /// (any more) is <c>NotSent</c> with <c>product_not_offered</c>.
    /// </remarks>
    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (_catalogue.OrderOf(submission) is not { } order)
            return new SubmitOutcome.NotSent(LatcomCodes.ProductNotOffered, $"Product '{submission.Product}' for {submission.Send} is not on offer.");

        using var deadline = Deadline(submission.Timeout, _timeout, cancellationToken);
        var reply = await _session.CallAsync(HttpMethod.Post, "api/tn/fast", order, deadline.Token).ConfigureAwait(false);

        var outcome = !reply.Left && cancellationToken.IsCancellationRequested
            ? new SubmitOutcome.Unknown(LatcomCodes.Timeout, "The caller stopped waiting.")
            : _verdict.OfSubmission(submission, reply);
        Log(submission, outcome);
        return outcome;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// By Latcom's transaction id only: it cannot be asked by our reference. Waits 10 seconds at most. A row that does not
    /// carry our reference, amount and product proves nothing.
    /// </remarks>
    public async Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (string.IsNullOrWhiteSpace(transactionId))
            return new LookupOutcome.Unavailable("Latcom gave no transaction id, and cannot be asked by our reference.");

        using var deadline = Deadline(submission.Timeout, _timeout < LookupTimeoutMax ? _timeout : LookupTimeoutMax, cancellationToken);
        var path = "api/transaction/" + Uri.EscapeDataString(transactionId.Trim());
        var reply = await _session.CallAsync(HttpMethod.Get, path, body: null, deadline.Token).ConfigureAwait(false);
        return _verdict.OfLookup(submission, transactionId, reply);
    }

    /// <inheritdoc/>
    /// <remarks>Always logs in anew, or joins a login under way; the token that comes of it is used for what follows.</remarks>
    public async Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken)
    {
        var login = await _session.LogInAsync(cancellationToken).ConfigureAwait(false);
        return login.Refusal is { } refusal
            ? new ProbeOutcome(false, $"{refusal.Trouble}: {refusal.Detail}")
            : new ProbeOutcome(true, "Logged in.");
    }

    /// <summary>Closes the connections. Orders under way come out as unknown.</summary>
    public void Dispose() => _http.Dispose();

    private void Log(Submission submission, SubmitOutcome outcome)
    {
        switch (outcome)
        {
            case SubmitOutcome.Unknown unknown:
                _logger.OutcomeUnknown(submission.Reference, submission.Phone.Masked, unknown.Code, unknown.Message);
                break;
            case SubmitOutcome.NotSent notSent:
                _logger.NotSent(submission.Reference, notSent.Code, notSent.Message);
                break;
            default:
                _logger.Answered(submission.Reference, outcome.GetType().Name);
                break;
        }
    }

    // In the machine's time and not the clock's: the network does not know of a clock that was set.
    private static CancellationTokenSource Deadline(Duration wanted, TimeSpan most, CancellationToken cancellationToken)
    {
        var time = wanted > Duration.FromTimeSpan(most) ? most : Duration.Max(wanted, Duration.Zero).ToTimeSpan();
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (time == TimeSpan.Zero) deadline.Cancel(); // a timer of zero lets the order slip out first
        else deadline.CancelAfter(time);
        return deadline;
    }
}
