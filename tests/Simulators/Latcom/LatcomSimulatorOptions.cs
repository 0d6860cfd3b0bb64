namespace Relier.Simulators;

/// <summary>What a simulated Latcom accepts and how slow it is. Fixed once started.</summary>
public sealed class LatcomSimulatorOptions
{
    /// <summary>The TCP port on the loopback address. Default 0: any free one, read it from <see cref="LatcomSimulator.Address"/>.</summary>
    public int Port { get; init; }

    /// <summary>The only accepted username. Default <c>simulated-user</c>.</summary>
    public string Username { get; init; } = "simulated-user";

    /// <summary>The only accepted password. Default <c>simulated-password</c>.</summary>
    public string Password { get; init; } = "simulated-password";

    /// <summary>The only accepted distributor key: 64 hex digits at Latcom. Default <c>0123456789abcdef</c> four times.</summary>
    public string DistApi { get; init; } = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    /// <summary>The only accepted user id: 8 digits at Latcom. Default <c>00000001</c>.</summary>
    public string UserUid { get; init; } = "00000001";

    /// <summary>How long a token is accepted after its login. Default 4 minutes, the shortest life Latcom's papers name; zero: expired at once.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>How long every answer to a top-up takes, in real time. Default zero; Latcom itself takes 6–7 s. Not added to <see cref="HangTime"/>.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How long 004 and 005 hang, in real time, before the connection is cut without an answer. Default 40 s, longer than the usual client timeout of 30 s.</summary>
    public TimeSpan HangTime { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// The step, in pesos, to which the open range rounds what was sent before it adds VAT. Default 0.01: no step.
    /// With 1 whole pesos are taxed, as observed deliveries suggest. Must be greater than zero.
    /// </summary>
    public decimal TaxQuantum { get; init; } = 0.01m;

    /// <summary>Where <see cref="LatcomSimulator.BlockLogin"/> stands at start and after a reset. Default false.</summary>
    public bool BlockLogin { get; init; }

    /// <summary>Stamps answers and ages tokens; delays run in real time whatever it says. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (Port is < 0 or > 65535) throw OutOfRange(nameof(Port), Port, "0 to 65535");
        if (TokenLifetime < TimeSpan.Zero) throw OutOfRange(nameof(TokenLifetime), TokenLifetime, "zero or more");
        if (Latency < TimeSpan.Zero) throw OutOfRange(nameof(Latency), Latency, "zero or more");
        if (HangTime < TimeSpan.Zero) throw OutOfRange(nameof(HangTime), HangTime, "zero or more");
        if (TaxQuantum <= 0) throw OutOfRange(nameof(TaxQuantum), TaxQuantum, "more than zero");
    }

    private static ArgumentException OutOfRange(string option, object value, string range) =>
        new($"{nameof(LatcomSimulatorOptions)}.{option} must be {range}, and was {value}.");
}
