using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Relier.Customers;
using Relier.Identity;

namespace Relier.Hosts.Tests.Api;

/// <summary>What went wrong at the door of the first version, by number: none of it is here. Those about money are scenarios.</summary>
internal sealed partial class Defects
{
    private const string Good = "5512345000";

    [TestCase("/api/admin/customers")]
    [TestCase("/api/admin/all-transactions")]
    [TestCase("/api/v1/customers")]
    [TestCase("/api/v1/ledger/verify")]
    public async Task Defect_14_where_no_admin_key_was_ever_issued_nobody_is_an_admin(string path)
    {
        await using var world = await ApiWorld.StartAsync();
        foreach (var key in (await world.SendAsync(new ListKeys())).Data) await world.SendAsync(new RevokeKey(key.Id.Value));

        (await world.Nobody.AskAsync(path)).Code.Should().Be(401);
        (await world.Client(("X-Admin-Key", "")).AskAsync(path)).Code.Should().Be(401);
        (await world.Client(("X-Admin-Key", "undefined")).AskAsync(path)).Code.Should().Be(401);
        (await world.Admin.AskAsync(path)).Code.Should().Be(401);
    }

    [Test]
    public async Task Defect_16_a_balance_is_never_shown_for_a_wrong_key_nor_shown_old()
    {
        await using var world = await ApiWorld.StartAsync();
        (await world.OldReseller.AskAsync("/api/balance")).Json.Text("current_balance").Should().Be("10000");

        (await world.Client(("X-Api-Key", world.AlmostTheKey), ("X-Customer-Id", world.CustomerId)).AskAsync("/api/balance")).Code.Should().Be(401);
        await world.Reseller.OrderAsync(Good, "20", "R1");
        (await world.OldReseller.AskAsync("/api/balance")).Json.Text("current_balance").Should().Be("9998.91");
    }

    [Test]
    public async Task Defect_17_a_transaction_is_shown_to_its_customer_alone_and_its_id_is_not_guessed_by_the_millisecond()
    {
        await using var world = await ApiWorld.StartAsync();
        var first = (await world.Reseller.OrderAsync(Good, "20", "R1")).Json.Text("id");
        var second = (await world.Reseller.OrderAsync(Good, "20", "R2")).Json.Text("id");

        (await world.Nobody.AskAsync($"/api/transaction/{first}")).Code.Should().Be(401);
        // The clock stands: the milliseconds are the same, the eight digits behind them are not one after the other.
        first[..16].Should().Be(second[..16]);
        Math.Abs(long.Parse(first[16..], System.Globalization.CultureInfo.InvariantCulture) - long.Parse(second[16..], System.Globalization.CultureInfo.InvariantCulture)).Should().BeGreaterThan(1);
    }

    [TestCase("/api/balance")]
    [TestCase("/api/v1/balance")]
    [TestCase("/api/transaction/RLR176035350012300000000")]
    [TestCase("/api/queue/stats")]
    public async Task Defect_19_the_allowed_addresses_count_on_every_path_as_networks_and_not_as_text(string path)
    {
        await using var world = await ApiWorld.StartAsync();
        var customer = await world.NewCustomerAsync("Fenced", "fenced", new PoliciesInput { AllowedAddresses = ["203.0.113.0/24"] });
        var program = await world.ProgramOfAsync(customer);

        world.RemoteAddress = IPAddress.Parse("198.51.100.1");
        (await program.AskAsync(path)).Code.Should().Be(403);
        world.RemoteAddress = IPAddress.Parse("::ffff:203.0.113.77");
        (await program.AskAsync(path)).Code.Should().NotBe(403);
    }

    [Test]
    public async Task Defect_20_a_customer_cannot_choose_the_provider()
    {
        await using var world = await ApiWorld.StartAsync();

        (await world.OldReseller.PostAsync("/api/demo/topup", new { phone = Good, amount = 20, reference = "R1", provider = "SANDBOX" })).Code.Should().Be(200);
        (await world.Reseller.PostAsync("/api/v1/topups", new { phone = Good, amount = "20", reference = "R2", provider = "SANDBOX" })).Code.Should().Be(422);

        world.Provider.Deliveries.Should().ContainSingle();
    }

