using FluentValidation;
using Microsoft.Extensions.Logging;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Rating;

/// <summary>
/// Begins a session: sets aside what is asked for, in buckets first and then in a prepaid balance, as far as it goes. The same message again
/// gives the same answer while no other came. Refusals, in the order in which they win: <c>validation_failed</c>, <c>no_account</c>,
/// <c>sequence_conflict</c> (another first message, or others came since), <c>call_known</c>, <c>account_not_active</c>, <c>no_plan</c>, <c>no_rate</c>,
/// <c>forbidden</c>, <c>bad_number</c>, <c>loop</c>, <c>insufficient_credit</c>.
/// </summary>
/// <param name="Call">What is to be used: source, id and leg name it for ever. Its quantity and times after the beginning do not count.</param>
/// <param name="Requested">How much is asked for: seconds, bytes, messages, events.</param>
[Requires(Permission.ReportCalls)]
public sealed record CreateSession(CallRecord Call, long Requested) : IUseCase<SessionReply>
{
    /// <summary>The number of the message; those that follow count up from it.</summary>
    public int Sequence { get; init; } = 1;

    /// <summary>Whether it begins now, whatever the record says.</summary>
    public bool StartsNow { get; init; }

    /// <summary>How many seconds the answer holds, 1 to 3600. Null for 300.</summary>
    public int? ValidSeconds { get; init; }
}

/// <summary>
/// Charges what was used, and sets aside more. What was used is charged in full whatever there is; then nothing more is granted, and the answer says why.
/// Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>sequence_conflict</c>, <c>session_ended</c>, <c>used_decreased</c>.
/// </summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The number of the message: one more than the last.</param>
/// <param name="UsedTotal">What was used since the beginning.</param>
/// <param name="Requested">How much more is asked for; 0 for nothing.</param>
[Requires(Permission.ReportCalls)]
public sealed record UpdateSession(string Session, int Sequence, long UsedTotal, long Requested) : IUseCase<SessionReply>
{
    /// <summary>How many seconds the answer holds, 1 to 3600. Null for 300.</summary>
    public int? ValidSeconds { get; init; }
}

/// <summary>Charges what was used, gives back the rest, and makes the call. Refusals as of <see cref="UpdateSession"/>.</summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The number of the message: one more than the last.</param>
/// <param name="UsedTotal">What was used since the beginning.</param>
[Requires(Permission.ReportCalls)]
public sealed record ReleaseSession(string Session, int Sequence, long UsedTotal) : IUseCase<SessionReply>;

/// <summary>A session as it is. Refusal <c>not_found</c>.</summary>
/// <param name="Session">The session.</param>
[Requires(Permission.ReportCalls)]
public sealed record GetSession(string Session) : IUseCase<UsageSession>;

/// <summary>Whether a call would be let through now, and how long it may last. Nothing is set aside, and nothing is kept. Refusal <c>validation_failed</c>.</summary>
/// <param name="Call">The call.</param>
[Requires(Permission.ReportCalls)]
public sealed record AuthoriseCall(CallRecord Call) : IUseCase<CallAuthorisation>
{
    /// <summary>Unless it is asked for otherwise, calls may last this long: four hours.</summary>
    public const long MaxSecondsDefault = 14_400;

    /// <summary>The longest that is asked for: seconds, or bytes, messages, events.</summary>
    public long MaxQuantity { get; init; } = MaxSecondsDefault;

    /// <summary>Whether it begins now, whatever the record says.</summary>
    public bool StartsNow { get; init; }
}

/// <summary>Whether a call is let through.</summary>
/// <param name="IsAllowed">Whether it is.</param>
/// <param name="Quantity">For how long, or how much, at most; 0 when it is not.</param>
/// <param name="Reason">Why not, or why for less than was asked: the code of a refusal.</param>
/// <param name="Refusal">The refusal with its facts; null when it is let through.</param>
public sealed record CallAuthorisation(bool IsAllowed, long Quantity, string? Reason, Refusal? Refusal);

