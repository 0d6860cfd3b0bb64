using System.Collections.Immutable;
using System.Text.Json;
using FluentValidation;
using NodaTime;
using Relier.Archiving;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Reports calls, up to 1,000 at once: each is kept and rated by a job, or says again what is known, or contradicts it and is kept for
/// people. One that cannot be read is refused with its fields, and its neighbours are taken. Refusal <c>validation_failed</c> for none or too many.
/// </summary>
/// <param name="Records">The records, in the order of the answers.</param>
[Requires(Permission.ReportCalls)]
public sealed record ReportCalls(IReadOnlyList<CallRecord> Records) : IUseCase<IReadOnlyList<ReportedCall>>
{
    /// <summary>The most at once.</summary>
    public const int RecordsMax = 1000;
}

/// <summary>The answer to a report.</summary>
/// <param name="Receipt">What became of it; null when it was refused.</param>
/// <param name="Call">The call; null when it was refused, or is in the archive.</param>
/// <param name="Refusal"><c>validation_failed</c> with the fields, or <c>call_conflict</c> with the report that was kept.</param>
public sealed record ReportedCall(CallReceipt? Receipt, Call? Call, Refusal? Refusal)
{
    /// <summary>Where the call is that was known and is in the archive, so that <see cref="Call"/> is null; null for others.</summary>
    public ArchivedCall? Archived { get; init; }
}

/// <summary>A call. Refusals <c>not_found</c>, <c>call_archived</c> with the part that it lies in.</summary>
/// <param name="Id">The call.</param>
[Requires(Permission.ReadUsage)]
public sealed record GetCall(string Id) : IUseCase<Call>;

/// <summary>Which calls, in the words of a client. What is null does not limit.</summary>
public abstract record CallQuery
{
    /// <summary>Only of this account.</summary>
    public string? Account { get; init; }

    /// <summary>Begun at this time or later: RFC 3339.</summary>
    public string? From { get; init; }

