using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;
using NUnit.Framework;
using Relier.Alerts;
using Relier.Contracts;
using Relier.InMemory;
using Relier.Notifications;
using Relier.Tenancy;

namespace Relier.Adapters.Tests.Alerts;

/// <summary>Alerts to a webhook, over a real socket.</summary>
public sealed class AlertWebhookTests
{
    private const string Secret = "a-secret-of-the-house-and-the-receiver";

    private readonly FakeClock _clock = new();
    private readonly List<(string Key, string Signature, string Type, string Body)> _heard = [];
    private WebApplication _receiver = null!;
    private int _status;

    [SetUp]
    public async Task StartReceiver()
    {
        _heard.Clear();
        _status = 204;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/alerts", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            _heard.Add((request.Headers["Idempotency-Key"].ToString(), request.Headers["Relier-Signature"].ToString(), request.ContentType!, await reader.ReadToEndAsync()));
            return _status == 307 ? Results.Redirect("/elsewhere", permanent: false, preserveMethod: true) : Results.StatusCode(_status);
        });
        await _receiver.StartAsync();
    }

    [TearDown]
    public async Task StopReceiver() => await _receiver.DisposeAsync();

    [Test]
    public async Task An_alert_is_posted_whole_under_its_id_and_signed_over_its_time_and_body()
    {
        var alert = FullRecords.Alert();

        await SendAsync(alert);

        var (key, signature, type, body) = _heard.Should().ContainSingle().Subject;
        (key, type).Should().Be((alert.Id.Value, "application/json"));
        var seconds = _clock.Now().ToUnixTimeSeconds();
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"));
        signature.Should().Be($"t={seconds},v1={Convert.ToHexStringLower(expected)}");
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        root.EnumerateObject().Select(member => member.Name).Should().Equal("id", "tenant", "kind", "subject", "at", "text", "facts");
        root.GetProperty("tenant").GetString().Should().Be("norte");
        root.GetProperty("kind").GetString().Should().Be("float_low");
        root.GetProperty("facts").GetProperty("left").GetProperty("amount").GetString().Should().Be("9.000001");
        root.GetProperty("facts").GetProperty("said").GetString().Should().Be("ñ 🙂");
    }

    [TestCase(500)]
    [TestCase(404)]
    [TestCase(307)]
    public async Task Any_answer_but_a_yes_is_no_delivery_and_no_redirect_is_followed(int status)
    {
        _status = status;

        (await FluentActions.Awaiting(() => SendAsync(FullRecords.Alert())).Should().ThrowAsync<HttpRequestException>()).WithMessage($"*{status}*");
        _heard.Should().ContainSingle();
    }

    [Test]
    public async Task Nothing_is_sent_to_an_address_that_is_not_public_unless_it_is_allowed()
    {
        foreach (var host in new[] { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]" })
            await FluentActions.Awaiting(() => SendAsync(FullRecords.Alert(), host, allowPrivate: false)).Should().ThrowAsync<HttpRequestException>().WithMessage("*no public address*");

        _heard.Should().BeEmpty();
    }

    [TestCase("8.8.8.8", true)]
    [TestCase("172.32.0.1", true)]
    [TestCase("2606:4700::1111", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("10.1.2.3", false)]
    [TestCase("172.31.255.255", false)]
    [TestCase("192.168.0.1", false)]
    [TestCase("169.254.169.254", false)]
    [TestCase("100.64.0.1", false)]
    [TestCase("0.0.0.0", false)]
    [TestCase("255.255.255.255", false)]
    [TestCase("::1", false)]
    [TestCase("::", false)]
    [TestCase("::ffff:10.0.0.1", false)]
    [TestCase("fd00::1", false)]
    [TestCase("fe80::1", false)]
    [TestCase("64:ff9b::a00:1", false)]
    [TestCase("2002:a00:1::", false)]
    public void An_address_of_somebodys_inside_is_told_from_a_public_one(string address, bool isPublic) =>
        Addresses.IsPublic(IPAddress.Parse(address)).Should().Be(isPublic);

    [Test]
    public void The_options_do_not_print_the_secret() => Options("127.0.0.1", true).ToString().Should().NotContain(Secret);

    private async Task SendAsync(Alert alert, string host = "127.0.0.1", bool allowPrivate = true)
    {
        using var webhook = new AlertWebhook(Options(host, allowPrivate), _clock);
        await webhook.SendAsync(TenantId.Parse("norte"), alert, default);
    }

    private AlertWebhookOptions Options(string host, bool allowPrivate) => new()
    {
        Address = new Uri($"http://{host}:{new Uri(_receiver.Urls.Single()).Port}/alerts"), Secret = Secret, AllowPrivateAddresses = allowPrivate,
    };
}
