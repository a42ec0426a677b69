using MiniDns.Configuration;

namespace MiniDns.Plugins.Timeouts;

/// <summary>The directive <c>timeouts</c>: how long stream connections may take, and how much they may ask.</summary>
public sealed class TimeoutsPlugin : IDnsPlugin
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromHours(24);

    /// <inheritdoc/>
    public string Name => "timeouts";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        EndpointOptions endpoint = setup.Endpoint;
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);
            if (directive.Body.Count == 0)
            {
                reader.Error(directive.Span, "at least one of read, write, idle and maxtcpqueries is expected in braces; leave the directive out for the defaults");
            }

            reader.Properties(new(StringComparer.Ordinal)
            {
                ["read"] = p => endpoint.ReadTimeout = Duration(p),
                ["write"] = p => endpoint.WriteTimeout = Duration(p),
                ["idle"] = p => endpoint.IdleTimeout = Duration(p),
                ["maxtcpqueries"] = p => endpoint.MaxStreamQueries = MaxQueries(p),
            });
        }
    }

    private static TimeSpan Duration(DirectiveReader property) => property.Duration(Least, Least, Most, bareSeconds: true);

    private static int? MaxQueries(DirectiveReader property)
    {
        if (property.TakeIf("-1"))
        {
            return null;
        }

        return property.TryInt(1, int.MaxValue, out int most) ? most : null;
    }
}
