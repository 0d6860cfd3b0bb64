using System.Net;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Relier.FreeSwitch;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.Adapters.Tests.FreeSwitch;

/// <summary>Which switches are let in, and how they are set up.</summary>
[TestFixture]
internal sealed class FreeSwitchLoginTests
{
    [Test]
    public void A_switch_is_let_in_by_its_name_and_its_password()
    {
        ASwitch.Source().Authenticate(ASwitch.Name, ASwitch.Password, null).Should().Be(new CallOrigin(ASwitch.Name, null));
        ASwitch.Source(options => options.Tenant = "acme").Authenticate(ASwitch.Name, ASwitch.Password, null).Should().Be(new CallOrigin(ASwitch.Name, TenantId.Parse("acme")));
    }

    [Test]
    public void Files_are_read_by_the_settings_of_the_tenants_own_switch_alone()
    {
        CallOrigin Of(string tenant, string name = ASwitch.Name) => new(name, TenantId.Parse(tenant));

        ASwitch.Source(options => options.Tenant = "acme").LayoutOf(Of("acme")).Should().NotBeNull();
        ASwitch.Source(options => options.Tenant = "acme").LayoutOf(Of("other")).Should().BeNull();
        ASwitch.Source().LayoutOf(Of("other")).Should().NotBeNull("a switch without a tenant is that of the installation, which has one");
        ASwitch.Source().LayoutOf(Of("acme", "fs-9")).Should().BeNull();
    }

    [TestCase(ASwitch.Name, "correct-horse-batterz")]
    [TestCase(ASwitch.Name, "")]
    [TestCase(ASwitch.Name, "Correct-horse-battery")]
    [TestCase(ASwitch.Name, "correct-horse-battery ")]
    [TestCase("fs-blr-2", ASwitch.Password)]
    [TestCase("FS-BLR-1", ASwitch.Password)]
    [TestCase("", ASwitch.Password)]
    [TestCase("", "")]
    public void Anybody_else_is_not(string user, string password)
    {
        ASwitch.Source().Authenticate(user, password, IPAddress.Loopback).Should().BeNull();
    }

    [TestCase("192.0.2.10", true)]
    [TestCase("::ffff:192.0.2.10", true)]
    [TestCase("198.51.100.7", true)]
    [TestCase("2001:db8::5", true)]
    [TestCase("192.0.3.1", false)]
    [TestCase("198.51.100.8", false)]
    [TestCase("2001:db9::5", false)]
    [TestCase(null, false)]
    public void A_switch_that_reports_from_elsewhere_is_not_let_in(string? from, bool isAllowed)
    {
        var source = ASwitch.Source(options =>
        {
            foreach (var address in new[] { "192.0.2.0/24", "198.51.100.7", "2001:db8::/32" }) options.AllowedAddresses.Add(address);
        });

        source.Authenticate(ASwitch.Name, ASwitch.Password, from is null ? null : IPAddress.Parse(from)).Should().Match<CallOrigin?>(origin => origin != null == isAllowed);
    }

    [Test]
    public void Each_switch_has_its_own_password_and_its_own_tenant()
    {
        var options = new FreeSwitchOptions();
        options.Switches.Add(ASwitch.Options(one => one.Tenant = "one"));
        options.Switches.Add(ASwitch.Options(two => (two.Name, two.Password, two.Tenant) = ("fs-2", "another-long-password", "two")));
        var source = new FreeSwitchSource(options);

        source.Authenticate("fs-2", "another-long-password", null)!.Tenant!.Value.Value.Should().Be("two");
        source.Authenticate("fs-2", ASwitch.Password, null).Should().BeNull();
        source.Origins.Select(origin => origin.Switch).Should().BeEquivalentTo(ASwitch.Name, "fs-2");
    }

