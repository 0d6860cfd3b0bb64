using System.Collections.Immutable;
using System.Globalization;
using NodaTime;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>
/// A provider that recharges nothing and answers by the last three digits of the number, always the same. Remembers
/// what it "delivered", so that money can be compared with the truth. A reference counts once: submitted again it is
/// answered <see cref="SubmitOutcome.Unknown"/> (<c>duplicate_at_provider</c>) and never delivered twice. Thread-safe.
/// <list type="table">
/// <listheader><term>digits</term><description>answer; delivered; look-up</description></listheader>
/// <item><term>001</term><description>Refused ProductUnavailable (-120054); no; not delivered</description></item>
/// <item><term>002</term><description>Refused PlanNotAllowed; no; not delivered</description></item>
/// <item><term>003</term><description>Unknown <c>unrecognised_failure</c>; no; teaches nothing, so people must look into it</description></item>
/// <item><term>004</term><description>Unknown <c>timeout</c>; yes; delivered</description></item>
/// <item><term>005</term><description>Unknown <c>timeout</c>; no; not found</description></item>
/// <item><term>008</term><description>Unknown <c>http_500</c>; no; not found</description></item>
/// <item><term>010</term><description>Accepted; at the first look-up; delivered</description></item>
/// <item><term>012</term><description>NotSent <c>provider_ip_blocked</c>; no; not found</description></item>
/// <item><term>016, any other</term><description>Delivered; yes; delivered</description></item>
/// </list>
/// </summary>
public sealed class SimulatedProvider : ITopUpProvider
{
    /// <summary>Its id.</summary>
    public const string Id = "simulator";

