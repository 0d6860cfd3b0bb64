using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Latcom;
using Relier.Simulators;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>One login for everybody, kept for less than it lives.</summary>
[TestFixture]
public sealed class LatcomLoginTests
{
    private const int Many = 50;

    [Test]
    public async Task A_login_is_kept_for_three_and_a_half_minutes()
    {
        await using var latcom = await LatcomSimulator.StartAsync();
        var clock = new SetClock();
        using var provider = LatcomRig.Provider(latcom, clock: clock);

        await provider.SubmitAsync(LatcomRig.Order(reference: "RLR1"), default);
        clock.Time += Duration.FromSeconds(209);
        await provider.SubmitAsync(LatcomRig.Order(reference: "RLR2"), default);
        latcom.Logins.Should().Be(1);

        clock.Time += Duration.FromSeconds(1);
        await provider.SubmitAsync(LatcomRig.Order(reference: "RLR3"), default);
        latcom.Logins.Should().Be(2);
        latcom.Deliveries.Should().HaveCount(3);
    }

    [Test]
    public async Task A_clock_that_was_set_back_makes_no_token_young()
    {
        await using var latcom = await LatcomSimulator.StartAsync();
        var clock = new SetClock();
        using var provider = LatcomRig.Provider(latcom, clock: clock);
        await provider.SubmitAsync(LatcomRig.Order(reference: "RLR1"), default);

        clock.Time -= Duration.FromHours(1);
        await provider.SubmitAsync(LatcomRig.Order(reference: "RLR2"), default);

        latcom.Logins.Should().Be(2);
    }

    [Test]
    public async Task Fifty_orders_at_once_share_one_login()
    {
        await using var latcom = await LatcomSimulator.StartAsync();
        using var provider = LatcomRig.Provider(latcom);

        var outcomes = await SubmitManyAsync(provider);

        outcomes.Should().AllBeOfType<SubmitOutcome.Delivered>();
        latcom.Logins.Should().Be(1);
        latcom.Deliveries.Select(delivery => delivery.OurReference).Should().OnlyHaveUniqueItems().And.HaveCount(Many);
    }

    [Test]
    public async Task Fifty_orders_with_an_expired_token_share_one_login_and_are_delivered_once()
    {
        var latcomsTime = new SetTimeProvider();
        await using var latcom = await LatcomSimulator.StartAsync(new() { Clock = latcomsTime });
        using var provider = LatcomRig.Provider(latcom);
        await provider.ProbeAsync(default);
        latcomsTime.Time += TimeSpan.FromMinutes(5);

        var outcomes = await SubmitManyAsync(provider);

        outcomes.Should().AllBeOfType<SubmitOutcome.Delivered>();
        latcom.Logins.Should().Be(2);
        latcom.Deliveries.Select(delivery => delivery.OurReference).Should().OnlyHaveUniqueItems().And.HaveCount(Many);
        latcom.Submissions.GroupBy(submission => submission.Reference).Should().OnlyContain(sent => sent.Count() <= 2 && sent.Count(one => one.TokenValid) == 1);
    }

