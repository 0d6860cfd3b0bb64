using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.TopUps;

namespace Relier.Application.Tests;

internal sealed class ValidationTests
{
    private static readonly TestCaseData[] BadOrders =
    [
        new TestCaseData(new RequestTopUp("", "20"), "phone", "required"),
        new TestCaseData(new RequestTopUp("123456789", "20"), "phone", "phone_invalid"),
        new TestCaseData(new RequestTopUp("8001234567", "20"), "phone", "phone_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "abc"), "amount", "amount_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "-20"), "amount", "amount_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "0"), "amount", "amount_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20.001"), "amount", "amount_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "99999999999999999999"), "amount", "amount_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", null), "amount", "required"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Currency = "XXX" }, "currency", "currency_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Reference = "" }, "reference", "reference_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Reference = new string('x', 101) }, "reference", "reference_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Reference = "a\u0000b" }, "reference", "reference_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Reference = "\ud800" }, "reference", "reference_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { IdempotencyKey = "with blank" }, "idempotencyKey", "idempotency_key_invalid"),
        new TestCaseData(new RequestTopUp("5512345000", "20") { Wait = Duration.FromMinutes(2) }, "wait", "wait_invalid"),
    ];

    [TestCaseSource(nameof(BadOrders))]
    public async Task A_bad_field_of_an_order_is_named_and_nothing_is_stored(RequestTopUp order, string field, string code)
    {
        await using var shop = await Shop.OpenAsync();

        var refusal = (await shop.Relier.SendAsync(order, shop.Reseller)).Refusal!;

        refusal.Code.Should().Be("validation_failed");
        refusal.Fields.Should().ContainSingle().Which.Should().Match<FieldError>(error => error.Field == field && error.Code == code && error.Message.Length > 5);
        (await shop.Relier.SendAsync(new ListTopUps(), shop.House)).Value.Data.Should().BeEmpty();
    }

    [Test]
    public async Task Every_bad_field_is_said_at_once()
    {
        await using var shop = await Shop.OpenAsync();

        var refusal = (await shop.Relier.SendAsync(new RequestTopUp("1", "x") { Reference = "" }, shop.Reseller)).Refusal!;

        refusal.Fields.Select(error => error.Field).Should().BeEquivalentTo("phone", "amount", "reference");
    }

    private static readonly TestCaseData[] BadCustomers =
    [
        new TestCaseData(new CreateCustomer(" "), "name"),
        new TestCaseData(new CreateCustomer("A") { Channel = "Admin" }, "channel"),
        new TestCaseData(new CreateCustomer("A") { Channel = "admin" }, "channel"),
        new TestCaseData(new CreateCustomer("A") { WalletCurrency = "usd" }, "walletCurrency"),
        new TestCaseData(new CreateCustomer("A") { CreditLimit = "-1" }, "creditLimit"),
        new TestCaseData(new CreateCustomer("A") { Policies = new PoliciesInput { MinAmount = "x" } }, "policies.minAmount"),
        new TestCaseData(new CreateCustomer("A") { Policies = new PoliciesInput { MinAmount = "100", MaxAmount = "50" } }, "policies.minAmount"),
        new TestCaseData(new CreateCustomer("A") { Policies = new PoliciesInput { FixedAmounts = ["20", "x"] } }, "policies.fixedAmounts[1]"),
        new TestCaseData(new CreateCustomer("A") { Policies = new PoliciesInput { AllowedAddresses = ["10.0.0.0/33"] } }, "policies.allowedAddresses[0]"),
        new TestCaseData(new CreateCustomer("A") { Policies = new PoliciesInput { LateDelivery = "nobody" } }, "policies.lateDelivery"),
    ];

    [TestCaseSource(nameof(BadCustomers))]
    public async Task A_bad_field_of_a_customer_is_named_and_nothing_is_stored(CreateCustomer customer, string field)
    {
        await using var shop = await Shop.OpenAsync();

        var refusal = (await shop.Relier.SendAsync(customer, shop.House)).Refusal!;

        refusal.Code.Should().Be("validation_failed");
        refusal.Fields.Should().ContainSingle().Which.Field.Should().Be(field);
        (await shop.Relier.SendAsync(new ListCustomers(), shop.House)).Value.Data.Should().HaveCount(1);
    }

    [TestCase("0.00")]
    [TestCase("1.001")]
    [TestCase("x")]
    public async Task Credit_is_an_amount_in_whole_minor_units(string amount)
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new AdjustCredit(shop.Customer, amount, "payment"), shop.House)).Refusal!.Fields.Single().Field.Should().Be("amount");
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("0.0000000001")]
    [TestCase("1e-3")]
    public async Task A_rate_is_a_decimal_above_zero_with_at_most_nine_decimals(string rate)
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new AddExchangeRate("MXN", "USD", rate), shop.House)).Refusal!.Fields.Single().Code.Should().Be("rate_invalid");
    }

    [Test]
    public async Task A_scope_that_a_customer_cannot_have_is_refused()
    {
        await using var shop = await Shop.OpenAsync();

        (await shop.Relier.SendAsync(new CreateKey("k") { Customer = shop.Customer, Scopes = [Permission.AdjustCredit] }, shop.House)).Refusal!.Fields.Single().Field.Should().Be("scopes[0]");
    }
}
