using System.Globalization;
using Relier.Importing;

namespace Relier.Hosting.Resources;

/// <summary>What an import did, or would do.</summary>
internal sealed record ImportResource(
    bool Applied, IReadOnlyList<ImportedCustomerResource> Customers, long CustomersNotTaken, MoneyResource Opening, long Keys, IReadOnlyList<ImportedTopUpsResource> TopUps,
    IReadOnlyList<CheckedFileResource> Checked, IReadOnlyList<RoundedResource> Rounded, IReadOnlyList<string> UnreadColumns, long ForPeople, IReadOnlyList<ImportRemarkResource> Remarks)
{
    public static ImportResource Of(ImportReport report, IEnumerable<ImportRemark> remarks) => new(
        report.IsApplied,
        [.. report.Customers.Select(customer => new ImportedCustomerResource(
            customer.OldId, customer.NewId, customer.Name, customer.Channel, MoneyResource.Of(customer.Opening), customer.IsActive ? "active" : "suspended", customer.IsNew))],
        report.CustomersNotTaken, MoneyResource.Of(report.Opening), report.Keys,
        [.. report.TopUps.Select(total => new ImportedTopUpsResource(ImportFates.Word(total.Fate), total.Count, MoneyResource.Of(total.Face), MoneyResource.Of(total.Charge)))],
        [.. report.Checked.Select(file => new CheckedFileResource(file.File, file.Lines, file.Wrong, MoneyResource.Of(file.Sum)))],
        [.. report.Rounded.Select(rounded => new RoundedResource(rounded.File, rounded.Column, rounded.Currency.Code, rounded.Count, Exactly(rounded.Difference)))],
        report.UnreadColumns, report.ForPeople,
        [.. remarks.Select(remark => new ImportRemarkResource(remark.File, remark.Line, remark.Column, remark.Code, remark.Message, remark.IsTaken))]);

    /// <summary>An amount finer than money, with its sign.</summary>
    public static string Exactly(decimal difference) => difference.ToString("+0.############################;-0.############################;0", CultureInfo.InvariantCulture);
}

/// <summary>A customer of the other system.</summary>
internal sealed record ImportedCustomerResource(string OldId, string? Id, string Name, string? Channel, MoneyResource Opening, string Status, bool New);

/// <summary>Lines of the past that share their fate.</summary>
internal sealed record ImportedTopUpsResource(string Fate, long Count, MoneyResource? Face, MoneyResource? Charge);

/// <summary>A file that is only checked.</summary>
internal sealed record CheckedFileResource(string File, long Lines, long Wrong, MoneyResource Sum);

/// <summary>Amounts that were rounded to the minor unit.</summary>
internal sealed record RoundedResource(string File, string Column, string Currency, long Count, string Difference);

/// <summary>Something to know about a line.</summary>
internal sealed record ImportRemarkResource(string File, long Line, string? Column, string Code, string Message, bool Taken);
