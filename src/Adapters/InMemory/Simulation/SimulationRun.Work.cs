using System.Globalization;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.InMemory;

/// <content>What customers, people, providers and processes do.</content>
public sealed partial class SimulationRun
{
    private static readonly string[] Endings =
        ["000", "000", "000", "001", "002", "003", "004", "004", "005", "008", "010", "012", "016", "201", "202", "203", "204", "205", "206", "207", "990", "970"];

    private static readonly string[] Amounts = ["10", "20", "50", "100", "500"];

    private readonly List<(Customer Customer, RequestTopUp Order)> _orders = [];
    private readonly List<(Customer Customer, AdjustCredit Credit)> _credits = [];

    private void BeginSomething()
    {
        switch (_random.Next(100))
        {
            case < 35: Order(); break;
            case < 45: OrderAgain(); break;
            case < 73: RunJobs(Any(_processes)); break;
            case < 78: Credit(Any(_customers), Amount(-4_000, 9_000)); break;
            case < 80 when _credits.Count > 0: CreditAgain(); break;
            case < 84: _second.Decide(); break;
            case < 89 when _second.Messages.Count > 0: Hear(Any(_second.Messages)); break;
            case < 92: AskPerson(); break;
            case < 94: Reverse(); break;
            case < 96: ChangePolicy(); break;
            case < 98: ChangeRate(); break;
            default: Fund(); break;
        }
    }

    private void Order()
    {
        var number = _orders.Count + 1;
        var phone = string.Create(CultureInfo.InvariantCulture, $"5512{_random.Next(20):D3}{Any(Endings)}");
        var named = _random.Next(4);
        var order = new RequestTopUp(phone, Any(Amounts))
        {
            Reference = named is 0 or 1 ? $"R{number}" : null, IdempotencyKey = named is 1 or 2 ? $"K{number}" : null, AllowDuplicate = _random.Next(4) == 0,
            Wait = _random.Next(2) == 0 ? Duration.Zero : Duration.FromSeconds(25),
        };
        var customer = Any(_customers);
        _orders.Add((customer, order));
        Send(customer, order);
    }

    /// <summary>Somebody who had no answer asks again, perhaps elsewhere, perhaps for something else under the same name.</summary>
    private void OrderAgain()
    {
        if (_orders.Count == 0) return;
        var (customer, order) = Any(_orders);
        if (order.Reference is null && order.IdempotencyKey is null) return;
        Send(customer, _random.Next(5) == 0 ? order with { Amount = Any(Amounts) } : order);
    }

    private void Send(Customer customer, RequestTopUp order)
    {
        var process = Any(_processes);
        Do(process, $"order of {customer.Name}: {order.Phone} {order.Amount} {order.Reference}/{order.IdempotencyKey}", async () =>
        {
            var outcome = await process.Relier.SendAsync(order, Caller.OfCustomer(Tenant, customer.Id));
            if (outcome.IsRefused(out var refusal, out var receipt)) return refusal.Code;
            _checks.Accepted(customer.Id, order.Reference, order.IdempotencyKey, receipt.TopUp);
            return $"{receipt.TopUp.Id} {TopUpStates.Word(receipt.TopUp.State)}{(receipt.Replayed ? " again" : "")}";
        });
    }

    private void RunJobs(SimulatedProcess process) => Do(process, "jobs", async () => $"{await process.Jobs.RunDueAsync()} done");

    private void Credit(Customer customer, string amount)
    {
        var credit = new AdjustCredit(customer.Id.Value, amount, "correction") { Note = $"C{_credits.Count + 1}", IdempotencyKey = $"C{_credits.Count + 1}" };
        _credits.Add((customer, credit));
        Send(customer, credit);
    }

    private void CreditAgain()
    {
        var (customer, credit) = Any(_credits);
        Send(customer, credit);
    }

    private void Send(Customer customer, AdjustCredit credit)
    {
        var process = Any(_processes);
        _checks.CreditAsked(credit.Note!);
        Do(process, $"credit of {customer.Name}: {credit.Amount} {credit.Note}", async () =>
        {
            var outcome = await process.Relier.SendAsync(credit, House());
            if (outcome.IsRefused(out var refusal, out var receipt)) return refusal.Code;
            _checks.Credited(credit.Note!, receipt.Posting.Amount);
            return $"{receipt.After}{(receipt.Replayed ? " again" : "")}";
        });
    }

    private void Hear(SignedMessage message)
    {
        var process = Any(_processes);
        // Sent again, it is signed again.
        var signed = _second.Sign(System.Text.Encoding.UTF8.GetString(message.Body.Span));
        Do(process, $"message {System.Text.Encoding.UTF8.GetString(message.Body.Span)}", async () =>
        {
            var outcome = await process.Relier.SendAsync(new ReceiveCallback(CallbackProvider.Id, signed.Headers, signed.Body), Caller.OfSystem(Tenant, "callbacks"));
            return outcome.IsRefused(out var refusal, out _) ? refusal.Code : "kept";
        });
    }

