using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Plugins.Proxyproto;

/// <summary>The directive <c>proxyproto</c>: whose PROXY headers the block's addresses take.</summary>
public sealed class ProxyprotoPlugin : IDnsPlugin
{
    /// <summary>The most UDP senders that can be remembered; they take some 200 MB.</summary>
    internal const int MostSessions = 1_000_000;

    private static readonly Dictionary<string, ProxyHeaderPolicy> Policies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["use"] = ProxyHeaderPolicy.Use,
        ["ignore"] = ProxyHeaderPolicy.Ignore,
        ["reject"] = ProxyHeaderPolicy.Reject,
        ["skip"] = ProxyHeaderPolicy.Skip,
    };

    /// <inheritdoc/>
    public string Name => "proxyproto";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        List<ClientNetwork> allowed = [];
        ProxyHeaderPolicy? others = null;
        TimeSpan sessionTime = TimeSpan.Zero;
        int sessions = ProxyProtocolOptions.DefaultSessions;
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["allow"] = p => allowed.AddRange(ClientNetwork.ReadAll(p)),
                ["default"] = p => others = p.Choice(Policies, ProxyHeaderPolicy.Ignore),
                ["udp_session_tracking"] = p =>
                {
                    sessionTime = p.Duration(TimeSpan.Zero, most: TimeSpan.FromDays(1));
                    sessions = p.HasArgument ? p.Int(1, MostSessions, sessions) : sessions;
                },
            },
            repeatable: ["allow"]);
        if (others == ProxyHeaderPolicy.Use || (allowed.Count == 0 && others is null))
        {
            reader.Warning("takes headers from everybody, so whoever reaches the port can claim any address; 'allow NETWORK...' names the proxies");
        }

        setup.Endpoint.ProxyProtocol = new ProxyProtocolOptions(allowed, others) { SessionTime = sessionTime, MaxSessions = sessions };
    }
}
