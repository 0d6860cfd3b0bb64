using System.Text.Json.Serialization;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Jobs;
using Relier.Auditing;

namespace Relier.Hosting.Resources;

/// <summary>A reseller, what it may order, and its wallet.</summary>
internal sealed record CustomerResource(
    string Id, string Name, string Channel, string Status, string WalletCurrency, MoneyResource CreditLimit, PoliciesResource Policies,
    BalanceResource Balance, string CreatedAt, long Version)
{
    public static CustomerResource Of(CustomerDetails details, Instant asOf) => new(
        details.Customer.Id.Value, details.Customer.Name, details.Customer.Channel, Words.Of(details.Customer.Status), details.Wallet.Currency.Code,
        MoneyResource.Of(details.Wallet.CreditLimit), PoliciesResource.Of(details.Customer.Policies), BalanceResource.Of(details.Wallet, asOf),
        details.Customer.CreatedAt.Text(), details.Customer.Version);
}

/// <summary>What a customer may order: face values, as decimals in <c>currency</c>. These are the members of a change, too.</summary>
internal sealed record PoliciesResource(
    string Currency, string MinAmount, string MaxAmount, string Step, IReadOnlyList<string>? FixedAmounts, string? DailyLimit, string? DailyLimitPerPhone,
    string Commission, string? PinnedProvider, IReadOnlyList<string> AllowedAddresses, string LateDelivery, string? LowBalance)
{
    public static PoliciesResource Of(CustomerPolicies policies) => new(
        policies.Currency.Code, policies.MinAmount.Amount, policies.MaxAmount.Amount, policies.Step.Amount,
        policies.FixedAmounts.IsEmpty ? null : [.. policies.FixedAmounts.Select(amount => amount.Amount)],
        policies.DailyLimit?.Amount, policies.DailyLimitPerPhone?.Amount, policies.Commission.ToString(), policies.PinnedProvider,
        [.. policies.AllowedAddresses.Select(network => network.ToString())], Words.Of(policies.LateDelivery),
        policies.LowBalanceUnits?.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A key. Its secret is in the answer that issues it, and nowhere else.</summary>
internal sealed record KeyResource(
    string Id, string Name, string? Customer, string Prefix, IReadOnlyList<string> Scopes, string CreatedAt, string? LastUsedAt, string? ExpiresAt, string? RevokedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static KeyResource Of(ApiKey key) => new(
        key.Id.Value, key.Name, key.Customer?.Value, key.Prefix, key.Scopes, key.CreatedAt.Text(), key.LastUsedAt.Text(), key.ExpiresAt.Text(), key.RevokedAt.Text());

    public static KeyResource Of(IssuedKey issued) => Of(issued.Key) with { Secret = issued.Secret };
}

/// <summary>Who changed what. Before and after are JSON of their own.</summary>
internal sealed record AuditResource(string Id, string At, string Actor, string Action, string Subject, System.Text.Json.JsonElement? Before, System.Text.Json.JsonElement? After)
{
    public static AuditResource Of(AuditEntry entry) =>
        new(entry.Id.Value, entry.At.Text(), entry.Actor, entry.Action, entry.Subject, Read(entry.Before), Read(entry.After));

    private static System.Text.Json.JsonElement? Read(string? json)
    {
        if (json is null) return null;
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

/// <summary>The counters of the top-up queue; completed and failed count for life.</summary>
internal sealed record QueueResource(long Waiting, long Active, long Delayed, long Completed, long Failed, long Total)
{
    public static QueueResource Of(QueueStats stats) =>
        new(stats.Waiting, stats.Active, stats.Delayed, stats.Completed, stats.Failed, stats.Total);
}
