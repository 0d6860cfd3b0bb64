using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.Rating;

/// <summary>
/// Opens an account that a customer's usage is charged to. Refusals: <c>validation_failed</c>, <c>not_found</c> (the customer),
/// <c>account_taken</c> when the wallet is such an account already, <c>currency_differs</c> when the wallet is in another currency.
/// </summary>
/// <param name="Customer">Whose it is.</param>
/// <param name="Mode"><c>prepaid</c> or <c>postpaid</c>.</param>
[Requires(Permission.WriteAccounts)]
public sealed record OpenUsageAccount(string Customer, string Mode) : IUseCase<UsageAccountDetails>
{
    /// <summary>Its name; null for the customer's.</summary>
    public string? Name { get; init; }

    /// <summary>The currency of its money; null for that of the customer's wallet.</summary>
    public string? Currency { get; init; }

    /// <summary>The zone in which its usage is counted by months; null for the tenant's.</summary>
    public string? Zone { get; init; }

    /// <summary>Whether its money is the customer's wallet; else it has money of its own.</summary>
    public bool UseWallet { get; init; }

    /// <summary>How far below zero calls are let through, with money of its own. Default 0.</summary>
    public string? CreditLimit { get; init; }

    /// <summary>People are told when a prepaid balance comes down to this. Default 100, of any currency; <c>none</c> for never.</summary>
    public string? LowBalance { get; init; }

    /// <summary>And again at this. Default 50.</summary>
    public string? CriticalBalance { get; init; }
}

/// <summary>An account with its money.</summary>
/// <param name="Account">The account.</param>
/// <param name="Wallet">Its money.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Buckets">Its buckets.</param>
public sealed record UsageAccountDetails(UsageAccount Account, Account Wallet, IReadOnlyList<LineRef> Lines, IReadOnlyList<AccountBucket> Buckets);

/// <summary>Changes an account. What is null stays. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>account_closed</c>.</summary>
/// <param name="Account">The account.</param>
[Requires(Permission.WriteAccounts)]
public sealed record ChangeUsageAccount(string Account) : IUseCase<UsageAccountDetails>
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary><c>active</c>, <c>suspended</c> or, for good, <c>closed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>As of <see cref="OpenUsageAccount.LowBalance"/>.</summary>
    public string? LowBalance { get; init; }

    /// <summary>As of <see cref="OpenUsageAccount.CriticalBalance"/>.</summary>
    public string? CriticalBalance { get; init; }
}

/// <summary>
/// Has a plan hold for an account from a time on; the plan that held for the same use and line before ends there. Refusals:
/// <c>validation_failed</c>, <c>not_found</c>, <c>account_closed</c>, <c>plan_unknown</c>, <c>currency_differs</c>, <c>mode_differs</c>.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Plan">The plan.</param>
[Requires(Permission.WriteAccounts)]
public sealed record AssignPlan(string Account, string Plan) : IUseCase<UsageAccountDetails>
{
    /// <summary>From when on, RFC 3339; it may lie in the past. Null for now.</summary>
    public string? From { get; init; }

    /// <summary>For what: <c>usage</c> (default: everything but being called), <c>inbound</c>, <c>calls</c>, <c>messages</c>, <c>data</c>, <c>events</c>.</summary>
    public string? Use { get; init; }

    /// <summary>Only on this line: kind and value; null for all.</summary>
    public LineRef? Line { get; init; }
}

/// <summary>Gives an account a line, by which its calls are found. Refusals: <c>validation_failed</c>, <c>not_found</c>, <c>line_taken</c>.</summary>
/// <param name="Account">The account.</param>
/// <param name="Line">The line.</param>
[Requires(Permission.WriteAccounts)]
public sealed record AddLine(string Account, LineRef Line) : IUseCase<UsageAccountDetails>;

/// <summary>Takes a line away from an account; calls that were charged stay. Refusal <c>not_found</c>.</summary>
/// <param name="Account">The account.</param>
/// <param name="Line">The line.</param>
[Requires(Permission.WriteAccounts)]
public sealed record RemoveLine(string Account, LineRef Line) : IUseCase<UsageAccountDetails>;

