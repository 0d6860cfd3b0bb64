using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Relier.TopUps;

namespace Relier.InMemory;

/// <summary>
/// A second simulated provider, with another contract than the first: it answers with numeric result codes, takes orders
/// in and decides later, knows them by our references of digits only, tells by signed messages, and takes deliveries back.
/// It recharges nothing. What it does depends on the last three digits of the number; <see cref="Decide"/> is when it
/// makes up its mind about what it took in. Thread-safe.
/// <list type="table">
/// <listheader><term>digits</term><description>result; what becomes of it</description></listheader>
/// <item><term>201</term><description>21, no funds left with it; nothing</description></item>
/// <item><term>202</term><description>14, the tariff does not allow it; nothing</description></item>
/// <item><term>203</term><description>nothing was sent</description></item>
/// <item><term>204</term><description>no answer; taken in and delivered</description></item>
/// <item><term>205</term><description>no answer; never taken in</description></item>
/// <item><term>206</term><description>10, taken in; then refused</description></item>
/// <item><term>207</term><description>10, taken in; delivered, then taken back</description></item>
/// <item><term>208</term><description>10, taken in; then delivered; asked to take it back it does so, and gives no answer the first time</description></item>
/// <item><term>990, 993, 998</term><description>that code, which decides nothing; delivered</description></item>
/// <item><term>970</term><description>970, it has the reference already; delivered</description></item>
/// <item><term>any other</term><description>10, taken in; then delivered</description></item>
/// </list>
/// </summary>
public sealed class CallbackProvider : ITopUpProvider, IProviderCallbacks
{
    /// <summary>Its id.</summary>
    public const string Id = "callback-simulator";

    private static readonly Duration SignedFor = Duration.FromMinutes(5);

    private readonly IClock _clock;
    private readonly byte[] _secret;
    private readonly CallbackProviderOptions _options;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Order> _orders = [];
    private readonly List<SignedMessage> _messages = [];
    private readonly List<Submission> _submissions = [];
    private Money _balance;

    /// <summary>A provider that has taken in nothing yet.</summary>
    public CallbackProvider(IClock clock, CallbackProviderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _options = options ?? new CallbackProviderOptions();
        _clock = clock;
        _secret = Encoding.UTF8.GetBytes(_options.Secret);
        _balance = _options.Balance;
        Offer = new ProviderOffer
        {
            Provider = Id, Environment = ProviderEnvironment.Simulator, References = ReferenceFormat.Digits, NotFoundFinalAfter = Duration.FromMinutes(10),
            Products =
            [
                new ProviderProduct
                {
                    Id = "4711", Operator = _options.Operator, Min = Money.Of(10, Currency.MXN), Max = Money.Of(500, Currency.MXN), CostRatio = Ratio.Of(0.93m),
                },
            ],
        };
    }

    /// <inheritdoc/>
    public ProviderOffer Offer { get; }

    /// <inheritdoc/>
    public IProviderCallbacks Callbacks => this;

    /// <inheritdoc/>
    public (string ContentType, string Text) Acknowledgement => ("text/plain", "RECEIVED");

    /// <summary>Every call of <see cref="SubmitAsync"/> so far, in order.</summary>
    public IReadOnlyList<Submission> Submissions
    {
        get { lock (_lock) return [.. _submissions]; }
    }

    /// <summary>Our references of what reached phones and was not taken back.</summary>
    public IReadOnlyList<string> Deliveries
    {
        get { lock (_lock) return [.. _orders.Values.Where(order => order.State == "delivered").Select(order => order.Submission.Reference)]; }
    }

    /// <summary>What it wants to tell us, in the order in which it came to be; hand it on in any.</summary>
    public IReadOnlyList<SignedMessage> Messages
    {
        get { lock (_lock) return [.. _messages]; }
    }

