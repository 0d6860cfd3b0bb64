using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;
using Relier.Ledger;

namespace Relier.Hosting.Resources;

/// <summary>A wallet's statement of a period.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Name">Their name.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The day after the last one.</param>
/// <param name="Zone">Whose days and midnights these are.</param>
/// <param name="Running">Whether the period is not over: the closing balance is that of asOf.</param>
/// <param name="AsOf">When it was read.</param>
/// <param name="Opening">The balance before.</param>
/// <param name="Closing">The opening balance and the amounts of all lines.</param>
/// <param name="Wallet">The wallet at asOf, with what is held for top-ups that are not decided; only while the period is running.</param>
/// <param name="Count">How many lines.</param>
/// <param name="Events">What happened, by kind.</param>
/// <param name="TopUps">Those of it that are about top-ups, by kind and the currency of the face value.</param>
/// <param name="Sales">The same by product and face value.</param>
internal record StatementSummaryResource(
    string Customer, string Name, string From, string To, string Zone, bool Running, string AsOf, MoneyResource Opening, MoneyResource Closing, BalanceResource? Wallet,
    long Count, IReadOnlyList<StatementEventResource> Events, [property: JsonPropertyName("topups")] IReadOnlyList<SaleResource> TopUps, IReadOnlyList<SaleResource> Sales)
{
    public static StatementSummaryResource Of(ResellerStatement statement) => new(
        statement.Customer.Id.Value, statement.Customer.Name, LocalDatePattern.Iso.Format(statement.From), LocalDatePattern.Iso.Format(statement.To),
        statement.Tenant.Zone.Id, statement.IsRunning, statement.AsOf.Text(), MoneyResource.Of(statement.Totals.Opening), MoneyResource.Of(statement.Totals.Closing),
        statement.IsRunning ? BalanceResource.Of(statement.Account, statement.AsOf) : null, statement.Totals.Count,
        [.. statement.Totals.Events.Select(total => new StatementEventResource(Words.Of(total.Kind), StatementWords.TitleOf(total.Kind), total.Count, MoneyResource.Of(total.Amount)))],
        [.. statement.Totals.TopUps.Select(SaleResource.Of)], [.. statement.Totals.Sales.Select(SaleResource.Of)]);
}

/// <summary>A wallet's statement of a period, with its lines.</summary>
internal sealed record StatementResource : StatementSummaryResource
{
    public StatementResource(StatementSummaryResource summary, IReadOnlyList<StatementLineResource> lines)
        : base(summary) => Lines = lines;

    /// <summary>The postings, oldest first.</summary>
    public IReadOnlyList<StatementLineResource> Lines { get; init; }
}

/// <summary>What one kind of event comes to.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Title">The same for people.</param>
/// <param name="Count">How often.</param>
/// <param name="Amount">Added (positive) or taken.</param>
internal sealed record StatementEventResource(string Kind, string Title, long Count, MoneyResource Amount);

/// <summary>What top-ups come to.</summary>
/// <param name="Kind">What happened to them.</param>
/// <param name="Product">The product, when the orders named one.</param>
/// <param name="Each">The face value of each; null for a sum over several.</param>
/// <param name="Count">How many.</param>
/// <param name="Face">Sum of the face values.</param>
/// <param name="Commission">What the customer kept of it.</param>
/// <param name="Amount">Added (positive) or taken.</param>
internal sealed record SaleResource(
    string Kind, string? Product, MoneyResource? Each, long Count, MoneyResource? Face, MoneyResource? Commission, MoneyResource Amount)
{
    public static SaleResource Of(SaleTotal total) => new(
        Words.Of(total.Kind), total.Product, MoneyResource.Of(total.Each), total.Count, MoneyResource.Of(total.Face), MoneyResource.Of(total.Commission), MoneyResource.Of(total.Amount));
}

/// <summary>One posting on a statement.</summary>
/// <param name="Entry">Its number on the account.</param>
/// <param name="Id">The event in the books.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Amount">Added (positive) or taken.</param>
/// <param name="Balance">The balance after it.</param>
/// <param name="TopUp">The top-up it is about.</param>
/// <param name="Reference">The customer's own name for the order.</param>
/// <param name="Product">The product, when the order named one.</param>
/// <param name="FaceAmount">What arrived on the phone.</param>
/// <param name="Commission">What the customer kept of it.</param>
/// <param name="Reason">Why, where a person decided.</param>
/// <param name="Call">The call it is about; null where several were charged at once.</param>
/// <param name="Session">The session it is about, charged while it lasts.</param>
internal sealed record StatementLineResource(
    long Entry, string Id, string At, string Kind, MoneyResource Amount, MoneyResource Balance, string? TopUp, string? Reference, string? Product,
    MoneyResource? FaceAmount, MoneyResource? Commission, string? Reason, string? Call = null, string? Session = null)
{
    public static StatementLineResource Of(StatementItem item)
    {
        var about = PostingResource.AboutOf(item.Line);
        return new(
            item.Line.Entry, item.Line.Journal.Value, item.Line.At.Text(), Words.Of(item.Line.Kind), MoneyResource.Of(item.Line.Amount), MoneyResource.Of(item.Line.Balance),
            about.TopUp, item.Reference, item.Sale?.Product, MoneyResource.Of(item.Sale?.Face), MoneyResource.Of(item.Sale?.Commission), item.Line.Reason, about.Call, about.Session);
    }
}
