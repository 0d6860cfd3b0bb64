using Microsoft.Extensions.Logging;
using Relier.Tenancy;

namespace Relier.Notifications;

/// <summary>Somewhere that alerts are told. Thread-safe.</summary>
public interface IAlertSink
{
    /// <summary>Its name in this installation, its own and the same in all processes: lower-case letters. Two of one name are refused: no job runs then, and no money moves.</summary>
    string Name { get; }

    /// <summary>
    /// Tells the alert. At least once: the same one may be told again, by its id. What it throws has it told again later. Must end within
    /// a short time of its own.
    /// </summary>
    Task SendAsync(TenantId tenant, Alert alert, CancellationToken cancellationToken);
}

/// <summary>Writes alerts to the log, in every installation.</summary>
internal sealed partial class AlertLog(ILogger<AlertLog> logger) : IAlertSink
{
    public string Name => "log";

    public Task SendAsync(TenantId tenant, Alert alert, CancellationToken cancellationToken)
    {
        var level = alert.Kind == AlertKind.ProviderUp ? LogLevel.Information : LogLevel.Warning;
        LogAlert(level, alert.Id.Value, tenant.Value, AlertKinds.Word(alert.Kind), alert.Subject, alert.Text);
        return Task.CompletedTask;
    }

    [LoggerMessage(EventId = 1201, Message = "Alert {Alert} of {Tenant}, {Kind} of {Subject}: {Text}")]
    private partial void LogAlert(LogLevel level, string alert, string tenant, string kind, string subject, string text);
}
