#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What a store of exchange rates must keep.</summary>
public sealed class ExchangeRateContract(IStorageEngine engine) : StorageContract(engine)
{
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    [TestCase("18.3824")]
    [TestCase("0.000000001")]
    [TestCase("8999999999.999999999")]
    public async Task A_rate_comes_back_whole(string value)
    {
        var rate = A.Rate() with { Rate = Ratio.Of(decimal.Parse(value)), AsOf = A.Noon + Microsecond, Source = "Banco 'de' México\n🙂" };

        await AddAsync(rate);

        (await FindAsync(Currency.USD, Currency.MXN, rate.AsOf)).ShouldWhollyBe(rate);
        (await InAsync(session => session.ExchangeRates.ListAsync(10, default))).ShouldWhollyBe(new[] { rate });
    }

    [Test]
    public async Task A_rate_is_found_in_either_direction()
    {
        var rate = A.Rate();
        await AddAsync(rate);

        (await FindAsync(Currency.USD, Currency.MXN, A.Noon)).ShouldWhollyBe(rate);
        (await FindAsync(Currency.MXN, Currency.USD, A.Noon)).ShouldWhollyBe(rate);
    }

    [Test]
    public async Task The_newest_rate_that_is_not_later_is_found()
    {
        var (old, current, future) = (A.Rate() with { AsOf = A.Noon - Duration.FromDays(1) }, A.Rate(), A.Rate() with { AsOf = A.Noon + Microsecond });
        await AddAsync(current, future, old);

        (await FindAsync(Currency.USD, Currency.MXN, A.Noon)).ShouldWhollyBe(current);
        (await FindAsync(Currency.USD, Currency.MXN, A.Noon + Microsecond)).ShouldWhollyBe(future);
        (await FindAsync(Currency.USD, Currency.MXN, A.Noon - Microsecond)).ShouldWhollyBe(old);
        (await FindAsync(Currency.USD, Currency.MXN, old.AsOf - Microsecond)).Should().BeNull();
    }

    [Test]
    public async Task The_newer_one_wins_whichever_direction_it_has()
    {
        var straight = A.Rate();
        var inverse = new ExchangeRate { Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.0544m), AsOf = A.Noon + Microsecond, Source = "bank" };
        await AddAsync(straight, inverse);

        (await FindAsync(Currency.USD, Currency.MXN, A.Noon + Microsecond)).ShouldWhollyBe(inverse);
        (await FindAsync(Currency.MXN, Currency.USD, A.Noon)).ShouldWhollyBe(straight);
    }

    [Test]
    public async Task Of_two_as_new_the_one_in_the_direction_that_was_asked_for_wins()
    {
        var straight = A.Rate();
        var inverse = new ExchangeRate { Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.0544m), AsOf = A.Noon, Source = "bank" };
        await AddAsync(straight, inverse);

        (await FindAsync(Currency.USD, Currency.MXN, A.Noon)).ShouldWhollyBe(straight);
        (await FindAsync(Currency.MXN, Currency.USD, A.Noon)).ShouldWhollyBe(inverse);
    }

    [Test]
    public async Task Rates_of_other_pairs_are_not_found()
    {
        await AddAsync(A.Rate(), A.Rate() with { Base = Currency.MXN, Quote = Currency.INR });

        (await FindAsync(Currency.USD, Currency.INR, A.Noon)).Should().BeNull();
    }

    [Test]
    public async Task Rates_are_listed_newest_first_then_by_pair()
    {
        ExchangeRate Of(Currency @base, Currency quote, Instant asOf) => A.Rate() with { Base = @base, Quote = quote, AsOf = asOf };
        ExchangeRate[] ordered =
        [
            Of(Currency.USD, Currency.MXN, A.Noon + Microsecond), Of(Currency.INR, Currency.USD, A.Noon), Of(Currency.MXN, Currency.INR, A.Noon),
            Of(Currency.MXN, Currency.USD, A.Noon), Of(Currency.USD, Currency.MXN, A.Noon), Of(Currency.INR, Currency.MXN, A.Noon - Microsecond),
        ];
        await AddAsync(EdgeValues.Shuffled(ordered.Append(Of(Currency.JPY, Currency.USD, Instant.FromUtc(2020, 1, 1, 0, 0))).ToList()).ToArray());

        (await InAsync(session => session.ExchangeRates.ListAsync(6, default))).ShouldWhollyBe(ordered);
    }

    private Task AddAsync(params ExchangeRate[] rates) => InAsync(async session =>
    {
        foreach (var rate in rates) await session.ExchangeRates.AddAsync(rate, default);
    });

    private Task<ExchangeRate?> FindAsync(Currency one, Currency other, Instant now) =>
        InAsync(session => session.ExchangeRates.FindAsync(one, other, now, default));
}
