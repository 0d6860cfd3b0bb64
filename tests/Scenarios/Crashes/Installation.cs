using System.Net.Http.Json;
using System.Text.Json;
using Relier.Contracts;
using Relier.Simulators;

namespace Relier.Scenarios.Crashes;

/// <summary>
/// A production installation: one database, one host process after the other, and Latcom simulated in the process of the
/// test, so that the truth about deliveries outlives every kill.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private const string AdminKey = "ra_scenarios_first_admin_0123456789abcdef";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _directory;
    private readonly Dictionary<string, string> _settings;
    private readonly List<HostProcess> _ended = [];
    private readonly List<HostProcess> _others = [];
    private int _resellers;
    private int _phones;
    private string _secondAdminKey = null!;

    private Installation(LatcomSimulator latcom, string directory, string connection)
    {
        Latcom = latcom;
        _directory = directory;
        var account = new LatcomSimulatorOptions();
        _settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Relier__ConnectionString"] = connection,
            ["Relier__AutoMigrate"] = "true",
            ["Relier__AdminKey"] = AdminKey,
            // A killed process leaves unknowns that say nothing about the provider.
            ["Relier__Exposure__CountMax"] = "999999",
            ["Relier__Exposure__HeldMax__0"] = "1000000 USD",
            ["Relier__Breaker__SubmissionsMin"] = "999999",
            ["Relier__JobLeaseSeconds"] = "2",
            ["Relier__JobPollingSeconds"] = "0.2",
            ["Relier__ProviderTimeoutSeconds"] = "2",
            ["Relier__Providers__0"] = "latcom",
            ["Relier__Latcom__BaseAddress"] = latcom.Address.ToString(),
            ["Relier__Latcom__Username"] = account.Username,
            ["Relier__Latcom__Password"] = account.Password,
            ["Relier__Latcom__DistributorKey"] = account.DistApi,
            ["Relier__Latcom__UserUid"] = account.UserUid,
        };
    }

    public LatcomSimulator Latcom { get; }

    public HostProcess Host { get; private set; } = null!;

    /// <summary>Everything the hosts wrote, the first one's first.</summary>
    public string Output => string.Join("\n--- next process ---\n", _ended.Append(Host).Concat(_others).Select(host => host.Output));

    public static async Task<Installation> StartAsync(Engine engine, LatcomSimulatorOptions simulator, params (string Name, string Value)[] settings)
    {
        var directory = NewDirectory();
        var connection = engine == Engine.Sqlite
            ? $"Data Source={Path.Combine(directory, "relier.db")}"
            : await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        return await StartAsync(directory, connection, simulator, settings);
    }

    /// <summary>On a database of the caller's, which nothing else may be using.</summary>
    public static Task<Installation> StartOnAsync(string connection, LatcomSimulatorOptions simulator, params (string Name, string Value)[] settings) =>
        StartAsync(NewDirectory(), connection, simulator, settings);

    private static string NewDirectory() => Directory.CreateTempSubdirectory("relier-crashes-").FullName;

    private static async Task<Installation> StartAsync(
        string directory, string connection, LatcomSimulatorOptions simulator, (string Name, string Value)[] settings)
    {
        var installation = new Installation(await LatcomSimulator.StartAsync(simulator), directory, connection);
        foreach (var (name, value) in settings) installation._settings[name] = value;
        try
        {
            await installation.StartHostAsync();
            await installation.SendAsync(HttpMethod.Post, "/api/v1/exchange-rates", AdminKey, new { @base = "MXN", quote = "USD", rate = "0.0544" });
            installation._secondAdminKey = (await installation.SendAsync(HttpMethod.Post, "/api/v1/keys", AdminKey, new { name = "second" })).GetProperty("secret").GetString()!;
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another process on what the last one left behind.</summary>
    public async Task StartHostAsync()
    {
        // Until the next one serves, clients find the last one's door shut.
        var next = HostProcess.Start(_directory, _settings, withCrashPoints: true);
        try
        {
            await next.ListenAsync();
        }
        catch
        {
            await next.DisposeAsync();
            throw;
        }

        if (Host is not null) _ended.Add(Host);
        Host = next;
    }

    /// <summary>One more process beside the first one, with its settings and these.</summary>
    public Task<HostProcess> StartAnotherAsync(string program, params (string Name, string Value)[] settings) => StartAnotherAsync(program, null, settings);

    /// <summary>The same, with at most so many open files.</summary>
    public async Task<HostProcess> StartAnotherAsync(string program, int? openFilesMax, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(_settings);
        foreach (var (name, value) in settings) all[name] = value;
        var process = HostProcess.Start(_directory, all, program: program, openFilesMax: openFilesMax);
        _others.Add(process);
        await (program == "Relier.Api" ? process.ListenAsync() : process.WorkAsync());
        return process;
    }

    /// <summary>A reseller with 10,000.00 USD.</summary>
    public async Task<Reseller> NewResellerAsync()
    {
        var channel = $"reseller-{++_resellers}";
        var customer = (await SendAsync(HttpMethod.Post, "/api/v1/customers", AdminKey, new { name = channel, channel, walletCurrency = "USD" })).GetProperty("id").GetString()!;
        await SendAsync(HttpMethod.Post, $"/api/v1/customers/{customer}/credits", AdminKey, new { amount = "10000.00", reason = "payment" }, ("Idempotency-Key", channel));
        var key = (await SendAsync(HttpMethod.Post, $"/api/v1/customers/{customer}/keys", AdminKey, new { name = "api" })).GetProperty("secret").GetString()!;
        return new Reseller(this, customer, channel, key);
    }

    /// <summary>A phone nobody has ordered for. Its last three digits say what the provider does with it.</summary>
    public string NewPhone(string suffix) => $"55{Interlocked.Increment(ref _phones):00000}{suffix}";

    /// <summary>How often an order for this phone reached the provider.</summary>
    public int SubmissionsTo(string phone) => Latcom.Submissions.Count(submission => submission.Msisdn == phone);

    /// <summary>Two people of the house say the same about a top-up.</summary>
    public async Task ProveAsync(string topUp, string verdict)
    {
        foreach (var key in new[] { AdminKey, _secondAdminKey })
            await SendAsync(HttpMethod.Post, $"/api/v1/topups/{topUp}/evidence", key, new { verdict, reference = "statement of the provider" });
    }

    /// <summary>What people of the house are told.</summary>
    public Task<JsonElement> AskAsync(string path) => SendAsync(HttpMethod.Get, path, AdminKey);

    /// <summary>Every rule of the books holds.</summary>
    public async Task ShouldBeSoundAsync()
    {
        var report = await SendAsync(HttpMethod.Get, "/api/v1/ledger/verify", AdminKey);
        report.GetProperty("findings").ToString().Should().Be("[]");
        report.GetProperty("sound").GetBoolean().Should().BeTrue();
    }

    /// <summary>Asks the host and reads what it answers. Throws <see cref="HttpRequestException"/> for an error, and when the host is gone.</summary>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, string key, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(Host, method, path, key, body, headers);

    /// <summary>The same of one of several hosts.</summary>
    public async Task<JsonElement> SendAsync(
        HostProcess host, HttpMethod method, string path, string key, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(host.Address, path));
        request.Headers.Add("Authorization", $"Bearer {key}");
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
        return JsonElement.Parse(text);
    }

    /// <summary>Sends an order on a path of the first version, which has headers of its own.</summary>
    public async Task<JsonElement> SendAsFirstVersionAsync(Reseller reseller, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.Address, path)) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Api-Key", reseller.Key);
        request.Headers.Add("X-Customer-Id", reseller.Customer);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _ended.Concat(_others)) await host.DisposeAsync();
        if (Host is not null) await Host.DisposeAsync();
        await Latcom.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>Somebody who orders top-ups of 20 MXN, which cost 20 × 0.0544 = 1.088, so 1.09 USD.</summary>
