using System.Net.Sockets;
using System.Text;
using Npgsql;
using Relier.Contracts;
using Relier.Scenarios.Crashes;

namespace Relier.Scenarios.Chaos;

/// <summary>
/// A host with little memory, and one with few files. In every run an export of 20,000 rows, in full of 1,000,000: beside it
/// orders go on. In every run 300 connections on 512 files, in full 2,000.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class ScarceResources
{
    private const int MemoryMax = 256 * 1024 * 1024;

    private const int FilesMax = 512;

    private static readonly int Rows = Scale.Of(20_000, 1_000_000);
    private static readonly int Connections = Scale.Of(300, 2_000);

    private const string History = """
        INSERT INTO relier_topup (tenant_id, id, customer_id, account_id, phone, face_amount, face_currency, state, code, rejection, created_at, day, decided_at, version)
        SELECT 'main', 'RLR' || lpad(n::text, 21, '0'), @customer, 'acc_1', '+5255' || lpad(n::text, 8, '0'), 20000000, 'MXN', 'rejected', 'insufficient_credit',
          '{"code":"insufficient_credit","message":"There is not enough credit."}',
          1700000000000000 + n * 1000, '2023-11-14', 1700000000000000 + n * 1000, 1
        FROM generate_series(1, @count) n
        """;

    [Test]
    public async Task An_export_of_many_rows_fits_into_little_memory_while_orders_go_on()
    {
        var connection = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        await using var installation = await Installation.StartOnAsync(connection, new());
        var reseller = await installation.NewResellerAsync();
        await AddHistoryAsync(connection, reseller.Customer);

        // What a container of 256 MiB is given by the runtime: three quarters for objects, in hexadecimal.
        var small = await installation.StartAnotherAsync("Relier.Api", ("DOTNET_GCHeapHardLimit", $"{MemoryMax / 4 * 3:X}"));
        var export = ExportAsync(small, reseller.Key);
        var orders = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => reseller.OrderAsync(small, installation.NewPhone("000"), $"beside-{number}", waits: true)));

        orders.Should().OnlyContain(order => order.GetProperty("status").GetString() == "succeeded");
        // The history, the head, and of the orders those that the export met.
        (await export).Should().BeInRange(Rows + 1, Rows + 1 + orders.Length);
        small.IsRunning.Should().BeTrue();
        var peak = PeakOf(small.Id);
        peak.Should().BeLessThan(MemoryMax);
        await installation.ShouldBeSoundAsync();
        TestContext.Out.WriteLine($"{Rows} rows; {peak / 1024 / 1024} MiB at most");
    }

    [Test]
    public async Task More_connections_than_files_are_turned_away_and_the_host_goes_on()
    {
        await using var installation = await Installation.StartAsync(Engine.Postgres, new());
        var reseller = await installation.NewResellerAsync();
        var small = await installation.StartAnotherAsync("Relier.Api", FilesMax);

        var crowd = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => ConnectAsync(small.Address)));
        try
        {
            var turnedAway = 0;
            foreach (var socket in crowd) turnedAway += await IsTurnedAwayAsync(socket) ? 1 : 0;

            // 512 files less the 400 that the process needs itself.
            turnedAway.Should().Be(Connections - 112, small.Output);
        }
        finally
        {
            foreach (var socket in crowd) socket.Dispose();
        }

        small.IsRunning.Should().BeTrue();
        (await OrderUntilLetInAsync(installation, small, reseller)).GetProperty("status").GetString().Should().Be("succeeded");
        await installation.ShouldBeSoundAsync();
    }

    private static async Task AddHistoryAsync(string connection, string customer)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var insert = new NpgsqlCommand(History, database) { CommandTimeout = 600, Parameters = { new("customer", customer), new("count", Rows) } };
        await insert.ExecuteNonQueryAsync();
    }

    /// <summary>How many lines the export has, read as it comes.</summary>
    private static async Task<int> ExportAsync(HostProcess host, string key)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {key}");
        using var lines = new StreamReader(await http.GetStreamAsync(new Uri(host.Address, "/api/v1/topups/export.csv")));
        var count = 0;
        while (await lines.ReadLineAsync() is not null) count++;
        return count;
    }

    /// <summary>The most memory of its own that a process had at any time, in bytes.</summary>
    private static long PeakOf(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;

    /// <summary>A connection, or one that was closed before it came about.</summary>
    private static async Task<Socket> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port);
        }
        catch (SocketException closed) when (closed.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
        return socket;
    }

    /// <summary>Asks whether the host lives; a connection beyond the limit is closed without an answer.</summary>
    private static async Task<bool> IsTurnedAwayAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            var answer = new byte[1024];
            var length = await socket.ReceiveAsync(answer).WaitAsync(TimeSpan.FromSeconds(10));
            if (length > 0) Encoding.ASCII.GetString(answer, 0, length).Should().StartWith("HTTP/1.1 200");
            return length == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Orders as soon as there is room: the host needs a moment to notice that the crowd has gone.</summary>
    private static async Task<System.Text.Json.JsonElement> OrderUntilLetInAsync(Installation installation, HostProcess host, Reseller reseller)
    {
        var phone = installation.NewPhone("000");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await reseller.OrderAsync(host, phone, "after-the-crowd", waits: true);
            }
            catch (HttpRequestException gone) when (gone.StatusCode is null && attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }
}