    private static readonly int[] FixedAmounts = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500];

    private readonly IClock _clock;
    private readonly Duration _latency;
    private readonly Lock _lock = new();
    private readonly List<Submission> _submissions = [];
    private readonly List<SimulatedDelivery> _deliveries = [];
    private readonly Dictionary<string, Order> _orders = [];

    /// <summary>A provider with nothing delivered yet.</summary>
    public SimulatedProvider(IClock clock, SimulatedProviderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        options ??= new SimulatedProviderOptions();
        _clock = clock;
        _latency = options.Latency;
        Offer = new ProviderOffer
        {
            Provider = Id, Environment = ProviderEnvironment.Simulator, NotFoundFinalAfter = options.NotFoundFinalAfter,
            Products =
            [
                .. FixedAmounts.Select(amount => Product(string.Create(CultureInfo.InvariantCulture, $"XOOM_{amount}_MXN"), amount, amount, options.CostRatio)),
                Product("SIM_MXN_20_TO_2000", 10, 2000, options.CostRatio),
            ],
        };
    }

    /// <inheritdoc/>
    public ProviderOffer Offer { get; }

    /// <summary>Every call of <see cref="SubmitAsync"/> so far, in order: also those not sent and those repeated.</summary>
    public IReadOnlyList<Submission> Submissions
    {
        get { lock (_lock) return [.. _submissions]; }
    }

    /// <summary>What reached phones so far, in order.</summary>
    public IReadOnlyList<SimulatedDelivery> Deliveries
    {
        get { lock (_lock) return [.. _deliveries]; }
    }

    /// <summary>
    /// Submits once. The fate is sealed before the answer is waited for, as with a real provider: cancelling, or a
    /// latency longer than the submission's timeout, hides it and changes nothing.
    /// </summary>
    public async Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        var outcome = Receive(submission);
        return await WaitedAsync(Duration.Min(_latency, submission.Timeout), cancellationToken) && _latency <= submission.Timeout
            ? outcome
            : Timeout();
    }

    /// <inheritdoc/>
    public async Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken) =>
        await WaitedAsync(_latency, cancellationToken)
            ? Find(submission.Reference)
            : new LookupOutcome.Unavailable("The look-up was cancelled.");

    /// <summary>Always healthy.</summary>
    public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ProbeOutcome(true, "Simulated: nothing leaves this machine."));

    private SubmitOutcome Receive(Submission submission)
    {
        lock (_lock)
        {
            _submissions.Add(submission);
            var suffix = submission.Phone.National[^3..];
            if (suffix == "012") return new SubmitOutcome.NotSent("provider_ip_blocked", "The simulated provider blocks our address.");
            if (_orders.ContainsKey(submission.Reference))
                return new SubmitOutcome.Unknown("duplicate_at_provider", "The simulated provider knows this reference already.");

            var order = new Order(submission, string.Create(CultureInfo.InvariantCulture, $"SIM{_orders.Count + 1:D10}"), suffix);
            _orders.Add(submission.Reference, order);
            switch (suffix)
            {
                case "001":
                    return new SubmitOutcome.Refused(RefusalClass.ProductUnavailable, "-120054", "Product not Found", order.TransactionId);
                case "002":
                    return new SubmitOutcome.Refused(RefusalClass.PlanNotAllowed, null, "Bolton is not allowed for tariff plan", order.TransactionId);
                case "003":
                    return new SubmitOutcome.Unknown("unrecognised_failure", "Subscriber line in transition (-199999)", order.TransactionId);
                case "004":
                    Deliver(order);
                    return Timeout();
                case "005":
                    return Timeout();
                case "008":
                    return new SubmitOutcome.Unknown("http_500", "The simulated provider failed.");
                case "010":
                    return new SubmitOutcome.Accepted(order.TransactionId);
                default:
                    Deliver(order);
                    return new SubmitOutcome.Delivered(order.TransactionId, order.OperatorReference);
            }
        }
    }

    private LookupOutcome Find(string reference)
    {
        lock (_lock)
        {
            if (!_orders.TryGetValue(reference, out var order)) return new LookupOutcome.NotFound();
            switch (order.Suffix)
            {
                case "001":
                    return new LookupOutcome.NotDelivered(RefusalClass.ProductUnavailable, "Product not Found");
                case "002":
                    return new LookupOutcome.NotDelivered(RefusalClass.PlanNotAllowed, "Bolton is not allowed for tariff plan");
                case "003":
                    return new LookupOutcome.Unavailable("Subscriber line in transition (-199999): not an answer that is known.");
                case "005" or "008":
                    return new LookupOutcome.NotFound();
                case "010" when !order.IsDelivered:
                    Deliver(order);
                    break;
            }

            return new LookupOutcome.Delivered(order.TransactionId, order.OperatorReference);
        }
    }

    private void Deliver(Order order)
    {
        order.IsDelivered = true;
        var (reference, phone, product, amount) = (order.Submission.Reference, order.Submission.Phone, order.Submission.Product, order.Submission.Send);
        _deliveries.Add(new SimulatedDelivery(reference, phone, product, amount, order.TransactionId, _clock.Now()));
    }

    private async Task<bool> WaitedAsync(Duration duration, CancellationToken cancellationToken)
    {
        try
        {
            await _clock.DelayAsync(duration, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static SubmitOutcome.Unknown Timeout() => new("timeout", "The simulated provider gave no answer in time.");

    private static ProviderProduct Product(string id, int min, int max, Ratio costRatio) => new()
    {
        Id = id, Operator = "TELEFONICA", Min = Money.Of(min, Currency.MXN), Max = Money.Of(max, Currency.MXN), CostRatio = costRatio,
    };

    private sealed class Order(Submission submission, string transactionId, string suffix)
    {
        public Submission Submission { get; } = submission;

        public string TransactionId { get; } = transactionId;

        public string OperatorReference { get; } = "OP" + transactionId;

        public string Suffix { get; } = suffix;

        public bool IsDelivered { get; set; }
    }
}

/// <summary>How the simulated provider behaves.</summary>
public sealed record SimulatedProviderOptions
{
    /// <summary>What it takes for a face value of 1; 0.95, a discount of 5 %, by default.</summary>
    public Ratio CostRatio { get; init; } = Ratio.Of(0.95m);

    /// <summary>How long every answer takes by the given clock; nothing by default.</summary>
    public Duration Latency { get; init; } = Duration.Zero;

    /// <summary>How long after an order its "not found" can be believed; 10 minutes by default, null for never.</summary>
    public Duration? NotFoundFinalAfter { get; init; } = Duration.FromMinutes(10);
}

/// <summary>A phone that was "recharged".</summary>
/// <param name="Reference">Our reference.</param>
/// <param name="Phone">The phone.</param>
/// <param name="Product">The product.</param>
/// <param name="Amount">What arrived.</param>
/// <param name="TransactionId">The provider's id.</param>
/// <param name="At">When.</param>
public sealed record SimulatedDelivery(string Reference, Msisdn Phone, string Product, Money Amount, string TransactionId, Instant At);