/// <summary>
/// Gives an account usage that is paid for. Refusals: <c>validation_failed</c>, <c>not_found</c>. Asked twice with one id or key, nothing is granted
/// again and the bucket is told as it is now; <c>bucket_taken</c> when anything in it differs.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Allowance">What.</param>
[Requires(Permission.WriteAccounts)]
public sealed record GrantBucket(string Account, Allowance Allowance) : IUseCase<GrantedBucket>
{
    /// <summary>Its id; null for one that the key names, or without a key for a new one.</summary>
    public string? Id { get; init; }

    /// <summary>A key for this request: with it, a second one does nothing. Ignored with an id, which does the same.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>For calls from this time on, RFC 3339. Null for now.</summary>
    public string? From { get; init; }

    /// <summary>For increments that begin before. Null for ever.</summary>
    public string? Expires { get; init; }
}

/// <summary>A bucket that was granted.</summary>
/// <param name="Bucket">The bucket as it is now.</param>
/// <param name="Replayed">Whether an earlier request granted it.</param>
public sealed record GrantedBucket(AccountBucket Bucket, bool Replayed);

/// <summary>An account with its money, lines and buckets. Refusal <c>not_found</c>.</summary>
/// <param name="Account">The account.</param>
[Requires(Permission.ReadUsage)]
public sealed record GetUsageAccount(string Account) : IUseCase<UsageAccountDetails>;

/// <summary>Accounts, newest first; a customer's own. Refusals <c>validation_failed</c>, <c>not_found</c>, <c>cursor_invalid</c>.</summary>
[Requires(Permission.ReadUsage)]
public sealed record ListUsageAccounts : IUseCase<Listing<UsageAccount>>
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    /// <summary>Where to go on, from the answer before.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many, 1 to 100.</summary>
    public int Limit { get; init; } = PageRequest.DefaultLimit;
}

/// <summary>What an account used, by months of its zone. Refusals <c>validation_failed</c>, <c>not_found</c>.</summary>
/// <param name="Account">The account.</param>
[Requires(Permission.ReadUsage)]
public sealed record ListUsage(string Account) : IUseCase<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>>
{
    /// <summary>The first month, <c>2026-11</c>. Null for the current one.</summary>
    public string? FromMonth { get; init; }

    /// <summary>The last month. Null for the first.</summary>
    public string? ToMonth { get; init; }
}

internal static class UsageAccountRules
{
    public const string Never = "none";

    public static readonly Dictionary<string, PaymentMode> Modes = Enum.GetValues<PaymentMode>().ToDictionary(mode => FieldNames.Camel($"{mode}"));
    public static readonly Dictionary<string, UsageAccountStatus> Statuses = Enum.GetValues<UsageAccountStatus>().ToDictionary(status => FieldNames.Camel($"{status}"));
    public static readonly Dictionary<string, PlanUse> Uses = Enum.GetValues<PlanUse>().ToDictionary(use => FieldNames.Camel($"{use}"));

    public static IRuleBuilderOptions<T, string?> IsLevel<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null or Never || (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level) && Math.Abs(level) <= Validation.MaxAmount && level * 100 % 1 == 0))
            .WithErrorCode("amount_invalid").WithMessage("expected a decimal with at most two decimals, or none");

    public static Money? LevelOf(string? text, decimal standard, Currency currency) =>
        text == Never ? null : Money.Of(text is null ? standard : decimal.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), currency);

    public static IRuleBuilderOptions<T, LineRef> IsLine<T>(this IRuleBuilder<T, LineRef> rule) =>
        rule.Must(line => line.Kind != LineKind.Account && line.Value is { Length: > 0 and <= CallRecord.TextMax } && Validation.IsPrintable(line.Value))
            .WithErrorCode("line_invalid").WithMessage($"expected accountCode, number or sipUser, and 1 to {CallRecord.TextMax} printable characters");

    public static IEnumerable<FieldError> Faults(Allowance allowance, string at)
    {
        if (string.IsNullOrWhiteSpace(allowance.Name) || allowance.Name.Length > Validation.MaxText || !Validation.IsPrintable(allowance.Name))
            yield return new($"{at}.name", "text_invalid", $"expected 1 to {Validation.MaxText} printable characters");
        var isMoney = allowance.Kind == BucketKind.Money;
        if (allowance.Amount <= 0 || allowance.Amount > (isMoney ? Validation.MaxAmount : UsageRate.QuantityMax) || allowance.Amount * (isMoney ? Money.MicrosPerUnit : 1) % 1 != 0)
            yield return new($"{at}.amount", "quantity_invalid", "expected a whole number from 1, or an amount of money with at most six decimals");
        if (allowance.Unit is < 1 or > UsageRate.QuantityMax) yield return new($"{at}.unit", "quantity_invalid", "expected a whole number from 1");
        if (allowance.Prefixes.Length > 1000 || allowance.Prefixes.Any(prefix => prefix.Length is 0 or > PrefixTable.LongestPrefix || !prefix.All(char.IsAsciiDigit)))
            yield return new($"{at}.prefixes", "prefix_invalid", $"expected up to 1000 prefixes of up to {PrefixTable.LongestPrefix} digits");
    }

    /// <summary>A number is kept as digits with the country, however it was written.</summary>
    public static LineRef Canonical(LineRef line) =>
        line.Kind == LineKind.Number && NumberPlan.AsGiven(line.Value.TrimStart('+')) is { } number ? line with { Value = number.Digits } : line;
}

