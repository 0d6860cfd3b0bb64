using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.ExchangeRates;

namespace Relier.Adapters.Tests.ExchangeRates;

/// <summary>Rates from a file: read whole or not at all.</summary>
public sealed class FileRatesTests
{
    private string _path = null!;

    [SetUp]
    public void NewFile() => _path = Path.GetTempFileName();

    [TearDown]
    public void RemoveFile() => File.Delete(_path);

    [Test]
    public async Task Every_line_is_a_rate_but_for_the_heading_and_remarks()
    {
        await File.WriteAllTextAsync(_path, "base,quote,rate,as_of\n# of the bank\n\nMXN,USD,0.0544,2026-11-20T12:00:00Z\r\nUSD,INR,84.0500000005,2026-11-20T12:00:00.5Z\n");

        var rates = await new FileRates(_path).ReadAsync(default);

        rates.Should().Equal(
            new ExchangeRate { Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.0544m), AsOf = Instant.FromUtc(2026, 11, 20, 12, 0), Source = "file" },
            new ExchangeRate
            {
                // Nine decimals are kept, half-up.
                Base = Currency.USD, Quote = Currency.INR, Rate = Ratio.Of(84.050000001m),
                AsOf = Instant.FromUtc(2026, 11, 20, 12, 0) + Duration.FromMilliseconds(500), Source = "file",
            });
    }

    [TestCase("MXN,USD,0.0544")]
    [TestCase("MXN,USD,0.0544,yesterday")]
    [TestCase("MXN,MXN,1,2026-11-20T12:00:00Z")]
    [TestCase("MXN,XXX,1,2026-11-20T12:00:00Z")]
    [TestCase("MXN,USD,-0.05,2026-11-20T12:00:00Z")]
    [TestCase("MXN,USD,0,2026-11-20T12:00:00Z")]
    [TestCase("MXN,USD,0.00001,2026-11-20T12:00:00Z")]
    [TestCase("MXN,USD,5e-2,2026-11-20T12:00:00Z")]
    public async Task A_line_that_is_no_rate_fails_the_file_and_is_named(string line)
    {
        await File.WriteAllTextAsync(_path, "MXN,USD,0.0544,2026-11-20T12:00:00Z\n" + line);

        await FluentActions.Awaiting(() => new FileRates(_path).ReadAsync(default)).Should().ThrowAsync<FormatException>().WithMessage("Line 2 of *");
    }

    [Test]
    public async Task A_file_that_is_not_there_throws() =>
        await FluentActions.Awaiting(() => new FileRates(_path + ".none").ReadAsync(default)).Should().ThrowAsync<FileNotFoundException>();
}
