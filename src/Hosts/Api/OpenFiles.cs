using System.Globalization;

namespace Relier.Api;

/// <summary>How many connections this process can hold: <see cref="ConnectionLimit"/> closes those beyond, and clients come back.</summary>
internal static class OpenFiles
{
    /// <summary>The runtime and its assemblies (some 270), connections to the database (100) and to providers.</summary>
    private const long Others = 400;

    private const long ConnectionsMin = 16;
    private const string Limits = "/proc/self/limits";
    private const string Name = "Max open files";

    /// <summary>Null where the system does not say, or has no limit.</summary>
    public static long? ConnectionsMax() =>
        File.Exists(Limits) && SoftLimit(File.ReadLines(Limits)) is { } max ? Math.Max(ConnectionsMin, max - Others) : null;

    /// <summary>The limit in what the system says of this process.</summary>
    internal static long? SoftLimit(IEnumerable<string> limits) =>
        limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
        && long.TryParse(line[Name.Length..].TrimStart().Split(' ')[0], CultureInfo.InvariantCulture, out var max)
            ? max
            : null;
}
