using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.InMemory;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Application.Tests;

/// <summary>What is believed of rates that come by themselves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ExchangeRateSourceTests
{
    private static readonly TenantId Tenant = TenantId.Parse("norte");

    private readonly FakeClock _clock = new();
    private readonly Source _one = new("one");
    private readonly Source _other = new("other");
    private ServiceProvider _services = null!;

    private IStorage Storage => _services.GetRequiredService<IStorage>();

    [SetUp]
    public void Compose()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(_clock);
        services.AddRelier().UseInMemory().UseSimulator();
        services.AddSingleton<IExchangeRateSource>(_one).AddSingleton<IExchangeRateSource>(_other);
        _services = services.BuildServiceProvider();
    }

    [TearDown]
    public async Task Dispose() => await _services.DisposeAsync();

    [Test]
    public async Task What_a_source_says_is_entered_once_under_its_name()
    {
        _one.Rates = [Rate(0.0544m)];

        await RefreshAsync();
        await RefreshAsync();

        (await RatesAsync()).Should().Equal(Rate(0.0544m) with { Source = "one" });
    }

    [Test]
    public async Task A_newer_rate_takes_its_place_and_an_older_one_does_not()
    {
        _one.Rates = [Rate(0.0544m)];
        await RefreshAsync();
        _clock.Advance(Duration.FromHours(1));
        _one.Rates = [Rate(0.0550m)];
        _other.Rates = [Rate(0.0540m) with { AsOf = _clock.Now() - Duration.FromHours(2) }];

        await RefreshAsync();

        (await RatesAsync()).Select(rate => rate.Rate).Should().Equal(Ratio.Of(0.0550m), Ratio.Of(0.0544m));
    }

    // A tenth of 0.0544 is 0.00544: up to 0.05984 and down to 0.04896.
    [TestCase("0.05984", true)]
    [TestCase("0.05985", false)]
    [TestCase("0.04896", true)]
    [TestCase("0.04895", false)]
    [TestCase("0.544", false)]
    public async Task A_rate_that_jumps_is_left_to_people(string value, bool believed)
    {
        _one.Rates = [Rate(0.0544m)];
        await RefreshAsync();
        _clock.Advance(Duration.FromHours(1));
        _one.Rates = [Rate(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];

        await RefreshAsync();

        (await RatesAsync()).Should().HaveCount(believed ? 2 : 1);
    }

    [Test]
    public async Task A_rate_from_the_future_is_not_entered()
    {
        _one.Rates = [Rate(0.0544m) with { AsOf = _clock.Now() + Duration.FromMinutes(6) }];

        await RefreshAsync();

        (await RatesAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task A_source_that_fails_keeps_no_other_from_being_read_and_is_asked_again()
    {
        _one.Fails = true;
        _other.Rates = [Rate(0.0544m)];

        await RefreshAsync();
        (await RatesAsync()).Should().ContainSingle().Which.Source.Should().Be("other");

        _one.Fails = false;
        _one.Rates = [Rate(0.0545m) with { AsOf = _clock.Now() + Duration.FromSeconds(1) }];
        _clock.Advance(Duration.FromSeconds(12));
        (await _services.GetRequiredService<JobLoop>().RunDueAsync()).Should().Be(1);
        (await RatesAsync()).Select(rate => rate.Source).Should().Equal("one", "other");
    }

    private ExchangeRate Rate(decimal value) => new()
    {
        Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(value), AsOf = _clock.Now(), Source = "somewhere",
    };

    private async Task RefreshAsync()
    {
        var now = _clock.Now();
        var job = new Job { Id = Ids.New<Job>("job", now), Tenant = Tenant, Kind = ExchangeRateWork.Kind, Subject = "all", RunAt = now, CreatedAt = now };
        await Storage.RunAsync(
            Tenant,
            async session =>
            {
                await session.Jobs.AddAsync(job, default);
                return true;
            },
            default);
        await _services.GetRequiredService<JobLoop>().RunDueAsync();
    }

    private Task<IReadOnlyList<ExchangeRate>> RatesAsync() => Storage.RunAsync(Tenant, session => session.ExchangeRates.ListAsync(10, default), default);

    private sealed class Source(string name) : IExchangeRateSource
    {
        public string Name { get; } = name;

        public IReadOnlyList<ExchangeRate> Rates { get; set; } = [];

        public bool Fails { get; set; }

        public Task<IReadOnlyList<ExchangeRate>> ReadAsync(CancellationToken cancellationToken) =>
            Fails ? throw new HttpRequestException("no answer") : Task.FromResult(Rates);
    }
}
