using System.Globalization;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>A version of a plan or a deck.</summary>
internal sealed record TariffVersionResource(string Id, int Version);

/// <summary>A line: <c>accountCode</c>, <c>number</c> or <c>sipUser</c>.</summary>
internal sealed record LineResource(string Kind, string Value)
{
    public static LineResource Of(LineRef line) => new(CallWords.Lines.First(word => word.Value == line.Kind).Key, line.Value);

    public static LineResource? Of(LineRef? line) => line is { } some ? Of(some) : null;
}

/// <summary>What a bucket gave for a call; negative when it was given back.</summary>
internal sealed record BucketUseResource(string Id, string Amount);

/// <summary>A call: what was reported, for whom it counts, what it costs and why. Without a price it has no amount, and a reason. <c>PricedTo</c> when only so much of its quantity has a price.</summary>
internal sealed record CallResource(
    string Id, string Source, string ExternalId, string Leg, string Kind, string Direction, string? From, string? To, string StartedAt, string? AnsweredAt, string? EndedAt,
    long Duration, long Quantity, long? Billed, string? Cause, string? Account, string? Customer, LineResource? Line, string Status, string? Reason, MoneyResource? Amount,
    TariffVersionResource? Plan, TariffVersionResource? Deck, string? MatchedPrefix, string? Destination, IReadOnlyList<ChargeLineResource> Lines, IReadOnlyList<BucketUseResource> Buckets,
    string? Journal, string? RatedAt, string ReceivedAt, string? LinkedTo, long? PricedTo)
{
    public static CallResource Of(Call call)
    {
        var (record, rating) = (call.Record, call.Rating);
        return new(
            call.Id.Value, record.Source, record.ExternalId, record.Leg, Words.Of(record.Kind), Words.Of(record.Direction), record.From, record.To, record.StartedAt.Text(),
            record.AnsweredAt.Text(), record.EndedAt.Text(), record.Duration, record.Quantity, rating?.Billed, record.Cause, call.Account?.Value, call.Customer?.Value,
            LineResource.Of(call.Line), Words.Of(call.State), call.Reason is { } reason ? Words.Of(reason) : null, MoneyResource.Of(call.Amount),
            rating is null ? null : new TariffVersionResource(rating.Plan.Value, rating.PlanVersion), rating is null ? null : new TariffVersionResource(rating.Deck.Value, rating.DeckVersion),
            rating?.Prefix, rating?.Destination, rating is null ? [] : [.. rating.Lines.Select(ChargeLineResource.Of)],
            rating is null ? [] : [.. rating.Buckets.Select(use => new BucketUseResource(use.Bucket.Value, RatedUsageResource.Shown(use.Amount)))],
            rating?.Journal?.Value, rating?.RatedAt.Text(), call.ReceivedAt.Text(), record.LinkedTo, call.PricedTo);
    }
}

/// <summary>What calls come to.</summary>
/// <param name="Count">How many.</param>
/// <param name="Answered">Of them with something to charge for.</param>
/// <param name="Inbound">Of them that the account received.</param>
/// <param name="Outbound">Of them that it made.</param>
/// <param name="Duration">Seconds from beginning to end.</param>
/// <param name="AverageDuration">Of one; null without any.</param>
/// <param name="Quantity">What is charged for.</param>
/// <param name="Billed">Of it in whole increments.</param>
/// <param name="Amounts">What they cost, one sum for a currency.</param>
/// <param name="ByStatus">The same by where they stand.</param>
internal sealed record CallStatisticsResource(
    long Count, long Answered, long Inbound, long Outbound, long Duration, decimal? AverageDuration, long Quantity, long Billed, IReadOnlyList<MoneyResource> Amounts,
    IReadOnlyList<CallStatusTotalsResource> ByStatus)
{
    public static CallStatisticsResource Of(IReadOnlyList<CallTotals> totals)
    {
        var (count, duration) = (totals.Sum(total => total.Calls), totals.Sum(total => total.Duration));
        return new(
            count, totals.Sum(total => total.Answered), CallsOf(CallDirection.Inbound), CallsOf(CallDirection.Outbound), duration,
            count == 0 ? null : Math.Round((decimal)duration / count, 3, MidpointRounding.AwayFromZero), totals.Sum(total => total.Quantity), totals.Sum(total => total.Billed), Sums(totals),
            [.. totals.GroupBy(total => total.State).OrderBy(of => of.Key).Select(of => CallStatusTotalsResource.Of(of.Key, [.. of]))]);

        long CallsOf(CallDirection direction) => totals.Where(total => total.Direction == direction).Sum(total => total.Calls);
    }

    internal static IReadOnlyList<MoneyResource> Sums(IReadOnlyList<CallTotals> totals) =>
    [
        .. from total in totals
           where total.Amount is not null
           group total.Amount!.Value by total.Amount!.Value.Currency into amounts
           orderby amounts.Key.Code
           select MoneyResource.Of(amounts.Aggregate((sum, amount) => sum + amount)),
    ];
}

