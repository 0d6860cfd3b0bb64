using FluentAssertions;
using NUnit.Framework;
using Relier.Latcom;
using Relier.Simulators;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>Every number the simulator plays with, against what was truly delivered.</summary>
[TestFixture]
public sealed class LatcomSimulatorTests
{
    private const double HangSeconds = 1.5;
    private const double PatienceSeconds = 0.7;

    private LatcomSimulator _latcom = null!;
    private RememberingLogger _log = null!;
    private LatcomProvider _provider = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _latcom = await LatcomSimulator.StartAsync(new() { HangTime = TimeSpan.FromSeconds(HangSeconds) });

    [OneTimeTearDown]
    public async Task StopAsync() => await _latcom.DisposeAsync();

    [SetUp]
    public void Begin()
    {
        _latcom.Reset();
        _log = new RememberingLogger();
        _provider = LatcomRig.Provider(_latcom, logger: _log);
    }

    [TearDown]
    public void End() => _provider.Dispose();

    [TestCase("000")]
    [TestCase("015")]
    [TestCase("016")]
    [TestCase("033")]
    [TestCase("034")]
    [TestCase("678")]
    public async Task A_plain_yes_is_delivered(string suffix)
    {
        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo(suffix), default);

        var delivery = _latcom.Deliveries.Should().ContainSingle().Subject;
        outcome.Should().BeOfType<SubmitOutcome.Delivered>().Which.Should().BeEquivalentTo(
            new { TransactionId = delivery.TransId, OperatorReference = delivery.VendorTransactionId, Cost = (Money?)null });
        delivery.Amount.Should().Be(20m);
        delivery.OurReference.Should().Be(LatcomRig.Reference);
    }

    [TestCase("001", RefusalClass.ProductUnavailable, "-120054", "Product not Found")]
    [TestCase("002", RefusalClass.PlanNotAllowed, null, "Bolton is not allowed for tariff plan")]
    public async Task A_listed_no_is_refused(string suffix, RefusalClass meaning, string? code, string message)
    {
        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo(suffix), default);

        var refused = outcome.Should().BeOfType<SubmitOutcome.Refused>().Subject;
        refused.Class.Should().Be(meaning);
        refused.ProviderCode.Should().Be(code);
        refused.Message.Should().Be(message);
        refused.TransactionId.Should().StartWith("LT");
        _latcom.Deliveries.Should().BeEmpty();
    }

    [TestCase("003", LatcomCodes.UnlistedFailure, 0, true)]
    [TestCase("004", LatcomCodes.Timeout, 1, false)]
    [TestCase("005", LatcomCodes.Timeout, 0, false)]
    [TestCase("006", LatcomCodes.ConnectionLost, 1, false)]
    [TestCase("007", "http_502", 1, false)]
    [TestCase("008", "http_500", 0, false)]
    [TestCase("009", LatcomCodes.UnreadableAnswer, 1, false)]
    [TestCase("010", LatcomCodes.UnrecognisedStatus, 0, true)]
    [TestCase("013", LatcomCodes.EchoMismatch, 1, true)]
    [TestCase("014", LatcomCodes.EchoMismatch, 1, true)]
    [TestCase("035", LatcomCodes.UnrecognisedStatus, 1, true)]
    [TestCase("036", LatcomCodes.UnrecognisedStatus, 1, true)]
    [TestCase("037", LatcomCodes.UnrecognisedStatus, 1, true)]
    public async Task Everything_else_is_unknown_and_was_sent_once(string suffix, string code, int deliveries, bool canBeLookedUp)
    {
        await _provider.ProbeAsync(default); // so that the patience is all for the order
        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo(suffix, timeoutSeconds: Patience(suffix)), default);

        var unknown = outcome.Should().BeOfType<SubmitOutcome.Unknown>().Subject;
        unknown.Code.Should().Be(code);
        (unknown.TransactionId is not null).Should().Be(canBeLookedUp);
        _latcom.Submissions.Should().ContainSingle();
        _latcom.Deliveries.Should().HaveCount(deliveries);
    }

    [Test]
    public async Task A_connection_reset_under_an_order_on_a_kept_connection_sends_it_once()
    {
        await _provider.SubmitAsync(LatcomRig.OrderTo("000", "RLR1"), default);

        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo("006", "RLR2"), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.ConnectionLost);
        _latcom.DeliveriesTo("5512345006").Should().ContainSingle();
        _latcom.Submissions.Count(submission => submission.Reference == "RLR2").Should().Be(1);
    }

    [Test]
    public async Task An_expired_token_means_one_login_and_the_same_reference_again()
    {
        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo("011"), default);

        outcome.Should().BeOfType<SubmitOutcome.Delivered>();
        _latcom.Logins.Should().Be(2);
        _latcom.Submissions.Select(submission => (submission.Reference, submission.TokenValid))
            .Should().Equal((LatcomRig.Reference, false), (LatcomRig.Reference, true));
        _latcom.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task A_blocked_address_means_nothing_was_sent()
    {
        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo("012"), default);
        var next = await _provider.SubmitAsync(LatcomRig.OrderTo("000", "RLR2"), default);
        var probe = await _provider.ProbeAsync(default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.IpBlocked);
        outcome.Evidence.Should().StartWith("HTTP 400").And.Contain("IP Address not authorized");
        next.Should().BeOfType<SubmitOutcome.Delivered>("a token given before goes on working");
        probe.Should().Be(new ProbeOutcome(false, "provider_ip_blocked: IP Address not authorized"));
    }

    [Test]
    public async Task A_blocked_login_means_nothing_was_sent()
    {
        _latcom.BlockLogin = true;

        var outcome = await _provider.SubmitAsync(LatcomRig.OrderTo("000"), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.IpBlocked);
        _latcom.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task Wrong_credentials_mean_nothing_was_sent()
    {
        using var provider = LatcomRig.Provider(_latcom, options => options.Password = "another-password");

        var outcome = await provider.SubmitAsync(LatcomRig.OrderTo("000"), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Auth);
        _latcom.Submissions.Should().BeEmpty();
    }

    [Test]
    public async Task A_duplicate_is_unknown_and_its_own_transaction_is_not_ours_to_look_up([Values] bool treatUnlistedFailAsRefused)
    {
        using var provider = LatcomRig.Provider(_latcom, options => options.TreatUnlistedFailAsRefused = treatUnlistedFailAsRefused);
        await provider.SubmitAsync(LatcomRig.OrderTo("000"), default);

        var outcome = await provider.SubmitAsync(LatcomRig.OrderTo("000"), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Should().BeEquivalentTo(
            new { Code = LatcomCodes.DuplicateAtProvider, TransactionId = (string?)null });
        _latcom.Deliveries.Should().ContainSingle();
    }

    [Test]
    public async Task An_unlisted_failure_is_refused_when_the_switch_says_so()
    {
        using var provider = LatcomRig.Provider(_latcom, options => options.TreatUnlistedFailAsRefused = true);

        var outcome = await provider.SubmitAsync(LatcomRig.OrderTo("003"), default);

        outcome.Should().BeOfType<SubmitOutcome.Refused>().Which.Should().BeEquivalentTo(
            new { Class = RefusalClass.PlanNotAllowed, ProviderCode = "-199999", Message = "Subscriber line in transition" });
        var found = await provider.LookUpAsync(LatcomRig.OrderTo("003"), ((SubmitOutcome.Refused)outcome).TransactionId, default);
        found.Should().BeOfType<LookupOutcome.NotDelivered>().Which.Class.Should().Be(RefusalClass.PlanNotAllowed);
    }

    [Test]
    public async Task An_unlisted_failure_is_refused_when_it_is_listed()
    {
        using var provider = LatcomRig.Provider(_latcom, options => options.RefusalMessages[" subscriber LINE in transition "] = RefusalClass.SubscriberBarred);

        var outcome = await provider.SubmitAsync(LatcomRig.OrderTo("003"), default);

        outcome.Should().BeOfType<SubmitOutcome.Refused>().Which.Class.Should().Be(RefusalClass.SubscriberBarred);
    }

    [TestCase("010", 1)]
    [TestCase("014", 1)]
    [TestCase("035", 1)]
    [TestCase("036", 1)]
    [TestCase("037", 1)]
    public async Task A_lookup_finds_what_was_delivered_after_all(string suffix, int deliveries)
    {
        var order = LatcomRig.OrderTo(suffix);
        var unknown = (SubmitOutcome.Unknown)await _provider.SubmitAsync(order, default);

        var found = await _provider.LookUpAsync(order, unknown.TransactionId, default);

        var delivery = _latcom.Deliveries.Should().HaveCount(deliveries).And.Subject.Single();
        found.Should().BeOfType<LookupOutcome.Delivered>().Which.Should().BeEquivalentTo(
            new { TransactionId = delivery.TransId, OperatorReference = delivery.VendorTransactionId });
        _latcom.Submissions.Should().ContainSingle("a look-up moves no money");
    }

    [Test]
    public async Task A_lookup_of_a_listed_no_is_not_delivered()
    {
        var refused = (SubmitOutcome.Refused)await _provider.SubmitAsync(LatcomRig.OrderTo("001"), default);

        var found = await _provider.LookUpAsync(LatcomRig.OrderTo("001"), refused.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.NotDelivered>().Which.Class.Should().Be(RefusalClass.ProductUnavailable);
    }

    [Test]
    public async Task A_lookup_of_a_failure_nobody_has_listed_teaches_nothing()
    {
        var unknown = (SubmitOutcome.Unknown)await _provider.SubmitAsync(LatcomRig.OrderTo("003"), default);

        var found = await _provider.LookUpAsync(LatcomRig.OrderTo("003"), unknown.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.Unavailable>();
    }

    [Test]
    public async Task A_lookup_of_another_amount_teaches_nothing_since_people_must_decide()
    {
        var unknown = (SubmitOutcome.Unknown)await _provider.SubmitAsync(LatcomRig.OrderTo("013"), default);

        var found = await _provider.LookUpAsync(LatcomRig.OrderTo("013"), unknown.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.Unavailable>().Which.Reason.Should().Contain("amount");
    }

    [Test]
    public async Task A_lookup_of_somebody_elses_order_teaches_nothing()
    {
        var other = (SubmitOutcome.Delivered)await _provider.SubmitAsync(LatcomRig.OrderTo("000", "RLR1"), default);

        var found = await _provider.LookUpAsync(LatcomRig.OrderTo("000", "RLR2"), other.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.Unavailable>().Which.Reason.Should().Contain("reference");
    }

    [Test]
    public async Task A_lookup_of_a_reversed_one_is_not_delivered()
    {
        var delivered = (SubmitOutcome.Delivered)await _provider.SubmitAsync(LatcomRig.OrderTo("016"), default);
        _latcom.ReverseNow(delivered.TransactionId);

        var found = await _provider.LookUpAsync(LatcomRig.OrderTo("016"), delivered.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.NotDelivered>().Which.Class.Should().BeNull();
    }

    [Test]
    public async Task A_lookup_of_an_unknown_id_is_not_found()
    {
        (await _provider.LookUpAsync(LatcomRig.Order(), "LT00000000", default)).Should().BeOfType<LookupOutcome.NotFound>();
    }

    [TestCase(null)]
    [TestCase(" ")]
    public async Task A_lookup_without_an_id_asks_nobody(string? transactionId)
    {
        (await _provider.LookUpAsync(LatcomRig.Order(), transactionId, default)).Should().BeOfType<LookupOutcome.Unavailable>();

        _latcom.Logins.Should().Be(0);
    }

    [Test]
    public async Task A_bundle_is_ordered_by_its_code_without_an_amount()
    {
        var order = LatcomRig.Order("5512345000", product: "TEMXN_BFRISEM_7_DAYS", send: Money.Zero(Currency.USD));

        var outcome = await _provider.SubmitAsync(order, default);

        outcome.Should().BeOfType<SubmitOutcome.Delivered>();
        _latcom.Deliveries.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Amount = 7.5m, Currency = "USD", ProductId = "TEMXN_BFRISEM_7_DAYS" });
    }

    [Test]
    public async Task What_the_open_range_is_sent_arrives_as_the_face_value()
    {
        using var provider = LatcomRig.Provider(_latcom, options => options.TaxQuantum = 0.01m);
        var face = Money.Of(25, Currency.MXN);
        var route = Routing.Ways([provider.Offer], null, null, face).FirstOrDefault()!;

        var outcome = await provider.SubmitAsync(LatcomRig.Order("5512345000", product: route.Product, send: route.Send), default);

        outcome.Should().BeOfType<SubmitOutcome.Delivered>();
        _latcom.Deliveries.Should().ContainSingle().Which.Amount.Should().Be(25.00m); // 21.55 x 1.16 = 24.998
    }

    [Test]
    public async Task No_number_password_key_or_token_gets_into_evidence_messages_or_logs()
    {
        string[] suffixes = ["000", "001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "013", "014", "015", "033", "035", "037", "012"];
        var told = new List<string?>();
        foreach (var suffix in suffixes)
        {
            var order = LatcomRig.OrderTo(suffix, "RLR" + suffix, Patience(suffix));
            var outcome = await _provider.SubmitAsync(order, default);
            told.AddRange(outcome.Evidence, outcome.ToString());
            if (outcome is SubmitOutcome.Unknown { TransactionId: { } id }) told.Add((await _provider.LookUpAsync(order, id, default)).ToString());
        }
        told.Add((await _provider.ProbeAsync(default)).ToString());

        var options = LatcomRig.Options(_latcom.Address);
        var everything = string.Join('\n', told.Concat(_log.Lines));
        everything.Should().NotContain("5512345").And.NotContain(options.Password).And.NotContain(options.DistributorKey).And.NotContain(options.Username);
        everything.Should().NotMatchRegex("[0-9a-f]{64}", "the simulator's tokens are 64 hexadecimal digits");
        _log.Lines.Should().Contain(line => line.Contains("******5004"));
    }

    private static double Patience(string suffix) => suffix is "004" or "005" ? PatienceSeconds : 10;
}
