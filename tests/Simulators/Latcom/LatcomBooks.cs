using System.Globalization;
using System.Security.Cryptography;

namespace Relier.Simulators;

/// <summary>What is answered, and how it travels.</summary>
internal sealed record LatcomAnswer(int HttpStatus, object? Body, LatcomAnswerWay Way = LatcomAnswerWay.Whole)
{
    public string Summary => (Way, Body) switch
    {
        (not LatcomAnswerWay.Whole, _) => Way.ToString(),
        (_, LatcomTransaction { Status: LatcomBooks.Fail } refused) => $"{HttpStatus} {refused.Status} {refused.VendorResponseMsg}",
        (_, LatcomTransaction other) => $"{HttpStatus} {other.Status ?? "null"}",
        (_, LatcomError error) => $"{HttpStatus} {error.Message}",
        _ => HttpStatus.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>The provider's side: tokens, references, transactions, deliveries. Every request is decided and booked under one lock.</summary>
internal sealed class LatcomBooks(LatcomSimulatorOptions options)
{
    public const string Success = "Success";
    public const string Fail = "Fail";
    public const string Pending = "Pending";
    public const string Reversed = "Reversed";

    private static readonly TimeSpan localRefusalTime = TimeSpan.FromMilliseconds(14); // as recorded

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> tokenExpiries = [];
    private readonly Dictionary<(string Msisdn, string Reference), string> tokensRefusedOnce = [];
    private readonly HashSet<string> references = [];
    private readonly Dictionary<string, Entry> entries = [];
    private readonly List<LatcomDelivery> deliveries = [];
    private readonly List<LatcomSubmission> submissions = [];
    private bool blockLogin = options.BlockLogin;
    private int logins;
    private int loginsRefused;
    private int lookups;

    /// <summary>A transaction as a lookup tells it, and what it takes to deliver or reverse it later.</summary>
    private sealed class Entry(LatcomTopUpRequest order, LatcomTransaction truth)
    {
        public string Msisdn => order.Msisdn;
        public LatcomTransaction Truth { get; set; } = truth;
        public int? DeliveryIndex { get; set; }
    }

    public IReadOnlyList<LatcomDelivery> Deliveries { get { lock (gate) return [.. deliveries]; } }

    public IReadOnlyList<LatcomSubmission> Submissions { get { lock (gate) return [.. submissions]; } }

    public LatcomCounters Counters
    {
        get
        {
            lock (gate)
                return new LatcomCounters(logins, loginsRefused, submissions.Count, lookups, deliveries.Count,
                    deliveries.CountBy(delivery => delivery.Msisdn).ToDictionary(), blockLogin);
        }
    }

    public bool BlockLogin
    {
        get { lock (gate) return blockLogin; }
        set { lock (gate) blockLogin = value; }
    }

    public LatcomAnswer Login(LatcomReading<LatcomLoginRequest> reading)
    {
        lock (gate)
        {
            var refusal = LoginRefusal(reading);
            if (refusal is not null)
            {
                loginsRefused++;
                return refusal;
            }

            logins++;
            return new LatcomAnswer(200, new LatcomLoginResponse(NewToken()));
        }
    }

    public LatcomAnswer Submit(LatcomReading<LatcomTopUpRequest> reading, string? token)
    {
        lock (gate)
        {
            var order = reading.Value;
            var answer = Decide(order, reading.Flaw, token);
            submissions.Add(new LatcomSubmission(order?.Reference, order?.Msisdn, order?.ProductId, order?.Amount,
                TokenValid: answer.HttpStatus != 401, answer.Summary, Now));
            return answer;
        }
    }

    public LatcomAnswer Lookup(string transId, string? token)
    {
        lock (gate)
        {
            if (!IsLive(token)) return Unauthorized();

            lookups++;
            if (!entries.TryGetValue(transId, out var entry)) return Error(404, "Not Found", "Transaction not found");
            if (entry.Truth.Status == Pending) Deliver(entry);
            return new LatcomAnswer(200, entry.Truth);
        }
    }

    public LatcomAnswer Products(string? token)
    {
        lock (gate)
            return IsLive(token) ? new LatcomAnswer(200, LatcomProducts.All.Select(LatcomProductRow.Of)) : Unauthorized();
    }

    public bool Reverse(string transId)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(transId, out var entry)) return false;
            if (entry.DeliveryIndex is not { } index || entry.Truth.Status == Reversed) return false;

            entry.Truth = entry.Truth with { Status = Reversed };
            deliveries[index] = deliveries[index] with { ReversedAt = Now };
            return true;
        }
    }

    public void Reset()
    {
        lock (gate)
        {
            tokensRefusedOnce.Clear();
            references.Clear();
            entries.Clear();
            deliveries.Clear();
            submissions.Clear();
            blockLogin = options.BlockLogin;
            logins = loginsRefused = lookups = 0;
        }
    }

    private DateTimeOffset Now => options.Clock.GetUtcNow();

    // Latcom looks at the address before anything else.
    private LatcomAnswer? LoginRefusal(LatcomReading<LatcomLoginRequest> reading)
    {
        if (blockLogin) return ValidationError("IP Address not authorized");
        if (reading.Value is not { } login) return ValidationError(reading.Flaw);

        var isOurs = login.Username == options.Username && login.Password == options.Password
            && login.DistApi == options.DistApi && login.UserUid == options.UserUid;
        return isOurs ? null : Error(401, "Unauthorized", "Bad credentials");
    }

    // A submission that gets as far as a transaction uses its reference up, whatever becomes of it; a 400 or a 401 does not.
    private LatcomAnswer Decide(LatcomTopUpRequest? order, string? flaw, string? token)
    {
        if (!IsLive(token)) return Unauthorized();
        if (order is null) return ValidationError(flaw);
        if (order.Flaw() is { } wrong) return ValidationError(wrong);

        var scenario = LatcomScenario.For(order.Msisdn);
        if (scenario.BlocksLogin)
        {
            blockLogin = true;
            return Unauthorized();
        }
        if (scenario.ExpiresTokenOnce && IsRefusedOnce(order, token)) return Unauthorized();

        var entry = Open(order);
        if (!references.Add(order.Reference) && !scenario.AcceptsDuplicates) return Refuse(entry, "duplicate_transaction");
        if (LatcomProducts.Find(order.ProductId) is not { } product) return Refuse(entry, "product_not_found");
        if (product.RefusalOf(order) is { } reason) return Refuse(entry, reason);

        return Play(scenario, entry);
    }

    private LatcomAnswer Play(LatcomScenario scenario, Entry entry)
    {
        entry.Truth = entry.Truth with { Amount = entry.Truth.Amount + scenario.AmountShift };
        if (scenario.Delivers == LatcomDelivers.AtOnce) Deliver(entry);
        if (scenario.Delivers == LatcomDelivers.Never)
            entry.Truth = entry.Truth with
            {
                Status = Fail,
                VendorResponseMsg = scenario.Message,
                VendorResponseCode = scenario.Code,
                EndedAt = LatcomWire.TransactionTime(Now + localRefusalTime),
            };

        return new LatcomAnswer(200, scenario.Distort(entry.Truth), scenario.Way);
    }

    private void Deliver(Entry entry)
    {
        var product = LatcomProducts.Find(entry.Truth.ProductId)!;
        var venTransid = (100_000_000_001L + deliveries.Count).ToString(CultureInfo.InvariantCulture);
        entry.Truth = entry.Truth with
        {
            Status = Success,
            VenTransid = venTransid,
            ResponseMessage = "Top-up successful",
            VendorResponseMsg = "Success",
            VendorResponseCode = "0",
            EndedAt = LatcomWire.TransactionTime(Now + options.Latency),
        };
        entry.DeliveryIndex = deliveries.Count;
        deliveries.Add(new LatcomDelivery(
            entry.Msisdn,
            product.Delivered(entry.Truth.Amount, options.TaxQuantum),
            product.Currency,
            entry.Truth.ProductId,
            entry.Truth.DistTransid,
            entry.Truth.TransId,
            entry.Truth.Uid,
            venTransid,
            Now,
            ReversedAt: null));
    }

    // No code and no end, as recorded for "product_not_found".
    private static LatcomAnswer Refuse(Entry entry, string message)
    {
        entry.Truth = entry.Truth with { Status = Fail, VendorResponseMsg = message };
        return new LatcomAnswer(200, entry.Truth);
    }

    private Entry Open(LatcomTopUpRequest order)
    {
        var entry = new Entry(order, new LatcomTransaction(
            Uid: Guid.NewGuid().ToString(),
            Amount: order.Amount,
            ProductId: order.ProductId,
            Service: order.Service,
            TransId: NewTransId(),
            Status: Pending,
            CreatedAt: LatcomWire.TransactionTime(Now),
            VenTransid: null,
            ResponseCode: null,
            ResponseMessage: null,
            VendorResponseMsg: null,
            VendorResponseCode: null,
            DistTransid: order.Reference,
            EndedAt: null));
        entries.Add(entry.Truth.TransId, entry);
        return entry;
    }

    // The token is over for this one top-up only, so that others in flight are not disturbed; a fresh login helps.
    private bool IsRefusedOnce(LatcomTopUpRequest order, string? token)
    {
        var key = (order.Msisdn, order.Reference);
        if (tokensRefusedOnce.TryGetValue(key, out var refused)) return refused == token;

        tokensRefusedOnce.Add(key, token!);
        return true;
    }

    private bool IsLive(string? token) =>
        token is not null && tokenExpiries.TryGetValue(token, out var expiry) && Now < expiry;

    private string NewToken()
    {
        foreach (var (old, expiry) in tokenExpiries)
            if (expiry <= Now) tokenExpiries.Remove(old);

        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        tokenExpiries.Add(token, Now + options.TokenLifetime);
        return token;
    }

    private string NewTransId()
    {
        while (true)
        {
            var transId = string.Create(CultureInfo.InvariantCulture, $"LT{RandomNumberGenerator.GetInt32(100_000_000):00000000}");
            if (!entries.ContainsKey(transId)) return transId;
        }
    }

    private LatcomAnswer Unauthorized() => Error(401, "Unauthorized", "Token expired");

    private LatcomAnswer ValidationError(string? message) => Error(400, "Validation Error", message ?? "Invalid request");

    private LatcomAnswer Error(int status, string error, string message) =>
        new(status, new LatcomError(error, message, status, LatcomWire.ErrorTime(Now)));
}
