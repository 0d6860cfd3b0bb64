using Microsoft.Extensions.DependencyInjection;
using Relier.ExchangeRates;
using Relier.Ledger;

namespace Relier;

/// <summary>Choosing where rates of exchange come from, beside those that people enter. More than one may be chosen.</summary>
public static class ExchangeRatesRelierBuilderExtensions
{
    /// <summary>Reads rates from a file, again and again (<see cref="FileRates"/>).</summary>
    public static RelierBuilder UseRatesFile(this RelierBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        builder.Services.AddSingleton<IExchangeRateSource>(_ => new FileRates(path));
        return builder;
    }

    /// <summary>Reads rates from a service over HTTP, again and again (<see cref="HttpRates"/>).</summary>
    public static RelierBuilder UseHttpRates(this RelierBuilder builder, HttpRatesOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.AddSingleton<IExchangeRateSource>(_ => new HttpRates(options));
        return builder;
    }
}
