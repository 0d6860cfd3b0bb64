using NodaTime;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Notifications;

/// <summary>Raises alerts inside the transaction of what causes them, with one job for each place they are told at.</summary>
internal sealed class Alerts(IEnumerable<IAlertSink> sinks, IClock clock)
{
    /// <summary>A customer's low balance is told once in this time, however often money moves.</summary>
    private static readonly Duration LowBalanceQuiet = Duration.FromHours(24);

    private readonly string[] _sinks = NamesOf(sinks);

    /// <summary>Keeps the alert and has it told everywhere, unless the store finds that it was raised before.</summary>
    public async Task RaiseAsync(ISession session, Alert alert, Duration? quietFor, CancellationToken cancellationToken)
    {
        if (!await session.Alerts.RaiseAsync(alert, quietFor, cancellationToken)) return;
        foreach (var sink in _sinks)
        {
            var job = new Job
            {
                Id = Ids.New<Job>("job", alert.At), Tenant = session.Tenant, Kind = AlertDelivery.Kind, Subject = AlertDelivery.SubjectOf(alert, sink),
                RunAt = alert.At, CreatedAt = alert.At,
            };
            await session.Jobs.AddAsync(job, cancellationToken);
        }
    }

    /// <summary>Raises a low balance when money went out of a wallet and what is left counts as low with its customer. The wallet is locked by the caller.</summary>
    public async Task AfterMoveAsync(ISession session, Account before, Account after, CancellationToken cancellationToken)
    {
        if (after.Posted >= before.Posted) return;
        var customer = await session.Customers.FindAsync(after.Customer, cancellationToken);
        if (customer?.Policies.LowBalanceIn(after.Currency) is not { } low || after.Posted > low) return;
        var alert = New(AlertKind.LowBalance, customer.Id.Value, "low", $"{customer.Name} has {after.Posted} left; {low} and less counts as low.") with
        {
            Facts = new Dictionary<string, object> { ["customer"] = customer.Name, ["balance"] = after.Posted, ["available"] = after.Available, ["low"] = low },
        };
        await RaiseAsync(session, alert, LowBalanceQuiet, cancellationToken);
    }

    /// <summary>
    /// Raises what a charge brought an account down to: each of low, critical and overdrawn when the balance was above it before. The
    /// account is locked by the caller.
    /// </summary>
    public async Task AfterUsageAsync(ISession session, UsageAccount account, Account before, Account after, CancellationToken cancellationToken)
    {
        var zero = Money.Zero(account.Currency);
        foreach (var (level, limit) in new[] { ("low", account.LowBalance), ("critical", account.CriticalBalance), ("overdrawn", zero - Money.FromMicros(1, account.Currency)) })
        {
            if (limit is not { } line || before.Posted <= line || after.Posted > line) continue;
            var alert = New(AlertKind.LowBalance, account.Id.Value, $"{level} {after.Entries}", $"{account.Name} has {after.Posted}: {level}.") with
            {
                Facts = new Dictionary<string, object> { ["account"] = account.Name, ["customer"] = account.Customer.Value, ["level"] = level, ["balance"] = after.Posted, ["available"] = after.Available },
            };
            await RaiseAsync(session, alert, null, cancellationToken);
        }
    }

    /// <summary>A new alert, as of now.</summary>
    public Alert New(AlertKind kind, string subject, string cause, string text)
    {
        var now = clock.Now();
        return new Alert { Id = Ids.New<Alert>("alr", now), Kind = kind, Subject = subject, Cause = cause, At = now, Text = text };
    }

    /// <summary>A job finds its place by the name: of two with one name the second would never be told, and nobody would notice.</summary>
    private static string[] NamesOf(IEnumerable<IAlertSink> sinks)
    {
        string[] names = [.. sinks.Select(sink => sink.Name)];
        string[] problems = [.. names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => $"Alerts are told at two places named '{same.Key}'; give each {nameof(IAlertSink)} a name of its own.")];
        return problems.Length == 0 ? names : throw new RelierConfigurationException(problems);
    }
}
