using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>What became of a file of calls.</summary>
internal sealed record CallImportResource(
    string Id, long Lines, long New, long Duplicates, long Corrected, long Conflicts, long Malformed, IReadOnlyDictionary<string, long> States, IReadOnlyList<MoneyResource> Amounts)
{
    public static CallImportResource Of(CallImport import) =>
        new(import.Id, import.Lines, import.New, import.Duplicates, import.Corrected, import.Conflicts, import.Malformed, import.States, [.. import.Amounts.Select(MoneyResource.Of)]);
}

/// <summary>What came of charging calls again.</summary>
internal sealed record RerateResource(long Calls, long Changed, IReadOnlyList<MoneyResource> Differences, bool DryRun)
{
    public static RerateResource Of(Rerating rerating, bool dryRun) => new(rerating.Calls, rerating.Changed, [.. rerating.Differences.Select(MoneyResource.Of)], dryRun);
}

/// <summary>What calls of a time come to. The ratio of those answered to all (ASR) in per cent, the average of those answered (ACD) in seconds.</summary>
internal sealed record CallPeriodResource(string From, long Calls, long Answered, decimal AnswerSeizureRatio, decimal AverageCallDuration, long Quantity, long Billed, IReadOnlyList<MoneyResource> Amounts)
{
    public static IReadOnlyList<CallPeriodResource> Of(IReadOnlyList<PeriodTotals> periods) => [.. periods.GroupBy(period => period.From).OrderBy(period => period.Key).Select(Of)];

    private static CallPeriodResource Of(IGrouping<NodaTime.Instant, PeriodTotals> period)
    {
        var totals = period.Select(one => one.Totals).ToList();
        var (calls, answered, quantity) = (totals.Sum(total => total.Calls), totals.Sum(total => total.Answered), totals.Sum(total => total.Quantity));
        return new(
            period.Key.Text(), calls, answered, calls == 0 ? 0 : Share(100m * answered / calls), answered == 0 ? 0 : Share((decimal)quantity / answered), quantity,
            totals.Sum(total => total.Billed), CallStatisticsResource.Sums(totals));
    }

    private static decimal Share(decimal number) => Math.Round(number, 2, MidpointRounding.AwayFromZero);
}

/// <summary>What calls to a destination come to.</summary>
internal sealed record DestinationResource(string Destination, long Calls, long Answered, long Quantity, MoneyResource? Amount)
{
    public static DestinationResource Of(DestinationTotals totals) => new(totals.Destination, totals.Calls, totals.Answered, totals.Quantity, MoneyResource.Of(totals.Amount));
}

/// <summary>What calls brought and cost: of those that some supplier has a price for; beside them those that none has.</summary>
internal sealed record MarginResource(long Calls, long Seconds, MoneyResource Revenue, MoneyResource Cost, MoneyResource Margin, SalesResource WithoutCost)
{
    public static MarginResource Of(CallMargin margin) => new(
        margin.Costed.Calls, margin.Costed.Seconds, MoneyResource.Of(margin.Costed.Revenue), MoneyResource.Of(margin.Cost), MoneyResource.Of(margin.Margin), SalesResource.Of(margin.Costless));
}

/// <summary>What calls brought.</summary>
internal sealed record SalesResource(long Calls, long Seconds, MoneyResource Revenue)
{
    public static SalesResource Of(CallSales sales) => new(sales.Calls, sales.Seconds, MoneyResource.Of(sales.Revenue));
}

/// <summary>What calls of a time, or to a destination or number, brought and cost.</summary>
internal sealed record MarginGroupResource(
    string? From, string? Destination, long Calls, long Seconds, MoneyResource Revenue, MoneyResource Cost, MoneyResource Margin, SalesResource WithoutCost)
{
    public static MarginGroupResource Of(MarginGroup group)
    {
        var margin = MarginResource.Of(group.Margin);
        return new(group.From.Text(), group.Name, margin.Calls, margin.Seconds, margin.Revenue, margin.Cost, margin.Margin, margin.WithoutCost);
    }
}

/// <summary>What calls brought and cost, part by part and in all.</summary>
internal sealed record MarginsResource(IReadOnlyList<MarginGroupResource> Data, bool AreMore, MarginResource Total)
{
    public static MarginsResource Of(Margins margins) => new([.. margins.Groups.Select(MarginGroupResource.Of)], margins.AreMore, MarginResource.Of(margins.Total));
}

/// <summary>What a supplier would charge.</summary>
internal sealed record RouteResource(string Supplier, string MatchedPrefix, string Destination, string Cost)
{
    public static RouteResource Of(SupplierOffer offer) => new(offer.Supplier, offer.Prefix, offer.Destination, RatedUsageResource.Shown(offer.Cost));
}
