using System.Data.Common;
using Npgsql;
using Relier.Contracts;
using Relier.Scenarios.Crashes;
using Relier.Simulators;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// The line to PostgreSQL is cut: at the commits of a top-up, and at moments nobody chose. Nine commits in every run; then in
/// every run 8 cuts under the load of 6 clients with one commit of 40 cut, some 15 s; in full 150 cuts, 12 clients.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class LostConnections
{
    private const string Reserve = "INSERT INTO relier_topup (";
    private const string Begin = "INSERT INTO relier_topup_attempt (";
    private const string Settle = "INSERT INTO relier_journal (";

    private static readonly int Disturbances = Scale.Of(8, 150);
    private static readonly int Clients = Scale.Of(6, 12);

    [Test]
    public async Task A_commit_whose_answer_is_lost_makes_one_topup_and_one_charge()
    {
        await using var proxy = await NewProxyAsync();
        await using var installation = await StartAsync(proxy);
        try
        {
            foreach (var cut in Enum.GetValues<CommitCut>())
            {
                await ShouldBeOneAsync(installation, proxy, Reserve, cut, isToldToComeBack: true);
                await ShouldBeOneAsync(installation, proxy, Settle, cut, isToldToComeBack: false);
            }
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine(installation.Output);
            throw;
        }
    }

    [Test]
    public async Task An_attempt_whose_commit_is_lost_is_sent_once_by_who_wrote_it()
    {
        await using var proxy = await NewProxyAsync();
        await using var installation = await StartAsync(proxy);
        try
        {
            var reseller = await installation.NewResellerAsync();
            using var crowd = new Crowd(installation, [reseller], ["000"]);
            foreach (var cut in Enum.GetValues<CommitCut>())
            {
                var (phone, before) = (installation.NewPhone("000"), proxy.CommitsCut);
                proxy.CutCommitOf(Begin, cut);
                await crowd.OrderAsync(phone, reseller, waits: false);
                for (var tries = 0; proxy.CommitsCut == before && tries < 1000; tries++) await Task.Delay(10);
                proxy.CommitsCut.Should().Be(before + 1);
            }

            // Begun or not, which the process does not know at first, nothing was sent; what it finds begun by itself it sends.
            var statuses = await Truth.ShouldHoldAsync(installation, crowd.Told, [reseller], TimeSpan.FromSeconds(40));
            var cuts = Enum.GetValues<CommitCut>().Length;
            statuses.Should().Equal(new Dictionary<string, int> { ["succeeded"] = cuts });
            installation.Latcom.Submissions.Should().HaveCount(cuts);
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine(installation.Output);
            throw;
        }
    }

    [Test]
    public async Task Connections_that_are_lost_at_any_moment_under_load_lose_no_order_and_charge_none_twice()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var direct = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        await using var proxy = NewProxy(direct);
        await using var installation = await Installation.StartOnAsync(
            Through(proxy), new() { Latency = TimeSpan.FromMilliseconds(150) }, ("Relier__JobLeaseSeconds", "8"), ("Relier__ProviderTimeoutSeconds", "5"));
        try
        {
            Reseller[] resellers = [await installation.NewResellerAsync(), await installation.NewResellerAsync()];
            using var crowd = new Crowd(installation, resellers, ["000", "000", "001", "000", "010", "000"]);
            proxy.Proxy.CutsOneCommitOf = 40;
            crowd.Begin(Clients, ordersMax: Scale.Of(300, 8_000));
            for (var disturbance = 0; disturbance < Disturbances; disturbance++)
            {
                await crowd.AnswerAsync(more: 8, TimeSpan.FromMilliseconds(800));
                await Task.Delay(random.Next(0, 200));
                if (disturbance % 2 == 0) proxy.Proxy.CutAll();
                else await EndBackendsAsync(direct, random.Next(1, 6));
            }

            await crowd.EndAsync();
            proxy.Proxy.CutsOneCommitOf = 0;
            proxy.CommitsCut.Should().BeGreaterThanOrEqualTo(3, "each way of losing a commit is to be met");
            crowd.Refused.Should().NotBeEmpty().And.OnlyContain(refused => refused.RetryAfter != null && refused.Code == "storage_unavailable");
            await Truth.ShouldHoldAsync(installation, crowd.Told, resellers, TimeSpan.FromSeconds(Scale.Of(40, 120)));
            TestContext.Out.WriteLine($"{proxy.CommitsCut} commits cut, {crowd.Refused.Count} times asked to come back");
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine($"Seed {seed}\n{installation.Output}");
            throw;
        }
    }

    private static async Task ShouldBeOneAsync(Installation installation, ProxiedDatabase proxy, string statement, CommitCut cut, bool isToldToComeBack)
    {
        var reseller = await installation.NewResellerAsync();
        using var crowd = new Crowd(installation, [reseller], ["000"]);
        var (phone, before) = (installation.NewPhone("000"), proxy.CommitsCut);
        proxy.CutCommitOf(statement, cut);

        (await crowd.AskAsync(phone, reseller, waits: true) is null).Should().Be(isToldToComeBack, $"{cut} of {statement}");
        crowd.Refused.Should().HaveCount(isToldToComeBack ? 1 : 0).And.NotContain(refused => refused.RetryAfter == null);
        await crowd.OrderAsync(phone, reseller, waits: true);

        proxy.CommitsCut.Should().Be(before + 1);
        var topUp = (await reseller.ListWhenAsync(status => status == "succeeded")).Should().ContainSingle().Subject;
        Reseller.IdOf(topUp).Should().Be(crowd.Told[phone].Id);
        installation.SubmissionsTo(phone).Should().Be(1);
        installation.Latcom.DeliveriesTo(phone).Should().ContainSingle();
        (await reseller.ChargedAsync()).Should().Equal(Reseller.IdOf(topUp));
        (await reseller.BalanceAsync()).Should().Be(("9998.91", "0.00")); // 10,000.00 - 1.09
        await installation.ShouldBeSoundAsync();
    }

    private static async Task EndBackendsAsync(string connection, int count)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var end = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(pid) FROM (
              SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT $1) AS victims
            """,
            database);
        end.Parameters.Add(new NpgsqlParameter { Value = count });
        await end.ExecuteNonQueryAsync();
    }

    private static async Task<ProxiedDatabase> NewProxyAsync() => NewProxy(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());

    private static ProxiedDatabase NewProxy(string direct)
    {
        var words = new DbConnectionStringBuilder { ConnectionString = direct };
        return new ProxiedDatabase(new TcpProxy(int.Parse((string)words["Port"], System.Globalization.CultureInfo.InvariantCulture)), direct);
    }

    // Not prepared, so that every statement passes in words.
    private static string Through(ProxiedDatabase database) =>
        new DbConnectionStringBuilder { ConnectionString = database.Direct, ["Port"] = database.Proxy.Port, ["SSL Mode"] = "Disable", ["Max Auto Prepare"] = 0 }.ConnectionString;

    private static Task<Installation> StartAsync(ProxiedDatabase database) =>
        Installation.StartOnAsync(Through(database), new LatcomSimulatorOptions(), ("Relier__JobLeaseSeconds", "3"));

    private sealed record ProxiedDatabase(TcpProxy Proxy, string Direct) : IAsyncDisposable
    {
        public int CommitsCut => Proxy.CommitsCut;

        public void CutCommitOf(string statement, CommitCut cut) => Proxy.CutCommitOf(statement, cut);

        public ValueTask DisposeAsync() => Proxy.DisposeAsync();
    }
}
