using System.Text.Json;

namespace Relier.Scenarios.Crashes;

/// <summary>
/// kill -9 of the host at every step of a top-up. Whatever was answered is still so; the provider is asked once, or not
/// at all; what nobody can know is called unknown, its money held, until two people prove it.
/// </summary>
[TestFixture(Engine.Sqlite)]
[TestFixture(Engine.Postgres)]
[Parallelizable(ParallelScope.Self)]
internal sealed class KilledProcesses(Engine engine)
{
    private const string Delivered = "000";
    private const string Refused = "001";
    private const string HangsAndDelivers = "004";
    private const string DeliversLater = "010";

    private Installation? _installation;

    public static IEnumerable<TestCaseData> Deaths()
    {
        // Before the commit of the first transaction there is no order: the client asks again, and that makes one.
        yield return Case(Point.ReserveDecided, waits: true, Delivered, Afterwards.Nothing);
        yield return Case(Point.ReserveHalfWritten, waits: false, Delivered, Afterwards.Nothing);
        yield return Case(Point.ReserveCommitting, waits: true, Delivered, Afterwards.Nothing);
        // From then on until the attempt is committed, nothing was sent and whoever comes next sends it.
        yield return Case(Point.ReserveCommitted, waits: true, Delivered, Afterwards.Succeeded);
        yield return Case(Point.ReserveCommitted, waits: false, Delivered, Afterwards.Succeeded);
        yield return Case(Point.ClaimCommitting, waits: false, Delivered, Afterwards.Succeeded);
        yield return Case(Point.ClaimCommitted, waits: false, Delivered, Afterwards.Succeeded);
        yield return Case(Point.BeginDecided, waits: true, Delivered, Afterwards.Succeeded);
        yield return Case(Point.BeginHalfWritten, waits: false, Delivered, Afterwards.Succeeded);
        yield return Case(Point.BeginCommitting, waits: true, Refused, Afterwards.Failed);
        // From then on until the outcome is committed, it may have been sent, and nobody sends it again.
        yield return Case(Point.BeginCommitted, waits: true, Delivered, Afterwards.UnknownAndNeverSent);
        yield return Case(Point.SubmitSending, waits: false, Delivered, Afterwards.UnknownAndNeverSent);
        yield return Case(Point.SubmitAnswered, waits: true, Delivered, Afterwards.UnknownAndDelivered);
        yield return Case(Point.SubmitAnswered, waits: false, Refused, Afterwards.UnknownAndNotDelivered);
        yield return Case(Point.SettleDecided, waits: false, Delivered, Afterwards.UnknownAndDelivered);
        yield return Case(Point.SettleHalfWritten, waits: true, Delivered, Afterwards.UnknownAndDelivered);
        yield return Case(Point.SettleCommitting, waits: true, Delivered, Afterwards.UnknownAndDelivered);
        yield return Case(Point.SettleCommitting, waits: false, DeliversLater, Afterwards.UnknownAndNotDelivered);
        // The outcome is committed, whether or not anybody was told.
        yield return Case(Point.SettleCommitted, waits: true, Delivered, Afterwards.Succeeded);
        yield return Case(Point.SettleCommitted, waits: false, Refused, Afterwards.Failed);
        // Asking what became of it moves nothing, and is asked again.
        yield return Case(Point.LookupAnswered, waits: true, DeliversLater, Afterwards.Succeeded);
        yield return Case(Point.CheckCommitting, waits: false, DeliversLater, Afterwards.Succeeded);
        yield return Case(Point.CheckCommitted, waits: true, DeliversLater, Afterwards.Succeeded);
    }

    [TestCaseSource(nameof(Deaths))]
    public async Task Killed_at_a_step_of_a_topup_it_is_never_sent_twice_nor_lost(string point, bool waits, string suffix, Afterwards expected)
    {
        var order = await NewOrderAsync(suffix);
        await order.Installation.Host.AimAsync(point, order.Phone);

        var answer = AnswerOfAsync(order, waits);
        await order.Installation.Host.StandsAtAsync(point);
        await RestartAsync(order.Installation);

        await ShouldHaveComeToAsync(order, await answer, expected);
    }

    [Test]
    public async Task Killed_while_the_provider_works_on_it_a_topup_is_unknown_until_it_is_proven([Values] bool waits)
    {
        var order = await NewOrderAsync(HangsAndDelivers);

        var answer = AnswerOfAsync(order, waits);
        while (order.Installation.SubmissionsTo(order.Phone) == 0) await Task.Delay(10);
        await RestartAsync(order.Installation);

        await ShouldHaveComeToAsync(order, await answer, Afterwards.UnknownAndDelivered);
    }

    [Test]
    public async Task Killed_right_after_its_answer_a_topup_is_as_it_was_answered()
    {
        var order = await NewOrderAsync(Delivered);

        var answer = await order.Reseller.OrderAsync(order.Phone, order.Reference);
        await RestartAsync(order.Installation);

        Reseller.StatusOf(answer).Should().Be("succeeded");
        await ShouldHaveComeToAsync(order, answer, Afterwards.Succeeded);
    }

