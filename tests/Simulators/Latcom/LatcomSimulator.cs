using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Relier.Simulators;

/// <summary>
/// Plays Latcom over real HTTP and counts what was really delivered, so that a test can compare money with truth.
/// The last three digits of the number decide the outcome: the table is in the README of this project.
/// </summary>
/// <remarks>
/// Thread-safe; every figure is exact under concurrency. A top-up is counted as delivered the moment it is accepted, before any
/// latency, hang or broken answer, so what a client never heard of is already in <see cref="Deliveries"/>.
/// What is recorded grows until <see cref="Reset"/>.
/// <example>
/// <code>
/// await using var latcom = await LatcomSimulator.StartAsync(new() { HangTime = TimeSpan.FromSeconds(2) });
/// // point the adapter at latcom.Address, top up 5512345004, see it time out, then:
/// latcom.DeliveriesTo("5512345004").Count // 1
/// </code>
/// </example>
/// </remarks>
public sealed class LatcomSimulator : IAsyncDisposable
{
    private static readonly TimeSpan stopTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication app;
    private readonly LatcomBooks books;

    private LatcomSimulator(WebApplication app, LatcomBooks books)
    {
        this.app = app;
        this.books = books;
        Address = new Uri(app.Urls.Single());
    }

    /// <summary>Where it listens: always the loopback address, for example <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Every top-up that reached a phone, oldest first: a snapshot. A reversed one stays, with its <see cref="LatcomDelivery.ReversedAt"/>.</summary>
    public IReadOnlyList<LatcomDelivery> Deliveries => books.Deliveries;

    /// <summary>Every request that reached <c>tn/fast</c>, oldest first, accepted or not: a snapshot.</summary>
    public IReadOnlyList<LatcomSubmission> Submissions => books.Submissions;

    /// <summary>Logins that were given a token. Refused ones are in <see cref="Counters"/>.</summary>
    public int Logins => books.Counters.Logins;

    /// <summary>All figures, taken at one instant.</summary>
    public LatcomCounters Counters => books.Counters;

    /// <summary>
    /// While true, every login answers 400 "IP Address not authorized". Tokens already given stay valid.
    /// A number ending in 012 sets it.
    /// </summary>
    public bool BlockLogin
    {
        get => books.BlockLogin;
        set => books.BlockLogin = value;
    }

    /// <summary>Starts listening; returns when requests are answered.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LatcomSimulator> StartAsync(LatcomSimulatorOptions? options = null, CancellationToken ct = default)
    {
        options ??= new LatcomSimulatorOptions();
        options.Validate();

        // The empty builder: nothing of the environment or of an appsettings.json lying about may change where it listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LatcomEndpoints.RequestBytesMax;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error);

        var app = builder.Build();
        var books = new LatcomBooks(options);
        new LatcomEndpoints(books, options, app.Lifetime.ApplicationStopping).Map(app);

        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return new LatcomSimulator(app, books);
    }

    /// <summary>The deliveries to one number.</summary>
    /// <param name="msisdn">The ten national digits, as they were sent.</param>
    public IReadOnlyList<LatcomDelivery> DeliveriesTo(string msisdn) =>
        [.. Deliveries.Where(delivery => delivery.Msisdn == msisdn)];

    /// <summary>Takes a delivered top-up back, as the operator does next day: from now on a lookup says "Reversed".</summary>
    /// <returns>False when there is no such transaction, when it was never delivered, or when it was reversed before.</returns>
    public bool ReverseNow(string transId) => books.Reverse(transId);

    /// <summary>
    /// Forgets every submission, delivery, reference and count, and puts <see cref="BlockLogin"/> back to what it was at start.
    /// Tokens stay valid, so that a client under test need not log in again.
    /// </summary>
    public void Reset() => books.Reset();

    /// <summary>Stops listening; requests still hanging are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(stopTimeout);
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    internal Task WaitForShutdownAsync() => app.WaitForShutdownAsync();
}
