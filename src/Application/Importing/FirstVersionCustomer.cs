using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Relier.Customers;
using Relier.Pipeline;

namespace Relier.Importing;

/// <summary>A customer as the first version kept them.</summary>
internal sealed record FirstVersionCustomer
{
    /// <summary>The columns that must be there.</summary>
    public static readonly string[] Required = ["customer_id|id", "company_name", "current_balance"];

    /// <summary>The columns that are read. The two secrets are read past and never kept.</summary>
    public static readonly string[] Read =
    [
        "id", "customer_id", "company_name", "api_key", "secret_key", "current_balance", "credit_limit", "is_active", "commission_percentage",
        "ip_whitelist_enabled", "allowed_ips", "created_at", "updated_at",
    ];

    /// <summary>The one customer whose rules were written into the program.</summary>
    private const string EnviaDespensa = "enviadespensa";

    private const string Provider = "latcom";
    private const int LongestId = 100;
    private const int MostAddresses = 100;

    private static readonly ImmutableArray<Money> FixedAmounts =
        [.. new[] { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 500 }.Select(amount => Money.Of(amount, Currency.MXN))];

    public required long Line { get; init; }

    /// <summary>What their transactions call them.</summary>
    public required string OldId { get; init; }

    /// <summary>The number of the row, where the table has both; transactions may call them by it too.</summary>
    public string? RowId { get; init; }

    public required string Name { get; init; }

    public required Money Balance { get; init; }

    /// <summary>What reading the balance to the cent added.</summary>
    public required decimal BalanceDifference { get; init; }

    public required bool IsActive { get; init; }

    public required CustomerPolicies Policies { get; init; }

    private bool IsEnviaDespensa => Letters(Name).Contains(EnviaDespensa, StringComparison.Ordinal) || Letters(OldId).Contains(EnviaDespensa, StringComparison.Ordinal);

    /// <summary>What their channel may be, the best first.</summary>
    public IEnumerable<string> Channels(Id<Customer> id)
    {
        var first = IsEnviaDespensa ? EnviaDespensa : CreateCustomerHandler.ChannelOf(Name, id);
        yield return first;
        for (var no = 2; no <= 9; no++) yield return string.Create(CultureInfo.InvariantCulture, $"{first[..Math.Min(38, first.Length)]}-{no}");
        yield return id.Value.Replace('_', '-');
    }

    /// <summary>The customer of a line; null when it cannot be taken, and the remarks say why.</summary>
    public static FirstVersionCustomer? Parse(ExportLine line, bool withCommissions, List<ImportRemark> remarks)
    {
        var before = remarks.Count;
        if (!line.IsWhole) remarks.Add(line.No(null, "columns_invalid", $"expected {line.Columns.Count} cells, as in the header; found {line.Cells.Count}"));
        var oldId = line["customer_id"] ?? line["id"];
        if (oldId is null || !ExportText.IsPlain(oldId, LongestId)) remarks.Add(line.No("customer_id", "text_invalid", $"expected 1 to {LongestId} printable characters"));
        if (line["company_name"] is not { } name || !ExportText.IsPlain(name, Validation.MaxText))
            remarks.Add(line.No("company_name", "text_invalid", $"expected 1 to {Validation.MaxText} printable characters"));
        var (balance, difference) = (Money.Zero(Currency.USD), 0m);
        if (line["current_balance"] is not { } written || !ExportText.TryAmount(written, Currency.USD, out balance, out difference))
            remarks.Add(line.No("current_balance", "amount_invalid", "expected an amount of dollars"));
        var isActive = Flag(line, "is_active", otherwise: true, remarks);
        var addresses = Addresses(line, remarks);
        var commission = Commission(line, withCommissions, remarks);
        if (remarks.Count > before) return null;

        var customer = new FirstVersionCustomer
        {
            Line = line.Line, OldId = oldId!, RowId = line["customer_id"] is null ? null : line["id"], Name = line["company_name"]!, Balance = balance,
            BalanceDifference = difference, IsActive = isActive, Policies = CustomerPolicies.Default(Currency.MXN) with { AllowedAddresses = addresses, Commission = commission },
        };
        Note(line, customer, withCommissions, remarks);
        return customer.IsEnviaDespensa
            ? customer with { Policies = customer.Policies with { FixedAmounts = FixedAmounts, PinnedProvider = Provider } }
            : customer;
    }

    private static void Note(ExportLine line, FirstVersionCustomer customer, bool withCommissions, List<ImportRemark> remarks)
    {
        if (customer.BalanceDifference != 0m)
            remarks.Add(line.Note("current_balance", "amount_rounded", string.Create(CultureInfo.InvariantCulture, $"read as {customer.Balance}, {customer.BalanceDifference:+0.############################;-0.############################} of what is written")));
        if (line["credit_limit"] is { } limit && limit.Any(digit => digit is >= '1' and <= '9'))
            remarks.Add(line.Note("credit_limit", "credit_limit_not_taken", "it was shown and never used; the limit is 0 unless --credit-limit says otherwise"));
        if (!withCommissions && ExportText.Rate(line["commission_percentage"]) is not null)
            remarks.Add(line.Note("commission_percentage", "commission_not_taken", "it was put on invoices and was never part of a price; --with-commissions makes it what the customer keeps of each top-up"));
    }

    private static bool Flag(ExportLine line, string column, bool otherwise, List<ImportRemark> remarks)
    {
        if (line[column] is not { } text) return otherwise;
        if (ExportText.Flag(text) is { } flag) return flag;
        remarks.Add(line.No(column, "flag_invalid", "expected t or f"));
        return otherwise;
    }

    /// <summary>A list that is switched on and cannot be read opens nothing to the world: the customer waits.</summary>
    private static ImmutableArray<IPNetwork> Addresses(ExportLine line, List<ImportRemark> remarks)
    {
        if (!Flag(line, "ip_whitelist_enabled", otherwise: false, remarks)) return [];
        if (line["allowed_ips"] is { } text && ExportText.Addresses(text) is { Length: > 0 and <= MostAddresses } addresses) return addresses;
        remarks.Add(line.No("allowed_ips", "address_invalid", $"the list is switched on: expected 1 to {MostAddresses} addresses as JSON, as in [\"203.0.113.7\"]"));
        return [];
    }

    private static Ratio Commission(ExportLine line, bool isWanted, List<ImportRemark> remarks)
    {
        if (!isWanted || line["commission_percentage"] is not { } text || ExportText.Rate(text) is not { } percent) return Ratio.Zero;
        if (percent.Value < 100m) return Ratio.Of(Math.Round(percent.Value / 100m, 9, MidpointRounding.AwayFromZero));
        remarks.Add(line.No("commission_percentage", "commission_invalid", "expected a number of percent below 100"));
        return Ratio.Zero;
    }

    private static string Letters(string text) => string.Concat(text.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));
}
