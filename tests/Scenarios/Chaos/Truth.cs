using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>What the clients were told, the books, and what reached the phones, laid side by side.</summary>
internal static class Truth
{
    private const decimal Price = 1.09m;
    private static readonly string[] UnderWay = ["held", "processing"];

    /// <summary>
    /// After calm: every order is there once, under the id that was told, and its outcome is final, unknown or in review;
    /// charges are deliveries; the money of what nobody knows is held; the books are sound. How many there are of each status.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, int>> ShouldHoldAsync(
        Installation installation, IReadOnlyDictionary<string, Told> told, IReadOnlyList<Reseller> resellers, TimeSpan calmMax)
    {
        var begun = Stopwatch.GetTimestamp();
        var statuses = new List<string>();
        foreach (var reseller in resellers)
        {
            var (topUps, charged, balance) = await WhenCalmAsync(installation, reseller, calmMax - Stopwatch.GetElapsedTime(begun));
            var delivered = installation.Latcom.Deliveries.GroupBy(delivery => delivery.Msisdn).ToDictionary(one => one.Key, one => one.Count());
            topUps.Select(topUp => (ReferenceOf(topUp), Reseller.IdOf(topUp)))
                .Should().BeEquivalentTo(told.Where(one => one.Value.Reseller == reseller).Select(one => (one.Key, one.Value.Id)), "every order is there once, under the id that was told");
            foreach (var topUp in topUps) ShouldBeTrue(topUp, delivered.GetValueOrDefault(ReferenceOf(topUp)));

            var succeeded = topUps.Where(topUp => Reseller.StatusOf(topUp) == "succeeded").Select(Reseller.IdOf).Order(StringComparer.Ordinal).ToList();
            var open = topUps.Count(topUp => Reseller.StatusOf(topUp) is "unknown" or "in_review");
            charged.Order(StringComparer.Ordinal).Should().Equal(succeeded, "each delivered one is charged once, and nothing else is");
            balance.Should().Be((Text(10_000.00m - Price * succeeded.Count), Text(Price * open)));
            statuses.AddRange(topUps.Select(Reseller.StatusOf));
        }

        installation.Latcom.Submissions.Where(submission => submission.TokenValid).GroupBy(submission => submission.Msisdn)
            .Where(phone => phone.Count() > 1).Select(phone => phone.Key).Should().BeEmpty("no order is sent twice");
        await installation.ShouldBeSoundAsync();
        var counts = statuses.GroupBy(status => status).ToDictionary(one => one.Key, one => one.Count());
        TestContext.Out.WriteLine($"{statuses.Count} orders: {string.Join(", ", counts.Select(one => $"{one.Value} {one.Key}"))}");
        return counts;
    }

    private static void ShouldBeTrue(JsonElement topUp, int delivered)
    {
        switch (Reseller.StatusOf(topUp))
        {
            case "succeeded": delivered.Should().Be(1, $"{topUp} was charged"); break;
            case "failed": delivered.Should().Be(0, $"{topUp} was not charged"); break;
            default:
                Reseller.StatusOf(topUp).Should().BeOneOf("unknown", "in_review");
                delivered.Should().BeLessThanOrEqualTo(1, $"{topUp} is delivered once or never");
                break;
        }
    }

    /// <summary>The top-ups, what was charged, and the balance, as of one moment: the top-ups are the same before and after the rest was read.</summary>
    private static async Task<(IReadOnlyList<JsonElement> TopUps, IReadOnlyList<string> Charged, (string Posted, string Held) Balance)> WhenCalmAsync(
        Installation installation, Reseller reseller, TimeSpan patience)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            var topUps = await ListAsync(installation, reseller, "/api/v1/topups");
            var moving = topUps.Where(topUp => UnderWay.Contains(Reseller.StatusOf(topUp))).ToList();
            if (moving.Count == 0)
            {
                var charged = (await ListAsync(installation, reseller, "/api/v1/statement")).Select(posting => posting.GetProperty("topUp"))
                    .Where(topUp => topUp.ValueKind == JsonValueKind.String).Select(topUp => topUp.GetString()!).ToList();
                var balance = await reseller.BalanceAsync();
                // A look-up may have decided an unknown one meanwhile.
                if (StatusesOf(await ListAsync(installation, reseller, "/api/v1/topups")).SequenceEqual(StatusesOf(topUps))) return (topUps, charged, balance);
            }

            Stopwatch.GetElapsedTime(begun).Should().BeLessThan(patience, $"all should have come to rest by now, and {moving.Count} are under way");
            await Task.Delay(250);
        }
    }

    private static IEnumerable<(string, string)> StatusesOf(IReadOnlyList<JsonElement> topUps) => topUps.Select(topUp => (Reseller.IdOf(topUp), Reseller.StatusOf(topUp)));

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(Installation installation, Reseller reseller, string path)
    {
        var found = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await installation.SendAsync(HttpMethod.Get, $"{path}?limit=100{cursor}", reseller.Key);
            found.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("has_more").GetBoolean() ? "&cursor=" + Uri.EscapeDataString(page.GetProperty("next_cursor").GetString()!) : null;
        }

        return found;
    }

    private static string ReferenceOf(JsonElement topUp) => topUp.GetProperty("reference").GetString()!;

    private static string Text(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
