using Relier.Customers;
using Relier.TopUps;

namespace Relier.Hosts.Tests.Api;

/// <summary>Where an order is wrong in two ways, the one that is documented first is answered.</summary>
internal sealed class RefusalOrderTests
{
    private const string Good = "5512345000";

    [Test]
    public async Task Unauthenticated_wins_over_a_body_that_is_no_json()
    {
        await using var world = await ApiWorld.StartAsync();
        (await world.Nobody.PostAsync("/api/v1/topups", "{")).ErrorCode.Should().Be("unauthenticated");
    }

    [Test]
    public async Task An_address_that_is_not_allowed_wins_over_a_body_that_is_no_json()
    {
        await using var world = await ApiWorld.StartAsync();
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Fenced", "fenced", new PoliciesInput { AllowedAddresses = ["203.0.113.0/24"] }));

        var reply = await program.PostAsync("/api/v1/topups", "{");

        (reply.Code, reply.ErrorCode).Should().Be((403, "ip_not_allowed"));
    }

    [Test]
    public async Task A_malformed_body_wins_over_wrong_fields()
    {
        await using var world = await ApiWorld.StartAsync();
        (await world.Reseller.PostAsync("/api/v1/topups", """{"phone":"1","phone":"2"}""")).ErrorCode.Should().Be("malformed_request");
    }

    [Test]
    public async Task Wrong_fields_win_over_a_reference_that_was_used()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "R1");
        (await world.Reseller.OrderAsync("123", "20", "R1")).ErrorCode.Should().Be("validation_failed");
    }

    [Test]
    public async Task A_reference_that_was_used_wins_over_an_amount_out_of_range()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", "R1");
        (await world.Reseller.OrderAsync(Good, "501", "R1")).ErrorCode.Should().Be("reference_conflict");
    }

    [Test]
    public async Task A_suspected_duplicate_wins_over_an_amount_that_is_no_longer_allowed()
    {
        await using var world = await ApiWorld.StartAsync();
        await world.Reseller.OrderAsync(Good, "20", null, ("Idempotency-Key", "k1"));
        await world.SendAsync(new UpdateCustomer(world.CustomerId, 1) { Policies = new PoliciesInput { MinAmount = "30" } });
        (await world.Reseller.OrderAsync(Good, "20", null, ("Idempotency-Key", "k2"))).ErrorCode.Should().Be("duplicate_suspected");
    }

    [Test]
    public async Task Out_of_range_wins_over_not_allowed()
    {
        await using var world = await ApiWorld.StartAsync();
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Fixed", "fixed", new PoliciesInput { FixedAmounts = ["20", "50"] }));

        (await program.OrderAsync(Good, "501", "R1")).ErrorCode.Should().Be("amount_out_of_range");
        var notAllowed = await program.OrderAsync(Good, "25", "R2");

        (notAllowed.Code, notAllowed.ErrorCode).Should().Be((422, "amount_not_allowed"));
        notAllowed.Json.At("allowed_amounts").GetRawText().Should().Be("""["20.00","50.00"]""");
    }

    [Test]
    public async Task Not_allowed_wins_over_not_deliverable_and_that_over_the_daily_limit()
    {
        await using var world = await ApiWorld.StartAsync();
        // The simulator delivers 10 to 2,000.
        var wide = new PoliciesInput { MinAmount = "5", MaxAmount = "5000", DailyLimit = "1", Step = "1" };
        var program = await world.ProgramOfAsync(await world.NewCustomerAsync("Wide", "wide", wide));

        (await program.OrderAsync(Good, "5.5", "R1")).ErrorCode.Should().Be("amount_not_allowed");
        (await program.OrderAsync(Good, "5", "R2")).ErrorCode.Should().Be("amount_not_deliverable");
        var limited = await program.OrderAsync(Good, "20", "R3");

        (limited.Code, limited.ErrorCode).Should().Be((429, "daily_limit_exceeded"));
        limited.Json.Names().Should().Contain(["limit", "used", "requested", "available"]);
    }

    [Test]
    public async Task The_daily_limit_wins_over_a_missing_rate_and_that_over_insufficient_credit()
    {
        await using var world = await ApiWorld.StartAsync();
        var id = await world.NewCustomerAsync("Rupees", "rupees", new PoliciesInput { DailyLimit = "30" }, credit: "0", wallet: "INR");
        var program = await world.ProgramOfAsync(id);

        (await program.OrderAsync(Good, "50", "R1")).ErrorCode.Should().Be("daily_limit_exceeded");
        var noRate = await program.OrderAsync(Good, "20", "R2");

        (noRate.Code, noRate.ErrorCode, noRate.Json.At("retryable").GetBoolean()).Should().Be((503, "fx_unavailable", true));
        noRate.Header("Retry-After").Should().Be("5");
    }

    [Test]
    public async Task No_provider_wins_over_insufficient_credit_which_is_last()
    {
        await using var world = await ApiWorld.StartAsync();
        var pinned = await world.ProgramOfAsync(await world.NewCustomerAsync("Pinned", "pinned", new PoliciesInput { PinnedProvider = "gone" }, credit: "0"));
        var poor = await world.ProgramOfAsync(await world.NewCustomerAsync("Poor", "poor", credit: "0"));

        var noProvider = await pinned.OrderAsync(Good, "20", "R1");
        var noMoney = await poor.OrderAsync(Good, "20", "R1");

        (noProvider.Code, noProvider.ErrorCode).Should().Be((503, "provider_unavailable"));
        (noMoney.Code, noMoney.ErrorCode).Should().Be((402, "insufficient_credit"));
        noMoney.Json.At("required").GetRawText().Should().Be("""{"amount":"1.09","currency":"USD"}""");
        noMoney.Json.At("retryable").GetBoolean().Should().BeFalse();
    }
}
