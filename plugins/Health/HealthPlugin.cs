using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Health;

/// <summary>The directive <c>health</c>.</summary>
public sealed class HealthPlugin : IDnsPlugin
{
    private const int DefaultPort = 8080;
    private const string Path = "/health";

    /// <inheritdoc/>
    public string Name => "health";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        IPEndPoint address = HttpSideAddress.Everywhere(DefaultPort);
        TimeSpan lameduck = TimeSpan.Zero;
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);
            address = reader.HasArgument ? HttpSideAddress.Read(reader, address) : address;
            reader.Properties(new(StringComparer.Ordinal) { ["lameduck"] = p => lameduck = p.Duration(lameduck) });
        }

        DnsServices services = setup.Services;
        ILogger log = services.LoggerFor(Name);
        setup.Serve(new HttpSideEndpoint(address, Path, new HealthPage(services).GetAsync, Name));
        if (address.Port != 0)
        {
            setup.Run(new HealthProbe(UriOf(address), static () => new SocketsHttpHandler { UseProxy = false }, services, log));
        }

        if (lameduck > TimeSpan.Zero)
        {
            setup.Provide<IShutdownListener>(new HealthLameduck(lameduck, services, log));
        }
    }

    /// <summary>Where to ask for the page ourselves: of many addresses, the loopback one.</summary>
    internal static Uri UriOf(IPEndPoint address)
    {
        IPAddress host = !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any) ? address.Address
            : address.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv4 ? IPAddress.Loopback
            : IPAddress.IPv6Loopback;
        return new Uri($"http://{new IPEndPoint(host, address.Port)}{Path}");
    }
}
