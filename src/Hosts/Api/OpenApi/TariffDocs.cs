using System.Text.Json;
using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class TariffDocs
{
    private const string At = "2026-11-20T12:00:00Z";

    private static readonly DeckResource Draft = new("starter", 1, "Starter overage", "INR", "draft", null, 2, new string('a', 64), At, null, null);
    private static readonly DeckResource Active = Draft with { Status = "active", EffectiveFrom = "2026-12-01T00:00:00Z", ActivatedAt = At };

    private static readonly PlanResource Plan = new(
        "starter", 1, "Starter", "INR", "active", "1970-01-01T00:00:00Z", "Asia/Kolkata", "IN", "prepaid", [new("always", 0, [], [], [], [], "00:00:00", null, "starter")], [],
        [new("included minutes", "seconds", "30000", 60, 0, ["91"], false)], new Dictionary<string, string> { ["monthly"] = "349.00" }, new Dictionary<string, long> { ["concurrent_calls"] = 2 },
        At, null);

    private static readonly object NewPlan = new
    {
        name = "Starter", currency = "INR", zone = "Asia/Kolkata", country = "IN", mode = "prepaid", deck = "starter",
        allowances = new[] { new { name = "included minutes", kind = "seconds", amount = 30_000, unit = 60, prefixes = new[] { "91" } } },
        prices = new { monthly = "349.00" }, limits = new { concurrent_calls = 2 },
    };

    public static readonly Operation ListDecks = new("listDecks", "List decks", "All versions of all decks, by deck, then version.")
    {
        Answers = [new(200, "The versions.", typeof(PageResource<DeckResource>), new PageResource<DeckResource>([Active], false, null))],
    };

    public static readonly Operation GetDeck = new("getDeck", "Look up a deck", "All its versions.")
    {
        Answers = [new(200, "The versions.", typeof(PageResource<DeckResource>), new PageResource<DeckResource>([Active], false, null))],
        Refusals = ["not_found"],
    };

    public static readonly Operation ImportDeck = new("importDeck", "Bring in a deck",
        """
        The next version of the deck, a draft that nothing is rated by. The file is the body, as text/csv with a header, up to 512 MiB: `prefix` (`*` for the catch-all) and `price`; where they are `per`, `first`, `next`, `connect_fee`, `grace_seconds`, `min_charge`, `max_charge`, `rounding`, `scale`, `destination`, `short_code`, `forbidden`.

        The prices of the newest version again are that version, and nothing is added: sending the file again is safe.
        """)
    {
        Query = [new("currency", "The currency of its prices: of all its versions the same.", "INR"), new("name", "What the deck is called. Default: its id.", "Starter overage")],
        Body = new(typeof(string), "prefix,price\r\n91,0.50\r\n", "text/csv"),
        Answers = [new(201, "The draft.", typeof(DeckResource), Draft)],
        Refusals = ["validation_failed", "import_unreadable", "deck_invalid", "currency_differs"],
    };

    public static readonly Operation ActivateDeck = new("activateDeck", "Have calls rated by a draft",
        "From effectiveFrom on, which may lie in the past; now when absent. A version that was to hold from the very same time is retired: so a wrong price is corrected. Calls that were rated stay as they are.")
    {
        Body = new(typeof(ActivationBody), new ActivationBody("2026-12-01T00:00:00Z"), IsOptional: true),
        Answers = [new(200, "The version.", typeof(DeckResource), Active)],
        Refusals = ["validation_failed", "not_found", "deck_not_draft"],
    };

    public static readonly Operation DiscardDeck = new("discardDeck", "Take a draft away", "Only a draft: what calls were rated by stays.")
    {
        Answers = [new(204, "It is gone.", null, null)],
        Refusals = ["validation_failed", "not_found", "deck_not_draft"],
    };

    public static readonly Operation ListPlans = new("listPlans", "List plans", "All versions of all plans, by plan, then version.")
    {
        Answers = [new(200, "The versions.", typeof(PageResource<PlanResource>), new PageResource<PlanResource>([Plan], false, null))],
    };

    public static readonly Operation GetPlan = new("getPlan", "Look up a plan", "All its versions.")
    {
        Answers = [new(200, "The versions.", typeof(PageResource<PlanResource>), new PageResource<PlanResource>([Plan], false, null))],
        Refusals = ["not_found"],
    };

    public static readonly Operation PutPlan = new("putPlan", "Make a plan",
        """
        The next version of the plan, which calls are rated by from effectiveFrom on; absent, the first version holds since ever and others from now on. Each request makes a version; the version that was to hold from the very same time is retired.

        `deck` is the deck that always holds; or `bands` say which holds when, and must cover the week. `fallback` names the plans that are asked for what its decks do not know. `allowances` are what it grants in each period (kind seconds, messages, bytes or money); `prices` and `limits` are what it costs by itself and includes.
        """)
    {
        Body = new(typeof(JsonElement), NewPlan) { Required = [] },
        Answers = [new(200, "The version.", typeof(PlanResource), Plan)],
        Refusals = ["validation_failed", "deck_unknown", "plan_unknown", "currency_differs", "fallback_circle"],
    };
}
