using NodaTime;
using Relier.Customers;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// What is known while some orders are decided one after the other: what was read, and what those before have left, as if
/// it were written already. Not for use by two at once.
/// </summary>
internal sealed class OrderDesk
{
    private readonly Dictionary<Id<Customer>, Customer> _customers;
    private readonly Dictionary<Id<Account>, Account> _wallets;
    private readonly Dictionary<(string Actor, string Key), FirstAnswer> _answers;
    private readonly Dictionary<Id<TopUp>, TopUp> _topUps = [];
    private readonly Dictionary<(Id<Customer> Customer, string Reference), TopUp> _references = [];
    private readonly Dictionary<(Id<Customer> Customer, Msisdn Phone, Money Face), TopUp> _twins = [];
    private readonly Dictionary<(Id<Customer> Customer, Currency Currency), Money> _used;
    private readonly Dictionary<(Id<Customer> Customer, Msisdn Phone, Currency Currency), Money> _usedForPhones = [];

    private readonly OrderQuestions _questions;
    private readonly HashSet<Id<Account>> _changedWallets = [];
    private readonly List<TopUp> _newTopUps = [];
    private readonly List<Hold> _newHolds = [];
    private readonly List<Job> _newJobs = [];
    private readonly List<FirstAnswer> _newAnswers = [];
    private readonly Dictionary<(Id<Customer> Customer, Currency Currency), Money> _newUse = [];

    public OrderDesk(OrderFacts facts, OrderQuestions questions)
    {
        _questions = questions;
        _customers = facts.Customers.ToDictionary(customer => customer.Id);
        _wallets = facts.Wallets.ToDictionary(wallet => wallet.Id);
        _answers = facts.Answers.ToDictionary(answer => (answer.Actor, answer.Key));
        _used = facts.Used.ToDictionary(use => (use.Customer, use.Face.Currency), use => use.Face);
        // A first answer or a reference may name one that is older than a twin can be.
        foreach (var topUp in facts.TopUps.OrderBy(topUp => topUp.CreatedAt).ThenBy(topUp => topUp.Id.Value, StringComparer.Ordinal))
            Know(topUp, isTwin: topUp.CreatedAt > questions.TwinsSince);
    }

    /// <summary>What the orders decided so far leave.</summary>
    public OrderEntries Entries => new()
    {
        Wallets = [.. _changedWallets.Select(id => _wallets[id])],
        TopUps = _newTopUps,
        Holds = _newHolds,
        Jobs = _newJobs,
        Answers = _newAnswers,
        Used = [.. _newUse.Select(use => new DailyUse(use.Key.Customer, use.Value))],
        Day = _questions.Day,
    };

    /// <summary>Whether the orders decided so far leave anything.</summary>
    public bool HasEntries => _newTopUps.Count + _newAnswers.Count > 0;

    /// <summary>What the orders taken so far were decided on, if it was not read; null when that is more than the engine can check.</summary>
    public OrderAssumption? Assumption()
    {
        var rate = _newTopUps[0].Rate;
        if (_customers.Count != 1 || _newUse.Count != 1 || !_newTopUps.TrueForAll(topUp => topUp.Rate == rate)) return null;
        var (key, added) = _newUse.First();
        return new OrderAssumption(_customers[key.Customer], _used[key] - added, rate, _questions.Now);
    }

    /// <summary>What will be known of the customers when what they leave is committed.</summary>
    public OrderFacts Left(IReadOnlyDictionary<(Currency One, Currency Other), ExchangeRate?> rates) => new()
    {
        Customers = [.. _customers.Values],
        Wallets = [.. _wallets.Values.Select(wallet => _changedWallets.Contains(wallet.Id) ? wallet with { Version = wallet.Version + 1 } : wallet)],
        Answers = [],
        TopUps = [],
        Used = [.. _used.Select(use => new DailyUse(use.Key.Customer, use.Value))],
        Rates = rates,
    };

    public Customer? FindCustomer(Id<Customer> id) => _customers.GetValueOrDefault(id);

    public Account WalletOf(Customer customer) =>
        _wallets.GetValueOrDefault(customer.Wallet) ?? throw new InvalidOperationException($"Customer {customer.Id} has no account {customer.Wallet}.");

    public FirstAnswer? FindAnswer(string actor, string key) => _answers.GetValueOrDefault((actor, key));

    public TopUp? FindTopUp(Id<TopUp> id) => _topUps.GetValueOrDefault(id);

    public TopUp? FindByReference(Id<Customer> customer, string reference) => _references.GetValueOrDefault((customer, reference));

    public TopUp? FindTwin(Id<Customer> customer, Msisdn phone, Money face) => _twins.GetValueOrDefault((customer, phone, face));

    public Money Used(Id<Customer> customer, Currency currency) => _used.GetValueOrDefault((customer, currency), Money.Zero(currency));

    /// <summary>Counts from what was read with <see cref="KnowPhones"/>.</summary>
    public Money Used(Id<Customer> customer, Msisdn phone, Currency currency) =>
        _usedForPhones.GetValueOrDefault((customer, phone, currency), Money.Zero(currency));

    /// <summary>The phones among these whose use of the day is limited.</summary>
    public IReadOnlyCollection<(Id<Customer> Customer, Msisdn Phone)> LimitedPhones(IEnumerable<PlacedOrder> orders) =>
        orders.Where(order => FindCustomer(order.Customer) is { Policies.DailyLimitPerPhone: not null })
            .Select(order => (order.Customer, order.Order.Phone)).ToHashSet();

    public void KnowPhones(IEnumerable<DailyUseOfPhone> used)
    {
        foreach (var use in used) _usedForPhones[(use.Customer, use.Phone, use.Face.Currency)] = use.Face;
    }

    /// <summary>An id that none of these orders has: thousands of them share a millisecond.</summary>
    public Id<TopUp> NewTopUpId()
    {
        var id = Ids.NewTopUp(_questions.Now);
        while (_topUps.ContainsKey(id)) id = Ids.NewTopUp(_questions.Now);
        return id;
    }

    public void Take(OrderDecision.Taken taken, Job job)
    {
        Add(taken.TopUp);
        _wallets[taken.Account.Id] = taken.Account;
        _changedWallets.Add(taken.Account.Id);
        _newHolds.Add(taken.Hold);
        _newJobs.Add(job);
        AddUse(taken.TopUp.Customer, taken.TopUp.Phone, taken.TopUp.Face);
    }

    public void Add(TopUp topUp)
    {
        _newTopUps.Add(topUp);
        Know(topUp, isTwin: true);
    }

    public void Remember(FirstAnswer answer)
    {
        _answers[(answer.Actor, answer.Key)] = answer;
        _newAnswers.Add(answer);
    }

    private void AddUse(Id<Customer> customer, Msisdn phone, Money face)
    {
        var zero = Money.Zero(face.Currency);
        var key = (customer, face.Currency);
        _newUse[key] = _newUse.GetValueOrDefault(key, zero) + face;
        _used[key] = _used.GetValueOrDefault(key, zero) + face;
        _usedForPhones[(customer, phone, face.Currency)] = Used(customer, phone, face.Currency) + face;
    }

    private void Know(TopUp topUp, bool isTwin)
    {
        _topUps[topUp.Id] = topUp;
        if (topUp.Reference is { } reference) _references[(topUp.Customer, reference)] = topUp;
        if (isTwin && topUp.MayHaveBeenDelivered)
            _twins[(topUp.Customer, topUp.Phone, topUp.Face)] = topUp;
    }
}
