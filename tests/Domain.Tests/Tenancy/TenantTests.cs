using Relier.Tenancy;

namespace Relier.Domain.Tests.Tenancy;

public sealed class TenantTests
{
    [TestCase("a")]
    [TestCase("0")]
    [TestCase("acme-mx-2")]
    [TestCase("acme-", Description = "a hyphen may stand last")]
    [TestCase("01234567890123456789012345678901", Description = "32 letters")]
    public void A_tenant_id_reads_what_it_prints(string text)
    {
        TenantId.Parse(text).Value.Should().Be(text);
        TenantId.Parse(text).ToString().Should().Be(text);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("-acme")]
    [TestCase("Acme")]
    [TestCase("acme_mx")]
    [TestCase("acme mx")]
    [TestCase("acme\n")]
    [TestCase("ácme")]
    [TestCase("012345678901234567890123456789012", Description = "33 letters")]
    public void Text_that_is_no_tenant_id_is_refused_and_named(string? text)
    {
        TenantId.TryParse(text, out _).Should().BeFalse();

        var parse = () => TenantId.Parse(text!);

        parse.Should().Throw<FormatException>().WithMessage($"'{text}' is not a tenant id*");
    }

    [Test]
    public void A_tenant_id_that_was_never_set_throws_on_use()
    {
        var use = () => default(TenantId).Value;

        use.Should().Throw<InvalidOperationException>();
        default(TenantId).ToString().Should().BeEmpty();
    }

    // Mexico City is six hours behind UTC, India five and a half ahead.
    [TestCase("America/Mexico_City", "2025-10-14T05:59:59Z", "2025-10-13")]
    [TestCase("America/Mexico_City", "2025-10-14T06:00:00Z", "2025-10-14")]
    [TestCase("Asia/Kolkata", "2025-10-13T18:29:59Z", "2025-10-13")]
    [TestCase("Asia/Kolkata", "2025-10-13T18:30:00Z", "2025-10-14")]
    [TestCase("UTC", "2025-10-13T23:59:59Z", "2025-10-13")]
    public void A_day_is_the_calendar_day_in_the_zone_of_the_tenant(string zone, string instant, string day)
    {
        var tenant = new Tenant(TenantId.Parse("acme"), "Acme", DateTimeZoneProviders.Tzdb[zone], A.Noon);

        var found = tenant.DayOf(NodaTime.Text.InstantPattern.ExtendedIso.Parse(instant).Value);

        found.Should().Be(NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value);
    }
}
