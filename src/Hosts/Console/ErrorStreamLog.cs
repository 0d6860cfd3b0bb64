using Microsoft.Extensions.Logging;

namespace Relier.Cli;

/// <summary>What happens meanwhile, one line each, on the error stream; the trace of an exception only for who asked for details.</summary>
internal sealed class ErrorStreamLog(TextWriter error, bool verbose) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var what = exception is null ? "" : verbose ? $"{Environment.NewLine}{exception}" : $": {exception.GetType().Name}";
        lock (error) error.WriteLine($"{logLevel.ToString().ToLowerInvariant()}: {formatter(state, exception)}{what}");
    }

    public void Dispose()
    {
    }
}