internal sealed class OpenUsageAccountRules : AbstractValidator<OpenUsageAccount>
{
    public OpenUsageAccountRules()
    {
        RuleFor(account => account.Customer).IsGiven().IsIdOf<OpenUsageAccount, Customer>();
        RuleFor(account => account.Mode).Must(word => word is not null && UsageAccountRules.Modes.ContainsKey(word)).WithErrorCode("mode_invalid").WithMessage($"expected one of {string.Join(", ", UsageAccountRules.Modes.Keys)}");
        RuleFor(account => account.Name).IsText();
        RuleFor(account => account.Currency).IsCurrency();
        RuleFor(account => account.Zone).Must(zone => zone is null || DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null).WithErrorCode("zone_unknown").WithMessage("expected a zone of the tz database, as in Asia/Kolkata");
        RuleFor(account => account.CreditLimit).Must((account, limit) => limit is null || !account.UseWallet).WithErrorCode("credit_limit_invalid").WithMessage("the wallet has its own credit limit");
        RuleFor(account => account.LowBalance).IsLevel();
        RuleFor(account => account.CriticalBalance).IsLevel();
    }
}

internal sealed class ChangeUsageAccountRules : AbstractValidator<ChangeUsageAccount>
{
    public ChangeUsageAccountRules()
    {
        RuleFor(change => change.Account).IsGiven().IsIdOf<ChangeUsageAccount, Account>();
        RuleFor(change => change.Name).IsText();
        RuleFor(change => change.Status).Must(word => word is null || UsageAccountRules.Statuses.ContainsKey(word)).WithErrorCode("status_invalid").WithMessage($"expected one of {string.Join(", ", UsageAccountRules.Statuses.Keys)}");
        RuleFor(change => change.LowBalance).IsLevel();
        RuleFor(change => change.CriticalBalance).IsLevel();
    }
}

internal sealed class AssignPlanRules : AbstractValidator<AssignPlan>
{
    public AssignPlanRules()
    {
        RuleFor(order => order.Account).IsGiven().IsIdOf<AssignPlan, Account>();
        RuleFor(order => order.Plan).IsGiven().IsIdOf<AssignPlan, RatePlan>();
        RuleFor(order => order.From).IsInstant();
        RuleFor(order => order.Use).Must(word => word is null || UsageAccountRules.Uses.ContainsKey(word)).WithErrorCode("use_invalid").WithMessage($"expected one of {string.Join(", ", UsageAccountRules.Uses.Keys)}");
    }
}

internal sealed class AddLineRules : AbstractValidator<AddLine>
{
    public AddLineRules()
    {
        RuleFor(order => order.Account).IsGiven().IsIdOf<AddLine, Account>();
        RuleFor(order => order.Line).IsLine();
    }
}

internal sealed class RemoveLineRules : AbstractValidator<RemoveLine>
{
    public RemoveLineRules() => RuleFor(order => order.Account).IsGiven().IsIdOf<RemoveLine, Account>();
}

internal sealed class GrantBucketRules : AbstractValidator<GrantBucket>
{
    public GrantBucketRules()
    {
        RuleFor(order => order.Account).IsGiven().IsIdOf<GrantBucket, Account>();
        RuleFor(order => order.Id).IsIdOf<GrantBucket, AccountBucket>();
        RuleFor(order => order.IdempotencyKey).IsIdempotencyKey();
        RuleFor(order => order.From).IsInstant();
        RuleFor(order => order.Expires).IsInstant();
        RuleFor(order => order.Allowance).Custom((allowance, context) =>
        {
            foreach (var fault in UsageAccountRules.Faults(allowance, "")) context.AddFailure(new FluentValidation.Results.ValidationFailure(fault.Field.TrimStart('.'), fault.Message) { ErrorCode = fault.Code });
        });
    }
}

