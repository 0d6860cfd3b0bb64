using System.Text.Json;
using NodaTime;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>A session, and what the sender of its last message was told.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">Who reports.</param>
/// <param name="CallId">The source's id of the call.</param>
/// <param name="Leg">Which leg of it.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Status">open or released.</param>
/// <param name="Sequence">The number of the message.</param>
/// <param name="UsedTotal">What was used since the beginning.</param>
/// <param name="Granted">How much more may be used.</param>
/// <param name="Final">Whether that is less than was asked for: there will be no more.</param>
/// <param name="Reason">Why; null when all was granted.</param>
/// <param name="Charged">What it costs so far.</param>
/// <param name="Held">What is set aside for what is granted.</param>
/// <param name="Available">What the account had left then.</param>
/// <param name="ValidUntil">When it ends unless a message comes before.</param>
/// <param name="Expired">Whether it ended because none came.</param>
/// <param name="Cdr">The call that it became.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record SessionResource(
    string Id, string Source, string CallId, string Leg, string AccountId, string Status, int Sequence, long UsedTotal, long Granted, bool Final, string? Reason, MoneyResource Charged,
    MoneyResource Held, MoneyResource Available, string ValidUntil, bool Expired, string? Cdr, string StartedAt)
{
    /// <summary>What a message is told.</summary>
    public static SessionResource Of(SessionReply reply) => Of(reply.Session, reply.Answer);

    /// <summary>The session as it is, also when it ended without a message.</summary>
    public static SessionResource Of(UsageSession session) => Of(session, session.Answer with
    {
        State = session.State, Used = session.Used, Granted = session.Granted, Charged = session.Charged, Held = session.Held, Call = session.Call, IsExpired = session.IsExpired,
    });

    private static SessionResource Of(UsageSession session, SessionAnswer answer) => new(
        session.Id.Value, session.Record.Source, session.Record.ExternalId, session.Record.Leg, session.Account.Value, CallWords.Word(answer.State), answer.Sequence, answer.Used, answer.Granted,
        answer.IsFinal, answer.Reason, MoneyResource.Of(answer.Charged), MoneyResource.Of(answer.Held), MoneyResource.Of(answer.Available), answer.ValidUntil.Text(), answer.IsExpired,
        answer.Call?.Value, session.Record.StartedAt.Text());
}

/// <summary>Whether a call is let through.</summary>
/// <param name="Allowed">Whether it is.</param>
/// <param name="MaxSeconds">How long it may last; for data, messages and events how much. 0 when it is not let through.</param>
/// <param name="Reason">Why not, or why no longer.</param>
/// <param name="Detail">The same for people, when it is not let through.</param>
internal sealed record AuthorisationResource(bool Allowed, long MaxSeconds, string? Reason, string? Detail)
{
    public static AuthorisationResource Of(CallAuthorisation authorisation) =>
        new(authorisation.IsAllowed, authorisation.Quantity, authorisation.Reason, authorisation.Refusal?.Message);
}

/// <summary>Reads messages about sessions. Refusal <c>validation_failed</c> with every member that does not fit.</summary>
internal static class SessionReader
{
    public static Outcome<CreateSession> ReadCreation(JsonElement json)
    {
        var (errors, reader) = Begin(json);
        var (record, startsNow) = Call(reader);
        var create = new CreateSession(record, reader.Whole("requested", isRequired: true) ?? 0)
        {
            StartsNow = startsNow, Sequence = reader.Small("sequence") ?? 1, ValidSeconds = reader.Small("validSeconds"),
        };
        return Ended(reader, errors, create);
    }

    public static Outcome<UpdateSession> ReadUpdate(string session, JsonElement json)
    {
        var (errors, reader) = Begin(json);
        var update = new UpdateSession(session, Sequence(reader), reader.Whole("usedTotal", isRequired: true) ?? 0, reader.Whole("requested") ?? 0) { ValidSeconds = reader.Small("validSeconds") };
        return Ended(reader, errors, update);
    }

    public static Outcome<ReleaseSession> ReadRelease(string session, JsonElement json)
    {
        var (errors, reader) = Begin(json);
        return Ended(reader, errors, new ReleaseSession(session, Sequence(reader), reader.Whole("usedTotal", isRequired: true) ?? 0));
    }

    public static Outcome<AuthoriseCall> ReadQuestion(JsonElement json)
    {
        var (errors, reader) = Begin(json);
        var (record, startsNow) = Call(reader, isNamed: false);
        return Ended(reader, errors, new AuthoriseCall(record) { StartsNow = startsNow, MaxQuantity = reader.Whole("maxSeconds") ?? AuthoriseCall.MaxSecondsDefault });
    }

    private static (List<FieldError> Errors, JsonObjectReader Reader) Begin(JsonElement json)
    {
        var errors = new List<FieldError>();
        return (errors, new JsonObjectReader(json, "", errors));
    }

    private static int Sequence(JsonObjectReader reader)
    {
        if (reader.Whole("sequence", isRequired: true) is not { } number) return 0;
        if (number is < 0 or >= int.MaxValue) reader.Wrong("sequence", "sequence_invalid", "expected a whole number from 0");
        return (int)Math.Clamp(number, 0, int.MaxValue - 1);
    }

    /// <summary>The call; a question need not name it, since nothing is kept of it.</summary>
    private static (CallRecord Record, bool StartsNow) Call(JsonObjectReader reader, bool isNamed = true)
    {
        var startedAt = CallReader.Time(reader, "startedAt");
        return (
            new CallRecord
            {
                Source = reader.Text("source") ?? CallReader.SourceStandard, ExternalId = reader.Text("id", isRequired: isNamed) ?? (isNamed ? "" : "question"), Leg = reader.Text("leg") ?? "",
                Kind = reader.Word("kind", RatingQuoteReader.Kinds) ?? UsageKind.Voice, Direction = reader.Word("direction", CallWords.Directions) ?? CallDirection.Outbound,
                From = reader.Text("from"), To = reader.Text("to"), StartedAt = startedAt ?? Instant.FromUnixTimeSeconds(0), Quantity = 0, Lines = [.. CallReader.Lines(reader)],
            },
            startedAt is null);
    }

    private static Outcome<T> Ended<T>(JsonObjectReader reader, List<FieldError> errors, T message)
        where T : notnull
    {
        reader.End();
        if (errors.Count == 0) return Outcome.Of(message);
        return new Refusal("validation_failed", $"The message cannot be read: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };
    }
}
