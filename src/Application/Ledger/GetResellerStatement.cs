using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using FluentValidation;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;
using Relier.Customers;
using Relier.Identity;
using Relier.Pipeline;
using Relier.Storage;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Ledger;

/// <summary>
/// The statement of a wallet for a month, or from a day to a day, in the tenant's calendar: opening and closing balance,
/// what happened in between, what it comes to. Made of the postings alone; top-ups only explain them. Everything is read up
/// to one posting, which is fixed first: what is posted while it is read is not in it. A posting belongs to the period in
/// which it was numbered: one that was numbered after the first posting of a period is never in the period before, whatever
/// its time, so that statements of periods that are over do not change and each begins where the one before ended.
/// Refusals in the order in which they win: <c>validation_failed</c>, <c>not_found</c>, <c>statement_out_of_balance</c>.
/// </summary>
/// <param name="Customer">Whose; a customer need not say.</param>
[Requires(Permission.ReadBalance)]
public sealed record GetResellerStatement(string? Customer = null) : IUseCase<ResellerStatement>
{
    /// <summary>The longest period, in days: a year.</summary>
    public const int MaxDays = 366;

    /// <summary>The month, as in <c>2026-11</c>; instead of <see cref="From"/> and <see cref="To"/>.</summary>
    public string? Month { get; init; }

    /// <summary>The first day, as in <c>2026-11-01</c>.</summary>
    public string? From { get; init; }

    /// <summary>The day after the last one, at most <see cref="MaxDays"/> days later.</summary>
    public string? To { get; init; }
}

/// <summary>A statement, complete when its lines have been read to their end.</summary>
public sealed record ResellerStatement
{
    /// <summary>Who sells.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>Whose wallet it is.</summary>
    public required Customer Customer { get; init; }

    /// <summary>The first day.</summary>
    public required LocalDate From { get; init; }

    /// <summary>The day after the last one.</summary>
    public required LocalDate To { get; init; }

    /// <summary>The wallet when this was read.</summary>
    public required Account Account { get; init; }

    /// <summary>When this was read.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>Whether the period is not over: the closing balance is that of <see cref="AsOf"/>.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>What the postings come to.</summary>
    public required StatementTotals Totals { get; init; }

    /// <summary>
    /// The postings, oldest first, as a stream that holds one page at a time. Throws <see cref="InvalidOperationException"/>
    /// rather than end otherwise than the totals say.
    /// </summary>
    public required IAsyncEnumerable<StatementItem> Items { get; init; }
}

/// <summary>A posting, and what it is about.</summary>
/// <param name="Line">The posting.</param>
/// <param name="Reference">The customer's own name for the order.</param>
/// <param name="Sale">What was sold; null for what is not about a top-up.</param>
public sealed record StatementItem(StatementLine Line, string? Reference, Sale? Sale);

internal sealed class GetResellerStatementRules : AbstractValidator<GetResellerStatement>
{
    private const string DayExpected = "expected a day, as in 2026-11-01";

    public GetResellerStatementRules()
    {
        RuleFor(statement => statement.Month).Must(month => month is null || MonthOf(month) is not null)
            .WithErrorCode("month_invalid").WithMessage("expected a month, as in 2026-11");
        RuleFor(statement => statement.Month).Must((statement, month) => month is null || (statement.From is null && statement.To is null))
            .WithErrorCode("period_invalid").WithMessage("expected a month, or from and to, not both");
        RuleFor(statement => statement.From).Must(day => day is null || DayOf(day) is not null).WithErrorCode("day_invalid").WithMessage(DayExpected);
        RuleFor(statement => statement.To).Must(day => day is null || DayOf(day) is not null).WithErrorCode("day_invalid").WithMessage(DayExpected);
        When(statement => statement.Month is null, () =>
        {
            RuleFor(statement => statement.From).NotNull().WithErrorCode("required").WithMessage("is required where there is no month: the first day");
            RuleFor(statement => statement.To).NotNull().WithErrorCode("required").WithMessage("is required where there is no month: the day after the last one");
            RuleFor(statement => statement.To)
                .Must((statement, to) => DayOf(statement.From) is not { } first || DayOf(to) is not { } end
                    || Period.DaysBetween(first, end) is >= 1 and <= GetResellerStatement.MaxDays)
                .WithErrorCode("period_invalid").WithMessage($"to is the day after the last one, 1 to {GetResellerStatement.MaxDays} days after from");
        });
    }

