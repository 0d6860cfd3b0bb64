namespace Relier.Contracts;

/// <summary>How a <see cref="PostgresCluster"/> runs.</summary>
public sealed record PostgresClusterOptions
{
    /// <summary>
    /// Whether a commit waits until the disk has it. Default <see langword="false"/>: much faster, and commits survive
    /// a crash of the server all the same, but not one of the machine. Benchmarks set it.
    /// </summary>
    public bool Fsync { get; init; }

    /// <summary>The TCP port on 127.0.0.1, 1 to 65535. Default 0: a free one.</summary>
    public int Port { get; init; }
}
