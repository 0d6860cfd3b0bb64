using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using NUnit.Framework;
using Relier.Latcom;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>What is written, and what a broken connection proves.</summary>
[TestFixture]
public sealed class LatcomWireTests
{
    private const string Yes = """{"amount":20,"productId":"XOOM_20_MXN","transId":"LT1","status":"Success","distTransid":"RLR1760353500123"}""";

    [Test]
    public async Task A_login_is_written_as_recorded()
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(latcom.Address);

        await provider.ProbeAsync(default);

        var login = latcom.Requests.Should().ContainSingle().Subject;
        login.Method.Should().Be("POST");
        login.Path.Should().Be("/api/dislogin");
        login.Body.Should().Be("""{"username":"simulated-user","password":"simulated-password","dist_api":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","user_uid":"00000001"}""");
    }

    [TestCase("XOOM_20_MXN", "20", "MXN", """{"targetMSISDN":"5512345678","dist_transid":"RLR1760353500123","operator":"TELEFONICA","country":"MEXICO","currency":"MXN","amount":20,"productId":"XOOM_20_MXN","skuID":"0","service":2}""")]
    [TestCase("TFE_MXN_20_TO_2000", "25.86", "MXN", """{"targetMSISDN":"5512345678","dist_transid":"RLR1760353500123","operator":"TELEFONICA","country":"MEXICO","currency":"MXN","amount":25.86,"productId":"TFE_MXN_20_TO_2000","skuID":"0","service":2}""")]
    [TestCase("TFE_MXN_20_TO_2000", "25.50", "MXN", """{"targetMSISDN":"5512345678","dist_transid":"RLR1760353500123","operator":"TELEFONICA","country":"MEXICO","currency":"MXN","amount":25.5,"productId":"TFE_MXN_20_TO_2000","skuID":"0","service":2}""")]
    [TestCase("TEMXN_BFSPRINT_UNLIMITED_30_DAYS", "0", "USD", """{"targetMSISDN":"5512345678","dist_transid":"RLR1760353500123","operator":"TELEFONICA","country":"MEXICO","currency":"USD","amount":0,"productId":"TEMXN_BFSPRINT_UNLIMITED_30_DAYS","skuID":"BFSPRINT","service":1}""")]
    public async Task An_order_is_written_as_recorded(string product, string send, string currency, string body)
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(latcom.Address);

        await provider.SubmitAsync(LatcomRig.Order(product: product, send: Money.Parse(send, Currency.Parse(currency))), default);

        var order = latcom.Orders.Should().ContainSingle().Subject;
        order.Body.Should().Be(body);
        order.Head.Should().StartWith("POST /api/tn/fast HTTP/1.1\r\n");
        order.Head.Split("\r\n").Should().Contain("Authorization: Bearer canned-token-of-one-login").And.Contain("Content-Type: application/json");
        order.Head.Should().NotContainAny("Cookie:", "traceparent:", "Expect:");
    }

    [TestCase("")]
    [TestCase("relier")]
    [TestCase("relier/")]
    public async Task A_path_of_the_base_address_is_kept(string path)
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(new Uri(latcom.Address, path));

        await provider.SubmitAsync(LatcomRig.Order(), default);

        latcom.Orders.Should().ContainSingle().Which.Path.Should().Be(path.Length == 0 ? "/api/tn/fast" : "/relier/api/tn/fast");
    }

    [TestCase("XOOM_250_MXN", "250", "MXN", "TELEFONICA")]
    [TestCase("XOOM_20_MXN", "20", "USD", "TELEFONICA")]
    [TestCase("XOOM_20_MXN", "20", "MXN", "TELCEL")]
    public async Task What_is_not_on_offer_is_not_sent(string product, string send, string currency, string @operator)
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(product: product, send: Money.Parse(send, Currency.Parse(currency)), @operator: @operator), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.ProductNotOffered);
        latcom.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_closed_port_means_nothing_was_sent()
    {
        var port = FreePort();
        using var provider = LatcomRig.Provider(new Uri($"http://127.0.0.1:{port}/"));

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Unreachable);
        (await provider.ProbeAsync(default)).Healthy.Should().BeFalse();
        (await provider.LookUpAsync(LatcomRig.Order(), "LT1", default)).Should().BeOfType<LookupOutcome.Unavailable>();
    }

    [Test]
    public async Task A_name_that_does_not_exist_means_nothing_was_sent()
    {
        using var provider = LatcomRig.Provider(new Uri("https://latcom.invalid/"));

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Unreachable);
    }

    [Test]
    public async Task A_server_that_speaks_no_TLS_means_nothing_was_sent()
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(new UriBuilder(latcom.Address) { Scheme = Uri.UriSchemeHttps }.Uri);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(timeoutSeconds: 1), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Unreachable);
        latcom.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_server_that_is_gone_after_the_login_means_the_order_was_not_sent()
    {
        var latcom = CannedLatcom.Start(_ => CannedReply.LoggedInAndClosed);
        using var provider = LatcomRig.Provider(latcom.Address);
        (await provider.ProbeAsync(default)).Healthy.Should().BeTrue();
        await latcom.DisposeAsync();

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.Unreachable);
        latcom.Orders.Should().BeEmpty();
    }

    [Test]
    public async Task A_connection_ended_under_an_order_is_unknown_and_the_order_is_not_written_again([Values(CannedEnd.Close, CannedEnd.Reset)] CannedEnd end, [Values] bool isKeptConnection)
    {
        await using var latcom = CannedLatcom.Start(request =>
            request.IsLogin ? isKeptConnection ? CannedReply.LoggedIn : CannedReply.LoggedInAndClosed : new CannedReply("", end));
        using var provider = LatcomRig.Provider(latcom.Address);
        await provider.ProbeAsync(default);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);
        await Task.Delay(100); // time for a second one to arrive, should there be one

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.ConnectionLost);
        outcome.Evidence.Should().BeNull();
        latcom.Orders.Should().ContainSingle();
        if (isKeptConnection) latcom.Orders[0].Connection.Should().Be(1);
    }

    [Test]
    public async Task A_kept_connection_that_the_server_has_closed_meanwhile_is_not_used()
    {
        await using var latcom = CannedLatcom.Start(request => request.IsLogin ? CannedReply.LoggedIn with { End = CannedEnd.Close } : CannedReply.Json(200, Yes));
        using var provider = LatcomRig.Provider(latcom.Address);
        await provider.ProbeAsync(default);
        await Task.Delay(100); // until the end of the connection has arrived

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.Delivered>();
        latcom.Orders.Should().ContainSingle().Which.Connection.Should().Be(2);
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + Yes, CannedEnd.Close, LatcomCodes.ConnectionLost)]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + Yes, CannedEnd.Hang, LatcomCodes.Timeout)]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"stat\r\n", CannedEnd.Close, LatcomCodes.ConnectionLost)]
    public async Task An_answer_that_stops_half_way_is_unknown_and_what_came_is_kept(string bytes, CannedEnd end, string code)
    {
        await using var latcom = CannedLatcom.Answering(new CannedReply(bytes, end));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(timeoutSeconds: end == CannedEnd.Hang ? 1 : 10), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(code);
        outcome.Evidence.Should().StartWith("HTTP 200 {");
    }

    [TestCase("HTTP/1.1 200 OK\r\n")]
    [TestCase("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [TestCase("\0\0\0")]
    public async Task An_answer_that_is_no_HTTP_is_unknown(string bytes)
    {
        await using var latcom = CannedLatcom.Answering(new CannedReply(bytes, CannedEnd.Close));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.ConnectionLost);
        latcom.Orders.Should().ContainSingle();
    }

    [Test]
    public async Task A_huge_answer_is_unknown_and_not_read_to_its_end()
    {
        var huge = Yes[..^1] + $",\"padding\":\"{new string('x', 70_000)}\"}}";
        await using var latcom = CannedLatcom.Answering(200, huge);
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.AnswerTooLarge);
        outcome.Evidence!.Length.Should().BeLessThanOrEqualTo(2_000);
    }

    [TestCase(301)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var elsewhere = CannedLatcom.Answering(200, Yes);
        await using var latcom = CannedLatcom.Answering(CannedReply.Json(status, "", $"Location: {elsewhere.Address}api/tn/fast\r\n"));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be($"http_{status}");
        elsewhere.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_cookie_is_not_sent_back()
    {
        await using var latcom = CannedLatcom.Answering(CannedReply.Json(200, Yes, "Set-Cookie: session=1; Path=/\r\n"));
        using var provider = LatcomRig.Provider(latcom.Address);

        await provider.SubmitAsync(LatcomRig.Order(), default);
        await provider.SubmitAsync(LatcomRig.Order(), default);

        latcom.Orders[1].Head.Should().NotContain("Cookie");
    }

    [Test]
    public async Task Cancelling_under_way_is_unknown_and_not_thrown()
    {
        using var impatience = new CancellationTokenSource();
        await using var latcom = CannedLatcom.Start(request =>
        {
            if (request.IsLogin) return null;
            impatience.Cancel();
            return new CannedReply("", CannedEnd.Hang);
        });
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), impatience.Token);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.Timeout);
    }

    [Test]
    public async Task A_caller_who_has_already_given_up_is_told_so_everywhere_and_nothing_is_thrown()
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(latcom.Address);
        var givenUp = new CancellationToken(canceled: true);

        (await provider.SubmitAsync(LatcomRig.Order(), givenUp)).Should().BeOfType<SubmitOutcome.Unknown>();
        (await provider.LookUpAsync(LatcomRig.Order(), "LT1", givenUp)).Should().BeOfType<LookupOutcome.Unavailable>();
        (await provider.ProbeAsync(givenUp)).Healthy.Should().BeFalse();
        latcom.Orders.Should().BeEmpty();
    }

    [TestCase(0)]
    [TestCase(-1)]
    public async Task An_order_without_time_is_not_sent(double timeoutSeconds)
    {
        await using var latcom = CannedLatcom.Answering(200, Yes);
        using var provider = LatcomRig.Provider(latcom.Address);
        await provider.ProbeAsync(default);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(timeoutSeconds: timeoutSeconds), default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>();
        latcom.Orders.Should().BeEmpty();
    }

    [Test]
    public async Task Secrets_and_numbers_that_are_echoed_are_not_kept()
    {
        const string answer = """user simulated-user, pass SIMULATED-PASSWORD, key 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, canned-token-of-one-login, +525512345678, number5512345678, 0445598765432, 005255123456781""";
        await using var latcom = CannedLatcom.Answering(500, answer);
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Evidence.Should().Be("HTTP 500 user [removed], pass [removed], key [removed], [removed], +********5678, number******5678, *********5432, 0052******56781");
    }

    [Test]
    public async Task Evidence_is_bounded_and_has_no_control_characters()
    {
        await using var latcom = CannedLatcom.Answering(500, "\0\u0001\r\n" + string.Concat(Enumerable.Repeat("\U0001F4A5", 5_000)));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(LatcomRig.Order(), default);

        outcome.Evidence!.Length.Should().BeInRange(1_990, 2_000);
        outcome.Evidence.Should().EndWith("\U0001F4A5…");
        outcome.Evidence.Any(char.IsControl).Should().BeFalse();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
