using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// Clients who order, half of them waiting for the outcome, and ask again with the same reference, which is the phone, until
/// they are answered. What they are told in the meantime is kept.
/// </summary>
internal sealed class Crowd(Installation installation, IReadOnlyList<Reseller> resellers, IReadOnlyList<string> suffixes) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(40) };
    private readonly ConcurrentDictionary<string, Told> _told = new();
    private readonly ConcurrentQueue<Refused> _refused = new();
    private readonly CancellationTokenSource _calm = new();
    private Task _clients = Task.CompletedTask;
    private int _orders;

    /// <summary>The final word for each order, by its phone.</summary>
    public IReadOnlyDictionary<string, Told> Told => _told;

    /// <summary>Each time somebody was told to come back later.</summary>
    public IReadOnlyCollection<Refused> Refused => _refused;

    /// <summary>Whether the host is killed now and then, so that no answer at all is to be expected.</summary>
    public bool HostMayBeGone { get; init; }

    /// <summary>So many clients, each with one order after the other, until <see cref="EndAsync"/>.</summary>
    public void Begin(int clients, int ordersMax) =>
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (!_calm.IsCancellationRequested && Interlocked.Increment(ref _orders) is var number && number <= ordersMax)
                await OrderAsync(installation.NewPhone(suffixes[number % suffixes.Count]), resellers[number % resellers.Count], waits: number / suffixes.Count % 2 == 0);
        })));

    /// <summary>Returns when so many more are answered, or the clients have no more to order, or the time is up.</summary>
    public async Task AnswerAsync(int more, TimeSpan timeMax)
    {
        var (enough, begun) = (_told.Count + more, Stopwatch.GetTimestamp());
        while (_told.Count < enough && !_clients.IsCompleted && Stopwatch.GetElapsedTime(begun) < timeMax) await Task.Delay(10);
    }

    /// <summary>No new orders; those under way are asked for until they are answered.</summary>
    public async Task EndAsync()
    {
        await _calm.CancelAsync();
        await _clients;
    }

    /// <summary>One order, asked for until it is answered.</summary>
    public async Task<Told> OrderAsync(string phone, Reseller reseller, bool waits)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            if (await AskAsync(phone, reseller, waits) is { } told) return _told[phone] = told;
            Stopwatch.GetElapsedTime(begun).Should().BeLessThan(Patience, $"order {phone} should be answered by now");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Asks once. Null when it was told to come back, or nothing at all.</summary>
    public async Task<Told?> AskAsync(string phone, Reseller reseller, bool waits)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(installation.Host.Address, "/api/v1/topups"));
        request.Headers.Add("Authorization", $"Bearer {reseller.Key}");
        if (!waits) request.Headers.Add("Prefer", "respond-async");
        request.Content = JsonContent.Create(new { phone, amount = "20", reference = phone });
        try
        {
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode) return new Told(reseller, Reseller.IdOf(JsonElement.Parse(text)));
            ((int)response.StatusCode).Should().Be(503, $"nothing else is to be expected than {text}");
            _refused.Enqueue(new Refused(JsonElement.Parse(text).GetProperty("code").GetString()!, response.Headers.RetryAfter?.Delta));
        }
        catch (HttpRequestException gone) when (gone.StatusCode is null && HostMayBeGone)
        {
        }

        return null;
    }

    public void Dispose()
    {
        _http.Dispose();
        _calm.Dispose();
    }
}

/// <summary>An order that was taken, and the top-up's id that its client was told.</summary>
internal sealed record Told(Reseller Reseller, string Id);

/// <summary>An order that was not taken for now, and when its client was asked to come back.</summary>
internal sealed record Refused(string Code, TimeSpan? RetryAfter);
