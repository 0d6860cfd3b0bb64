using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

public sealed class MsisdnTests
{
    [TestCase("5500000001", "5500000001")]
    [TestCase("55 0000 0001", "5500000001")]
    [TestCase("55-0000-0001", "5500000001")]
    [TestCase("(55) 0000.0001", "5500000001")]
    [TestCase(" 5500000001 ", "5500000001")]
    [TestCase("525500000001", "5500000001")]
    [TestCase("+525500000001", "5500000001")]
    [TestCase("+52 55 0000 0001", "5500000001")]
    [TestCase("+52 1 55 0000 0001", "5500000001")]
    [TestCase("5215500000001", "5500000001")]
    [TestCase("0052 55 0000 0001", "5500000001")]
    [TestCase("0052 1 55 0000 0001", "5500000001")]
    [TestCase("044 55 0000 0001", "5500000001")]
    [TestCase("045 222 123 4567", "2221234567")]
    [TestCase("01 222 123 4567", "2221234567")]
    [TestCase("33 1234 5678", "3312345678")]
    [TestCase("81 1234 5678", "8112345678")]
    public void Every_way_of_writing_it_is_the_same_number(string written, string national)
    {
        var phone = Msisdn.Parse(written);

        phone.National.Should().Be(national);
        phone.E164.Should().Be("+52" + national);
        phone.Should().Be(Msisdn.Parse(national));
    }

    [TestCase("5552525252")]
    [TestCase("8152525252")]
    [TestCase("2225252525")]
    public void A_52_inside_a_number_is_left_alone(string national)
    {
        Msisdn.Parse(national).National.Should().Be(national);
        Msisdn.Parse("52" + national).National.Should().Be(national);
        Msisdn.Parse("+52 " + national).National.Should().Be(national);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("   ")]
    [TestCase("550000001", Description = "nine digits")]
    [TestCase("55000000011", Description = "eleven digits")]
    [TestCase("15500000001", Description = "a bare 1 in front: could be a number of the United States")]
    [TestCase("335500000001", Description = "twelve digits that do not begin with 52")]
    [TestCase("5255000000012", Description = "thirteen digits that do not begin with 521")]
    [TestCase("52155000000012", Description = "fourteen digits")]
    [TestCase("+1 555 000 0001")]
    [TestCase("+44 20 7946 0000")]
    [TestCase("+5500000001", Description = "a plus without its country")]
    [TestCase("++525500000001")]
    [TestCase("+0152 5500000001")]
    [TestCase("5500O00001", Description = "a letter O")]
    [TestCase("5500000001x2")]
    [TestCase("55_0000_0001")]
    [TestCase("55\t00000001")]
    [TestCase("5500000001\n")]
    [TestCase("５５00000001", Description = "full-width digits")]
    [TestCase("٥٥00000001", Description = "Arabic-Indic digits")]
    [TestCase("0445500000", Description = "ten digits that begin with 0")]
    [TestCase("1234567890", Description = "begins with 1")]
    [TestCase("5200000000", Description = "begins with 52")]
    [TestCase("5300000000", Description = "unassigned")]
    [TestCase("8001234567", Description = "toll-free")]
    [TestCase("8881234567", Description = "toll-free")]
    [TestCase("9001234567", Description = "premium")]
    [TestCase("3001234567", Description = "shared cost")]
    [TestCase("5001234567", Description = "personal")]
    [TestCase("5 5 0 0 0 0 0 0 0 1              ", Description = "33 characters")]
    public void Text_that_is_no_mexican_number_is_refused_without_repeating_it(string? text)
    {
        Msisdn.TryParse(text, out _).Should().BeFalse();

        var parse = () => Msisdn.Parse(text!);

        parse.Should().Throw<FormatException>().WithMessage($"{text?.Length ?? 0} characters that are no Mexican phone number*");
    }

    [Test]
    public void No_number_begins_so_that_its_country_or_trunk_prefix_could_be_meant()
    {
        var assigned = Enumerable.Range(0, 1_000).Select(area => $"{area:D3}").Where(area => Msisdn.TryParse(area + "0000000", out _)).ToList();

        assigned.Should().NotBeEmpty().And.OnlyContain(area => area[0] != '0' && area[0] != '1' && !area.StartsWith("52") && !area.StartsWith("53"));
        assigned.Should().Contain(["550", "559", "560", "569", "330", "339", "810", "819", "222"]);
    }

    [Test]
    public void A_number_prints_masked_so_that_no_log_shows_it()
    {
        var phone = Msisdn.Parse("+52 55 1234 5678");

        phone.ToString().Should().Be("******5678");
        $"{phone}".Should().Be("******5678");
        phone.Masked.Should().Be("******5678");
        (A.Order(20m) with { Phone = phone }).ToString().Should().NotContain("5512345678");
    }

    [Test]
    public void A_number_that_was_never_set_throws_on_use()
    {
        var use = () => default(Msisdn).E164;

        use.Should().Throw<InvalidOperationException>();
        default(Msisdn).ToString().Should().BeEmpty();
    }

    [Test]
    public void Reading_a_number_back_from_either_form_gives_the_same_number() =>
        Law.Holds(
            from area in Gen.Elements("55", "56", "33", "81")
            from rest in Gen.Choose(0, 99_999_999)
            select $"{area}{rest:D8}",
            national =>
            {
                var phone = Msisdn.Parse(national);

                phone.National.Should().Be(national);
                Msisdn.Parse(phone.E164).Should().Be(phone);
            });
}