    [Test]
    public void Defect_21_no_secret_and_no_settings_of_a_machine_are_in_the_checkout()
    {
        var files = TrackedFiles();

        files.Where(path => Path.GetFileName(path).StartsWith(".env", StringComparison.Ordinal) || path.Contains("node_modules/", StringComparison.Ordinal) || path.EndsWith(".pfx", StringComparison.Ordinal))
            .Should().BeEmpty();
        files.Where(path => !path.StartsWith("tests/", StringComparison.Ordinal) && Text(path) is { } text && SecretLike().IsMatch(text)).Should().BeEmpty();
    }

    [TestCase("api_key = \"sk_9f8a7b6c5d4e3f2a1b0c\"")]
    [TestCase("postgres://relier:hunter2hunter2@db.internal/relier")]
    [TestCase("Password=correcthorsebattery;")]
    [TestCase("rk_zH47NMNVZ8moFJXqrTTofnZWt4R8mL2nPd2RiqM6ve4AS2AyKHMsfmT6xhZK4LTw3")]
    public void Defect_21_a_secret_would_be_found(string secret) => SecretLike().IsMatch(secret).Should().BeTrue();

    [Test]
    public async Task Defect_23_a_number_that_holds_52_is_recharged_as_it_is()
    {
        await using var world = await ApiWorld.StartAsync();

        (await world.OldReseller.OldOrderAsync("5552525200", 20, "R1")).Code.Should().Be(200);
        (await world.OldReseller.OldOrderAsync("525552525200", 20, "R2")).Code.Should().Be(200);

        world.Provider.Deliveries.Select(delivery => delivery.Phone.National).Should().Equal("5552525200", "5552525200");
    }

    [TestCase("001")]
    [TestCase("002")]
    [TestCase("004")]
    [TestCase("012")]
    public async Task Defect_25_what_the_provider_says_and_who_it_is_stay_in_the_house(string suffix)
    {
        await using var world = await ApiWorld.StartAsync();
        var old = (await world.OldReseller.OldOrderAsync("5512345" + suffix, 20, "R1")).Text;
        var reply = await world.Reseller.OrderAsync("5512345" + suffix, "20", "R2");
        var told = old + reply.Text + (await world.Reseller.AskAsync("/api/v1/topups")).Text;
        var attempt = (await world.SendAsync(new TopUps.GetTopUp(reply.Json.Text("id")))).Attempts.Single();

        told.Should().NotContainAny("simulator", "Latcom", "-120054", "Bolton");
        if (attempt.Message is { Length: > 0 } message) told.Should().NotContain(message);
    }

    private static List<string> TrackedFiles()
    {
        using var git = Process.Start(new ProcessStartInfo("git", "ls-files") { RedirectStandardOutput = true, WorkingDirectory = Root() })!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        git.WaitForExit();
        files.Should().Contain("Relier.sln");
        return files;
    }

    private static string? Text(string path) =>
        new FileInfo(Path.Combine(Root(), path)) is { Exists: true, Length: < 1_000_000 } file ? File.ReadAllText(file.FullName) : null;

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Relier.sln"))) return folder;
        throw new InvalidOperationException("The tests run inside the checkout, below Relier.sln.");
    }

    [GeneratedRegex(@"(?:api_?key|secret|passw(?:or)?d)[""']?\s*[:=]\s*[""']?[A-Za-z0-9_\-]{12,}[""';]|postgres(?:ql)?://[^\s:@…]+:[^\s@…]{6,}@|\br[ak]_[A-Za-z0-9]{40,}\b|-----BEGIN [A-Z ]*PRIVATE KEY", RegexOptions.IgnoreCase)]
    private static partial Regex SecretLike();
}
