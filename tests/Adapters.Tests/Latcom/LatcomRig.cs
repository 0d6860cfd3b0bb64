using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Latcom;
using Relier.Simulators;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>What the tests of Latcom share: an account the simulator knows, orders, a clock and a memory for logs.</summary>
internal static class LatcomRig
{
    public const string Reference = "RLR1760353500123";
    public const string Number = "5512345678";

    public static LatcomOptions Options(Uri address) => new()
    {
        BaseAddress = address, Username = "simulated-user", Password = "simulated-password",
        DistributorKey = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)), UserUid = "00000001",
    };

    public static LatcomProvider Provider(Uri address, Action<LatcomOptions>? change = null, IClock? clock = null, ILogger<LatcomProvider>? logger = null)
    {
        var options = Options(address);
        change?.Invoke(options);
        return new LatcomProvider(options, clock ?? new SetClock(), logger ?? new RememberingLogger());
    }

    public static LatcomProvider Provider(LatcomSimulator latcom, Action<LatcomOptions>? change = null, IClock? clock = null, ILogger<LatcomProvider>? logger = null) =>
        Provider(latcom.Address, change, clock, logger);

    public static Submission Order(
        string number = Number, string reference = Reference, string product = "XOOM_20_MXN", Money? send = null, double timeoutSeconds = 10, string @operator = "TELEFONICA") =>
        new(Id<TopUp>.Parse(reference), reference, Msisdn.Parse(number), @operator, product, send ?? Money.Of(20, Currency.MXN), Duration.FromSeconds(timeoutSeconds));

    public static Submission OrderTo(string suffix, string reference = Reference, double timeoutSeconds = 10) =>
        Order("5512345" + suffix, reference, timeoutSeconds: timeoutSeconds);
}

/// <summary>A clock that stands where it is put.</summary>
internal sealed class SetClock : IClock
{
    public Instant Time { get; set; } = Instant.FromUtc(2026, 3, 1, 12, 0);

    public Instant Now() => Time;

    public Task DelayAsync(Duration duration, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Nothing here waits on the clock.");
}

/// <summary>The same for the simulator, whose tokens age by it.</summary>
internal sealed class SetTimeProvider : TimeProvider
{
    public DateTimeOffset Time { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Time;
}

internal sealed class RememberingLogger : ILogger<LatcomProvider>
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get { lock (_lines) return [.. _lines]; }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
