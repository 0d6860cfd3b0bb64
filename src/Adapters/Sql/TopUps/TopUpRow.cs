using NodaTime;
using NodaTime.Text;
using Relier.Customers;
using Relier.Ledger;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Sql;

internal sealed record TopUpRow
{
    public string TenantId { get; init; } = "";
    public required string Id { get; init; }
    public required string CustomerId { get; init; }
    public required string AccountId { get; init; }
    public string? Reference { get; init; }
    public required string Phone { get; init; }
    public string? Product { get; init; }
    public required long FaceAmount { get; init; }
    public required string FaceCurrency { get; init; }
    public long? ChargeAmount { get; init; }
    public string? ChargeCurrency { get; init; }
    public long? CommissionAmount { get; init; }
    public long? Rate { get; init; }
    public string? RateBase { get; init; }
    public string? RateQuote { get; init; }
    public long? RateAsOf { get; init; }
    public string? RateSource { get; init; }
    public string? RouteProvider { get; init; }
    public string? RouteProduct { get; init; }
    public string? RouteOperator { get; init; }
    public long? SendAmount { get; init; }
    public string? SendCurrency { get; init; }
    public long? CostAmount { get; init; }
    public string? CostCurrency { get; init; }
    public required string State { get; init; }
    public string? Code { get; init; }
    public string? Rejection { get; init; }
    public string? OperatorReference { get; init; }
    public required long CreatedAt { get; init; }
    public required string Day { get; init; }
    public long? DecidedAt { get; init; }
    public long? UnknownSince { get; init; }
    public long? NextCheckAt { get; init; }
    public required long Version { get; init; }

    public static TopUpRow Of(TenantId tenant, TopUp topUp) => new()
    {
        TenantId = tenant.Value,
        Id = topUp.Id.Value,
        CustomerId = topUp.Customer.Value,
        AccountId = topUp.Account.Value,
        Reference = topUp.Reference,
        Phone = topUp.Phone.E164,
        Product = topUp.Product,
        FaceAmount = topUp.Face.Micros,
        FaceCurrency = topUp.Face.Currency.Code,
        ChargeAmount = topUp.Charge?.Micros,
        ChargeCurrency = topUp.Charge?.Currency.Code,
        CommissionAmount = topUp.Commission?.Micros,
        Rate = topUp.Rate is { } rate ? Amounts.BillionthsOf(rate.Rate) : null,
        RateBase = topUp.Rate?.Base.Code,
        RateQuote = topUp.Rate?.Quote.Code,
        RateAsOf = Micros.Of(topUp.Rate?.AsOf),
        RateSource = topUp.Rate?.Source,
        RouteProvider = topUp.Route?.Provider,
        RouteProduct = topUp.Route?.Product,
        RouteOperator = topUp.Route?.Operator,
        SendAmount = topUp.Route?.Send.Micros,
        SendCurrency = topUp.Route?.Send.Currency.Code,
        CostAmount = topUp.Route?.Cost.Micros,
        CostCurrency = topUp.Route?.Cost.Currency.Code,
        State = Words.TopUpState.Of(topUp.State),
        Code = topUp.Code,
        Rejection = topUp.Rejection is { } refusal ? Json.Of(refusal) : null,
        OperatorReference = topUp.OperatorReference,
        CreatedAt = Micros.Of(topUp.CreatedAt),
        Day = DayOf(topUp.Day),
        DecidedAt = Micros.Of(topUp.DecidedAt),
        UnknownSince = Micros.Of(topUp.UnknownSince),
        NextCheckAt = Micros.Of(topUp.NextCheckAt),
        Version = topUp.Version,
    };

    public TopUp ToTopUp(IEnumerable<AttemptRow> attempts, IEnumerable<EvidenceRow> evidence) => new()
    {
        Id = Id<TopUp>.Parse(Id),
        Customer = Id<Customer>.Parse(CustomerId),
        Account = Id<Account>.Parse(AccountId),
        Reference = Reference,
        Phone = Msisdn.Parse(Phone),
        Product = Product,
        Face = Amounts.ToMoney(FaceAmount, FaceCurrency),
        Charge = Amounts.ToMoney(ChargeAmount, ChargeCurrency),
        Commission = CommissionAmount is { } commission ? Amounts.ToMoney(commission, FaceCurrency) : null,
        Rate = Rate is { } rate
            ? new ExchangeRate
            {
                Base = Currency.Parse(RateBase!), Quote = Currency.Parse(RateQuote!), Rate = Amounts.ToRatio(rate),
                AsOf = Micros.ToInstant(RateAsOf!.Value), Source = RateSource!,
            }
            : null,
        Route = RouteProvider is { } provider
            ? new Route(
                provider, RouteProduct!, RouteOperator!, Amounts.ToMoney(SendAmount!.Value, SendCurrency!),
                Amounts.ToMoney(CostAmount!.Value, CostCurrency!))
            : null,
        State = Words.TopUpState.Parse(State),
        Code = Code,
        Rejection = Rejection is { } refusal ? Json.ToRefusal(refusal) : null,
        OperatorReference = OperatorReference,
        CreatedAt = Micros.ToInstant(CreatedAt),
        Day = LocalDatePattern.Iso.Parse(Day).Value,
        DecidedAt = Micros.ToInstant(DecidedAt),
        UnknownSince = Micros.ToInstant(UnknownSince),
        NextCheckAt = Micros.ToInstant(NextCheckAt),
        Attempts = [.. attempts.Select(row => row.ToAttempt())],
        Evidence = [.. evidence.Select(row => row.ToEvidence())],
        Version = Version,
    };

