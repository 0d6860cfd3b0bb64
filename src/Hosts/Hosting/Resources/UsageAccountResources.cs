using System.Text.Json;
using NodaTime;
using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>A plan that holds for an account.</summary>
internal sealed record PlanAssignmentResource(string Plan, string From, string? To, string Use, LineResource? Line)
{
    public static PlanAssignmentResource Of(PlanAssignment plan) => new(plan.Plan.Value, plan.From.Text(), plan.To.Text(), Words.Of(plan.Use), LineResource.Of(plan.Line));
}

/// <summary>Usage of an account that is paid for.</summary>
internal sealed record AccountBucketResource(
    string Id, string Account, string Name, string Kind, string Granted, string Left, string Reserved, long Unit, int Priority, IReadOnlyList<string> Prefixes, bool Blocker, string ValidFrom,
    string? Expires)
{
    public static AccountBucketResource Of(AccountBucket bucket) => new(
        bucket.Id.Value, bucket.Account.Value, bucket.Name, Words.Of(bucket.Content.Kind), RatedUsageResource.Shown(bucket.Granted), RatedUsageResource.Shown(bucket.Content.Left),
        RatedUsageResource.Shown(bucket.Reserved), bucket.Content.Unit, bucket.Content.Priority, bucket.Content.Prefixes, bucket.Content.IsBlocker, bucket.ValidFrom.Text(),
        bucket.Content.Expires.Text());
}

/// <summary>An account that usage is charged to, as lists show it.</summary>
internal sealed record ListedAccountResource(
    string Id, string Customer, string Name, string Mode, string Status, string Currency, string Zone, MoneyResource? LowBalance, MoneyResource? CriticalBalance,
    IReadOnlyList<PlanAssignmentResource> Plans, string CreatedAt, long Version)
{
    public static ListedAccountResource Of(UsageAccount account) => new(
        account.Id.Value, account.Customer.Value, account.Name, Words.Of(account.Mode), Words.Of(account.Status), account.Currency.Code, account.Zone.Id,
        MoneyResource.Of(account.LowBalance), MoneyResource.Of(account.CriticalBalance), [.. account.Plans.Select(PlanAssignmentResource.Of)], account.CreatedAt.Text(), account.Version);
}

/// <summary>An account that usage is charged to, with its money, lines and buckets.</summary>
internal sealed record UsageAccountResource(
    string Id, string Customer, string Name, string Mode, string Status, string Currency, string Zone, BalanceResource Balance, MoneyResource? LowBalance, MoneyResource? CriticalBalance,
    IReadOnlyList<PlanAssignmentResource> Plans, IReadOnlyList<LineResource> Lines, IReadOnlyList<AccountBucketResource> Buckets, string CreatedAt, long Version)
{
    public static UsageAccountResource Of(UsageAccountDetails details, Instant asOf)
    {
        var listed = ListedAccountResource.Of(details.Account);
        return new(
            listed.Id, listed.Customer, listed.Name, listed.Mode, listed.Status, listed.Currency, listed.Zone, BalanceResource.Of(details.Wallet, asOf), listed.LowBalance,
            listed.CriticalBalance, listed.Plans, [.. details.Lines.Select(LineResource.Of)], [.. details.Buckets.Select(AccountBucketResource.Of)], listed.CreatedAt, listed.Version);
    }
}

/// <summary>What an account used in a month of its zone, on one line; without one, usage that named none.</summary>
internal sealed record UsageResource(string Month, LineResource? Line, string Kind, string Direction, long Calls, long Quantity, long Billed, MoneyResource Amount)
{
    public static UsageResource Of(KeyValuePair<UsageCountKey, UsageCount> used) => new(
        used.Key.Month, LineResource.Of(used.Key.Line), Words.Of(used.Key.Kind), Words.Of(used.Key.Direction), used.Value.Calls, used.Value.Quantity, used.Value.Billed,
        MoneyResource.Of(used.Value.Amount));
}

/// <summary>Reads what is to be granted to an account. Refusal <c>validation_failed</c> with every member that does not fit.</summary>
internal static class BucketReader
{
    public static Outcome<GrantBucket> Read(string account, JsonElement json)
    {
        var errors = new List<FieldError>();
        var reader = new JsonObjectReader(json, "", errors);
        var grant = new GrantBucket(account, PlanReader.AllowanceOf(reader)) { Id = reader.Text("id"), From = reader.Text("from"), Expires = reader.Text("expires") };
        reader.End();
        return errors.Count > 0 ? PlanReader.Unread("bucket", errors) : grant;
    }
}
