using FluentAssertions;
using NUnit.Framework;
using Relier.Latcom;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

[TestFixture]
public sealed class LatcomOptionsTests
{
    private static readonly Uri Somewhere = new("https://latcom.invalid/");

    [Test]
    public void An_account_needs_an_address_and_credentials_and_nothing_else()
    {
        LatcomRig.Options(Somewhere).ListProblems().Should().BeEmpty();
    }

    [Test]
    public void Everything_that_is_missing_is_listed_at_once_and_refused_at_start()
    {
        var options = new LatcomOptions();

        var start = () => new LatcomProvider(options, new SetClock(), new RememberingLogger());

        options.ListProblems().Should().HaveCount(5).And.OnlyContain(problem => problem.StartsWith("LatcomOptions.", StringComparison.Ordinal));
        start.Should().Throw<ArgumentException>().WithMessage("*BaseAddress*Username*Password*DistributorKey*UserUid*");
    }

    [TestCase("http://latcom.example/")]
    [TestCase("ftp://latcom.example/")]
    [TestCase("https://user:secret@latcom.example/")]
    [TestCase("https://latcom.example/?key=1")]
    [TestCase("https://latcom.example/#top")]
    [TestCase("/relative")]
    public void An_address_that_could_leak_is_refused(string address)
    {
        var problem = LatcomRig.Options(new Uri(address, UriKind.RelativeOrAbsolute)).ListProblems().Should().ContainSingle().Subject;

        problem.Should().StartWith("LatcomOptions.BaseAddress").And.NotContain("secret");
    }

    [TestCase("https://latcom.example/")]
    [TestCase("https://latcom.example/gateway")]
    [TestCase("http://127.0.0.1:5299")]
    [TestCase("http://localhost:5299")]
    public void An_address_with_TLS_or_on_this_machine_can_be_used(string address)
    {
        LatcomRig.Options(new Uri(address)).ListProblems().Should().BeEmpty();
    }

    private static readonly (string Option, Action<LatcomOptions> Change)[] Wrong =
    [
        ("DistributorKey", options => options.DistributorKey = "https://latcom.example"),
        ("DistributorKey", options => options.DistributorKey = null!),
        ("UserUid", options => options.UserUid = "1"),
        ("Environment", options => options.Environment = (ProviderEnvironment)7),
        ("TokenLifetime", options => options.TokenLifetime = TimeSpan.Zero),
        ("TokenLifetime", options => options.TokenLifetime = TimeSpan.FromHours(1)),
        ("Timeout", options => options.Timeout = TimeSpan.FromMilliseconds(30)),
        ("Timeout", options => options.Timeout = TimeSpan.FromMinutes(3)),
        ("TaxRate", options => options.TaxRate = -1m),
        ("TaxRate", options => options.TaxRate = 16.000_000_01m),
        ("TaxQuantum", options => options.TaxQuantum = 0m),
        ("TaxQuantum", options => options.TaxQuantum = 0.005m),
        ("Discount", options => options.Discount = 100m),
        ("Discount", options => options.Discount = -0.1m),
        ("FixedProducts", options => options.FixedProducts = ["XOOM_020_MXN"]),
        ("FixedProducts", options => options.FixedProducts = ["XOOM_20_MXN", "XOOM_20_MXN"]),
        ("FixedProducts", options => (options.FixedProducts, options.OpenRangeEnabled, options.BundlesEnabled) = ([], false, false)),
        ("RefusalMessages", options => options.RefusalMessages["duplicate_transaction"] = RefusalClass.ProductUnavailable),
        ("RefusalMessages", options => options.RefusalMessages["Operator Timeout"] = RefusalClass.ProviderMaintenance),
        ("RefusalMessages", options => options.RefusalMessages["Success"] = RefusalClass.ProductUnavailable),
        ("RefusalMessages", options => options.RefusalMessages["0"] = RefusalClass.ProductUnavailable),
        ("RefusalMessages", options => options.RefusalMessages[" "] = RefusalClass.ProductUnavailable),
        ("RefusalMessages", options => options.RefusalMessages["Barred"] = (RefusalClass)99),
    ];

    [Test]
    public void A_value_out_of_its_range_is_named([Range(0, 22)] int no)
    {
        var (option, change) = Wrong[no];
        var options = LatcomRig.Options(Somewhere);
        change(options);

        options.ListProblems().Should().ContainSingle().Which.Should().StartWith($"LatcomOptions.{option} ");
    }

    [Test]
    public void Problems_show_no_secret()
    {
        var options = LatcomRig.Options(Somewhere);
        options.DistributorKey = "not-hexadecimal-but-secret";
        options.UserUid = "secret";

        options.ListProblems().Should().HaveCount(2).And.NotContain(problem => problem.Contains("secret"));
    }
}