    /// <summary>A day as it is stored.</summary>
    public static string DayOf(LocalDate day) => LocalDatePattern.Iso.Format(day);
}

internal sealed record AttemptRow
{
    public required string TenantId { get; init; }
    public required string TopUpId { get; init; }
    public required long No { get; init; }
    public required string Provider { get; init; }
    public required string Product { get; init; }
    public required string Operator { get; init; }
    public required long SendAmount { get; init; }
    public required string SendCurrency { get; init; }
    public required long CostAmount { get; init; }
    public required string CostCurrency { get; init; }
    public required string Environment { get; init; }
    public required string ProviderReference { get; init; }
    public required string State { get; init; }
    public required long StartedAt { get; init; }
    public long? EndedAt { get; init; }
    public string? TransactionId { get; init; }
    public string? OperatorReference { get; init; }
    public string? Code { get; init; }
    public string? Message { get; init; }
    public string? Evidence { get; init; }

    public static AttemptRow Of(TenantId tenant, TopUp topUp, Attempt attempt) => new()
    {
        TenantId = tenant.Value, TopUpId = topUp.Id.Value, No = attempt.No, Provider = attempt.Provider,
        Product = attempt.Route.Product, Operator = attempt.Route.Operator, SendAmount = attempt.Route.Send.Micros,
        SendCurrency = attempt.Route.Send.Currency.Code, CostAmount = attempt.Route.Cost.Micros, CostCurrency = attempt.Route.Cost.Currency.Code,
        Environment = Words.ProviderEnvironment.Of(attempt.Environment), ProviderReference = attempt.ProviderReference,
        State = Words.AttemptState.Of(attempt.State), StartedAt = Micros.Of(attempt.StartedAt), EndedAt = Micros.Of(attempt.EndedAt),
        TransactionId = attempt.TransactionId, OperatorReference = attempt.OperatorReference, Code = attempt.Code,
        Message = attempt.Message, Evidence = attempt.Evidence,
    };

    public Attempt ToAttempt() => new()
    {
        No = (int)No, Route = new Route(Provider, Product, Operator, Amounts.ToMoney(SendAmount, SendCurrency), Amounts.ToMoney(CostAmount, CostCurrency)),
        Environment = Words.ProviderEnvironment.Parse(Environment),
        ProviderReference = ProviderReference, State = Words.AttemptState.Parse(State), StartedAt = Micros.ToInstant(StartedAt),
        EndedAt = Micros.ToInstant(EndedAt), TransactionId = TransactionId, OperatorReference = OperatorReference, Code = Code,
        Message = Message, Evidence = Evidence,
    };
}

internal sealed record EvidenceRow
{
    public string TenantId { get; init; } = "";
    public required string TopUpId { get; init; }
    public required long No { get; init; }
    public required string Id { get; init; }
    public required string Verdict { get; init; }
    public required string Source { get; init; }
    public required string Reference { get; init; }
    public required string BroughtBy { get; init; }
    public long? AttemptNo { get; init; }
    public required long HeardAt { get; init; }
    public string? Note { get; init; }

    public static EvidenceRow Of(TenantId tenant, TopUp topUp, Evidence evidence, int no) => new()
    {
        TenantId = tenant.Value, TopUpId = topUp.Id.Value, No = no, Id = evidence.Id.Value,
        Verdict = Words.Verdict.Of(evidence.Verdict), Source = Words.EvidenceSource.Of(evidence.Source),
        Reference = evidence.Reference, BroughtBy = evidence.By, AttemptNo = evidence.AttemptNo, HeardAt = Micros.Of(evidence.At), Note = evidence.Note,
    };

    public Evidence ToEvidence() => new()
    {
        Id = Id<Evidence>.Parse(Id), Verdict = Words.Verdict.Parse(Verdict), Source = Words.EvidenceSource.Parse(Source),
        Reference = Reference, By = BroughtBy, AttemptNo = (int?)AttemptNo, At = Micros.ToInstant(HeardAt), Note = Note,
    };
}
