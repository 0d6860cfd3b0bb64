using System.Text.Json;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

/// <summary>The three price lists that were sold in India: the first ships as samples, the others are written here in the same words.</summary>
internal sealed class IndianPlansTests
{
    /// <summary>Minutes that are included, and the price of a minute after them; what five minutes beyond the allowance cost.</summary>
    [TestCase("starter", "prepaid", 500, "2.50")]
    [TestCase("professional", "prepaid", 2000, "2.00")]
    [TestCase("call-center", "postpaid", 10000, "1.50")]
    public async Task List_A_ships_as_data(string plan, string mode, int minutes, string overage)
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync(plan, await File.ReadAllTextAsync(Sample("decks", plan + ".csv")));
        (await world.PutAsync(plan, await File.ReadAllTextAsync(Sample("plans", plan + ".json")))).Code.Should().Be(200);

        await ByAllowanceAndByOverageAsync(world, plan, mode, minutes * 60, "0.00", 60, $"{minutes * 60}", overage);
        var shown = (await world.Admin.AskAsync($"/api/v1/plans/{plan}")).Json.At("data")[0];
        shown.At("prices").Names().Should().Equal("annual", "extra_number", "monthly", "setup");
        shown.At("limits").Names().Should().Equal("concurrent_calls", "numbers");
    }

    [TestCase("starter", "prepaid", 100, "1.99", "349.00", "3348.00", 1, 2, 7, "9.95")]
    [TestCase("professional", "prepaid", 500, "1.60", "999.00", "9590.40", 2, 10, 14, "8.00")]
    [TestCase("callCenter", "postpaid", 1500, "1.45", "4999.00", "47990.40", 5, 50, 30, "7.25")]
    public async Task List_B_has_minutes(string plan, string mode, int minutes, string price, string monthly, string annual, int numbers, int extensions, int trial, string overage)
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync(plan, $"prefix,price\n91,{price}\n");
        (await world.PutAsync(plan, Plan(plan, mode, new { name = "free minutes", kind = "seconds", amount = minutes * 60, unit = 60 }, monthly, annual, numbers, extensions, trial))).Code.Should().Be(200);

        await ByAllowanceAndByOverageAsync(world, plan, mode, minutes * 60, "0.00", 60, $"{minutes * 60}", overage);
    }

    // The first minute is paid by the credit: 199 - 1.99 = 197.01 are 99 minutes more, to the last paisa; 700 - 1.60 = 698.40 are 436 minutes and
    // 0.80, which is no whole minute; 3500 - 1.45 = 3498.55 are 2412 minutes and 1.15.
    [TestCase("STARTER_MONTHLY", "prepaid", "199", "1.99", "349.00", "3349.00", 1, 1, 7, 99, "199", "9.95")]
    [TestCase("PROFESSIONAL_MONTHLY", "prepaid", "700", "1.60", "999.00", "9590.00", 2, 2, 14, 436, "699.2", "8.00")]
    [TestCase("CALLCENTER_MONTHLY", "postpaid", "3500", "1.45", "4999.00", "47990.00", 5, 10, 30, 2412, "3498.85", "7.25")]
    public async Task List_C_has_money(
        string plan, string mode, string credit, string price, string monthly, string annual, int numbers, int extensions, int trial, int minutes, string used, string overage)
    {
        await using var world = await ApiWorld.StartAsync();
        await world.DeckAsync(plan, $"prefix,price\n91,{price}\n");
        (await world.PutAsync(plan, Plan(plan, mode, new { name = "free calling credit", kind = "money", amount = credit }, monthly, annual, numbers, extensions, trial))).Code.Should().Be(200);

        await ByAllowanceAndByOverageAsync(world, plan, mode, (minutes + 1) * 60, "0.00", 60, used, overage);
    }

    private static object Plan(string plan, string mode, object allowance, string monthly, string annual, int numbers, int extensions, int trial) => new
    {
        name = plan, currency = "INR", zone = "Asia/Kolkata", country = "IN", mode, deck = plan, allowances = new[] { allowance }, prices = new { monthly, annual, setup = "0.00" },
        limits = new { toll_free_numbers = numbers, extensions, trial_days = trial },
    };

    /// <summary>A minute by the allowance, which pays for so many seconds in all; then a call that goes five minutes beyond it.</summary>
    private static async Task ByAllowanceAndByOverageAsync(ApiWorld world, string plan, string mode, long seconds, string amount, long first, string used, string overage)
    {
        var account = await world.AccountAsync(mode, plan: plan, money: "0");
        var allowance = (await world.Admin.AskAsync($"/api/v1/plans/{plan}")).Json.At("data")[0].At("allowances")[0];
        (await world.Admin.PostAsync($"/api/v1/accounts/{account}/buckets", JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(allowance) is { } grant
            ? JsonSerializer.Serialize(grant.Append(new("from", JsonSerializer.SerializeToElement("2026-11-01T00:00:00Z"))).ToDictionary())
            : null, ("Idempotency-Key", "allowance"))).Code.Should().Be(201);

        var included = await world.RatedAsync(Call("1", first));
        var beyond = await world.RatedAsync(Call("2", seconds - first + 300, startedAt: "2026-11-20T12:00:00+05:30"));

        (included.Text("status"), included.Text("amount.amount"), included.Text("billed")).Should().Be(("rated", amount, "60"));
        (beyond.Text("amount.amount"), beyond.Text("amount.currency")).Should().Be((overage, "INR"));
        (decimal.Parse(included.At("buckets")[0].Text("amount"), System.Globalization.CultureInfo.InvariantCulture) + decimal.Parse(beyond.At("buckets")[0].Text("amount"), System.Globalization.CultureInfo.InvariantCulture))
            .Should().Be(decimal.Parse(used, System.Globalization.CultureInfo.InvariantCulture));
        (await world.BalanceAsync(account)).Should().Be(mode == "prepaid" ? "-" + overage : "0.00");
    }

    private static string Sample(string folder, string file)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Relier.sln"))) directory = directory.Parent!;
        return Path.Combine(directory.FullName, "docs", "samples", "india", folder, file);
    }
}
