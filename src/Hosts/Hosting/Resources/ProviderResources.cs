using Relier.TopUps;

namespace Relier.Hosting.Resources;

/// <summary>A provider and how it stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Environment">Whether deliveries are real.</param>
/// <param name="Takes">Whether it takes orders now.</param>
/// <param name="Funds">What is left of the money we keep there; null where nobody keeps count.</param>
/// <param name="LowAt">Below what that is low.</param>
/// <param name="Low">Whether it is.</param>
/// <param name="ToldBalance">What the provider says we have with it.</param>
/// <param name="Difference">Our books less that; anything but zero needs a person.</param>
/// <param name="Probe">Whether it let us in when it was last tried.</param>
/// <param name="Withdrawn">Products it does not deliver at present.</param>
/// <param name="Exposure">What nobody can answer for there.</param>
internal sealed record ProviderResource(
    string Id, string Environment, bool Takes, MoneyResource? Funds, MoneyResource? LowAt, bool Low, MoneyResource? ToldBalance, MoneyResource? Difference,
    SightResource? Probe, IReadOnlyList<string> Withdrawn, IReadOnlyList<ExposureResource> Exposure)
{
    public static ProviderResource Of(ProviderReport report) => new(
        report.Offer.Provider, Words.Of(report.Offer.Environment), report.Standing.Takes, MoneyResource.Of(report.Standing.Funds),
        MoneyResource.Of(Seen(report, ProviderSight.Float)?.Amount), report.IsLow, MoneyResource.Of(Seen(report, ProviderSight.Balance)?.Amount),
        MoneyResource.Of(report.Difference), Seen(report, ProviderSight.Probe) is { } probe ? new SightResource(probe.IsWell, probe.At.Text(), probe.Detail) : null,
        [.. report.Standing.Withdrawn.Order(StringComparer.Ordinal)], [.. report.Exposures.Select(ExposureResource.Of)]);

    private static ProviderObservation? Seen(ProviderReport report, ProviderSight kind) => report.Sights.FirstOrDefault(sight => sight.Kind == kind);
}

/// <summary>What was seen of a provider.</summary>
internal sealed record SightResource(bool Well, string At, string? Detail);

/// <summary>What is held for top-ups nobody can answer for.</summary>
/// <param name="Provider">With whom.</param>
/// <param name="Age">For how long: <c>under_10m</c>, <c>under_1h</c>, <c>under_24h</c>, <c>over_24h</c>.</param>
/// <param name="Count">How many.</param>
/// <param name="Held">What their customers have held.</param>
internal sealed record ExposureResource(string Provider, string Age, long Count, MoneyResource Held)
{
    public static ExposureResource Of(Exposure exposure) => new(exposure.Provider, WordOf(exposure.Age), exposure.Count, MoneyResource.Of(exposure.Held));

    public static string WordOf(ExposureAge age) => age switch
    {
        ExposureAge.Minutes => "under_10m",
        ExposureAge.Hour => "under_1h",
        ExposureAge.Day => "under_24h",
        ExposureAge.Older => "over_24h",
        _ => throw new ArgumentOutOfRangeException(nameof(age), age, "Not an age this version knows."),
    };
}

/// <summary>All exposures.</summary>
internal sealed record ExposureReportResource(IReadOnlyList<ExposureResource> Data);

/// <summary>The providers, the first asked first.</summary>
internal sealed record ProviderListResource(IReadOnlyList<ProviderResource> Data);

/// <summary>Money put into the account we keep with a provider, or taken out.</summary>
internal sealed record FundingResource(string Id, string At, string Provider, MoneyResource Amount, string? Reference, MoneyResource Funds)
{
    public static FundingResource Of(string provider, ProviderFunding funding) => new(
        funding.Journal.Id.Value, funding.Journal.At.Text(), provider,
        MoneyResource.Of(funding.Journal.Postings.Single(posting => posting.Account == Ledger.AccountCode.Cash).Amount), funding.Journal.Reason,
        MoneyResource.Of(funding.Funds));
}

/// <summary>Something a provider told us unasked, as received.</summary>
internal sealed record ProviderMessageResource(
    string Id, string Provider, string MessageId, string At, string Status, string? Reference, string? Verdict, string? TransactionId, string? TopUp, string? Note, string Body)
{
    public static ProviderMessageResource Of(ProviderMessage message) => new(
        message.Id.Value, message.Provider, message.MessageId, message.At.Text(), Words.Of(message.State), message.Reference,
        message.Verdict is { } verdict ? Words.Of(verdict) : null, message.TransactionId, message.TopUp?.Value, message.Note, message.Body);
}
