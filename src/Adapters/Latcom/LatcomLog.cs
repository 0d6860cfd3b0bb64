using Microsoft.Extensions.Logging;

namespace Relier.Latcom;

/// <summary>What is logged. Messages from Latcom have been cleaned of secrets and numbers before they come here.</summary>
internal static partial class LatcomLog
{
    [LoggerMessage(1, LogLevel.Debug, "Logged in to Latcom.")]
    public static partial void LoggedIn(this ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "Latcom does not let us in: {Code}. {Detail}")]
    public static partial void LoginFailed(this ILogger logger, string code, string detail);

    [LoggerMessage(3, LogLevel.Information, "Latcom refused the token; logging in and asking again, once.")]
    public static partial void TokenRefused(this ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "Order {Reference} to {Phone} is unknown at Latcom: {Code}. {Detail}")]
    public static partial void OutcomeUnknown(this ILogger logger, string reference, string phone, string code, string detail);

    [LoggerMessage(5, LogLevel.Information, "Order {Reference} was not sent to Latcom: {Code}. {Detail}")]
    public static partial void NotSent(this ILogger logger, string reference, string code, string detail);

    [LoggerMessage(6, LogLevel.Debug, "Latcom answered order {Reference}: {Outcome}.")]
    public static partial void Answered(this ILogger logger, string reference, string outcome);
}
