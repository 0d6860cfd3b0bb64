using Relier.TopUps;

namespace Relier.Domain.Tests;

public sealed class IdTests
{
    [TestCase("a")]
    [TestCase("cus_01H-Z")]
    [TestCase("RLR176035350012312345678")]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123", Description = "64 letters")]
    public void An_id_reads_what_it_prints(string text)
    {
        Id<TopUp>.Parse(text).ToString().Should().Be(text);
        Id<TopUp>.Parse(text).Value.Should().Be(text);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("a:b")]
    [TestCase("é")]
    [TestCase("a\n")]
    [TestCase("01234567890123456789012345678901234567890123456789012345678901234", Description = "65 letters")]
    public void Text_that_is_no_id_is_refused_and_named(string? text)
    {
        Id<TopUp>.TryParse(text, out _).Should().BeFalse();

        var parse = () => Id<TopUp>.Parse(text!);

        parse.Should().Throw<FormatException>().WithMessage($"'{text}' is not the id of a TopUp.");
    }

    [Test]
    public void Ids_are_compared_to_the_letter()
    {
        Id<TopUp>.Parse("abc").Should().Be(Id<TopUp>.Parse("abc"));
        Id<TopUp>.Parse("abc").Should().NotBe(Id<TopUp>.Parse("ABC"));
    }

    [Test]
    public void An_id_that_was_never_set_throws_on_use()
    {
        var use = () => default(Id<TopUp>).Value;

        use.Should().Throw<InvalidOperationException>().WithMessage("*TopUp*never set*");
        default(Id<TopUp>).ToString().Should().BeEmpty();
    }
}
