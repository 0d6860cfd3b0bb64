namespace Relier.Identity;

/// <summary>What a caller may be allowed to do. Nothing is allowed that is not named.</summary>
public static class Permission
{
    /// <summary>Order top-ups.</summary>
    public const string OrderTopUps = "topups:write";

    /// <summary>See top-ups: a customer's own, an admin's tenant's.</summary>
    public const string ReadTopUps = "topups:read";

    /// <summary>See balances and statements.</summary>
    public const string ReadBalance = "balance:read";

    /// <summary>See customers.</summary>
    public const string ReadCustomers = "customers:read";

    /// <summary>Create and change customers.</summary>
    public const string WriteCustomers = "customers:write";

    /// <summary>Add and subtract credit.</summary>
    public const string AdjustCredit = "credits:write";

    /// <summary>Issue, rotate and revoke keys.</summary>
    public const string ManageKeys = "keys:write";

    /// <summary>Say, with evidence, what became of a top-up nobody could answer for.</summary>
    public const string ResolveTopUps = "topups:resolve";

    /// <summary>Enter rates of exchange.</summary>
    public const string WriteRates = "rates:write";

    /// <summary>See the counters of the job queue.</summary>
    public const string ReadQueue = "queue:read";

    /// <summary>See how providers stand, what is kept with them, what is unknown, and what they told us.</summary>
    public const string ReadProviders = "providers:read";

    /// <summary>Hand on what a provider tells us unasked: hosts do, people need not.</summary>
    public const string ReceiveCallbacks = "providers:hear";

    /// <summary>Put money into the accounts we keep with providers.</summary>
    public const string FundProviders = "providers:write";

    /// <summary>See single jobs, pauses and the processes of the installation.</summary>
    public const string ReadJobs = "jobs:read";

    /// <summary>Retry jobs, set them aside, pause and resume kinds of them.</summary>
    public const string WriteJobs = "jobs:write";

    /// <summary>Verify the ledger and read house accounts and the audit log.</summary>
    public const string Audit = "audit:read";

    /// <summary>See what people were told of.</summary>
    public const string ReadAlerts = "alerts:read";

    /// <summary>See reconciliations and their work list.</summary>
    public const string ReadReconciliations = "reconciliation:read";

    /// <summary>Reconcile statements, and end breaks: money may move by it.</summary>
    public const string WriteReconciliations = "reconciliation:write";

    /// <summary>Take over customers, their balances and their history from another system.</summary>
    public const string Import = "imports:write";

    /// <summary>Ask what something would cost by a tariff that is in the question.</summary>
    public const string Quote = "quotes:read";

    /// <summary>See accounts that usage is charged to, their calls and what they used: a customer's own, an admin's tenant's.</summary>
    public const string ReadUsage = "usage:read";

    /// <summary>Report calls: what switches and applications do, and nobody whose calls they are.</summary>
    public const string ReportCalls = "calls:write";

    /// <summary>Open and change accounts that usage is charged to, their lines, plans and buckets.</summary>
    public const string WriteAccounts = "accounts:write";

    /// <summary>Say that the charge of a call is wrong: a customer of their own calls.</summary>
    public const string OpenDisputes = "disputes:write";

    /// <summary>Decide about disputes: money may go back by it.</summary>
    public const string CloseDisputes = "disputes:close";

    /// <summary>See plans and decks.</summary>
    public const string ReadTariffs = "tariffs:read";

    /// <summary>Bring in and activate decks, and make plans: from then on calls cost something else.</summary>
    public const string WriteTariffs = "tariffs:write";

    /// <summary>See the parts of the archive, and read and verify them.</summary>
    public const string ReadArchive = "archive:read";

    /// <summary>Have what is old moved to the archive now, and what is over removed from it.</summary>
    public const string RunArchive = "archive:write";

    /// <summary>What a customer's key may do unless it was given less.</summary>
    public static IReadOnlyList<string> OfCustomers { get; } = [OrderTopUps, ReadTopUps, ReadBalance, ReadQueue, Quote, ReadUsage, OpenDisputes];

    /// <summary>All there is: what an admin's key may do unless it was given less.</summary>
    public static IReadOnlyList<string> OfAdmins { get; } =
    [
        OrderTopUps, ReadTopUps, ReadBalance, ReadCustomers, WriteCustomers, AdjustCredit, ManageKeys, ResolveTopUps,
        WriteRates, ReadQueue, ReadJobs, WriteJobs, ReadProviders, FundProviders, ReceiveCallbacks, Audit, ReadReconciliations, WriteReconciliations, ReadAlerts, Import, Quote,
        ReadUsage, ReportCalls, WriteAccounts, OpenDisputes, CloseDisputes, ReadTariffs, WriteTariffs, ReadArchive, RunArchive,
    ];
}
