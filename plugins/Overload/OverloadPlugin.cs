using MiniDns.Configuration;

namespace MiniDns.Plugins.Overload;

/// <summary>The directive <c>overload</c>: how many UDP queries may wait for something, and what happens to the others.</summary>
public sealed class OverloadPlugin : IDnsPlugin
{
    /// <summary>The fewest queries that can be allowed to wait: a batch from the network, twice.</summary>
    internal const int Least = 64;

    /// <summary>The most queries that can be allowed to wait; they take some 5 GiB.</summary>
    internal const int Most = 1_000_000;

    /// <inheritdoc/>
    public string Name => "overload";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        EndpointOptions endpoint = setup.Endpoint;
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        if (reader.HasArgument && reader.TryInt(Least, Most, out int most))
        {
            endpoint.MaxWaitingQueries = most;
        }

        reader.Properties(new(StringComparer.Ordinal)
        {
            ["client_share"] = p => endpoint.ClientSharePercent = p.Percent(1, 100, 100),
            ["reply"] = p => endpoint.FailsWhenOverloaded = p.Choice(new Dictionary<string, bool>(StringComparer.Ordinal) { ["servfail"] = true, ["none"] = false }, fallback: false),
        });
    }
}