internal sealed class ListUsageAccountsRules : AbstractValidator<ListUsageAccounts>
{
    public ListUsageAccountsRules()
    {
        RuleFor(list => list.Customer).IsIdOf<ListUsageAccounts, Customer>();
        RuleFor(list => list.Limit).IsLimit();
    }
}

internal sealed class ListUsageRules : AbstractValidator<ListUsage>
{
    public ListUsageRules()
    {
        RuleFor(usage => usage.FromMonth).Must(IsMonth).WithErrorCode("month_invalid").WithMessage("expected a month, as in 2026-11");
        RuleFor(usage => usage.ToMonth).Must(IsMonth).WithErrorCode("month_invalid").WithMessage("expected a month, as in 2026-11");
    }

    private static bool IsMonth(string? text) => text is null || NodaTime.Text.YearMonthPattern.Iso.Parse(text).Success;
}

internal sealed class OpenUsageAccountHandler(IStorage storage, IClock clock, Caller caller) : Handler<OpenUsageAccount, UsageAccountDetails>
{
    private const decimal LowStandard = 100m;
    private const decimal CriticalStandard = 50m;

    protected override async Task<Outcome<UsageAccountDetails>> HandleAsync(OpenUsageAccount order, CancellationToken cancellationToken)
    {
        var tenant = await storage.RunSystemAsync(session => session.Tenants.FindAsync(caller.Tenant, cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {caller.Tenant} is not there.");
        try
        {
            return await storage.RunAsync(caller.Tenant, session => OpenAsync(session, order, tenant.Zone, cancellationToken), cancellationToken);
        }
        catch (DuplicateKeyException taken) when (taken.Key == UniqueKey.UsageAccount)
        {
            return new Refusal("account_taken", "Usage is charged to this wallet already.");
        }
    }

    private async Task<Outcome<UsageAccountDetails>> OpenAsync(ISession session, OpenUsageAccount order, DateTimeZone zone, CancellationToken cancellationToken)
    {
        if (await session.Customers.FindAsync(Id<Customer>.Parse(order.Customer), cancellationToken) is not { } customer) return Own.NotFound("customer", order.Customer);
        var now = clock.Now();
        var wallet = (await session.Ledger.FindAsync(customer.Wallet, cancellationToken))!;
        var currency = order.Currency is { } code ? Currency.Parse(code) : wallet.Currency;
        if (order.UseWallet && currency != wallet.Currency) return new Refusal("currency_differs", $"The wallet is in {wallet.Currency}.").With("currency", wallet.Currency.Code);
        if (order.CreditLimit is { } text && Validation.ReadAmount(text, currency) is not { IsNegative: false, IsWhole: true })
            return Validation.Failed([new FieldError("creditLimit", "amount_invalid", $"expected a decimal of {currency} from 0, not finer than its minor unit")]);
        if (!order.UseWallet)
        {
            var limit = order.CreditLimit is { } given ? Money.Parse(given, currency) : Money.Zero(currency);
            wallet = Account.Open(Ids.New<Account>("acc", now), customer.Id, limit, now);
            await session.Ledger.OpenAsync(wallet, cancellationToken);
        }

        var account = new UsageAccount
        {
            Id = wallet.Id, Customer = customer.Id, Name = order.Name ?? customer.Name, Mode = UsageAccountRules.Modes[order.Mode], Currency = currency,
            Zone = order.Zone is { } name ? DateTimeZoneProviders.Tzdb[name] : zone, LowBalance = UsageAccountRules.LevelOf(order.LowBalance, LowStandard, currency),
            CriticalBalance = UsageAccountRules.LevelOf(order.CriticalBalance, CriticalStandard, currency), CreatedAt = now, Version = 1,
        };
        await session.UsageAccounts.AddAsync(account, cancellationToken);
        await session.AuditAsync(caller, clock, "account.opened", account.Id.Value, null, new { customer = order.Customer, order.Mode, currency = currency.Code }, cancellationToken);
        return new UsageAccountDetails(account, wallet, [], []);
    }
}

/// <summary>What all changes of an account share: find it, change it, tell it.</summary>
internal abstract class UsageAccountHandler<TOrder>(IStorage storage, Caller caller) : Handler<TOrder, UsageAccountDetails>
    where TOrder : IUseCase<UsageAccountDetails>
{
    protected async Task<Outcome<UsageAccountDetails>> ChangeAsync(string id, Func<ISession, UsageAccount, Task<Refusal?>> change, CancellationToken cancellationToken) =>
        await storage.RunAsync<Outcome<UsageAccountDetails>>(
            caller.Tenant,
            async session =>
            {
                if (await UsageAccountOf.FindAsync(session, caller, id, cancellationToken) is not { } seen) return Own.NotFound("account", id);
                // Whoever changes waits here for each other, and decides by what the one before wrote.
                await session.UsageAccounts.LockAsync([seen.Id], cancellationToken);
                var account = (await session.UsageAccounts.FindAsync(seen.Id, cancellationToken))!;
                if (await change(session, account) is { } refusal) return refusal;
                return await UsageAccountOf.DetailsAsync(session, (await session.UsageAccounts.FindAsync(account.Id, cancellationToken))!, cancellationToken);
            },
            cancellationToken);
}

internal static class UsageAccountOf
{
    /// <summary>An account that the caller may see; null for others.</summary>
    public static async Task<UsageAccount?> FindAsync(ISession session, Caller caller, string id, CancellationToken cancellationToken) =>
        Id<Account>.TryParse(id, out var account) && await session.UsageAccounts.FindAsync(account, cancellationToken) is { } found && caller.Sees(found.Customer) ? found : null;

    public static async Task<UsageAccountDetails> DetailsAsync(ISession session, UsageAccount account, CancellationToken cancellationToken) =>
        new(account, (await session.Ledger.FindAsync(account.Id, cancellationToken))!, await session.UsageAccounts.ListLinesAsync(account.Id, cancellationToken),
            await session.UsageAccounts.ListBucketsAsync(account.Id, cancellationToken));

    public static Refusal Closed => new("account_closed", "This account is closed for good.");
}

internal sealed class ChangeUsageAccountHandler(IStorage storage, IClock clock, Caller caller) : UsageAccountHandler<ChangeUsageAccount>(storage, caller)
{
    private readonly Caller _caller = caller;

    protected override Task<Outcome<UsageAccountDetails>> HandleAsync(ChangeUsageAccount order, CancellationToken cancellationToken) =>
        ChangeAsync(
            order.Account,
            async (session, account) =>
            {
                if (account.Status == UsageAccountStatus.Closed) return UsageAccountOf.Closed;
                var changed = account with
                {
                    Name = order.Name ?? account.Name, Status = order.Status is { } status ? UsageAccountRules.Statuses[status] : account.Status,
                    LowBalance = order.LowBalance is null ? account.LowBalance : UsageAccountRules.LevelOf(order.LowBalance, 0, account.Currency),
                    CriticalBalance = order.CriticalBalance is null ? account.CriticalBalance : UsageAccountRules.LevelOf(order.CriticalBalance, 0, account.Currency),
                };
                await session.UsageAccounts.UpdateAsync(changed, cancellationToken);
                await session.AuditAsync(
                    _caller, clock, "account.changed", order.Account, new { account.Name, status = $"{account.Status}", low = account.LowBalance?.ToString(), critical = account.CriticalBalance?.ToString() },
                    new { changed.Name, status = $"{changed.Status}", low = changed.LowBalance?.ToString(), critical = changed.CriticalBalance?.ToString() }, cancellationToken);
                return null;
            },
            cancellationToken);
}

internal sealed class AssignPlanHandler(IStorage storage, IClock clock, Caller caller) : UsageAccountHandler<AssignPlan>(storage, caller)
{
    private readonly Caller _caller = caller;

    protected override Task<Outcome<UsageAccountDetails>> HandleAsync(AssignPlan order, CancellationToken cancellationToken) =>
        ChangeAsync(
            order.Account,
            async (session, account) =>
            {
                if (account.Status == UsageAccountStatus.Closed) return UsageAccountOf.Closed;
                var plan = (await session.Tariffs.ListPlansAsync(cancellationToken)).LastOrDefault(version => version.Plan.Value == order.Plan && version.State == VersionState.Active);
                if (plan is null) return new Refusal("plan_unknown", $"There is no plan {order.Plan}.").With("plan", order.Plan);
                if (plan.Currency != account.Currency) return new Refusal("currency_differs", $"The plan is in {plan.Currency}, the account in {account.Currency}.").With("currency", plan.Currency.Code);
                if (plan.Mode is { } mode && mode != account.Mode) return new Refusal("mode_differs", $"The plan is {FieldNames.Camel($"{mode}")}, the account is not.");

                var (use, line) = (order.Use is { } word ? UsageAccountRules.Uses[word] : PlanUse.Usage, order.Line is { } given ? UsageAccountRules.Canonical(given) : (LineRef?)null);
                var next = new PlanAssignment(plan.Plan, Validation.ReadInstant(order.From) ?? clock.Now()) { Use = use, Line = line };
                var others = account.Plans.Where(held => held.Use != use || held.Line != line || held.From < next.From)
                    .Select(held => held.Use == use && held.Line == line && (held.To is null || held.To > next.From) ? held with { To = next.From } : held);
                await session.UsageAccounts.UpdateAsync(account with { Plans = [.. others, next] }, cancellationToken);
                await session.AuditAsync(_caller, clock, "account.plan_assigned", order.Account, null, new { plan = order.Plan, from = $"{next.From}", use = $"{use}" }, cancellationToken);
                return null;
            },
            cancellationToken);
}

internal sealed class AddLineHandler(IStorage storage, IClock clock, Caller caller) : UsageAccountHandler<AddLine>(storage, caller)
{
    private readonly Caller _caller = caller;

    protected override async Task<Outcome<UsageAccountDetails>> HandleAsync(AddLine order, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync(
                order.Account,
                async (session, account) =>
                {
                    var line = UsageAccountRules.Canonical(order.Line);
                    if ((await session.UsageAccounts.ListLinesAsync(account.Id, cancellationToken)).Contains(line)) return null;
                    await session.UsageAccounts.AddLineAsync(new LineOwner(line, account.Id, account.Customer), cancellationToken);
                    await session.AuditAsync(_caller, clock, "account.line_added", order.Account, null, new { kind = $"{line.Kind}" }, cancellationToken);
                    return null;
                },
                cancellationToken);
        }
        catch (DuplicateKeyException taken) when (taken.Key == UniqueKey.Line)
        {
            return new Refusal("line_taken", "This line belongs to an account; take it away there first.");
        }
    }
}

internal sealed class RemoveLineHandler(IStorage storage, IClock clock, Caller caller) : UsageAccountHandler<RemoveLine>(storage, caller)
{
    private readonly Caller _caller = caller;