internal static class SessionRules
{
    public static IRuleBuilderOptions<T, int?> IsValidSeconds<T>(this IRuleBuilder<T, int?> rule) =>
        rule.InclusiveBetween(1, (int)SessionMessage.ValidForMax.TotalSeconds).WithErrorCode("seconds_invalid").WithMessage($"expected 1 to {(int)SessionMessage.ValidForMax.TotalSeconds}");

    public static IRuleBuilderOptions<T, long> IsQuantity<T>(this IRuleBuilder<T, long> rule, long from = 0) =>
        rule.InclusiveBetween(from, UsageRate.QuantityMax).WithErrorCode("quantity_invalid").WithMessage($"expected a whole number from {from} to {UsageRate.QuantityMax}");

    public static IRuleBuilderOptions<T, int> IsSequence<T>(this IRuleBuilder<T, int> rule) =>
        rule.InclusiveBetween(0, int.MaxValue - 1).WithErrorCode("sequence_invalid").WithMessage("expected a whole number from 0");

    public static void IsCall<T>(this IRuleBuilder<T, CallRecord> rule) => rule.Custom((record, context) =>
    {
        foreach (var fault in record.Check()) context.AddFailure(new FluentValidation.Results.ValidationFailure(fault.Field, fault.Message) { ErrorCode = fault.Code });
        if (record.Lines.IsDefaultOrEmpty) context.AddFailure(new FluentValidation.Results.ValidationFailure("lines", "is required") { ErrorCode = "required" });
    });

    public static Duration Validity(int? seconds) => seconds is { } given ? Duration.FromSeconds(given) : SessionMessage.ValidForDefault;

    /// <summary>What is asked, without what is only known at the end.</summary>
    public static CallRecord Opening(CallRecord record) => record with { Quantity = 0, AnsweredAt = null, EndedAt = null, Duration = 0, Cause = null, IsCharged = true };
}

internal sealed class CreateSessionRules : AbstractValidator<CreateSession>
{
    public CreateSessionRules()
    {
        RuleFor(create => create.Call).IsCall();
        RuleFor(create => create.Sequence).IsSequence();
        RuleFor(create => create.Requested).IsQuantity(1);
        RuleFor(create => create.ValidSeconds).IsValidSeconds();
    }
}

internal sealed class UpdateSessionRules : AbstractValidator<UpdateSession>
{
    public UpdateSessionRules()
    {
        RuleFor(update => update.Sequence).IsSequence();
        RuleFor(update => update.UsedTotal).IsQuantity();
        RuleFor(update => update.Requested).IsQuantity();
        RuleFor(update => update.ValidSeconds).IsValidSeconds();
    }
}

internal sealed class ReleaseSessionRules : AbstractValidator<ReleaseSession>
{
    public ReleaseSessionRules()
    {
        RuleFor(release => release.Sequence).IsSequence();
        RuleFor(release => release.UsedTotal).IsQuantity();
    }
}

internal sealed class AuthoriseCallRules : AbstractValidator<AuthoriseCall>
{
    public AuthoriseCallRules()
    {
        RuleFor(call => call.Call).IsCall();
        RuleFor(call => call.MaxQuantity).IsQuantity(1);
    }
}

internal sealed class CreateSessionHandler(SessionDesk desk, Caller caller) : Handler<CreateSession, SessionReply>
{
    protected override Task<Outcome<SessionReply>> HandleAsync(CreateSession create, CancellationToken cancellationToken) =>
        desk.CreateAsync(
            caller, SessionRules.Opening(create.Call), create.StartsNow, new SessionMessage(create.Sequence, 0, create.Requested, SessionRules.Validity(create.ValidSeconds)), cancellationToken);
}

