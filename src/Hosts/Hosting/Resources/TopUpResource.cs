using System.Globalization;
using System.Text.Json.Serialization;
using Relier.TopUps;

namespace Relier.Hosting.Resources;

/// <summary>A top-up as it stands. People of the house see below <c>replayed</c> too; customers never learn who delivers.</summary>
internal sealed record TopUpResource(
    string Id, string? Reference, string Customer, string Phone, string? Product, MoneyResource FaceAmount, MoneyResource? Charge,
    RateResource? FxRate, string Status, bool Final, string? Code, string? OperatorReference, string CreatedAt, string? DecidedAt, string? NextCheckAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Replayed { get; init; }

    /// <summary>What the customer keeps of the face value, already left out of the charge.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MoneyResource? Commission { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Provider { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MoneyResource? Cost { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MoneyResource? Margin { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AttemptResource>? Attempts { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EvidenceResource>? Evidence { get; init; }

    /// <summary>As this reader may see it.</summary>
    public static TopUpResource Of(TopUp topUp, bool ofTheHouse)
    {
        var common = new TopUpResource(
            topUp.Id.Value, topUp.Reference, topUp.Customer.Value, topUp.Phone.E164, topUp.Product, MoneyResource.Of(topUp.Face), MoneyResource.Of(topUp.Charge),
            topUp.Rate is null ? null : RateResource.Of(topUp.Rate, topUp.Face.Currency), TopUpStates.Word(topUp.State), topUp.IsFinal, topUp.Code, topUp.OperatorReference,
            topUp.CreatedAt.Text(), topUp.DecidedAt.Text(), topUp.NextCheckAt.Text())
        {
            Commission = MoneyResource.Of(topUp.Commission),
        };
        if (!ofTheHouse) return common;
        return common with
        {
            Provider = topUp.Route?.Provider,
            Cost = MoneyResource.Of(topUp.Route?.Cost),
            Margin = topUp.Route is { } route && route.Cost.Currency == topUp.Face.Currency ? MoneyResource.Of(topUp.Price - route.Cost) : null,
            Attempts = [.. topUp.Attempts.Select(AttemptResource.Of)],
            Evidence = [.. topUp.Evidence.Select(EvidenceResource.Of)],
        };
    }
}

/// <summary>
/// The rate at which a charge was made, frozen when it was ordered, as people say it: what one unit of the wallet buys,
/// whichever way round it was entered.
/// </summary>
/// <param name="Pair">The wallet's currency, then that of the face value: <c>USD/MXN</c>.</param>
/// <param name="Rate">Units of the second for one of the first, half-up: to four decimals from 1 on, to six below. For reading; the charge was made at the rate as entered.</param>
/// <param name="AsOf">When it held.</param>
internal sealed record RateResource(string Pair, string Rate, string AsOf)
{
    private const int DecimalsFromOne = 4;
    private const int DecimalsBelowOne = 6;

    public static RateResource Of(ExchangeRate rate, Currency face)
    {
        // Not ExchangeRate.Into, whose nine decimals are rounded already: rounding twice can go up where once goes down.
        var (wallet, buys) = rate.Quote == face ? (rate.Base, rate.Rate.Value) : (rate.Quote, 1m / rate.Rate.Value);
        var rounded = Math.Round(buys, buys >= 1m ? DecimalsFromOne : DecimalsBelowOne, MidpointRounding.AwayFromZero);
        return new($"{wallet}/{face}", rounded.ToString("0.######", CultureInfo.InvariantCulture), rate.AsOf.Text());
    }
}

/// <summary>One submission to a provider.</summary>
internal sealed record AttemptResource(
    int No, string Provider, string Product, MoneyResource Send, MoneyResource Cost, string Environment, string ProviderReference, string Status, string StartedAt, string? EndedAt,
    string? TransactionId, string? OperatorReference, string? Code, string? Message, string? Evidence)
{
    public static AttemptResource Of(Attempt attempt) => new(
        attempt.No, attempt.Provider, attempt.Route.Product, MoneyResource.Of(attempt.Route.Send), MoneyResource.Of(attempt.Route.Cost), Words.Of(attempt.Environment), attempt.ProviderReference, Words.Of(attempt.State), attempt.StartedAt.Text(),
        attempt.EndedAt.Text(), attempt.TransactionId, attempt.OperatorReference, attempt.Code, attempt.Message, attempt.Evidence);
}

/// <summary>Proof from outside of what became of a top-up.</summary>
internal sealed record EvidenceResource(string Id, string Verdict, string Source, string Reference, string By, int? Attempt, string At, string? Note)
{
    public static EvidenceResource Of(Evidence evidence) => new(
        evidence.Id.Value, Words.Of(evidence.Verdict), Words.Of(evidence.Source), evidence.Reference, evidence.By, evidence.AttemptNo, evidence.At.Text(), evidence.Note);
}

/// <summary>How top-ups went.</summary>
/// <param name="Succeeded">Delivered and charged.</param>
/// <param name="Failed">Not delivered and given back.</param>
/// <param name="Undecided">Counted on neither side.</param>
/// <param name="SuccessRate">Of the decided ones, between 0 and 1, to four decimals; null when none is decided.</param>
/// <param name="Held">What the undecided ones hold.</param>
/// <param name="Totals">By status and currency.</param>
internal sealed record TopUpStatsResource(
    long Succeeded, long Failed, long Undecided, decimal? SuccessRate, IReadOnlyList<MoneyResource> Held, IReadOnlyList<TopUpTotalResource> Totals)
{
    public static TopUpStatsResource Of(TopUpStats stats) => new(
        stats.Succeeded, stats.Failed, stats.Undecided,
        stats.SuccessRate is { } rate ? Math.Round(rate, 4, MidpointRounding.AwayFromZero) : null,
        [.. stats.Held.Select(MoneyResource.Of)],
        [.. stats.Totals.GroupBy(total => (Status: TopUpStates.Word(total.State), Face: total.Face.Currency, Charge: total.Charge?.Currency)).Select(TopUpTotalResource.Of)]);
}

/// <summary>What the top-ups of one status come to.</summary>
internal sealed record TopUpTotalResource(string Status, long Count, MoneyResource Face, MoneyResource? Charge)
{
    public static TopUpTotalResource Of(IGrouping<(string Status, Currency Face, Currency? Charge), TopUpTotal> alike) => new(
        alike.Key.Status, alike.Sum(total => total.Count),
        MoneyResource.Of(alike.Aggregate(Money.Zero(alike.Key.Face), (sum, total) => sum + total.Face)),
        alike.Key.Charge is { } currency ? MoneyResource.Of(alike.Aggregate(Money.Zero(currency), (sum, total) => sum + total.Charge!.Value)) : null);
}