    protected override Task<Outcome<UsageAccountDetails>> HandleAsync(RemoveLine order, CancellationToken cancellationToken) =>
        ChangeAsync(
            order.Account,
            async (session, account) =>
            {
                if (!await session.UsageAccounts.RemoveLineAsync(account.Id, UsageAccountRules.Canonical(order.Line), cancellationToken)) return Own.NotFound("line", order.Line.Value);
                await session.AuditAsync(_caller, clock, "account.line_removed", order.Account, new { kind = $"{order.Line.Kind}" }, null, cancellationToken);
                return null;
            },
            cancellationToken);
}

internal sealed class GrantBucketHandler(IStorage storage, IClock clock, Caller caller) : Handler<GrantBucket, GrantedBucket>
{
    protected override Task<Outcome<GrantedBucket>> HandleAsync(GrantBucket order, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<GrantedBucket>>(
            caller.Tenant,
            async session =>
            {
                if (await UsageAccountOf.FindAsync(session, caller, order.Account, cancellationToken) is not { } account) return Own.NotFound("account", order.Account);
                // Whoever grants waits here for each other, so that of two with one id the second sees the first.
                await session.UsageAccounts.LockAsync([account.Id], cancellationToken);
                var bucket = BucketOf(order, account);
                if ((await session.UsageAccounts.ListBucketsAsync(account.Id, cancellationToken)).FirstOrDefault(known => known.Id == bucket.Id) is { } first)
                    return IsSame(first, bucket, order) ? new GrantedBucket(first, Replayed: true) : Taken(bucket);
                try
                {
                    await session.UsageAccounts.AddBucketAsync(bucket, cancellationToken);
                }
                catch (DuplicateKeyException)
                {
                    return Taken(bucket);
                }

                await session.AuditAsync(caller, clock, "account.bucket_granted", order.Account, null, new { bucket = bucket.Id.Value, bucket.Name, bucket.Granted }, cancellationToken);
                return new GrantedBucket(bucket, Replayed: false);
            },
            cancellationToken);

    private AccountBucket BucketOf(GrantBucket order, UsageAccount account)
    {
        var (now, allowance) = (clock.Now(), order.Allowance);
        var id = order.Id is { } given ? Id<AccountBucket>.Parse(given) : order.IdempotencyKey is { } key ? IdOf(key) : Ids.New<AccountBucket>("bkt", now);
        return new AccountBucket
        {
            Id = id, Account = account.Id, Name = allowance.Name, Granted = allowance.Amount, ValidFrom = Validation.ReadInstant(order.From) ?? now, CreatedAt = now, Version = 1,
            Content = new Bucket
            {
                Id = id.Value, Kind = allowance.Kind, Left = allowance.Amount, Unit = allowance.Unit, Priority = allowance.Priority, Prefixes = allowance.Prefixes,
                IsBlocker = allowance.IsBlocker, Expires = Validation.ReadInstant(order.Expires),
            },
        };
    }

    /// <summary>The bucket that this caller's key names: the same key is the same bucket, for ever.</summary>
    private Id<AccountBucket> IdOf(string key) =>
        Id<AccountBucket>.Parse("bkt_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Actor}\n{key}")).AsSpan(0, 16)));

    /// <summary>Whether the order asks for what was granted; what was used of it since does not matter.</summary>
    private static bool IsSame(AccountBucket first, AccountBucket asked, GrantBucket order)
    {
        var (known, wanted) = (first.Content, asked.Content);
        return (first.Name, first.Granted, known.Kind, known.Unit, known.Priority, known.IsBlocker, known.Expires)
            == (asked.Name, asked.Granted, wanted.Kind, wanted.Unit, wanted.Priority, wanted.IsBlocker, wanted.Expires)
            && known.Prefixes.ToHashSet().SetEquals(wanted.Prefixes)
            && first.ValidFrom == (order.From is null ? first.CreatedAt : asked.ValidFrom);
    }

    private static Refusal Taken(AccountBucket bucket) => new Refusal("bucket_taken", $"There is a bucket {bucket.Id} that says something else.").With("id", bucket.Id.Value);
}

