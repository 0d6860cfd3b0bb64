using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Relier.Api.Http;
using Relier.Customers;
using Relier.Identity;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Hosts.Tests.Api;

/// <summary>
/// The API host with everything in memory, a clock that stands, the playing provider, one reseller with 10,000.00 USD at
/// 0.0544 USD for a peso, and a key for the reseller and for an admin.
/// </summary>
internal sealed class ApiWorld : WebApplicationFactory<Vitals>
{
    private ApiWorld()
    {
    }

    public FakeClock Clock { get; } = new();

    public StorageThatMayFail Storage { get; } = new(new InMemoryStorage());

    public IPAddress? RemoteAddress { get; set; }

    public List<string> Logs { get; } = [];

    /// <summary>How much of all bodies the host has read.</summary>
    public long BodyBytesRead { get; private set; }

    public Dictionary<string, string> Settings { get; } = [];

    public IRelier Relier => Services.GetRequiredService<IRelier>();

    public SimulatedProvider Provider => Services.GetRequiredService<SimulatedProvider>();

    public Caller House { get; } = Caller.OfSystem(TenantId.Parse("main"), "tests");

    public string CustomerId { get; private set; } = "";

    public string ApiKey { get; private set; } = "";

    /// <summary>The key but for its last letter.</summary>
    public string AlmostTheKey => ApiKey[..^1] + (ApiKey[^1] == 'x' ? 'y' : 'x');

    public string AdminKey { get; private set; } = "";

    /// <summary>The reseller's program.</summary>
    public HttpClient Reseller { get; private set; } = null!;

    /// <summary>An admin's program.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <summary>The reseller's program as it was written for the first version.</summary>
    public HttpClient OldReseller { get; private set; } = null!;

    /// <summary>Somebody.</summary>
    public HttpClient Nobody { get; private set; } = null!;

    public static async Task<ApiWorld> StartAsync(Action<ApiWorld>? configure = null)
    {
        var world = new ApiWorld();
        configure?.Invoke(world);
        world.Nobody = world.Client();
        world.CustomerId = await world.NewCustomerAsync("Demo Reseller", "demo");
        await world.SendAsync(new AddExchangeRate("MXN", "USD", "0.0544"));
        world.ApiKey = (await world.SendAsync(new CreateKey("shop") { Customer = world.CustomerId })).Secret;
        world.AdminKey = (await world.SendAsync(new CreateKey("maria"))).Secret;
        world.Reseller = world.Client(("X-Api-Key", world.ApiKey));
        world.Admin = world.Client(("X-Admin-Key", world.AdminKey));
        world.OldReseller = world.Client(("X-Api-Key", world.ApiKey), ("X-Customer-Id", world.CustomerId));
        return world;
    }

    public async Task<string> NewCustomerAsync(string name, string channel, PoliciesInput? policies = null, string credit = "10000.00", string wallet = "USD")
    {
        var id = (await SendAsync(new CreateCustomer(name) { Channel = channel, Policies = policies, WalletCurrency = wallet })).Customer.Id.Value;
        if (credit != "0") await SendAsync(new AdjustCredit(id, credit, "opening_balance"));
        return id;
    }

    /// <summary>The program of another customer, with both headers.</summary>
    public async Task<HttpClient> ProgramOfAsync(string customer) =>
        Client(("X-Api-Key", (await SendAsync(new CreateKey("shop") { Customer = customer })).Secret), ("X-Customer-Id", customer));

    public async Task<T> SendAsync<T>(IUseCase<T> useCase)
        where T : notnull => (await Relier.SendAsync(useCase, House)).Value;

    public HttpClient Client(params (string Name, string Value)[] headers)
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        foreach (var (name, value) in headers) client.DefaultRequestHeaders.Add(name, value);
        return client;
    }

    public Task<int> RunJobsAsync() => Services.GetRequiredService<JobLoop>().RunDueAsync();

    public async Task<string> PostedAsync(string? customer = null) => (await SendAsync(new GetBalance(customer ?? CustomerId))).Account.Posted.Amount;

    public async Task<string> HeldAsync() => (await SendAsync(new GetBalance(CustomerId))).Account.Held.Amount;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.UseSetting("Relier:Storage", "memory").UseSetting("Relier:Demo", "false").UseSetting("Relier:RunJobs", "false");
        foreach (var (name, value) in Settings) builder.UseSetting(name, value);
        builder.ConfigureTestServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IClock>(Clock));
            services.Replace(ServiceDescriptor.Singleton<IStorage>(Storage));
            services.AddSingleton<IStartupFilter>(new FromAddress(this));
            services.AddLogging(logging => logging.ClearProviders().AddProvider(new LogBook(Logs)).SetMinimumLevel(LogLevel.Debug));
        });
    }

    private sealed class FromAddress(ApiWorld world) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, then) =>
            {
                http.Connection.RemoteIpAddress = world.RemoteAddress;
                http.Request.Body = new CountedBody(http.Request.Body, read => world.BodyBytesRead += read);
                return then(http);
            });
            next(app);
        };
    }

    private sealed class CountedBody(Stream body, Action<int> count) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read without blocking.");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class LogBook(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
        }
    }
}

/// <summary>Storage that is down, or broken, when the test says so.</summary>
internal sealed class StorageThatMayFail(IStorage inner) : IStorage
{
    public Exception? Failure { get; set; }

    /// <summary>How many transactions of a tenant still work before the failure.</summary>
    public int Spared { get; set; }

    public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) =>
        Failure is null || Spared-- > 0 ? inner.RunAsync(tenant, work, cancellationToken) : Task.FromException<T>(Failure);

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) =>
        Failure is null ? inner.RunSystemAsync(work, cancellationToken) : Task.FromException<T>(Failure);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) =>
        Failure is null ? inner.MigrationsAsync(cancellationToken) : Task.FromException<IReadOnlyList<MigrationStatus>>(Failure);
}

/// <summary>An answer, read.</summary>
internal sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public int Code => (int)Status;

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? ErrorCode => Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;
}

/// <summary>Asking, in a line.</summary>
internal static class Asking
{
    public static Task<Reply> PostAsync(this HttpClient client, string path, object? body, params (string Name, string Value)[] headers) =>
        client.AskAsync(HttpMethod.Post, path, body is string text ? text : JsonSerializer.Serialize(body), headers);

    public static Task<Reply> AskAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.AskAsync(HttpMethod.Get, path, null, headers);

    public static async Task<Reply> AskAsync(this HttpClient client, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.ReadAsync(request);
    }

    public static async Task<Reply> ReadAsync(this HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        return new Reply(response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }

    public static Task<Reply> OrderAsync(this HttpClient client, string phone, string amount, string? reference, params (string Name, string Value)[] headers) =>
        client.PostAsync("/api/v1/topups", reference is null ? new { phone, amount } : new { phone, amount, reference }, headers);

    public static Task<Reply> OldOrderAsync(this HttpClient client, string phone, object amount, string? reference, string path = "/api/demo/topup") =>
        client.PostAsync(path, reference is null ? new { phone, amount } : new { phone, amount, reference });

    public static string Text(this JsonElement json, string path) => json.At(path).ToString();

    public static JsonElement At(this JsonElement json, string path) => path.Split('.').Aggregate(json, (part, name) => part.GetProperty(name));

    public static IEnumerable<string> Names(this JsonElement json) => json.EnumerateObject().Select(member => member.Name);
}
