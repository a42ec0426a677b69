using System.Net;
using System.Net.NetworkInformation;
using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Every rule, and how they are run.</summary>
internal static class PlanLint
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<ILintRule> Rules { get; } =
    [
        new ForwardLoopRule(),
        new RepeatedUpstreamRule(),
        new NumericHostRule(),
        new DoubtfulZoneRule(),
        new ShadowedPluginRule(),
        new OrderRule(),
        new AnswerlessBlockRule(),
        new UnreachableViewRule(),
        new BoundApartRule(),
        new PageClashRule(),
        new HugeCacheRule(),
    ];

    /// <summary>Runs every rule.</summary>
    /// <param name="blocks">The blocks, with their plugins set up.</param>
    /// <param name="diagnostics">Takes what is found.</param>
    public static void Check(IReadOnlyList<BlockBuilder> blocks, ConfigDiagnostics diagnostics)
    {
        var context = new LintContext(blocks, diagnostics, OwnAddresses());
        foreach (ILintRule rule in Rules)
        {
            rule.Check(context);
        }
    }

    private static IReadOnlyList<IPAddress> OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)];
        }
        catch (NetworkInformationException)
        {
            // A sandbox that does not say: what is forwarded to loopback is found all the same.
            return [];
        }
    }
}
