using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.Tenancy;

namespace Relier.Sql;

internal sealed record CallRow
{
    public const string Columns =
        "id AS Id, source AS Source, external_id AS ExternalId, leg AS Leg, kind AS Kind, direction AS Direction, caller AS Caller, called AS Called, started_at AS StartedAt, "
        + "answered_at AS AnsweredAt, ended_at AS EndedAt, duration AS Duration, quantity AS Quantity, cause AS Cause, lines AS Lines, is_charged AS IsCharged, linked_to AS LinkedTo, "
        + "account_id AS AccountId, customer_id AS CustomerId, line_kind AS LineKind, line_value AS LineValue, state AS State, reason AS Reason, rating_version AS RatingVersion, "
        + "rated_at AS RatedAt, plan_id AS PlanId, plan_version AS PlanVersion, deck_id AS DeckId, deck_version AS DeckVersion, prefix AS Prefix, destination AS Destination, "
        + "billed AS Billed, amount AS Amount, currency AS Currency, charge_lines AS ChargeLines, bucket_uses AS BucketUses, journal_id AS JournalId, priced_to AS PricedTo, dispute_id AS DisputeId, "
        + "received_at AS ReceivedAt, batch AS Batch, version AS Version";

    public string TenantId { get; init; } = "";
    public required string Id { get; init; }
    public required string Source { get; init; }
    public required string ExternalId { get; init; }
    public required string Leg { get; init; }
    public required string Kind { get; init; }
    public required string Direction { get; init; }
    public string? Caller { get; init; }
    public string? Called { get; init; }
    public required long StartedAt { get; init; }
    public long? AnsweredAt { get; init; }
    public long? EndedAt { get; init; }
    public required long Duration { get; init; }
    public required long Quantity { get; init; }
    public string? Cause { get; init; }
    public required string Lines { get; init; }
    public required long IsCharged { get; init; }
    public string? LinkedTo { get; init; }
    public string? AccountId { get; init; }
    public string? CustomerId { get; init; }
    public string? LineKind { get; init; }
    public string? LineValue { get; init; }
    public required string State { get; init; }
    public string? Reason { get; init; }
    public long? RatingVersion { get; init; }
    public long? RatedAt { get; init; }
    public string? PlanId { get; init; }
    public long? PlanVersion { get; init; }
    public string? DeckId { get; init; }
    public long? DeckVersion { get; init; }
    public string? Prefix { get; init; }
    public string? Destination { get; init; }
    public long? Billed { get; init; }
    public long? Amount { get; init; }
    public string? Currency { get; init; }
    public string? ChargeLines { get; init; }
    public string? BucketUses { get; init; }
    public string? JournalId { get; init; }
    public long? PricedTo { get; init; }
    public string? DisputeId { get; init; }
    public required long ReceivedAt { get; init; }
    public string? Batch { get; init; }
    public required long Version { get; init; }

    public static CallRow Of(TenantId tenant, Call call)
    {
        var (record, rating) = (call.Record, call.Rating);
        return new CallRow
        {
            TenantId = tenant.Value, Id = call.Id.Value, Source = record.Source, ExternalId = record.ExternalId, Leg = record.Leg, Kind = Words.UsageKind.Of(record.Kind),
            Direction = Words.CallDirection.Of(record.Direction), Caller = record.From, Called = record.To, StartedAt = Micros.Of(record.StartedAt),
            AnsweredAt = Micros.Of(record.AnsweredAt), EndedAt = Micros.Of(record.EndedAt), Duration = record.Duration, Quantity = record.Quantity, Cause = record.Cause,
            Lines = RatingJson.Of(record.Lines), IsCharged = record.IsCharged ? 1 : 0, LinkedTo = record.LinkedTo, AccountId = call.Account?.Value, CustomerId = call.Customer?.Value,
            LineKind = call.Line is { } line ? Words.LineKind.Of(line.Kind) : null, LineValue = call.Line?.Value, State = Words.CallState.Of(call.State),
            Reason = call.Reason is { } reason ? Words.UnratedReason.Of(reason) : null, RatingVersion = call.RatingVersion == 0 ? null : call.RatingVersion, RatedAt = Micros.Of(rating?.RatedAt), PlanId = rating?.Plan.Value,
            PlanVersion = rating?.PlanVersion, DeckId = rating?.Deck.Value, DeckVersion = rating?.DeckVersion, Prefix = rating?.Prefix, Destination = rating?.Destination,
            Billed = rating?.Billed, Amount = rating?.Amount.Micros, Currency = rating?.Amount.Currency.Code, ChargeLines = rating is null ? null : RatingJson.Of(rating.Lines),
            BucketUses = rating is null || rating.Buckets.IsEmpty ? null : RatingJson.Of(rating.Buckets), JournalId = rating?.Journal?.Value, PricedTo = call.PricedTo, DisputeId = call.Dispute?.Value, ReceivedAt = Micros.Of(call.ReceivedAt),
            Batch = call.Batch, Version = call.Version,
        };
    }

    public Call ToCall() => new()
    {
        Id = Id<Call>.Parse(Id), Account = AccountId is null ? null : Id<Account>.Parse(AccountId), Customer = CustomerId is null ? null : Id<Customer>.Parse(CustomerId),
        Line = LineKind is null ? null : new LineRef(Words.LineKind.Parse(LineKind), LineValue!), State = Words.CallState.Parse(State),
        Reason = Reason is null ? null : Words.UnratedReason.Parse(Reason), Rating = PlanId is null ? null : ToRating(), RatingVersion = (int)(RatingVersion ?? 0), PricedTo = PricedTo, Dispute = DisputeId is null ? null : Id<CallDispute>.Parse(DisputeId), ReceivedAt = Micros.ToInstant(ReceivedAt), Batch = Batch,
        Version = Version,
        Record = new CallRecord
        {
            Source = Source, ExternalId = ExternalId, Leg = Leg, Kind = Words.UsageKind.Parse(Kind), Direction = Words.CallDirection.Parse(Direction), From = Caller, To = Called,
            StartedAt = Micros.ToInstant(StartedAt), AnsweredAt = Micros.ToInstant(AnsweredAt), EndedAt = Micros.ToInstant(EndedAt), Duration = Duration, Quantity = Quantity, Cause = Cause,
            Lines = RatingJson.ToLines(Lines), IsCharged = IsCharged == 1, LinkedTo = LinkedTo,
        },
    };

    private CallRating ToRating() => new()
    {
        Version = (int)RatingVersion!.Value, RatedAt = Micros.ToInstant(RatedAt!.Value), Plan = Id<RatePlan>.Parse(PlanId!), PlanVersion = (int)PlanVersion!.Value,
        Deck = Id<RateDeck>.Parse(DeckId!), DeckVersion = (int)DeckVersion!.Value, Prefix = Prefix!, Destination = Destination!, Billed = Billed!.Value,
        Amount = Amounts.ToMoney(Amount!.Value, Currency!), Lines = RatingJson.ToChargeLines(ChargeLines!), Buckets = BucketUses is null ? [] : RatingJson.ToBucketUses(BucketUses),
        Journal = JournalId is null ? null : Id<Journal>.Parse(JournalId),
    };
}