    [TearDown]
    public async Task ShowWhatTheHostsSaid()
    {
        if (_installation is null || TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed) return;
        TestContext.Out.WriteLine(_installation.Output);
        await EndInstallation();
    }

    [OneTimeTearDown]
    public async Task EndInstallation()
    {
        if (_installation is { } installation) await installation.DisposeAsync();
        _installation = null;
    }

    private static TestCaseData Case(string point, bool waits, string suffix, Afterwards expected) =>
        new TestCaseData(point, waits, suffix, expected).SetArgDisplayNames(point, waits ? "waiting" : "not waiting", suffix, expected.ToString());

    private static async Task RestartAsync(Installation installation)
    {
        await installation.Host.KillAsync();
        await installation.StartHostAsync();
    }

    private async Task<Order> NewOrderAsync(string suffix)
    {
        // One installation for all, each with a reseller of its own: the process that outlived one death dies the next.
        _installation ??= await Installation.StartAsync(engine, new() { HangTime = TimeSpan.FromSeconds(4) });
        var phone = _installation.NewPhone(suffix);
        return new Order(_installation, await _installation.NewResellerAsync(), phone, $"ORDER-{phone}");
    }

    /// <summary>What the client was told; null when the process died before it said anything.</summary>
    private static async Task<JsonElement?> AnswerOfAsync(Order order, bool waits)
    {
        try
        {
            return waits ? await order.Reseller.OrderAsync(order.Phone, order.Reference) : await order.Reseller.OrderAsyncAsync(order.Phone, order.Reference);
        }
        catch (HttpRequestException cut) when (cut.StatusCode is null)
        {
            return null;
        }
    }

    private static async Task ShouldHaveComeToAsync(Order order, JsonElement? answer, Afterwards expected)
    {
        var (status, submissions, deliveries, posted, held) = Expected(expected);
        var found = await order.Reseller.ListWhenAsync(now => now == status);
        if (answer is { } told) found.Select(Reseller.IdOf).Should().Equal([Reseller.IdOf(told)], "what was acknowledged is there");
        if (expected == Afterwards.Nothing)
        {
            found.Should().BeEmpty();
            order.Installation.SubmissionsTo(order.Phone).Should().Be(0);
            (await order.Reseller.BalanceAsync()).Should().Be(("10000.00", "0.00"));
        }

        // The client, who cannot know, asks again.
        var again = await order.Reseller.OrderAsync(order.Phone, order.Reference);
        var id = Reseller.IdOf(again);
        (await order.Reseller.ListAsync()).Select(Reseller.IdOf).Should().Equal(id);
        if (expected != Afterwards.Nothing) found.Select(Reseller.IdOf).Should().Equal(id);

        Reseller.StatusOf(again).Should().Be(status);
        order.Installation.SubmissionsTo(order.Phone).Should().Be(submissions);
        order.Installation.Latcom.DeliveriesTo(order.Phone).Should().HaveCount(deliveries);
        (await order.Reseller.BalanceAsync()).Should().Be((posted, held));
        (await order.Reseller.ChargedAsync()).Should().Equal(status == "succeeded" ? [id] : []);
        await order.Installation.ShouldBeSoundAsync();

        if (status == "unknown") await ShouldBeDecidedByProofAsync(order, id, wasDelivered: deliveries == 1);
        order.Installation.SubmissionsTo(order.Phone).Should().Be(submissions);
    }

    private static async Task ShouldBeDecidedByProofAsync(Order order, string id, bool wasDelivered)
    {
        await order.Installation.ProveAsync(id, wasDelivered ? "delivered" : "not_delivered");

        (await order.Reseller.BalanceAsync()).Should().Be((wasDelivered ? "9998.91" : "10000.00", "0.00"));
        (await order.Reseller.ChargedAsync()).Should().Equal(wasDelivered ? [id] : []);
        await order.Installation.ShouldBeSoundAsync();
    }

    private static (string Status, int Submissions, int Deliveries, string Posted, string Held) Expected(Afterwards afterwards) => afterwards switch
    {
        Afterwards.Nothing or Afterwards.Succeeded => ("succeeded", 1, 1, "9998.91", "0.00"),
        Afterwards.Failed => ("failed", 1, 0, "10000.00", "0.00"),
        Afterwards.UnknownAndNeverSent => ("unknown", 0, 0, "10000.00", "1.09"),
        Afterwards.UnknownAndDelivered => ("unknown", 1, 1, "10000.00", "1.09"),
        Afterwards.UnknownAndNotDelivered => ("unknown", 1, 0, "10000.00", "1.09"),
        _ => throw new ArgumentOutOfRangeException(nameof(afterwards), afterwards, "Not an end this test knows."),
    };

    /// <summary>What is found after the restart.</summary>
    public enum Afterwards
    {
        Nothing,
        Succeeded,
        Failed,
        UnknownAndNeverSent,
        UnknownAndDelivered,
        UnknownAndNotDelivered,
    }

    private sealed record Order(Installation Installation, Reseller Reseller, string Phone, string Reference);
}