    private static readonly (string Option, Action<SwitchOptions> Change)[] Wrong =
    [
        ("Name", options => options.Name = ""),
        ("Name", options => options.Name = "a:b"),
        ("Name", options => options.Name = new string('x', 65)),
        ("Password", options => options.Password = "only-15-letters"),
        ("Password", options => options.Password = null!),
        ("Tenant", options => options.Tenant = "No Tenant"),
        ("AllowedAddresses", options => options.AllowedAddresses.Add("example.test")),
        ("AllowedAddresses", options => options.AllowedAddresses.Add("192.0.2.0/33")),
        ("BilledLeg", options => options.BilledLeg = (CallLeg)7),
        ("AccountVariable", options => options.AccountVariable = " "),
        ("InboundContexts", options => options.InboundContexts.Add("")),
        ("ContextStrip", options => options.ContextStrip["default"] = ""),
        ("ContextStrip", options => options.ContextStrip["default"] = "nine"),
        ("Zone", options => options.Zone = "Mars/Olympus"),
        ("Zone", options => options.Zone = null!),
        ("ErrorFolder", options => options.ErrorFolder = "json_cdr"),
        ("ErrorFolder", options => options.ErrorFolder = ""),
    ];

    [Test]
    public void A_value_out_of_its_range_is_named([Range(0, 16)] int no)
    {
        var options = new FreeSwitchOptions();
        options.Switches.Add(ASwitch.Options(Wrong[no].Change));

        options.ListProblems().Should().ContainSingle().Which.Should().StartWith($"FreeSwitchOptions.Switches[0].{Wrong[no].Option}").And.NotContain("only-15-letters");
    }

    [Test]
    public void No_switch_and_one_name_twice_are_named_too()
    {
        var twice = new FreeSwitchOptions();
        twice.Switches.Add(ASwitch.Options());
        twice.Switches.Add(ASwitch.Options());

        new FreeSwitchOptions().ListProblems().Should().ContainSingle().Which.Should().Contain("names no switch");
        twice.ListProblems().Should().ContainSingle().Which.Should().Contain("'fs-blr-1' 2 times");
    }

    [TestCase(9)]
    [TestCase(86_401)]
    public void An_interval_that_is_too_short_or_too_long_is_named(int seconds)
    {
        var options = new FreeSwitchOptions { SweepInterval = TimeSpan.FromSeconds(seconds) };
        options.Switches.Add(ASwitch.Options());

        options.ListProblems().Should().ContainSingle().Which.Should().StartWith("FreeSwitchOptions.SweepInterval").And.Contain("00:00:10 to 1.00:00:00");
    }

    [TestCase("/var/log/a", "/var/log/a/", 2)]
    [TestCase("/var/log/a", "/var/log/a/../a/b", 1)]
    [TestCase("/var/log/a", "/var/log/ab", 0)]
    public void Each_switch_has_a_folder_of_its_own(string folder, string other, int problems)
    {
        var options = new FreeSwitchOptions();
        options.Switches.Add(ASwitch.Options(one => one.ErrorFolder = folder));
        options.Switches.Add(ASwitch.Options(one => (one.Name, one.ErrorFolder) = ("fs-2", other)));

        options.ListProblems().Count(problem => problem.Contains("the folder of another switch", StringComparison.Ordinal)).Should().Be(problems);
        options.ListProblems().Should().HaveCount(problems);
    }

    [Test]
    public void A_password_is_never_shown()
    {
        ASwitch.Options().ToString().Should().Be(ASwitch.Name);
    }

    [Test]
    public void What_is_wrong_is_said_when_Relier_is_first_asked_for()
    {
        var services = new ServiceCollection();
        services.AddRelier().UseInMemory().UseSimulator().UseFreeSwitch(options => options.Switches.Add(ASwitch.Options(one => one.Password = "short")));
        using var provider = services.BuildServiceProvider();

        var start = () => provider.GetRequiredService<IRelier>();

        start.Should().Throw<RelierConfigurationException>().WithMessage("FreeSWITCH: FreeSwitchOptions.Switches[0].Password*");
    }

    [Test]
    public void It_is_a_source_of_calls_once()
    {
        var services = new ServiceCollection();
        var relier = services.AddRelier().UseInMemory().UseSimulator().UseFreeSwitch(options => options.Switches.Add(ASwitch.Options()));
        using (var once = services.BuildServiceProvider())
        {
            once.GetRequiredService<IRelier>();
            once.GetServices<ICallSource>().Should().ContainSingle().Which.Should().BeSameAs(once.GetRequiredService<FreeSwitchSource>()).And.BeEquivalentTo(new { Name = "freeswitch" });
        }

        relier.UseFreeSwitch(options => options.Switches.Add(ASwitch.Options()));
        using var twice = services.BuildServiceProvider();
        var start = () => twice.GetRequiredService<IRelier>();

        start.Should().Throw<RelierConfigurationException>().WithMessage("*'freeswitch' was added twice*");
    }
}