internal sealed class GetUsageAccountHandler(IStorage storage, Caller caller) : Handler<GetUsageAccount, UsageAccountDetails>
{
    protected override Task<Outcome<UsageAccountDetails>> HandleAsync(GetUsageAccount query, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<UsageAccountDetails>>(
            caller.Tenant,
            async session => await UsageAccountOf.FindAsync(session, caller, query.Account, cancellationToken) is { } account
                ? await UsageAccountOf.DetailsAsync(session, account, cancellationToken)
                : Own.NotFound("account", query.Account),
            cancellationToken);
}

internal sealed class ListUsageAccountsHandler(IStorage storage, Caller caller) : Handler<ListUsageAccounts, Listing<UsageAccount>>
{
    protected override async Task<Outcome<Listing<UsageAccount>>> HandleAsync(ListUsageAccounts list, CancellationToken cancellationToken)
    {
        Id<Customer>? customer = caller.Customer;
        if (list.Customer is not null)
        {
            if (Own.CustomerOf(caller, list.Customer).IsRefused(out var stranger, out var named)) return stranger;
            customer = named.Id;
        }

        return await Listing.ReadAsync(list.Cursor, list.Limit, $"accounts {customer}", page =>
            storage.RunAsync(caller.Tenant, session => session.UsageAccounts.ListAsync(customer, page, cancellationToken), cancellationToken));
    }
}

internal sealed class ListUsageHandler(IStorage storage, IClock clock, Caller caller) : Handler<ListUsage, IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>>
{
    protected override Task<Outcome<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>>> HandleAsync(ListUsage query, CancellationToken cancellationToken) =>
        storage.RunAsync<Outcome<IReadOnlyList<KeyValuePair<UsageCountKey, UsageCount>>>>(
            caller.Tenant,
            async session =>
            {
                if (await UsageAccountOf.FindAsync(session, caller, query.Account, cancellationToken) is not { } account) return Own.NotFound("account", query.Account);
                var from = query.FromMonth ?? account.MonthOf(clock.Now());
                return Outcome.Of(await session.UsageAccounts.ListUsageAsync(account.Id, from, query.ToMonth ?? from, cancellationToken));
            },
            cancellationToken);
}
