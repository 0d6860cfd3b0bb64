using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Relier.Ledger;

namespace Relier.ExchangeRates;

/// <summary>
/// Rates from a service that answers with <c>{"base":"USD","rates":{"MXN":18.3824},"date":"2026-11-20"}</c>, as the public
/// ones do. The time is <c>timestamp</c> or <c>time_last_update_unix</c> in seconds, else the beginning of <c>date</c> in
/// UTC; an answer that has none is refused, because nobody could tell its age. Anything but 200 and such an answer throws.
/// </summary>
public sealed class HttpRates : IExchangeRateSource, IDisposable
{
    private const int LargestAnswer = 256 * 1024;

    private readonly HttpRatesOptions _options;
    private readonly HttpClient _http;

    /// <summary>A source with its own connections.</summary>
    public HttpRates(HttpRatesOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = options.Timeout.ToTimeSpan(), MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    /// <inheritdoc/>
    public string Name => $"http:{_options.Address.Host}";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExchangeRate>> ReadAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(_options.Address, cancellationToken).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        return Read(json.RootElement);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private List<ExchangeRate> Read(JsonElement root)
    {
        if (Text(root, "base", "base_code") is not { } name || !Currency.TryParse(name, out var unit))
            throw new FormatException($"{Name} names no base currency that is known here.");
        var asOf = TimeOf(root);
        if (!(root.TryGetProperty("rates", out var rates) || root.TryGetProperty("conversion_rates", out rates)) || rates.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{Name} has no rates.");

        var read = new List<ExchangeRate>();
        foreach (var code in _options.Currencies)
        {
            if (!rates.TryGetProperty(code, out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetDecimal(out var value)
                || RateNumbers.ToRatio(value) is not { } rate)
                throw new FormatException($"{Name} has no rate for {code}.");
            read.Add(new ExchangeRate { Base = unit, Quote = Currency.Parse(code), Rate = rate, AsOf = asOf, Source = Name });
        }

        return read;
    }

    private Instant TimeOf(JsonElement root)
    {
        foreach (var name in new[] { "timestamp", "time_last_update_unix" })
            if (root.TryGetProperty(name, out var seconds) && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetInt64(out var unix))
                return Instant.FromUnixTimeSeconds(unix);
        if (Text(root, "date") is { } text && LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var date))
            return date.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant();
        throw new FormatException($"{Name} does not say how old its rates are.");
    }

    private static string? Text(JsonElement root, params string[] names) =>
        names.Select(name => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null)
            .FirstOrDefault(text => text is not null);
}

/// <summary>Which service, and what of it.</summary>
public sealed record HttpRatesOptions
{
    /// <summary>The address to ask, with the base currency in it: <c>https://rates.example/latest?base=USD</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The currencies wanted, each with a rate or the answer counts for nothing: <c>MXN</c>.</summary>
    public required IReadOnlyList<string> Currencies { get; init; }

    /// <summary>How long an answer is waited for. Default 10 s.</summary>
    public Duration Timeout { get; init; } = Duration.FromSeconds(10);
}