    private void AskPerson()
    {
        var open = _checks.Rows.TopUps.Values.Where(topUp => topUp.State is TopUpState.Unknown or TopUpState.InReview)
            .OrderBy(topUp => topUp.Id.Value, StringComparer.Ordinal).ToList();
        if (open.Count > 0) SayTruth(Any(open), _random.Next(2) == 0 ? "maria" : "pedro");
    }

    /// <summary>Two people go through what is not decided, and what is decided otherwise than the providers' records say; and have stuck work tried again.</summary>
    private void AskPeople()
    {
        foreach (var topUp in _checks.Rows.TopUps.Values.OrderBy(topUp => topUp.Id.Value, StringComparer.Ordinal))
        {
            if (topUp.State == TopUpState.Reserved || !_checks.Contradicts(topUp)) continue;
            SayTruth(topUp, "maria");
            Drain();
            SayTruth(topUp, "pedro");
            Drain();
        }

        foreach (var job in _checks.Rows.Jobs.Values.Where(job => job.IsDead).OrderBy(job => job.Id.Value, StringComparer.Ordinal))
            Do(_processes[0], $"job {job.Id} ({job.Kind} {job.Subject}: {job.LastError}) again", async () =>
                (await _processes[0].Relier.SendAsync(new Relier.Jobs.RetryJob(job.Id.Value), House())).IsRefused(out var refusal, out _) ? refusal.Code : "done");
    }

    private void SayTruth(TopUp topUp, string person)
    {
        if (topUp.Attempts.Length == 0 || topUp.Attempts.Any(attempt => _stage.IsUnderWay(attempt.ProviderReference))) return;
        if (_checks.TruthOf(topUp) is not { } truth) return;
        var process = Any(_processes);
        var verdict = truth.Verdict switch { Verdict.Delivered => "delivered", Verdict.Reversed => "reversed", _ => "not_delivered" };
        Do(process, $"{person} says {topUp.Id} {verdict}", async () =>
        {
            var evidence = new AddEvidence(topUp.Id.Value, verdict, $"record of {truth.Attempt.ProviderReference}") { Attempt = truth.Attempt.No };
            return (await process.Relier.SendAsync(evidence, House(person))).IsRefused(out var refusal, out var after) ? refusal.Code : TopUpStates.Word(after.State);
        });
    }

    private void Reverse()
    {
        var delivered = _checks.Rows.TopUps.Values.Where(topUp => topUp.State == TopUpState.Succeeded).OrderBy(topUp => topUp.Id.Value, StringComparer.Ordinal).ToList();
        if (delivered.Count == 0) return;
        var (process, topUp) = (Any(_processes), Any(delivered));
        Do(process, $"reverse {topUp.Id}", async () =>
            (await process.Relier.SendAsync(new ReverseTopUp(topUp.Id.Value), House())).IsRefused(out var refusal, out var after) ? refusal.Code : TopUpStates.Word(after.State));
    }

    private void ChangePolicy()
    {
        var (process, customer) = (Any(_processes), Any(_customers));
        var policies = new PoliciesInput
        {
            LateDelivery = _random.Next(2) == 0 ? "house" : "customer",
            PinnedProvider = Any(["", SimulatedProvider.Id, CallbackProvider.Id]), DailyLimit = Any(["", "2000", "5000"]),
        };
        var limit = Any(["0", "0", "100.00"]);
        Do(process, $"policy of {customer.Name}: late {policies.LateDelivery}, pinned '{policies.PinnedProvider}', daily '{policies.DailyLimit}', credit {limit}", async () =>
        {
            var now = (await process.Relier.SendAsync(new GetCustomer(customer.Id.Value), House())).Value.Customer;
            return (await process.Relier.SendAsync(new UpdateCustomer(now.Id.Value, now.Version) { Policies = policies, CreditLimit = limit }, House())).IsRefused(out var refusal, out _) ? refusal.Code : "done";
        });
    }

    private void ChangeRate()
    {
        var process = Any(_processes);
        var rate = string.Create(CultureInfo.InvariantCulture, $"0.0{_random.Next(500, 600)}");
        Do(process, $"rate {rate}", async () => (await process.Relier.SendAsync(new AddExchangeRate("MXN", "USD", rate), House())).IsRefused(out var refusal, out _) ? refusal.Code : "done");
    }

    private void Fund()
    {
        var process = Any(_processes);
        var amount = Amount(-20_000, 200_000);
        var provider = Any([SimulatedProvider.Id, CallbackProvider.Id]);
        Do(process, $"fund {provider} {amount}", async () => (await process.Relier.SendAsync(new FundProvider(provider, amount, "MXN", "transfer"), House())).IsRefused(out var refusal, out _) ? refusal.Code : "done");
    }

    private string Amount(int min, int max)
    {
        var cents = _random.Next(min, max);
        return ((cents == 0 ? 1 : cents) / 100m).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
