using System.Text.Json;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class SessionDocs
{
    private const string At = "2026-11-20T10:00:00Z";

    private static readonly object Creation = new { source = "pbx-1", id = "c0ffee-1", kind = "voice", from = "1001", to = "+91 80 4100 0000", accountCode = "ACC-10001", sequence = 1, requested = 180, validSeconds = 300 };

    private static readonly SessionResource Created = new(
        "ses_01kag1v9zk3m8q0w2x4y6z8a0b", "pbx-1", "c0ffee-1", "", "acc_01kag1v9zk3m8q0w2x4y6z8a0b", "open", 1, 0, 180, false, null, new("0.00", "INR"), new("3.00", "INR"), new("7.00", "INR"),
        "2026-11-20T10:05:00Z", false, null, At);

    private static readonly SessionResource Updated = Created with { Sequence = 2, UsedTotal = 180, Charged = new("3.00", "INR"), Available = new("4.00", "INR"), ValidUntil = "2026-11-20T10:08:00Z" };

    private static readonly SessionResource Released = Updated with
    {
        Status = "released", Sequence = 3, UsedTotal = 200, Granted = 0, Charged = new("4.00", "INR"), Held = new("0.00", "INR"), Available = new("6.00", "INR"), Cdr = "call_01kag1v9zk3m8q0w2x4y6z8a0b",
        ValidUntil = "2026-11-20T10:08:20Z",
    };

    public static Operation Create { get; } = new("createSession", "Begin a session",
        """
        Grants what buckets and balance pay for, at most what is `requested` (seconds, bytes, messages, events), and sets it aside. `final` means that it is less than requested, and that there will be no more; `reason` says why. The tariff of the beginning holds to the end.

        (source, id, leg) names the call for ever. `startedAt` is now when absent. The account is found by the first that is known of `account`, `accountCode`, `number`, `sipUser`. Messages are numbered from `sequence` (default 1), each one more than the last. The same message again gets the same answer as long as no other came. Without a message for `validSeconds` (1 to 3600, default 300) the session ends, and what was granted last counts as used.

        The refusals win in this order: validation_failed, no_account, sequence_conflict, call_known, account_not_active, no_plan, no_rate, forbidden, bad_number, loop, insufficient_credit.
        """)
    {
        Body = new(typeof(JsonElement), Creation) { Required = [] },
        Answers = [new(201, "It began, or began before by this message.", typeof(SessionResource), Created)],
        Refusals = ["validation_failed", "no_account", "sequence_conflict", "call_known", "account_not_active", "no_plan", "no_rate", "bad_number", "loop", "insufficient_credit"],
    };

    public static Operation Get { get; } = new("getSession", "Look up a session", "As it is now, with the number of its last message.")
    {
        Answers = [new(200, "The session.", typeof(SessionResource), Updated)],
        Refusals = ["not_found"],
    };

    public static Operation Update { get; } = new("updateSession", "Report what was used, and ask for more",
        """
        `usedTotal` is what was used since the beginning, not since the last message. It is charged in full, also beyond what was granted and below zero: an update is never refused for money. Then `requested` more is granted as far as it goes; 0 or absent asks for nothing.

        The last message again gets the same answer; another number, or another content of the last one, is a sequence_conflict with the number that is `expected`. After the end it is session_ended, with what was used and charged.
        """)
    {
        Body = new(typeof(JsonElement), new { sequence = 2, usedTotal = 180, requested = 180 }) { Required = [] },
        Answers = [new(200, "What is granted.", typeof(SessionResource), Updated)],
        Refusals = ["validation_failed", "not_found", "sequence_conflict", "session_ended", "used_decreased"],
    };

    public static Operation Release { get; } = new("releaseSession", "End a session",
        "Charges `usedTotal`, what was used since the beginning, and gives back the rest. The session becomes a call: `cdr` is its id. The same message again gets the same answer, for ever.")
    {
        Body = new(typeof(JsonElement), new { sequence = 3, usedTotal = 200 }) { Required = [] },
        Answers = [new(200, "What it came to.", typeof(SessionResource), Released)],
        Refusals = ["validation_failed", "not_found", "sequence_conflict", "session_ended", "used_decreased"],
    };

    public static Operation Authorise { get; } = new("authorizeCall", "Ask whether a call is let through",
        "And how long it may last at most, of `maxSeconds` (default 14400). Nothing is set aside: two calls that are asked for at once are both told of the same balance; who wants to be certain begins a session. A no is an answer: `allowed` false, `maxSeconds` 0, and the `reason`, the code with which a session would be refused.")
    {
        Body = new(typeof(JsonElement), new { id = "c0ffee-1", to = "+91 80 4100 0000", accountCode = "ACC-10001", maxSeconds = 3600 }) { Required = [] },
        Answers = [new(200, "Whether, and how long.", typeof(AuthorisationResource), new AuthorisationResource(true, 600, "insufficient_credit", null))],
        Refusals = ["validation_failed"],
    };
}
