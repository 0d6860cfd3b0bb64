using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Relier.Api.Http;

/// <summary>Whose word about the origin of a request is believed. Nobody's, unless the operator names them.</summary>
internal static class Proxies
{
    /// <summary>Believes these, and the headers they add. Throws <see cref="RelierConfigurationException"/> for what is neither an address nor a network.</summary>
    public static void Trust(ForwardedHeadersOptions options, IReadOnlyList<string> proxies)
    {
        // The framework's defaults trust whoever connects from the same machine.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        options.ForwardedHeaders = proxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.ForwardLimit = null;
        var wrong = new List<string>();
        foreach (var proxy in proxies)
        {
            if (System.Net.IPNetwork.TryParse(proxy, out var network)) options.KnownIPNetworks.Add(network);
            else if (IPAddress.TryParse(proxy, out var address)) options.KnownProxies.Add(address);
            else wrong.Add($"Relier:TrustedProxies names '{proxy}'; expected an address or a network, as in 10.0.0.0/8.");
        }

        if (wrong.Count > 0) throw new RelierConfigurationException(wrong);
    }
}