    /// <inheritdoc/>
    public Task<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _submissions.Add(submission);
            if (!submission.Reference.All(char.IsAsciiDigit))
                throw new ArgumentException("A reference of digits only was agreed.", nameof(submission));
            var suffix = submission.Phone.National[^3..];
            if (suffix == "203") return Task.FromResult<SubmitOutcome>(new SubmitOutcome.NotSent("provider_unreachable", "The simulated provider cannot be reached."));
            if (_orders.ContainsKey(submission.Reference)) return Task.FromResult(OutcomeOf(970, null));
            if (suffix == "201") return Task.FromResult(OutcomeOf(21, null));
            if (suffix == "202") return Task.FromResult(OutcomeOf(14, null));
            if (suffix == "205") return Task.FromResult(NoAnswer());

            var order = new Order(submission, string.Create(CultureInfo.InvariantCulture, $"C{_orders.Count + 1:D8}"), suffix);
            _orders.Add(submission.Reference, order);
            return Task.FromResult(suffix switch
            {
                "204" => NoAnswer(),
                "970" or "990" or "993" or "998" => OutcomeOf(int.Parse(suffix, CultureInfo.InvariantCulture), order.TransactionId),
                _ => OutcomeOf(10, order.TransactionId),
            });
        }
    }

    /// <summary>What a result code of this provider means. A code that is not listed decides nothing.</summary>
    public static SubmitOutcome OutcomeOf(int code, string? transactionId) => code switch
    {
        10 => new SubmitOutcome.Accepted(transactionId!),
        14 => new SubmitOutcome.Refused(RefusalClass.PlanNotAllowed, "14", "The tariff does not allow it", transactionId),
        21 => new SubmitOutcome.Refused(RefusalClass.ProviderFunds, "21", "No funds", transactionId),
        970 => new SubmitOutcome.Unknown("duplicate_at_provider", "It has this reference already", transactionId),
        _ => new SubmitOutcome.Unknown(string.Create(CultureInfo.InvariantCulture, $"result_{code}"), "This result decides nothing", transactionId),
    };

    /// <summary>Makes up its mind about everything it took in, and has something to tell about each.</summary>
    public void Decide()
    {
        lock (_lock)
        {
            foreach (var order in _orders.Values.Where(order => order.State == "pending").ToList())
            {
                order.State = order.Suffix == "206" ? "refused" : "delivered";
                if (order.State == "delivered") _balance -= CostOf(order);
                Tell(order, order.State);
                if (order.Suffix == "207") TakeBack(order);
            }
        }
    }

    /// <inheritdoc/>
    public Task<LookupOutcome> LookUpAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<LookupOutcome>(!_orders.TryGetValue(submission.Reference, out var order)
                ? new LookupOutcome.NotFound()
                : order.State switch
                {
                    "pending" => new LookupOutcome.Pending(),
                    "refused" => new LookupOutcome.NotDelivered(RefusalClass.SubscriberBarred, "Refused afterwards"),
                    "reversed" => new LookupOutcome.Reversed(order.TransactionId),
                    _ => new LookupOutcome.Delivered(order.TransactionId, "OP" + order.TransactionId),
                });
        }
    }

    /// <inheritdoc/>
    public Task<ProbeOutcome> ProbeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ProbeOutcome(_options.IsUp(), _options.IsUp() ? "Simulated: nothing leaves this machine." : "The simulated provider is down."));

    /// <inheritdoc/>
    public Task<Money?> BalanceAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult<Money?>(_balance);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> CatalogueAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>?>(_options.Withdrawn() ? [] : ["4711"]);

    /// <inheritdoc/>
    public Task<ReverseOutcome> ReverseAsync(Submission submission, string? transactionId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_orders.TryGetValue(submission.Reference, out var order) || order.State is "pending" or "refused")
                return Task.FromResult<ReverseOutcome>(new ReverseOutcome.Refused("It was not delivered."));
            var isFirst = order.State == "delivered";
            if (isFirst) TakeBack(order);
            if (isFirst && order.Suffix == "208") return Task.FromResult<ReverseOutcome>(new ReverseOutcome.Unknown("The simulated provider gave no answer in time."));
            return Task.FromResult<ReverseOutcome>(new ReverseOutcome.Reversed("R" + order.TransactionId));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Header <c>x-signature</c> is <c>t=seconds,v1=HMAC-SHA256 of "seconds.body"</c>, good for five minutes.</remarks>
    public CallbackReading Read(IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, Instant now)
    {
        if (!headers.TryGetValue("x-signature", out var signature) || !IsSigned(signature, body.Span, now)) return new CallbackReading.Forged();
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var status = root.GetProperty("status").GetString();
            Verdict? verdict = status switch
            {
                "delivered" => Verdict.Delivered,
                "refused" => Verdict.NotDelivered,
                "reversed" => Verdict.Reversed,
                "pending" => null,
                _ => throw new FormatException($"The status is '{status}'."),
            };
            return new CallbackReading.Understood(
                root.GetProperty("id").GetString()!, root.GetProperty("reference").GetString()!, verdict, root.GetProperty("transaction").GetString());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new CallbackReading.Unreadable(error.Message);
        }
    }

    /// <summary>A message as this provider signs it, for tests.</summary>
    public SignedMessage Sign(string body)
    {
        var seconds = _clock.Now().ToUnixTimeSeconds();
        var bytes = Encoding.UTF8.GetBytes(body);
        return new SignedMessage(
            new Dictionary<string, string> { ["x-signature"] = string.Create(CultureInfo.InvariantCulture, $"t={seconds},v1={SignatureOf(seconds, bytes)}") }, bytes);
    }

    private void TakeBack(Order order)
    {
        order.State = "reversed";
        _balance += CostOf(order);
        Tell(order, "reversed");
    }

    private void Tell(Order order, string status) => _messages.Add(Sign(JsonSerializer.Serialize(new
    {
        id = string.Create(CultureInfo.InvariantCulture, $"m{_messages.Count + 1}"), reference = order.Submission.Reference, status, transaction = order.TransactionId,
    })));

    private bool IsSigned(string signature, ReadOnlySpan<byte> body, Instant now)
    {
        var parts = signature.Split(',');
        if (parts is not [['t', '=', .. var time], ['v', '1', '=', .. var given]] || !long.TryParse(time, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (seconds < now.ToUnixTimeSeconds() - (long)SignedFor.TotalSeconds || seconds > now.ToUnixTimeSeconds() + (long)SignedFor.TotalSeconds) return false;
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(SignatureOf(seconds, body)), Encoding.ASCII.GetBytes(given));
    }

    private string SignatureOf(long seconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds.ToString(CultureInfo.InvariantCulture) + "."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(_secret, signed));
    }

    private Money CostOf(Order order) => Offer.Products[0].CostOf(order.Submission.Send);

    private static SubmitOutcome NoAnswer() => new SubmitOutcome.Unknown("timeout", "The simulated provider gave no answer in time.");

    private sealed class Order(Submission submission, string transactionId, string suffix)
    {
        public Submission Submission { get; } = submission;

        public string TransactionId { get; } = transactionId;

        public string Suffix { get; } = suffix;

        public string State { get; set; } = "pending";
    }
}

/// <summary>How the second simulated provider behaves.</summary>
public sealed record CallbackProviderOptions
{
    /// <summary>What its messages are signed with.</summary>
    public string Secret { get; init; } = "simulated-secret";

    /// <summary>Whose numbers it recharges.</summary>
    public string Operator { get; init; } = "TELEFONICA";

    /// <summary>What we have with it at first.</summary>
    public Money Balance { get; init; } = Money.Of(1_000, Currency.MXN);

    /// <summary>Whether it lets us in, asked at every probe.</summary>
    public Func<bool> IsUp { get; init; } = () => true;

    /// <summary>Whether it has withdrawn its product, asked at every look at the catalogue.</summary>
    public Func<bool> Withdrawn { get; init; } = () => false;
}

/// <summary>A message as it travels.</summary>
/// <param name="Headers">The headers, names in lower case.</param>
/// <param name="Body">The body.</param>
public sealed record SignedMessage(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);
