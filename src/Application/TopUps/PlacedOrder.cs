using Relier.Customers;
using Relier.Identity;
using Relier.Tenancy;

namespace Relier.TopUps;

/// <summary>An order on its way through a batch, and what became of it.</summary>
internal sealed class PlacedOrder
{
    private readonly CancellationToken _cancellation;
    private Outcome<TakenOrder>? _answer;
    private Exception? _error;
    private bool _isUnderWay;

    public PlacedOrder(Tenant tenant, Caller caller, Id<Customer> customer, RequestTopUp request, bool claim, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        Tenant = tenant;
        Caller = caller;
        Customer = customer;
        Claim = claim;
        Key = request.IdempotencyKey;
        Order = ToOrder(request);
        Fingerprint = Key is null ? "" : $"topup {customer} {Order.Phone.E164} {Order.Product} {Order.Operator} {Order.Amount} {Order.Reference}";
    }

    public Tenant Tenant { get; }

    public Caller Caller { get; }

    public Id<Customer> Customer { get; }

    public TopUpOrder Order { get; }

    /// <summary>Whether the job is this process's from the start.</summary>
    public bool Claim { get; }

    /// <summary>The idempotency key; null when none was given.</summary>
    public string? Key { get; }

    /// <summary>What was asked, so that another order under the same key is noticed.</summary>
    public string Fingerprint { get; }

    public bool MustHaveNoTwin => Order.Reference is null && !Order.AllowDuplicate;

    /// <summary>How often somebody else wrote its reference, key or id between our reading and our writing.</summary>
    public int Collisions { get; set; }

    /// <summary>The answer, or throws what went wrong.</summary>
    public Outcome<TakenOrder> Answer => _error is null
        ? _answer ?? throw new InvalidOperationException("The order was neither answered nor given up.")
        : throw _error;

    /// <summary>False when the caller gave up before its first batch began; from then on the order is taken, whatever the caller does.</summary>
    public bool IsStillWanted()
    {
        if (!_isUnderWay && _cancellation.IsCancellationRequested) _error = new OperationCanceledException(_cancellation);
        else _isUnderWay = true;
        return _isUnderWay;
    }

    public void Say(Outcome<TakenOrder> answer) => _answer = answer;

    public void Fail(Exception error) => _error = error;

    private static TopUpOrder ToOrder(RequestTopUp request)
    {
        var currency = request.Currency is null ? Ordering.FaceCurrency : Currency.Parse(request.Currency);
        return new TopUpOrder
        {
            Phone = Msisdn.Parse(request.Phone),
            Amount = request.Amount is null ? null : Money.Parse(request.Amount, currency),
            Product = request.Product,
            Operator = request.Operator,
            Reference = request.Reference,
            AllowDuplicate = request.AllowDuplicate,
        };
    }
}
