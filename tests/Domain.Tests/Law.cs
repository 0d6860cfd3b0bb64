namespace Relier.Domain.Tests;

/// <summary>
/// Tries a law on many generated cases: the same ones in every run, so that a red build is red again. On failure FsCheck
/// names the smallest case it found and the replay that leads to it.
/// </summary>
internal static class Law
{
    private const ulong Seed = 20_251_013;
    private const ulong Gamma = 11;

    /// <summary>Checks the law, which throws when it does not hold. With <paramref name="smaller"/>, a failing case is made small before it is shown.</summary>
    public static void Holds<T>(Gen<T> cases, Action<T> law, Func<T, IEnumerable<T>>? smaller = null, int times = 1_000) =>
        Check.One(
            Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(times)
                .WithReplay(new Replay(new Rnd(Seed, Gamma), Microsoft.FSharp.Core.FSharpOption<int>.None)),
            Prop.ForAll(smaller is null ? Arb.From(cases) : Arb.From(cases, smaller), law));

    /// <summary>Every list with one element less.</summary>
    public static IEnumerable<T[]> OneLess<T>(T[] list) =>
        Enumerable.Range(0, list.Length).Select(gone => list.Where((_, i) => i != gone).ToArray());
}

/// <summary>Cases for laws.</summary>
internal static class Any
{
    /// <summary>Whole numbers: small ones, any of 64 bits, and those at the edges.</summary>
    public static readonly Gen<long> Number = Gen.Frequency(
        (4, Gen.Choose(-1_000_000, 1_000_000).Select(small => (long)small)),
        (4, Gen.Choose(int.MinValue, int.MaxValue).Two().Select(halves => unchecked(((long)halves.Item1 << 32) ^ (uint)halves.Item2))),
        (1, Gen.Elements(long.MinValue, long.MinValue + 1, -1, 0, 1, long.MaxValue - 1, long.MaxValue)));

    public static readonly Gen<Currency> Currency = Gen.Elements(Relier.Currency.All.AsEnumerable());

    public static readonly Gen<Rounding> Rounding = Gen.Elements(Enum.GetValues<Rounding>());

    /// <summary>Any amount in any currency, mostly finer than can be paid.</summary>
    public static readonly Gen<Money> Money =
        from micros in Number
        from currency in Currency
        select Relier.Money.FromMicros(micros, currency);

    /// <summary>Any ratio; the numbers at the edges are cut to what a ratio holds.</summary>
    public static readonly Gen<Ratio> Ratio =
        from billionths in Number
        select Relier.Ratio.Of(Math.Clamp(billionths, -9_000_000_000_000_000_000, 9_000_000_000_000_000_000) / 1_000_000_000m);
}
