using System.Text.Json;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class QuoteDocs
{
    private static readonly object Question = new
    {
        plan = new { zone = "Asia/Kolkata" },
        decks = new
        {
            A = new
            {
                entries = new[] { new { prefix = "91", rate = "national" } },
                rates = new { national = new { connectFee = "0.25", tiers = new[] { new { from = 0, price = "1.20", per = 60, increment = 60 } } } },
            },
        },
        balance = "10.00",
        country = "IN",
        call = new { kind = "voice", to = "+918041000000", start = "2026-11-20T10:00:00Z", quantity = 90 },
        mode = "price",
    };

    private static readonly RatedUsageResource Answer = new(
        "rated", null, "2.6500", "2.65", "91", "plan", new(90, 120, null, null),
        [new("connect", "always", 0, 1, 1, "0.25", 1, null, "0.25"), new("tier", "always", 0, 2, 60, "1.2", 60, null, "2.4")], [], "10");

    public static Operation Rating { get; } = new(
        "quoteRating", "Price a call by a tariff in the question",
        "The same rule that calls are rated by, on what is in the request alone; nothing is kept. A list of up to 1,000 quotes is answered with a list, each item an answer or a problem. "
        + "mode price: what it costs; authorize: how much buckets and balance pay for; consume: what is left afterwards. Decimals are strings, numbers are accepted. "
        + "Absent: zone UTC, priority 0, from midnight, to midnight, per 60, increment 60, rounding halfUp, scale 4, kind voice, mode price. A call without a price has no amount, never 0, and its reason.")
    {
        Body = new(typeof(JsonElement), Question) { Required = [] },
        Answers = [new(200, "The answer, or a list of them.", typeof(RatedUsageResource), Answer)],
        Refusals =
        [
            "validation_failed", "plan_not_continuous", "bands_overlap", "band_empty", "deck_unknown", "plan_duplicate", "prefix_invalid", "prefix_duplicate", "rate_unknown",
            "tier_missing", "tier_first_not_zero", "tier_repeated", "tier_unreachable", "per_invalid", "per_mixed", "quantity_invalid", "instant_invalid", "too_many", "increment_invalid", "scale_invalid", "grace_invalid", "charges_crossed",
        ],
    };
}