    /// <summary>Begun before this time.</summary>
    public string? To { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public string? Direction { get; init; }

    /// <summary><c>received</c>, <c>rated</c>, <c>zero</c>, <c>unrated</c> or <c>not_charged</c>.</summary>
    public string? Status { get; init; }

    internal Outcome<CallFilter> ToFilter(Caller caller)
    {
        if (Account is not null && !Id<Account>.TryParse(Account, out _)) return Own.NotFound("account", Account);
        return new CallFilter
        {
            Account = Account is null ? null : Id<Account>.Parse(Account), Customer = caller.Customer, From = Validation.ReadInstant(From), To = Validation.ReadInstant(To),
            Direction = Direction is null ? null : CallWords.Directions[Direction], State = Status is null ? null : CallWords.States[Status],
        };
    }
}

/// <summary>Calls, newest beginning first; a customer's own. Refusals <c>validation_failed</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record ListCalls : CallQuery, IUseCase<Listing<Call>>
{
    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>What calls come to: by state, direction and currency. Refusal <c>validation_failed</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record GetCallTotals : CallQuery, IUseCase<IReadOnlyList<CallTotals>>;

/// <summary>Calls one after the other, for a file: at most <see cref="ExportLimit"/>. Refusal <c>validation_failed</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record ExportCalls : CallQuery, IUseCase<IAsyncEnumerable<Call>>
{
    /// <summary>The most that one file has.</summary>
    public const int ExportLimit = 1_000_000;
}

/// <summary>The words for calls, as clients write them.</summary>
public static class CallWords
{
    /// <summary>Directions.</summary>
    public static IReadOnlyDictionary<string, CallDirection> Directions { get; } = Enum.GetValues<CallDirection>().ToDictionary(Word);

    /// <summary>States.</summary>
    public static IReadOnlyDictionary<string, CallState> States { get; } = Enum.GetValues<CallState>().ToDictionary(Word);

    /// <summary>Kinds of usage.</summary>
    public static IReadOnlyDictionary<string, UsageKind> Kinds { get; } = Enum.GetValues<UsageKind>().ToDictionary(Word);

    /// <summary>Kinds of lines.</summary>
    public static IReadOnlyDictionary<string, LineKind> Lines { get; } = Enum.GetValues<LineKind>().ToDictionary(kind => JsonNamingPolicy.CamelCase.ConvertName($"{kind}"));

    /// <summary>The word for a value: <c>not_charged</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{value}");
}

internal sealed class ReportCallsRules : AbstractValidator<ReportCalls>
{
    public ReportCallsRules() =>
        RuleFor(report => report.Records).Must(records => records.Count is > 0 and <= ReportCalls.RecordsMax)
            .WithErrorCode("too_many").WithMessage($"expected 1 to {ReportCalls.RecordsMax} records").OverridePropertyName("cdrs");
}

internal abstract class CallQueryRules<T> : AbstractValidator<T>
    where T : CallQuery
{
    protected CallQueryRules()
    {
        RuleFor(query => query.From).IsInstant();
        RuleFor(query => query.To).IsInstant();
        RuleFor(query => query.Direction).Must(word => word is null || CallWords.Directions.ContainsKey(word)).WithErrorCode("direction_invalid").WithMessage($"expected one of {string.Join(", ", CallWords.Directions.Keys)}");
        RuleFor(query => query.Status).Must(word => word is null || CallWords.States.ContainsKey(word)).WithErrorCode("status_invalid").WithMessage($"expected one of {string.Join(", ", CallWords.States.Keys)}");
    }
}

internal sealed class ListCallsRules : CallQueryRules<ListCalls>
{
    public ListCallsRules() => RuleFor(list => list.Limit).IsLimit();
}

internal sealed class GetCallTotalsRules : CallQueryRules<GetCallTotals>;

internal sealed class ExportCallsRules : CallQueryRules<ExportCalls>;

internal sealed class ReportCallsHandler(IStorage storage, CallDesk desk, Caller caller) : Handler<ReportCalls, IReadOnlyList<ReportedCall>>
{
    protected override async Task<Outcome<IReadOnlyList<ReportedCall>>> HandleAsync(ReportCalls report, CancellationToken cancellationToken)
    {
        var faults = report.Records.Select(record => record.Check().ToList()).ToList();
        var sound = report.Records.Where((_, place) => faults[place].Count == 0).ToList();
        var receipts = sound.Count == 0 ? [] : await desk.KeepAsync(caller.Tenant, sound, BodyOf, null, cancellationToken);
        var found = await storage.RunAsync(caller.Tenant, session => FindAsync(session, receipts, cancellationToken), cancellationToken);
        var taken = receipts.GetEnumerator();
        return Outcome.Of<IReadOnlyList<ReportedCall>>([.. faults.Select(wrong => wrong.Count > 0 ? new ReportedCall(null, null, Validation.Failed(wrong)) : Answer(taken, found))]);
    }

    private static ReportedCall Answer(IEnumerator<CallReceipt> receipts, Dictionary<Id<Call>, (Call? Call, ArchivedCall? Archived)> found)
    {
        receipts.MoveNext();
        var receipt = receipts.Current;
        var refusal = receipt.Fate != CallFate.Conflict
            ? null
            : new Refusal("call_conflict", "The same call was reported before with another content; it stays as it was, and this report is kept for people.").With("call", receipt.Call.Value).With("report", receipt.Report!.Value.Value);
        var (call, archived) = found[receipt.Call];
        return new ReportedCall(receipt, call, refusal) { Archived = archived };
    }

    private static async Task<Dictionary<Id<Call>, (Call? Call, ArchivedCall? Archived)>> FindAsync(ISession session, IReadOnlyList<CallReceipt> receipts, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Id<Call>, (Call? Call, ArchivedCall? Archived)>();
        foreach (var id in receipts.Select(receipt => receipt.Call).Distinct())
        {
            // In this order: between the two a call can only go into the archive, never come out of it.
            if (await session.Calls.FindAsync(id, cancellationToken) is { } call) found[id] = (call, null);
            else found[id] = (null, await session.Archive.FindCallAsync(id, cancellationToken) ?? throw new InvalidOperationException($"Call {id} is not there."));
        }

        return found;
    }

    /// <summary>A record of the API as it is kept when it contradicts what is known.</summary>
    internal static string BodyOf(CallRecord record) => JsonSerializer.Serialize(
        new
        {
            record.Source, id = record.ExternalId, record.Leg, kind = CallWords.Word(record.Kind), direction = CallWords.Word(record.Direction), record.From, record.To,
            startedAt = $"{record.StartedAt}", answeredAt = record.AnsweredAt?.ToString(), endedAt = record.EndedAt?.ToString(), record.Duration, record.Quantity, record.Cause,
        },
        JsonSerializerOptions.Web);
}

internal sealed class GetCallHandler(IStorage storage, Caller caller) : Handler<GetCall, Call>
{
    protected override Task<Outcome<Call>> HandleAsync(GetCall query, CancellationToken cancellationToken) =>
        storage.RunAsync(caller.Tenant, session => CallOf.FindAsync(session, caller, query.Id, cancellationToken), cancellationToken);
}

internal static class CallOf
{
    /// <summary>A call that the caller may see; for others <c>not_found</c>, for one that is in the archive <c>call_archived</c>.</summary>
    public static async Task<Outcome<Call>> FindAsync(ISession session, Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Id<Call>.TryParse(id, out var known)) return Own.NotFound("call", id);
        if (await session.Calls.FindAsync(known, cancellationToken) is { } call) return caller.Customer is null || call.Customer == caller.Customer ? call : Own.NotFound("call", id);
        return await session.Archive.FindCallAsync(known, cancellationToken) is { } archived && (caller.Customer is null || archived.Customer == caller.Customer)
            ? archived.ToRefusal()
            : Own.NotFound("call", id);
    }
}

internal sealed class ListCallsHandler(IStorage storage, Caller caller) : Handler<ListCalls, Listing<Call>>
{
    protected override async Task<Outcome<Listing<Call>>> HandleAsync(ListCalls list, CancellationToken cancellationToken)
    {
        if (list.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        return await Listing.ReadAsync(list.Cursor, list.Limit, $"calls {filter.Customer} {list.Account} {list.From} {list.To} {list.Direction} {list.Status}", page =>
            storage.RunAsync(caller.Tenant, session => session.Calls.ListAsync(filter, page, cancellationToken), cancellationToken));
    }
}

internal sealed class GetCallTotalsHandler(IStorage storage, Caller caller) : Handler<GetCallTotals, IReadOnlyList<CallTotals>>
{
    protected override async Task<Outcome<IReadOnlyList<CallTotals>>> HandleAsync(GetCallTotals query, CancellationToken cancellationToken)
    {
        if (query.ToFilter(caller).IsRefused(out var refusal, out var filter)) return refusal;
        return Outcome.Of(await storage.RunAsync(caller.Tenant, session => session.Calls.TotalsAsync(filter, cancellationToken), cancellationToken));
    }
}

internal sealed class ExportCallsHandler(IStorage storage, Caller caller) : Handler<ExportCalls, IAsyncEnumerable<Call>>
{
    protected override Task<Outcome<IAsyncEnumerable<Call>>> HandleAsync(ExportCalls export, CancellationToken cancellationToken) =>
        Task.FromResult(export.ToFilter(caller).IsRefused(out var refusal, out var filter) ? refusal : Outcome.Of(ReadAsync(filter, cancellationToken)));

    private async IAsyncEnumerable<Call> ReadAsync(CallFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Position? after = null;
        for (var given = 0; given < ExportCalls.ExportLimit; given += PageRequest.MaxLimit)
        {
            var request = new PageRequest(after, PageRequest.MaxLimit);
            var page = await storage.RunAsync(caller.Tenant, session => session.Calls.ListAsync(filter, request, cancellationToken), cancellationToken);
            foreach (var call in page.Data) yield return call;
            if (page.Next is not { } next) yield break;
            after = next;
        }
    }
}