internal sealed class Reseller(Installation installation, string customer, string channel, string key)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Customer => customer;

    public string Key => key;

    /// <summary>Orders and waits for the outcome.</summary>
    public Task<JsonElement> OrderAsync(string phone, string reference) =>
        installation.SendAsync(HttpMethod.Post, "/api/v1/topups", key, new { phone, amount = "20", reference });

    /// <summary>Orders of one of several hosts; without waiting, the answer is only that it was taken.</summary>
    public Task<JsonElement> OrderAsync(HostProcess host, string phone, string reference, bool waits) =>
        installation.SendAsync(
            host, HttpMethod.Post, "/api/v1/topups", key, new { phone, amount = "20", reference }, waits ? [] : [("Prefer", "respond-async")]);

    /// <summary>Orders on the path of the first version and does not wait; the answer is the transaction.</summary>
    public async Task<JsonElement> OrderAsyncAsync(string phone, string reference) =>
        (await installation.SendAsFirstVersionAsync(this, $"/api/{channel}/topup-async", new { phone, amount = 20, reference })).GetProperty("transaction");

    /// <summary>All its top-ups, or those with this reference; at most 100.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string? reference = null) =>
        [.. (await installation.SendAsync(HttpMethod.Get, "/api/v1/topups?limit=100" + (reference is null ? "" : $"&reference={reference}"), key)).GetProperty("data").EnumerateArray()];

    /// <summary>Its top-ups, as soon as none is held or under way any more: every one is final, or honestly unknown.</summary>
    public Task<IReadOnlyList<JsonElement>> ListWhenCalmAsync() => ListWhenAsync(status => status is not ("held" or "processing"));

    /// <summary>Its top-ups, as soon as the status of each will do.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListWhenAsync(Func<string, bool> isWanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var topUps = await ListAsync();
            if (topUps.All(topUp => isWanted(StatusOf(topUp)))) return topUps;
            patience.IsCancellationRequested.Should().BeFalse($"{Patience.TotalSeconds} s should be enough, but there are {string.Join(", ", topUps.Select(topUp => topUp.ToString()))}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>What is posted and what is held.</summary>
    public async Task<(string Posted, string Held)> BalanceAsync()
    {
        var balance = await installation.SendAsync(HttpMethod.Get, "/api/v1/balance", key);
        return (balance.GetProperty("posted").GetProperty("amount").GetString()!, balance.GetProperty("held").GetProperty("amount").GetString()!);
    }

    /// <summary>How often each top-up was charged or refunded: the postings of its wallet but for the credit, by top-up.</summary>
    public async Task<IReadOnlyList<string>> ChargedAsync() =>
        [.. (await installation.SendAsync(HttpMethod.Get, "/api/v1/statement?limit=100", key)).GetProperty("data").EnumerateArray()
            .Where(posting => posting.GetProperty("topUp").ValueKind == JsonValueKind.String).Select(posting => posting.GetProperty("topUp").GetString()!)];

    public static string IdOf(JsonElement topUp) => topUp.GetProperty("id").GetString()!;

    public static string StatusOf(JsonElement topUp) => topUp.GetProperty("status").GetString()!;
}
