namespace Relier.Scenarios.Chaos;

/// <summary>
/// How much of it: little in every run, so that all tests of this folder together take at most a minute on a quiet machine, and
/// the full numbers with <c>RELIER_CHAOS=full</c>, which <c>./build.sh chaos</c> sets. Each test says both of its numbers.
/// </summary>
internal static class Scale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("RELIER_CHAOS") == "full";

    public static int Of(int inEveryRun, int inFull) => IsFull ? inFull : inEveryRun;
}
