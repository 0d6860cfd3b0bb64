namespace Relier;

/// <summary>
/// What is left to chance and is no secret: the random part of ids, the spread of retries. From the machine, unless the
/// flow of work was given a seed, as a simulation does so that it can be repeated.
/// </summary>
internal static class Chance
{
    private static readonly AsyncLocal<Random?> Seeded = new();

    /// <summary>What this flow of work follows; null for the machine's.</summary>
    public static Random? Seed => Seeded.Value;

    /// <summary>In this flow of work everything follows from here; null goes back to the machine's.</summary>
    public static void Follow(Random? seeded) => Seeded.Value = seeded;

    public static void Fill(Span<byte> bytes) => (Seeded.Value ?? Random.Shared).NextBytes(bytes);

    /// <summary>A whole number from zero to below this one.</summary>
    public static int Below(int end) => (Seeded.Value ?? Random.Shared).Next(end);
}
