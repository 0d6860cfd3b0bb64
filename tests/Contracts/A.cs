using System.Globalization;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>
/// Records for tests: valid, with an id nobody else has, and nothing in them that a test is about. What it is about is
/// said with <c>with</c>: <c>A.TopUpOf(customer) with { Reference = "r-1" }</c>.
/// </summary>
public static class A
{
    private static int _last;

    /// <summary>When all of it happens unless said otherwise: 2026-11-20T12:00:00Z.</summary>
    public static Instant Noon { get; } = Instant.FromUtc(2026, 11, 20, 12, 0);

    /// <summary>The day of <see cref="Noon"/>.</summary>
    public static LocalDate Day { get; } = new(2026, 11, 20);

    /// <summary>A phone in Mexico City.</summary>
    public static Msisdn Phone { get; } = Msisdn.Parse("5512345678");

    /// <summary>So many pesos.</summary>
    public static Money Pesos(decimal amount) => Money.Of(amount, Currency.MXN);

    /// <summary>So many dollars.</summary>
    public static Money Dollars(decimal amount) => Money.Of(amount, Currency.USD);

    /// <summary>A new id of this kind.</summary>
    public static Id<T> New<T>(string prefix) =>
        Id<T>.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}_{Interlocked.Increment(ref _last):D6}"));

    /// <summary>A tenant in Mexico City.</summary>
    public static Tenant Tenant(TenantId id) => new(id, $"Tenant {id}", DateTimeZoneProviders.Tzdb["America/Mexico_City"], Noon);

    /// <summary>An active customer with the policies of a new one.</summary>
    public static Customer Customer()
    {
        var id = New<Customer>("cus");
        return new Customer
        {
            Id = id, Name = "Recargas del Norte", Channel = id.Value.Replace('_', '-'), Status = CustomerStatus.Active,
            Wallet = New<Account>("acc"), Policies = CustomerPolicies.Default(Currency.MXN), CreatedAt = Noon, Version = 1,
        };
    }

    /// <summary>The wallet of a customer, in pesos, with nothing on it.</summary>
    public static Account WalletOf(Customer customer) => Account.Open(customer.Wallet, customer.Id, Pesos(0), Noon);

    /// <summary>A top-up of 20 pesos from the customer's wallet, held, without a reference.</summary>
    public static TopUp TopUpOf(Customer customer) => new()
    {
        Id = New<TopUp>("RLR"), Customer = customer.Id, Account = customer.Wallet, Phone = Phone, Face = Pesos(20), Charge = Pesos(20),
        Route = new Route("simulator", "XOOM_20_MXN", "TELEFONICA", Pesos(20), Pesos(19)), State = TopUpState.Reserved,
        CreatedAt = Noon, Day = Day, Version = 1,
    };

    /// <summary>All that can be asked about an order like this top-up.</summary>
    public static OrderQuestions QuestionsAbout(TopUp topUp) => new()
    {
        Customers = [topUp.Customer],
        References = topUp.Reference is { } reference ? [(topUp.Customer, reference)] : [],
        Twins = [(topUp.Customer, topUp.Phone, topUp.Face)],
        TwinsSince = topUp.CreatedAt - Duration.FromMinutes(2),
        Pairs = [(Currency.MXN, Currency.USD)],
        Now = topUp.CreatedAt,
        Day = topUp.Day,
    };

    /// <summary>What counts towards a customer's day.</summary>
    public static async Task<Money> UsedAsync(this ISession session, Id<Customer> customer, LocalDate day, Currency currency)
    {
        var questions = new OrderQuestions { Customers = [customer], TwinsSince = Noon, Now = Noon, Day = day };
        var used = (await session.Orders.LockAsync(questions, default)).Used.Where(use => use.Face.Currency == currency).ToList();
        return used.Count == 0 ? Money.Zero(currency) : used.Single().Face;
    }

    /// <summary>What counts towards a phone's day.</summary>
    public static async Task<Money> UsedAsync(this ISession session, Id<Customer> customer, Msisdn phone, LocalDate day, Currency currency)
    {
        var used = (await session.Orders.UsedAsync([(customer, phone)], day, default)).Where(use => use.Face.Currency == currency).ToList();
        return used.Count == 0 ? Money.Zero(currency) : used.Single().Face;
    }

    /// <summary>The same top-up in this state, with what every top-up in that state has.</summary>
    public static TopUp In(this TopUp topUp, TopUpState state)
    {
        var moved = topUp with { State = state };
        return moved with
        {
            DecidedAt = moved.IsFinal ? topUp.CreatedAt : null,
            Code = state switch { TopUpState.Failed => TopUp.NotDeliveredCode, TopUpState.Rejected => "amount_out_of_range", _ => null },
        };
    }

    /// <summary>The first submission of a top-up, under way.</summary>
    public static Attempt AttemptOf(TopUp topUp) => new()
    {
        No = 1, Route = topUp.Route!, Environment = ProviderEnvironment.Simulator, ProviderReference = topUp.Id.Value,
        State = AttemptState.Submitting, StartedAt = Noon,
    };

    /// <summary>A person's word that it was delivered.</summary>
    public static Evidence Evidence() => new()
    {
        Id = New<Evidence>("evi"), Verdict = Verdict.Delivered, Source = EvidenceSource.Person, Reference = "ticket 4711", By = "admin:maria", At = Noon,
    };

    /// <summary>The open hold of a top-up, for its charge.</summary>
    public static Hold HoldOf(TopUp topUp) => new()
    {
        Subject = topUp.Id.Value, Account = topUp.Account, Amount = topUp.Charge!.Value, State = HoldState.Open, OpenedAt = Noon,
    };

    /// <summary>A journal of the house alone: a peso in transit that is an adjustment.</summary>
    public static Journal Journal()
    {
        var id = New<Journal>("jrn");
        return new Journal
        {
            Id = id, At = Noon, Kind = JournalKind.CreditAdded, Subject = id.Value,
            Postings = [new Posting(AccountCode.Adjustment, Pesos(1)), new Posting(AccountCode.CashInTransit, Pesos(-1))],
        };
    }

    /// <summary>18.3824 pesos for a dollar.</summary>
    public static ExchangeRate Rate() =>
        new() { Base = Currency.USD, Quote = Currency.MXN, Rate = Ratio.Of(18.3824m), AsOf = Noon, Source = "admin:maria" };

    /// <summary>A key of a customer; without one, of a person of the house.</summary>
    public static ApiKey Key(TenantId tenant, Customer? customer = null)
    {
        var id = New<ApiKey>("key");
        return new ApiKey
        {
            Id = id, Tenant = tenant, Customer = customer?.Id, Name = "maria", Prefix = "rk_" + id.Value, SecretHash = new string('a', 64),
            Scopes = Permission.OfCustomers, CreatedAt = Noon,
        };
    }

    /// <summary>A job that is due.</summary>
    public static Job Job(TenantId tenant) =>
        new() { Id = New<Job>("job"), Tenant = tenant, Kind = "topup.submit", Subject = "RLR_1", RunAt = Noon, CreatedAt = Noon };

    /// <summary>A claim of jobs like <see cref="Job"/>, of at most ten for a minute.</summary>
    public static JobClaim ClaimBy(string owner) => new(owner, "topup.submit", Noon, Duration.FromMinutes(1), 10);

    /// <summary>An entry of the audit log.</summary>
    public static AuditEntry AuditEntry() =>
        new(New<AuditEntry>("aud"), Noon, "admin:maria", "customer.created", "cus_1", null, "{}");

    /// <summary>A reconciliation of Latcom's statement of the day, done.</summary>
    public static ReconciliationRun Run()
    {
        var id = New<ReconciliationRun>("rec");
        return new ReconciliationRun
        {
            Id = id, Provider = "simulator", Source = StatementSource.Provider, Layout = "latcom", FileHash = id.Value.PadLeft(64, '0'), From = Day, To = Day.PlusDays(1),
            State = ReconciliationState.Done, StartedBy = "admin:maria", StartedAt = Noon, TouchedAt = Noon, Version = 1,
        };
    }

    /// <summary>A line of a statement that says 20 pesos were delivered.</summary>
    public static StatementRow Row(long line) => new() { Line = line, State = StatementState.Delivered, Amount = Pesos(20), At = Noon, Day = Day };

    /// <summary>An open break about what we do not have.</summary>
    public static ReconciliationBreak Break(ReconciliationRun run) => new()
    {
        Id = New<ReconciliationBreak>("brk"), Run = run.Id, Class = StatementClass.ProviderOnly, Line = 2, Theirs = Pesos(20), OpenedAt = Noon, Version = 1,
    };

    /// <summary>The first answer to a keyed request.</summary>
    public static FirstAnswer FirstAnswer() => new("customer:cus_1", New<FirstAnswer>("idem").Value, "POST /topups 20.00", "RLR_1", null, Noon);
}