    [Test]
    public async Task A_token_that_is_refused_again_after_a_login_is_not_sent_and_not_tried_a_third_time()
    {
        await using var latcom = await LatcomSimulator.StartAsync(new() { TokenLifetime = TimeSpan.Zero });
        using var provider = LatcomRig.Provider(latcom);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Auth);
        latcom.Logins.Should().Be(2);
        latcom.Submissions.Should().HaveCount(2);
        latcom.Deliveries.Should().BeEmpty();
    }

    [Test]
    public async Task A_401_sends_the_very_same_bytes_once_more()
    {
        await using var latcom = CannedLatcom.Start(request => request.IsLogin ? null : CannedReply.Json(401, "{}"));
        using var provider = LatcomRig.Provider(latcom.Address);

        await provider.SubmitAsync(LatcomRig.Order(), default);

        latcom.Orders.Select(order => order.Body).Should().HaveCount(2).And.Subject.Distinct().Should().ContainSingle();
        latcom.Requests.Count(request => request.IsLogin).Should().Be(2);
    }

    [Test]
    public async Task A_lookup_also_logs_in_once_more_when_its_token_is_refused()
    {
        var latcomsTime = new SetTimeProvider();
        await using var latcom = await LatcomSimulator.StartAsync(new() { Clock = latcomsTime });
        using var provider = LatcomRig.Provider(latcom);
        var delivered = (SubmitOutcome.Delivered)await provider.SubmitAsync(LatcomRig.Order(), default);
        latcomsTime.Time += TimeSpan.FromMinutes(5);

        var found = await provider.LookUpAsync(LatcomRig.Order(), delivered.TransactionId, default);

        found.Should().BeOfType<LookupOutcome.Delivered>();
        latcom.Logins.Should().Be(2);
    }

    [Test]
    public async Task A_probe_logs_in_anew_and_orders_use_that_login()
    {
        await using var latcom = await LatcomSimulator.StartAsync();
        using var provider = LatcomRig.Provider(latcom);

        (await provider.ProbeAsync(default)).Healthy.Should().BeTrue();
        (await provider.ProbeAsync(default)).Healthy.Should().BeTrue();
        await provider.SubmitAsync(LatcomRig.Order(), default);

        latcom.Logins.Should().Be(2);
        latcom.Submissions.Should().ContainSingle("a probe orders nothing");
    }

    [Test]
    public async Task One_caller_who_gives_up_does_not_take_the_login_from_the_others()
    {
        var mayAnswer = new TaskCompletionSource();
        await using var latcom = CannedLatcom.Start(request =>
        {
            if (request.IsLogin) mayAnswer.Task.Wait();
            return null;
        });
        using var provider = LatcomRig.Provider(latcom.Address);
        using var impatience = new CancellationTokenSource();
        var impatient = provider.SubmitAsync(LatcomRig.Order(reference: "RLR1"), impatience.Token);
        var patient = provider.ProbeAsync(default);

        await impatience.CancelAsync();
        var givenUp = await impatient;
        mayAnswer.SetResult();

        givenUp.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.Timeout);
        (await patient).Healthy.Should().BeTrue();
        latcom.Requests.Should().ContainSingle("the one login");
    }

    [TestCase(200, """{"token":"abcdefghijklmnop"}""", LatcomCodes.Auth)]
    [TestCase(200, """{"access":""}""", LatcomCodes.Auth)]
    [TestCase(200, """{"access":"with\r\nX-Injected: 1"}""", LatcomCodes.Auth)]
    [TestCase(200, """{"access":7}""", LatcomCodes.Auth)]
    [TestCase(200, "<html>", LatcomCodes.Auth)]
    [TestCase(401, "{}", LatcomCodes.Auth)]
    [TestCase(403, """{"error":"Validation Error","message":"ip address NOT authorized","status":403}""", LatcomCodes.IpBlocked)]
    [TestCase(400, """{"error":"Validation Error","message":"Invalid user","status":400}""", LatcomCodes.Auth)]
    [TestCase(302, "", LatcomCodes.Unreachable)]
    [TestCase(503, "busy", LatcomCodes.Unreachable)]
    public async Task A_login_that_gives_no_token_means_nothing_was_sent(int status, string body, string code)
    {
        await using var latcom = CannedLatcom.Start(_ => CannedReply.Json(status, body));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(code);
        outcome.Evidence.Should().StartWith($"HTTP {status}").And.NotContain("abcdefghijklmnop");
        latcom.Requests.Should().ContainSingle();
    }

    [Test]
    public async Task A_login_that_hangs_or_breaks_means_nothing_was_sent([Values(CannedEnd.Hang, CannedEnd.Reset, CannedEnd.Close)] CannedEnd end)
    {
        await using var latcom = CannedLatcom.Start(_ => new CannedReply("", end));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(timeoutSeconds: 0.5), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Unreachable);
        latcom.Orders.Should().BeEmpty();
    }

    [Test]
    public async Task A_login_gets_a_third_of_the_time_so_that_an_order_has_the_rest()
    {
        await using var latcom = CannedLatcom.Start(_ => new CannedReply("", CannedEnd.Hang));
        using var provider = LatcomRig.Provider(latcom.Address, options => options.Timeout = TimeSpan.FromSeconds(1.5));

        var probing = provider.ProbeAsync(default);

        (await Task.WhenAny(probing, Task.Delay(TimeSpan.FromSeconds(1.4)))).Should().Be(probing);
        (await probing).Healthy.Should().BeFalse();
    }

    private static Task<SubmitOutcome[]> SubmitManyAsync(LatcomProvider provider) =>
        Task.WhenAll(Enumerable.Range(1, Many).Select(no => Task.Run(() =>
            provider.SubmitAsync(LatcomRig.Order($"55123456{no:00}", $"RLR{no}"), default))));
}
