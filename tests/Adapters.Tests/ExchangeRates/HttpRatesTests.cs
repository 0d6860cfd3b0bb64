using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.ExchangeRates;

namespace Relier.Adapters.Tests.ExchangeRates;

/// <summary>Rates from a service, over a real socket.</summary>
public sealed class HttpRatesTests
{
    private WebApplication _service = null!;
    private (int Status, string Body) _answer;

    [SetUp]
    public async Task StartService()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _service = builder.Build();
        _service.MapGet("/latest", () => Results.Content(_answer.Body, "application/json", null, _answer.Status));
        await _service.StartAsync();
    }

    [TearDown]
    public async Task StopService() => await _service.DisposeAsync();

    [TestCase("""{"base":"USD","rates":{"MXN":18.3824,"EUR":0.9},"date":"2026-11-20"}""", "2026-11-20T00:00:00Z")]
    [TestCase("""{"base":"USD","rates":{"MXN":18.3824},"timestamp":1763640000}""", "2025-11-20T12:00:00Z")]
    [TestCase("""{"base_code":"USD","conversion_rates":{"MXN":18.3824},"time_last_update_unix":1763640000,"date":"2020-01-01"}""", "2025-11-20T12:00:00Z")]
    public async Task The_answers_of_public_services_are_read(string body, string asOf)
    {
        var rates = await ReadAsync(200, body);

        rates.Should().Equal(new ExchangeRate
        {
            Base = Currency.USD, Quote = Currency.MXN, Rate = Ratio.Of(18.3824m),
            AsOf = NodaTime.Text.InstantPattern.ExtendedIso.Parse(asOf).Value, Source = "http:127.0.0.1",
        });
    }

    [TestCase(500, """{"base":"USD","rates":{"MXN":18.3824},"date":"2026-11-20"}""", TestName = "Not 200")]
    [TestCase(200, """{"base":"USD","rates":{"MXN":18.3824}}""", TestName = "No time")]
    [TestCase(200, """{"base":"USD","rates":{"EUR":0.9},"date":"2026-11-20"}""", TestName = "Not the currency")]
    [TestCase(200, """{"base":"USD","rates":{"MXN":"18"},"date":"2026-11-20"}""", TestName = "Not a number")]
    [TestCase(200, """{"base":"USD","rates":{"MXN":0},"date":"2026-11-20"}""", TestName = "Zero")]
    [TestCase(200, """{"base":"XXX","rates":{"MXN":18.3824},"date":"2026-11-20"}""", TestName = "Another base")]
    [TestCase(200, "<html>", TestName = "No JSON")]
    public async Task Anything_else_throws_and_makes_up_nothing(int status, string body) =>
        await FluentActions.Awaiting(() => ReadAsync(status, body)).Should().ThrowAsync<Exception>();

    private async Task<IReadOnlyList<ExchangeRate>> ReadAsync(int status, string body)
    {
        _answer = (status, body);
        using var rates = new HttpRates(new HttpRatesOptions { Address = new Uri(_service.Urls.Single() + "/latest"), Currencies = ["MXN"] });
        return await rates.ReadAsync(default);
    }
}