    /// <summary>The first day and the day after the last one.</summary>
    public static (LocalDate From, LocalDate To) PeriodOf(GetResellerStatement statement)
    {
        if (MonthOf(statement.Month) is not { } month) return (DayOf(statement.From)!.Value, DayOf(statement.To)!.Value);
        var first = month.OnDayOfMonth(1);
        return (first, first.PlusMonths(1));
    }

    private static YearMonth? MonthOf(string? text) =>
        text is not null && YearMonthPattern.Iso.Parse(text) is { Success: true, Value.Year: > 1970 and < 9000 } read ? read.Value : null;

    private static LocalDate? DayOf(string? text) =>
        text is not null && LocalDatePattern.Iso.Parse(text) is { Success: true, Value.Year: > 1970 and < 9000 } read ? read.Value : null;
}

internal sealed partial class GetResellerStatementHandler(
    IStorage storage, TenantDirectory tenants, IClock clock, Caller caller, ILogger<GetResellerStatementHandler> logger)
    : Handler<GetResellerStatement, ResellerStatement>
{
    protected override async Task<Outcome<ResellerStatement>> HandleAsync(GetResellerStatement query, CancellationToken cancellationToken)
    {
        var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
        var (from, to) = GetResellerStatementRules.PeriodOf(query);
        var (start, end, now) = (tenant.Zone.AtStartOfDay(from).ToInstant(), tenant.Zone.AtStartOfDay(to).ToInstant(), clock.Now());
        if (start > now)
            return Validation.Failed([new FieldError(query.Month is null ? "from" : "month", "period_in_future", $"expected a period that has begun; today is {LocalDatePattern.Iso.Format(tenant.DayOf(now))}")]);
        if (Own.CustomerOf(caller, query.Customer).IsRefused(out var refusal, out var named)) return refusal;

        var extent = await storage.RunAsync(caller.Tenant, session => FindExtentAsync(session, named.Id, start, end, cancellationToken), cancellationToken);
        if (extent is null) return Own.NotFound("customer", named.Id.Value);

        // Once to know what it comes to before anything of it is shown, and once more, the same postings, for whoever reads the lines.
        var tally = new WalletTally(extent.Opening, extent.After);
        await foreach (var item in ReadAsync(extent, cancellationToken))
            if (Add(tally, item) is { } wrong) return Logged(extent, wrong);
        if (tally.Close(extent.Last, extent.Closing).IsRefused(out refusal, out var totals)) return Logged(extent, refusal);
        return new ResellerStatement
        {
            Tenant = tenant, Customer = extent.Customer, From = from, To = to, Account = extent.Account, AsOf = now, IsRunning = end > now, Totals = totals,
            Items = ReadAgainAsync(extent, CancellationToken.None),
        };
    }

    /// <summary>Whoever asked is told no; somebody of the house must know, too.</summary>
    private Refusal Logged(Extent extent, Refusal refusal)
    {
        LogOutOfBalance(extent.Account.Id.Value, refusal.Message);
        return refusal;
    }

    /// <summary>From where to where it goes. Null when there is no such customer.</summary>
    private static async Task<Extent?> FindExtentAsync(ISession session, Id<Customer> id, Instant start, Instant end, CancellationToken cancellationToken)
    {
        if (await session.Customers.FindAsync(id, cancellationToken) is not { } customer) return null;
        // Read first, and nothing behind its last posting counts: so the balances belong together, whatever is posted from here on.
        var account = (await session.Ledger.FindAsync(customer.Wallet, cancellationToken))!;

        async Task<long> LastBeforeAsync(Instant time) =>
            Math.Min(account.Entries, (await session.Ledger.FirstEntryAsync(account.Id, time, cancellationToken) ?? long.MaxValue) - 1);

        async Task<Money> BalanceAfterAsync(long entry) =>
            entry == 0 ? Money.Zero(account.Currency)
            : entry == account.Entries ? account.Posted
            : (await PageAsync(session, account.Id, entry, entry, cancellationToken)) is [var line] ? line.Balance
            : throw new InvalidOperationException($"Account {account.Id} has {account.Entries} postings, but none with the number {entry}.");

        var (after, last) = (await LastBeforeAsync(start), await LastBeforeAsync(end));
        return new Extent(customer, account, after, last, await BalanceAfterAsync(after), await BalanceAfterAsync(last));
    }

    private async IAsyncEnumerable<StatementItem> ReadAsync(Extent extent, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var first = extent.After + 1; first <= extent.Last; first += PageRequest.MaxLimit)
        {
            var last = Math.Min(first + PageRequest.MaxLimit - 1, extent.Last);
            var items = await storage.RunAsync(caller.Tenant, session => ExplainAsync(session, extent.Account.Id, first, last, cancellationToken), cancellationToken);
            foreach (var item in items) yield return item;
        }
    }

    private async IAsyncEnumerable<StatementItem> ReadAgainAsync(Extent extent, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tally = new WalletTally(extent.Opening, extent.After);
        await foreach (var item in ReadAsync(extent, cancellationToken))
        {
            if (Add(tally, item) is { } wrong) throw new InvalidOperationException(wrong.Message);
            yield return item;
        }

        if (tally.Close(extent.Last, extent.Closing).IsRefused(out var refusal, out _)) throw new InvalidOperationException(refusal.Message);
    }

    private static async Task<ImmutableArray<StatementItem>> ExplainAsync(ISession session, Id<Account> account, long first, long last, CancellationToken cancellationToken)
    {
        var lines = await PageAsync(session, account, first, last, cancellationToken);
        var ids = lines.Select(TopUpOf).OfType<Id<TopUp>>().ToList();
        var topUps = (await session.TopUps.FindManyAsync(ids, cancellationToken)).ToDictionary(topUp => topUp.Id);
        return
        [
            .. from line in lines
               let topUp = TopUpOf(line) is { } id ? topUps.GetValueOrDefault(id) : null
               select new StatementItem(line, topUp?.Reference, topUp is null ? null : new Sale(topUp.Product, topUp.Face, topUp.Commission)),
        ];
    }

    /// <summary>The postings with these numbers, oldest first.</summary>
    private static async Task<IReadOnlyList<StatementLine>> PageAsync(ISession session, Id<Account> account, long first, long last, CancellationToken cancellationToken)
    {
        var behind = new Position(default, (last + 1).ToString(CultureInfo.InvariantCulture));
        var page = await session.Ledger.StatementAsync(account, null, null, new PageRequest(behind, (int)(last - first + 1)), cancellationToken);
        return [.. page.Data.Reverse()];
    }

    private static Id<TopUp>? TopUpOf(StatementLine line) => StatementWords.IsAboutTopUp(line.Kind) ? Id<TopUp>.Parse(line.Subject) : null;

    private static Refusal? Add(WalletTally tally, StatementItem item) =>
        tally.Add(item.Line.Entry, item.Line.Kind, item.Line.Amount, item.Line.Balance, item.Sale);

    [LoggerMessage(1501, LogLevel.Error, "Account {Account}: {Problem}")]
    private partial void LogOutOfBalance(string account, string problem);

    /// <summary>A stretch of an account's postings: behind <paramref name="After"/>, up to <paramref name="Last"/>.</summary>
    private sealed record Extent(Customer Customer, Account Account, long After, long Last, Money Opening, Money Closing);
}
