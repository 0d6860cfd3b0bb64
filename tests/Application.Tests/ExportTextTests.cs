using NodaTime;
using Relier.Importing;

namespace Relier.Application.Tests;

/// <summary>What the first version's database wrote, read to the letter or not at all.</summary>
public sealed class ExportTextTests
{
    [TestCase("1.09", "1.09", "0")]
    [TestCase("1.0899999", "1.09", "0.0000001")]
    [TestCase("1.0900000000000001", "1.09", "-0.0000000000000001")]
    [TestCase("1.0849999999999999", "1.09", "0.0050000000000001")] // the double next to 1.085
    [TestCase("1.0849990", "1.08", "-0.004999")] // less than a half, and no noise
    [TestCase("1.085", "1.09", "0.005")]
    [TestCase("-1.085", "-1.09", "-0.005")]
    [TestCase("9998.910000000003", "9998.91", "-0.000000000003")]
    [TestCase("1e-7", "0.00", "-0.0000001")]
    [TestCase(" 20 ", "20.00", "0")]
    public void An_amount_is_freed_of_noise_and_then_rounded_half_up_and_the_difference_is_kept(string text, string amount, string difference)
    {
        ExportText.TryAmount(text, Currency.USD, out var read, out var added).Should().BeTrue();

        (read.Amount, added).Should().Be((amount, decimal.Parse(difference, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [TestCase("")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1,000.00")]
    [TestCase("$5")]
    [TestCase("1000000000.01")]
    [TestCase("1e40")]
    public void What_is_no_amount_is_not_read(string text) => ExportText.TryAmount(text, Currency.USD, out _, out _).Should().BeFalse();

    [TestCase("2025-10-13 11:05:00.123+00", "2025-10-13T11:05:00.123Z")]
    [TestCase("2025-10-13 11:05:00-06", "2025-10-13T17:05:00Z")]
    [TestCase("2025-10-13 11:05:00+05:30", "2025-10-13T05:35:00Z")]
    [TestCase("2025-10-13T11:05:00.1234567Z", "2025-10-13T11:05:00.123456Z")]
    [TestCase("2025-10-13 11:05:00", "2025-10-13T17:05:00Z")]
    public void A_time_counts_with_its_offset_and_without_one_in_the_zone(string text, string expected) =>
        NodaTime.Text.InstantPattern.ExtendedIso.Format(ExportText.Time(text, DateTimeZoneProviders.Tzdb["America/Mexico_City"])!.Value).Should().Be(expected);

    [TestCase("2025-10-13")]
    [TestCase("13/10/2025 11:05:00")]
    [TestCase("yesterday")]
    public void A_time_that_is_none_or_could_be_two_is_not_read(string text) => ExportText.Time(text, DateTimeZone.Utc).Should().BeNull();

    [TestCase("[\"203.0.113.7\", \"2001:db8::/32\"]", "203.0.113.7/32 2001:db8::/32")]
    [TestCase("[]", "")]
    public void Addresses_are_a_list(string text, string expected) => string.Join(' ', ExportText.Addresses(text)!.Value).Should().Be(expected);

    [TestCase("[\"203.0.113.7\", \"everywhere\"]")]
    [TestCase("[null]")]
    [TestCase("{203.0.113.7}")]
    [TestCase("null")]
    public void One_wrong_address_makes_the_whole_list_unreadable(string text) => ExportText.Addresses(text).Should().BeNull();
}
