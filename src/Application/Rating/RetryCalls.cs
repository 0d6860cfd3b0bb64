using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Has calls without a price looked at again, after what was missing has come: a plan, a prefix, a line. What they say stays. The answer
/// says how many, and where to go on; jobs rate them. Refusals: <c>validation_failed</c>, <c>cursor_invalid</c>; for one call <c>not_found</c>, <c>call_archived</c>, <c>call_not_waiting</c>.
/// </summary>
[Requires(Permission.ReportCalls)]
public sealed record RetryCalls : IUseCase<RetriedCalls>
{
    /// <summary>Only this call.</summary>
    public string? Call { get; init; }

    /// <summary>Only those without a price for this reason: <c>no_rate</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many are looked at in one go, newest beginning first: 1 to <see cref="CallsMax"/>.</summary>
    public int Limit { get; init; } = CallsMax;

    /// <summary>The most in one go.</summary>
    public const int CallsMax = 10_000;
}

/// <summary>What is looked at again.</summary>
/// <param name="Calls">How many calls.</param>
/// <param name="NextCursor">Give it back to go on; null when all were looked at.</param>
public sealed record RetriedCalls(int Calls, string? NextCursor);

internal sealed class RetryCallsRules : AbstractValidator<RetryCalls>
{
    public static readonly Dictionary<string, UnratedReason> Reasons = Enum.GetValues<UnratedReason>().ToDictionary(CallWords.Word);

    public RetryCallsRules()
    {
        RuleFor(retry => retry.Call).IsIdOf<RetryCalls, Call>();
        RuleFor(retry => retry.Reason).Must(word => word is null || Reasons.ContainsKey(word)).WithErrorCode("reason_invalid").WithMessage($"expected one of {string.Join(", ", Reasons.Keys)}");
        RuleFor(retry => retry.Limit).InclusiveBetween(1, RetryCalls.CallsMax).WithErrorCode("limit_invalid").WithMessage($"expected 1 to {RetryCalls.CallsMax}");
    }
}

internal sealed class RetryCallsHandler(IStorage storage, IClock clock, Caller caller) : Handler<RetryCalls, RetriedCalls>
{
    protected override async Task<Outcome<RetriedCalls>> HandleAsync(RetryCalls retry, CancellationToken cancellationToken)
    {
        if (retry.Call is { } id) return await Turns.RunAsync(() => storage.RunAsync(caller.Tenant, session => OneAsync(session, Id<Call>.Parse(id), cancellationToken), cancellationToken));

        var retried = 0;
        var filter = new CallFilter { State = CallState.Unrated, Reason = retry.Reason is { } word ? RetryCallsRules.Reasons[word] : null };
        var cursor = retry.Cursor;
        for (var left = retry.Limit; left > 0; left -= PageRequest.MaxLimit)
        {
            var read = await Listing.ReadAsync<int>(cursor, Math.Min(left, PageRequest.MaxLimit), $"calls to retry {retry.Reason}", page => Turns.RunAsync(() => storage.RunAsync(
                caller.Tenant,
                async session =>
                {
                    var calls = await session.Calls.ListAsync(filter, page, cancellationToken);
                    return new Page<int>([await AgainAsync(session, calls.Data, cancellationToken)], calls.Next);
                },
                cancellationToken)));
            if (read.IsRefused(out var refusal, out var part)) return refusal;
            (retried, cursor) = (retried + part.Data.Sum(), part.NextCursor);
            if (cursor is null) break;
        }

        return new RetriedCalls(retried, cursor);
    }

    private async Task<Outcome<RetriedCalls>> OneAsync(ISession session, Id<Call> id, CancellationToken cancellationToken)
    {
        if ((await CallOf.FindAsync(session, caller, id.Value, cancellationToken)).IsRefused(out var unknown, out var call)) return unknown;
        if (call.State != CallState.Unrated) return new Refusal("call_not_waiting", "This call does not wait for anything.").With("status", CallWords.Word(call.State));
        return new RetriedCalls(await AgainAsync(session, [call], cancellationToken), null);
    }

    /// <summary>Those that have an account by now are received again, with a job to rate them.</summary>
    private async Task<int> AgainAsync(ISession session, IReadOnlyList<Call> calls, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var owners = (await session.UsageAccounts.FindOwnersAsync([.. calls.Where(call => call.Account is null).SelectMany(call => call.Record.Lines).Distinct()], cancellationToken)).ToDictionary(owner => owner.Line);
        var again = calls.Select(call => call.Retry(call.Record.Lines.Select(line => owners.GetValueOrDefault(line)).FirstOrDefault(owner => owner is not null)))
            .Where(call => call.State == CallState.Received).ToList();
        if (again.Count == 0) return 0;
        await session.Calls.AddAsync(new CallEntries { Changed = again, Jobs = CallDesk.JobsOf(session.Tenant, again, now) }, cancellationToken);
        await session.AuditAsync(caller, clock, "calls.retried", again[0].Id.Value, null, new { again.Count }, cancellationToken);
        return again.Count;
    }
}
