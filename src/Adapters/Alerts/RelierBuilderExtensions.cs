using Microsoft.Extensions.DependencyInjection;
using Relier.Alerts;
using Relier.Notifications;

namespace Relier;

/// <summary>Choosing where alerts are told, beside the log.</summary>
public static class AlertsRelierBuilderExtensions
{
    /// <summary>Posts alerts to a webhook (<see cref="AlertWebhook"/>). All processes of an installation need the same choice, and there is one webhook; further places are an <see cref="IAlertSink"/> of their own.</summary>
    public static RelierBuilder UseAlertWebhook(this RelierBuilder builder, AlertWebhookOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.AddSingleton<IAlertSink>(services => new AlertWebhook(options, services.GetRequiredService<IClock>()));
        return builder;
    }
}
