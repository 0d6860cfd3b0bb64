using System.Collections.Immutable;
using Relier.Customers;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Domain.Tests;

/// <summary>
/// The plainest of each thing; a test changes with <c>with</c> what it is about. The customer C1 of the acceptance cases:
/// a wallet of 10,000.00 USD without credit, and a peso at 0.0544 USD.
/// </summary>
internal static class A
{
    public static readonly Instant Noon = Instant.FromUtc(2025, 10, 13, 12, 0);

    public static readonly LocalDate Day = new(2025, 10, 13);

    public static ExchangeRate Rate { get; } = new()
    {
        Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.0544m), AsOf = Noon - Duration.FromMinutes(10), Source = "test",
    };

    public static Account Account { get; } = new()
    {
        Id = Id<Account>.Parse("acc_1"), Customer = Id<Customer>.Parse("cus_1"), CreditLimit = Usd(0m), Posted = Usd(10_000m),
        Held = Usd(0m), Entries = 1, OpenedAt = Noon - Duration.FromDays(1), Version = 2,
    };

    public static Account PesoAccount { get; } = Account with { CreditLimit = Mxn(0m), Posted = Mxn(10_000m), Held = Mxn(0m) };

    public static Customer Customer { get; } = new()
    {
        Id = Id<Customer>.Parse("cus_1"), Name = "Uno", Channel = "uno", Status = CustomerStatus.Active, Wallet = Account.Id,
        Policies = CustomerPolicies.Default(Currency.MXN), CreatedAt = Noon - Duration.FromDays(1), Version = 1,
    };

    public static readonly Msisdn Phone = Msisdn.Parse("5500000000");

    /// <summary>The 14 amounts that have a product of their own.</summary>
    public static readonly ImmutableArray<Money> FixedAmounts =
        [.. new[] { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500 }.Select(pesos => Mxn(pesos))];

    public static ProviderProduct Fixed(int pesos) => new()
    {
        Id = $"XOOM_{pesos}_MXN", Operator = "movistar", Min = Mxn(pesos), Max = Mxn(pesos), CostRatio = Ratio.Of(0.95m),
    };

    public static ProviderProduct OpenRange { get; } = new()
    {
        Id = "TFE_MXN_20_TO_2000", Operator = "movistar", Min = Mxn(20m), Max = Mxn(2_000m), CostRatio = Ratio.Of(0.95m),
    };

    /// <summary>The open range to which the provider adds 16 % on delivery, sent in steps of so much.</summary>
    public static ProviderProduct OpenRangeBeforeTax(decimal quantum) =>
        OpenRange with { Tax = new PreTax(Ratio.Percent(16m), Mxn(quantum)) };

    public static ProviderProduct Bundle { get; } = new()
    {
        Id = "TEMXN_BFRIQUIN_28_DAYS", Operator = "movistar", Min = Usd(11m), Max = Usd(11m), IsBundle = true,
    };

    /// <summary>Latcom: fixed products, then the open range, then a bundle.</summary>
    public static ProviderOffer Offer { get; } = new()
    {
        Provider = "latcom", Environment = ProviderEnvironment.Simulator,
        Products = [.. FixedAmounts.Select(amount => Fixed((int)amount.ToDecimal())), OpenRange, Bundle],
    };

    public static TopUpOrder Order(decimal pesos, string? reference = null) =>
        new() { Phone = Phone, Amount = Mxn(pesos), Reference = reference };

    public static TopUpOrder OrderOf(string product) => new() { Phone = Phone, Product = product };

    public static OrderSituation Situation { get; } = new()
    {
        Customer = Customer, Account = Account, UsedToday = Mxn(0m), UsedTodayForPhone = Mxn(0m), Rate = Rate, Offers = [Offer],
        NewId = Id<TopUp>.Parse("RLR176035680000012345678"), Now = Noon, Today = Day,
    };

    /// <summary>20 pesos, held at 1.09 USD: 20 * 0.0544 = 1.088. The provider takes 19.00: 20 * 0.95.</summary>
    public static TopUp TopUp { get; } = new()
    {
        Id = Situation.NewId, Customer = Customer.Id, Account = Account.Id, Reference = "R1", Phone = Phone, Face = Mxn(20m),
        Charge = Usd(1.09m), Rate = Rate, Route = new Route("latcom", "XOOM_20_MXN", "movistar", Mxn(20m), Mxn(19m)),
        State = TopUpState.Reserved, CreatedAt = Noon, Day = Day, Version = 1,
    };
}
