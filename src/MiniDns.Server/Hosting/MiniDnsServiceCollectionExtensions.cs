using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Building;

namespace MiniDns.Server.Hosting;

/// <summary>Puts the server into a host.</summary>
public static class MiniDnsServiceCollectionExtensions
{
    /// <summary>Adds the DNS server as a hosted service.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">What the command line says.</param>
    /// <param name="catalog">The plugins.</param>
    public static IServiceCollection AddMiniDns(this IServiceCollection services, MiniDnsOptions options, PluginCatalog catalog)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new MetricRegistry());
        services.TryAddSingleton(new DebugSwitch());
        services.AddSingleton(options);
        services.AddSingleton(catalog);
        services.AddSingleton(p =>
        {
            MetricRegistry metrics = p.GetRequiredService<MetricRegistry>();
            metrics.Total(
                "minidns_output_dropped_lines_total",
                "Lines of all logs that were dropped because standard output is too slow.",
                static () => ConsoleLineWriter.StandardOutput.Dropped);
            return new DnsServices(
                p.GetRequiredService<ILoggerFactory>(),
                p.GetRequiredService<TimeProvider>(),
                metrics,
                new HostFacts(ServerVersion.Name, Environment.MachineName) { Revision = ServerVersion.Revision })
            {
                Debug = p.GetRequiredService<DebugSwitch>(),
            };
        });
        services.AddSingleton<DnsServerService>();
        services.AddHostedService(p => p.GetRequiredService<DnsServerService>());
        return services;
    }
}
