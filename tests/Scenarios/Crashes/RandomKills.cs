using System.Collections.Concurrent;

namespace Relier.Scenarios.Crashes;

/// <summary>
/// kill -9 at moments nobody chose, while clients order and, as clients do, ask again until they are answered. A failure
/// names its seed; the moments depend on the machine too.
/// </summary>
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
[Parallelizable(ParallelScope.Self)]
internal sealed class RandomKills(Engine engine)
{
    private const int Kills = 6;
    private const int Clients = 4;
    private const int OrdersMax = 90;

    // Most are delivered; one is refused, one pends, one is answered with rubbish though delivered.
    private static readonly string[] Suffixes = ["000", "000", "001", "000", "010", "000", "007", "000"];

    [Test]
    public async Task Killed_at_any_moment_under_load_nothing_is_lost_and_nothing_is_sent_twice()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var installation = await Installation.StartAsync(engine, new() { Latency = TimeSpan.FromMilliseconds(150) });
        try
        {
            var reseller = await installation.NewResellerAsync();
            using var calm = new CancellationTokenSource();
            var answers = new ConcurrentDictionary<string, string>();
            var orders = 0;
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
            {
                while (!calm.IsCancellationRequested && Interlocked.Increment(ref orders) is var number and <= OrdersMax)
                {
                    var phone = installation.NewPhone(Suffixes[number % Suffixes.Length]);
                    answers[phone] = await OrderUntilAnsweredAsync(reseller, phone, waits: number % 2 == 0);
                }
            })).ToList();

            for (var kill = 0; kill < Kills; kill++)
            {
                // So many answers later, however fast the machine is, and then at any moment.
                var enough = answers.Count + random.Next(1, 12);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4));
                while (answers.Count < enough && !patience.IsCancellationRequested) await Task.Delay(20);
                await Task.Delay(random.Next(0, 400));
                await installation.Host.KillAsync();
                await installation.StartHostAsync();
            }

            await calm.CancelAsync();
            await Task.WhenAll(clients);

            await ShouldAgreeWithTheTruthAsync(installation, reseller, answers);
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine($"Seed {seed}\n{installation.Output}");
            throw;
        }
    }

    /// <summary>Asks with one reference until it is answered; the id it is told.</summary>
    private static async Task<string> OrderUntilAnsweredAsync(Reseller reseller, string phone, bool waits)
    {
        while (true)
        {
            try
            {
                return Reseller.IdOf(waits ? await reseller.OrderAsync(phone, phone) : await reseller.OrderAsyncAsync(phone, phone));
            }
            catch (HttpRequestException gone) when (gone.StatusCode is null)
            {
                await Task.Delay(50);
            }
        }
    }

    private static async Task ShouldAgreeWithTheTruthAsync(Installation installation, Reseller reseller, IReadOnlyDictionary<string, string> answers)
    {
        var topUps = await reseller.ListWhenCalmAsync();

        topUps.Select(topUp => (topUp.GetProperty("reference").GetString()!, Reseller.IdOf(topUp)))
            .Should().BeEquivalentTo(answers.Select(answer => (answer.Key, answer.Value)), "every order is there once, under the id that was told");
        foreach (var topUp in topUps)
        {
            var phone = topUp.GetProperty("reference").GetString()!;
            var delivered = installation.Latcom.DeliveriesTo(phone).Count;
            installation.SubmissionsTo(phone).Should().BeLessThanOrEqualTo(1, $"{topUp} is sent once or never");
            switch (Reseller.StatusOf(topUp))
            {
                case "succeeded": delivered.Should().Be(1, $"{topUp} was charged"); break;
                case "failed": delivered.Should().Be(0, $"{topUp} was not charged"); break;
                default: Reseller.StatusOf(topUp).Should().Be("unknown"); break;
            }
        }

        var succeeded = topUps.Where(topUp => Reseller.StatusOf(topUp) == "succeeded").Select(Reseller.IdOf).ToList();
        var unknown = topUps.Count(topUp => Reseller.StatusOf(topUp) == "unknown");
        (await reseller.ChargedAsync()).Should().BeEquivalentTo(succeeded);
        (await reseller.BalanceAsync()).Should().Be((Text(10_000.00m - 1.09m * succeeded.Count), Text(1.09m * unknown)));
        await installation.ShouldBeSoundAsync();
        TestContext.Out.WriteLine($"{topUps.Count} orders: {succeeded.Count} succeeded, {unknown} unknown");
    }

    private static string Text(decimal amount) => amount.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
}
