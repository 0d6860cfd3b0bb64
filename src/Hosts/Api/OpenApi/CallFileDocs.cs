using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class CallFileDocs
{
    private static readonly CallImportResource Imported = new(
        "imp_01kag1v9zk3m8q0w2x4y6z8a0b", 1003, 1000, 1, 0, 1, 1, new Dictionary<string, long> { ["rated"] = 990, ["no_rate"] = 10 }, [new("1188.00", "INR")]);

    public static readonly Operation Import = new("importCalls", "Take in a file of calls",
        """
        The file is the body, as text/csv; it is charged part by part, and answered when all is done. After a break send it again: what was taken in before is known by (source, id, leg) and counted as a duplicate. A line that nobody understands, or that contradicts what is known, is kept for people (/cdrs/reports), and its neighbours are taken.

        `layout` is `generic` (a header; id or uuid, start, billsec, and to, from, answer, end, duration, cause, direction, account_code and others where they are), `freeswitch` (mod_cdr_csv with the template it comes with, without a header; with the clock and the contexts that are set for the switch `source`), or a map: `id=UUID; start=START; quantity=BILLSEC; to=B; accountCode=ACC; zone=Asia/Kolkata`.
        """)
    {
        Query =
        [
            new("source", "Who reports: with the id of each call its name for ever.", "fs-blr-1"),
            new("layout", "generic, freeswitch, or a map.", "generic"),
            new("zone", "The zone of times that are written without one. Default: that of the switch, else the tenant's.", "Asia/Kolkata"),
            new("fileName", "What the file is called, for people.", "Master.csv"),
        ],
        Body = new(typeof(string), "id,to,start,billsec,account_code\r\n1,918041000000,2026-11-20T10:00:00+05:30,90,ACC-1\r\n", "text/csv"),
        Answers = [new(200, "What became of the lines.", typeof(CallImportResource), Imported)],
        Refusals = ["validation_failed", "import_unreadable", "unsupported_media_type", "payload_too_large"],
    };

    public static readonly Operation Rerate = new("rerateCalls", "Charge calls again",
        "By the prices as they are now, after a deck was corrected: activate the corrected version with the same effectiveFrom first. With dryRun=true the answer says how many calls come to something else, and by how much, and nothing changes. Each account's calls are charged in the order in which they took place; the price they had is kept, the difference is booked once. Asked again, nothing changes.")
    {
        Body = new(typeof(RerateBody), new { deck = "india", from = "2026-11-01T00:00:00Z", dryRun = true }, IsOptional: true),
        Answers = [new(200, "What came of it.", typeof(RerateResource), new RerateResource(1000, 12, [new("-3.60", "INR")], true))],
        Refusals = ["validation_failed"],
    };

    public static readonly Operation Analytics = new("analyseCalls", "What calls come to, time by time",
        "By hour, day or month of the tenant's zone, at most 800 of them; where there are none, nothing. answerSeizureRatio is the share of calls that were answered, in per cent; averageCallDuration the seconds of an answered one; both to hundredths.")
    {
        Query = [.. CallDocs.Filters, new("groupBy", "hour, day or month.", "day")],
        Answers =
        [
            new(200, "The times, the earliest first.", typeof(PageResource<CallPeriodResource>), new PageResource<CallPeriodResource>(
                [new("2026-11-20T06:00:00Z", 100, 61, 61, 92.5m, 5643, 6660, [new("111.00", "INR")])], false, null)),
        ],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation TopDestinations = new("listTopDestinations", "Where most calls go", "Calls out only; those with most calls first.")
    {
        Query = [.. CallDocs.Filters, new("groupBy", "destination, as the deck calls it, or number, as dialled.", "destination"), new("limit", "How many, 1 to 100. Default 10.", "10")],
        Answers = [new(200, "The destinations.", typeof(PageResource<DestinationResource>), new PageResource<DestinationResource>([new("Bengaluru", 61, 61, 5643, new("111.00", "INR"))], false, null))],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation Margins = new("analyseMargins", "What calls brought and cost",
        "Calls out with something to charge for that are rated, come to nothing or are unrated: what they brought, what they cost at the cheapest of the suppliers that had a price for each when it took place, rounded as the supplier rounds, and what is left. A supplier is a plan of its prices, in the currency of the calls. A call that no supplier has a price for is counted under withoutCost, and nowhere else: nobody knows its margin. Never for customers.")
    {
        Query =
        [
            new("suppliers", "The plans of the suppliers, with commas between, up to 50.", "carrier-x,carrier-y"), .. CallDocs.Filters.Where(filter => filter.Name != "direction"),
            new("groupBy", "hour, day or month of the tenant's zone, at most 800 of them; destination, as the deck of the price calls it, or number, as dialled: those with the smallest margin first.", "day"),
            new("limit", "How many destinations or numbers, 1 to 1000. Default 100; areMore says whether there are others. total is of all calls.", "100"),
        ],
        Answers = [new(200, "Part by part and in all. from for times; destination else, null for calls that have none.", typeof(MarginsResource), MarginsExample())],
        Refusals = ["validation_failed", "not_found", "plan_unknown", "currency_differs"],
    };

    private static MarginsResource MarginsExample()
    {
        MoneyResource revenue = new("111.00", "INR"), cost = new("61.50", "INR"), margin = new("49.50", "INR");
        var without = new SalesResource(1, 60, new("2.00", "INR"));
        return new([new("2026-11-20T06:00:00Z", null, 61, 5643, revenue, cost, margin, without)], false, new(61, 5643, revenue, cost, margin, without));
    }

    public static readonly Operation Routes = new("findRoutes", "Which supplier to send a call to", "A supplier is a plan of its prices. Those that do not know the number, or forbid it, are left out; with plan, those too that would cost as much as the customer pays, or more.")
    {
        Query =
        [
            new("to", "The number, as dialled.", "918041000000"),
            new("suppliers", "The plans of the suppliers, with commas between, up to 50.", "carrier-x,carrier-y"),
            new("order", "cheapest, or longestPrefix: who knows the number most exactly.", "cheapest"),
            new("seconds", "How long the call is expected to last. Default 60.", "60"),
            new("plan", "The customer's plan."),
            new("at", "When, RFC 3339. Default: now."),
        ],
        Answers = [new(200, "The suppliers, the first to be tried first.", typeof(PageResource<RouteResource>), new PageResource<RouteResource>([new("carrier-y", "91", "India", "0.25")], false, null))],
        Refusals = ["validation_failed", "plan_unknown", "currency_differs"],
    };
}