internal sealed class UpdateSessionHandler(SessionDesk desk, Caller caller) : Handler<UpdateSession, SessionReply>
{
    protected override async Task<Outcome<SessionReply>> HandleAsync(UpdateSession update, CancellationToken cancellationToken) =>
        Id<UsageSession>.TryParse(update.Session, out var id)
            ? await desk.GoOnAsync(caller, id, new SessionMessage(update.Sequence, update.UsedTotal, update.Requested, SessionRules.Validity(update.ValidSeconds)), false, cancellationToken)
            : Own.NotFound("session", update.Session);
}

internal sealed class ReleaseSessionHandler(SessionDesk desk, Caller caller) : Handler<ReleaseSession, SessionReply>
{
    protected override async Task<Outcome<SessionReply>> HandleAsync(ReleaseSession release, CancellationToken cancellationToken) =>
        Id<UsageSession>.TryParse(release.Session, out var id)
            ? await desk.GoOnAsync(caller, id, new SessionMessage(release.Sequence, release.UsedTotal, 0, Duration.Zero), true, cancellationToken)
            : Own.NotFound("session", release.Session);
}

internal sealed class GetSessionHandler(IStorage storage, Caller caller) : Handler<GetSession, UsageSession>
{
    protected override Task<Outcome<UsageSession>> HandleAsync(GetSession query, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<UsageSession>>(
            caller.Tenant,
            async session => Id<UsageSession>.TryParse(query.Session, out var id) && await session.UsageSessions.FindAsync(id, cancellationToken) is { } found && caller.Sees(found.Customer)
                ? found
                : Own.NotFound("session", query.Session),
            cancellationToken);
}

internal sealed class AuthoriseCallHandler(SessionDesk desk, Caller caller) : Handler<AuthoriseCall, CallAuthorisation>
{
    protected override async Task<Outcome<CallAuthorisation>> HandleAsync(AuthoriseCall call, CancellationToken cancellationToken)
    {
        var asked = await desk.AskAsync(caller, SessionRules.Opening(call.Call), call.StartsNow, new SessionMessage(0, 0, call.MaxQuantity, SessionMessage.ValidForDefault), cancellationToken);
        return asked.IsRefused(out var refusal, out var answer)
            ? new CallAuthorisation(false, 0, refusal.Code, refusal)
            : new CallAuthorisation(true, answer.Granted, answer.Reason, null);
    }
}

/// <summary>Ends sessions from which nothing was heard. One that cannot be ended keeps none of the others waiting, in this turn or the next.</summary>
internal sealed partial class SessionExpiry(IStorage storage, SessionDesk desk, IClock clock, ILogger<SessionExpiry> logger) : IJobHandler
{
    public const string Kind = "sessions.expire";
    private const int AtOnce = 200;

    public static Schedule Schedule { get; } = new(Kind, Kind, Duration.FromSeconds(10));

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        // Those that stay open are the first of every list.
        for (var (open, isMore) = (0, true); isMore;)
        {
            var skip = open;
            var expired = await storage.RunAsync(job.Tenant, session => session.UsageSessions.ListExpiredAsync(clock.Now(), skip, AtOnce, cancellationToken), cancellationToken);
            foreach (var id in expired)
                if (!await EndedAsync(job.Tenant, id, cancellationToken))
                    open++;
            isMore = expired.Count == AtOnce;
        }

        await storage.RunAsync(job.Tenant, session => session.Jobs.CompleteAsync(job, cancellationToken), cancellationToken);
    }

    private async Task<bool> EndedAsync(TenantId tenant, Id<UsageSession> id, CancellationToken cancellationToken)
    {
        try
        {
            return await desk.ExpireAsync(tenant, id, cancellationToken);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or StorageUnavailableException))
        {
            LogStaysOpen(tenant.Value, id.Value, failure);
            return false;
        }
    }

    [LoggerMessage(1701, LogLevel.Error, "Session {Session} of {Tenant} has expired and could not be ended: what it holds stays held. It is tried again at the next turn")]
    private partial void LogStaysOpen(string tenant, string session, Exception error);
}
