using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.InMemory;
using Relier.TopUps;

namespace Relier.Adapters.Tests.InMemory;

public sealed class SimulatedProviderTests
{
    private static readonly Duration Second = Duration.FromSeconds(1);

    private FakeClock _clock = null!;
    private SimulatedProvider _provider = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new FakeClock();
        _provider = new SimulatedProvider(_clock);
    }

    [TestCase("10", "XOOM_10_MXN", "9.50")]
    [TestCase("500", "XOOM_500_MXN", "475.00")]
    [TestCase("11", "SIM_MXN_20_TO_2000", "10.45")]
    [TestCase("2000", "SIM_MXN_20_TO_2000", "1900.00")]
    public void An_amount_is_sent_as_it_is_at_five_percent_off(string face, string product, string cost)
    {
        var route = Routing.Ways([_provider.Offer], null, null, Pesos(face)).FirstOrDefault()!;

        route.Should().Be(new Route("simulator", product, "TELEFONICA", Pesos(face), Pesos(cost)));
    }

    [TestCase("9.99")]
    [TestCase("2000.01")]
    public void An_amount_out_of_range_is_not_to_be_had(string face) =>
        Routing.Ways([_provider.Offer], null, null, Pesos(face)).FirstOrDefault().Should().BeNull();

    [Test]
    public void The_offer_is_fourteen_fixed_products_and_then_the_open_range()
    {
        var offer = _provider.Offer;

        offer.Provider.Should().Be("simulator");
        offer.Environment.Should().Be(ProviderEnvironment.Simulator);
        offer.NotFoundFinalAfter.Should().Be(Duration.FromMinutes(10));
        offer.Products.Select(product => product.IsFixed).Should().Equal(Enumerable.Repeat(true, 14).Append(false));
    }

    [Test]
    public void Cost_and_belief_in_not_found_can_be_set()
    {
        var provider = new SimulatedProvider(_clock, new SimulatedProviderOptions { CostRatio = Ratio.Of(0.9m), NotFoundFinalAfter = null });

        provider.Offer.Products.Should().OnlyContain(product => product.CostRatio == Ratio.Of(0.9m));
        provider.Offer.NotFoundFinalAfter.Should().BeNull();
    }

    [TestCase("000", "Delivered", null, "Delivered", 1)]
    [TestCase("123", "Delivered", null, "Delivered", 1)]
    [TestCase("016", "Delivered", null, "Delivered", 1)]
    [TestCase("001", "Refused", "-120054", "NotDelivered", 0)]
    [TestCase("002", "Refused", null, "NotDelivered", 0)]
    [TestCase("003", "Unknown", "unrecognised_failure", "Unavailable", 0)]
    [TestCase("004", "Unknown", "timeout", "Delivered", 1)]
    [TestCase("005", "Unknown", "timeout", "NotFound", 0)]
    [TestCase("008", "Unknown", "http_500", "NotFound", 0)]
    [TestCase("010", "Accepted", null, "Delivered", 1)]
    [TestCase("012", "NotSent", "provider_ip_blocked", "NotFound", 0)]
    public async Task The_last_three_digits_say_what_is_answered_what_is_found_and_what_is_true(
        string digits, string answer, string? code, string found, int deliveries)
    {
        var submission = To(digits);

        var outcome = await _provider.SubmitAsync(submission, default);
        var lookup = await _provider.LookUpAsync(submission, null, default);

        outcome.GetType().Name.Should().Be(answer);
        CodeOf(outcome).Should().Be(code);
        lookup.GetType().Name.Should().Be(found);
        _provider.Deliveries.Should().HaveCount(deliveries);
    }

    [Test]
    public async Task Refusals_say_which_they_are()
    {
        var first = (SubmitOutcome.Refused)await _provider.SubmitAsync(To("001"), default);
        var second = (SubmitOutcome.Refused)await _provider.SubmitAsync(To("002"), default);

        first.Class.Should().Be(RefusalClass.ProductUnavailable);
        second.Class.Should().Be(RefusalClass.PlanNotAllowed);
    }

    [Test]
    public async Task What_was_accepted_is_delivered_at_the_first_lookup_and_once()
    {
        var submission = To("010");
        await _provider.SubmitAsync(submission, default);
        _provider.Deliveries.Should().BeEmpty();

        await _provider.LookUpAsync(submission, null, default);
        await _provider.LookUpAsync(submission, null, default);

        _provider.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task A_delivery_is_recorded_with_all_that_arrived()
    {
        var submission = To("000");

        var outcome = (SubmitOutcome.Delivered)await _provider.SubmitAsync(submission, default);

        _provider.Deliveries.Should().Equal(
            new SimulatedDelivery(submission.Reference, submission.Phone, "XOOM_20_MXN", Pesos("20"), outcome.TransactionId, _clock.Now()));
    }

    [TestCase("000")]
    [TestCase("004")]
    [TestCase("005")]
    [TestCase("001")]
    public async Task A_reference_submitted_again_is_answered_unknown_and_not_delivered_again(string digits)
    {
        var submission = To(digits);
        await _provider.SubmitAsync(submission, default);
        var before = _provider.Deliveries;

        var again = await _provider.SubmitAsync(submission with { Phone = Msisdn.Parse("5512345000") }, default);

        CodeOf(again).Should().Be("duplicate_at_provider");
        again.Should().BeOfType<SubmitOutcome.Unknown>();
        _provider.Deliveries.Should().Equal(before);
        _provider.Submissions.Should().HaveCount(2);
    }

    [Test]
    public async Task What_was_not_sent_did_not_use_its_reference_up()
    {
        var submission = To("012");
        await _provider.SubmitAsync(submission, default);

        var elsewhere = await _provider.SubmitAsync(submission with { Phone = Msisdn.Parse("5512345000") }, default);

        elsewhere.Should().BeOfType<SubmitOutcome.Delivered>();
    }

    [Test]
    public async Task A_reference_nobody_submitted_is_not_found() =>
        (await _provider.LookUpAsync(To("000"), "SIM0000000001", default)).Should().BeOfType<LookupOutcome.NotFound>();

    [Test]
    public async Task Answers_take_the_latency_and_deliveries_do_not()
    {
        var provider = new SimulatedProvider(_clock, new SimulatedProviderOptions { Latency = Second * 2 });

        var answer = provider.SubmitAsync(To("000"), default);

        provider.Deliveries.Should().ContainSingle();
        answer.IsCompleted.Should().BeFalse();
        _clock.Advance(Second * 2);
        (await answer).Should().BeOfType<SubmitOutcome.Delivered>();
    }

    [Test]
    public async Task An_answer_slower_than_the_timeout_is_unknown_and_delivered_all_the_same()
    {
        var provider = new SimulatedProvider(_clock, new SimulatedProviderOptions { Latency = Second * 31 });

        var answer = provider.SubmitAsync(To("000"), default);
        _clock.Advance(Second * 30);

        CodeOf(await answer).Should().Be("timeout");
        provider.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task Cancelling_gives_up_waiting_not_the_order()
    {
        var provider = new SimulatedProvider(_clock, new SimulatedProviderOptions { Latency = Second });
        using var cancelling = new CancellationTokenSource();
        var submission = To("000");
        var answer = provider.SubmitAsync(submission, cancelling.Token);
        var lookup = provider.LookUpAsync(submission, null, cancelling.Token);

        await cancelling.CancelAsync();

        (await answer).Should().BeOfType<SubmitOutcome.Unknown>();
        (await lookup).Should().BeOfType<LookupOutcome.Unavailable>();
        provider.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task Of_fifty_at_once_with_one_reference_one_is_delivered()
    {
        var submission = To("000");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => _provider.SubmitAsync(submission, default))));

        outcomes.OfType<SubmitOutcome.Delivered>().Should().ContainSingle();
        _provider.Deliveries.Should().ContainSingle();
        _provider.Submissions.Should().HaveCount(50);
    }

    [Test]
    public async Task Two_providers_asked_the_same_answer_the_same()
    {
        var submissions = new[] { "000", "001", "004", "010" }.Select(To).ToList();
        var other = new SimulatedProvider(new FakeClock());

        foreach (var submission in submissions)
            (await _provider.SubmitAsync(submission, default)).Should().Be(await other.SubmitAsync(submission, default));
    }

    [Test]
    public async Task It_is_always_healthy() => (await _provider.ProbeAsync(default)).Healthy.Should().BeTrue();

    private static Submission To(string digits) => new(
        Id<TopUp>.Parse($"RLR-{digits}"), $"REF-{digits}", Msisdn.Parse($"5512345{digits}"), "TELEFONICA", "XOOM_20_MXN", Pesos("20"), Second * 30);

    private static Money Pesos(string amount) => Money.Parse(amount, Currency.MXN);

    private static string? CodeOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.NotSent notSent => notSent.Code,
        SubmitOutcome.Refused refused => refused.ProviderCode,
        SubmitOutcome.Unknown unknown => unknown.Code,
        _ => null,
    };
}