/// <summary>What calls of one status come to.</summary>
internal sealed record CallStatusTotalsResource(string Status, long Count, long Answered, long Duration, long Quantity, long Billed, IReadOnlyList<MoneyResource> Amounts)
{
    public static CallStatusTotalsResource Of(CallState state, IReadOnlyList<CallTotals> totals) => new(
        Words.Of(state), totals.Sum(total => total.Calls), totals.Sum(total => total.Answered), totals.Sum(total => total.Duration), totals.Sum(total => total.Quantity),
        totals.Sum(total => total.Billed), CallStatisticsResource.Sums(totals));
}

/// <summary>Calls that are looked at again.</summary>
internal sealed record RetriedCallsResource(int Calls, string? NextCursor);

/// <summary>What became of a record of a batch: <c>created</c>, <c>duplicate</c>, <c>conflict</c> or <c>invalid</c>.</summary>
internal sealed record ReportedCallResource(int Index, string Status, CallResource? Cdr, object? Problem, ArchivedCallResource? Archived);

/// <summary>What became of the records of a batch, in their order.</summary>
internal sealed record ReportedCallsResource(IReadOnlyList<ReportedCallResource> Results);

/// <summary>A report as it came.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">Who reported.</param>
/// <param name="Reader">The kind of switch; null for a record of the API or a line of a file.</param>
/// <param name="At">When.</param>
/// <param name="ContentType">Of what type it said it is.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why, stable.</param>
/// <param name="Detail">Why, for people.</param>
/// <param name="Call">The call that it became, repeats or contradicts.</param>
/// <param name="Base64">Whether the body is in base 64.</param>
/// <param name="Body">What it said; not in lists.</param>
internal sealed record CallReportResource(
    string Id, string Source, string? Reader, string At, string? ContentType, string Status, string? Reason, string? Detail, string? Call, bool Base64, string? Body)
{
    public static CallReportResource Of(CallReport report) => InList(report) with { Body = report.Body };

    public static CallReportResource InList(CallReport report) => new(
        report.Id.Value, report.Source, report.Reader, report.At.Text(), report.ContentType, Words.Of(report.State), report.Reason, report.Detail, report.Call?.Value, report.IsBase64, null);
}

/// <summary>What a switch is answered.</summary>
internal sealed record IngestedCallResource(string Status, string? Report, string? Call)
{
    public static IngestedCallResource Of(IngestedCall ingested) => new(Words.Of(ingested.State), ingested.Report?.Value, ingested.Call?.Value);
}

/// <summary>Calls as CSV.</summary>
internal static class CallCsv
{
    public static readonly string[] Columns =
    [
        "UUID", "Account ID", "Calling Number", "Called Number", "Call Start Time", "Call Answer Time", "Call End Time", "Duration", "Billable Seconds", "Hangup Cause", "Direction",
        "Cost", "Status",
    ];

    public static string?[] Cells(Call call) =>
    [
        call.Record.ExternalId, call.Account?.Value, call.Record.From, call.Record.To, call.Record.StartedAt.Text(), call.Record.AnsweredAt.Text(), call.Record.EndedAt.Text(),
        call.Record.Duration.ToString(CultureInfo.InvariantCulture), call.Record.Quantity.ToString(CultureInfo.InvariantCulture), call.Record.Cause, Words.Of(call.Record.Direction),
        call.Amount?.Amount, Words.Of(call.State),
    ];
}
