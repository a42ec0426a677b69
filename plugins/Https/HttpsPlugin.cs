using MiniDns.Configuration;

namespace MiniDns.Plugins.Https;

/// <summary>The directive <c>https</c>: limits of DNS over HTTPS.</summary>
public sealed class HttpsPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "https";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        if (!setup.Block.Schemes.Contains(ServerScheme.Https))
        {
            reader.Warning("no key of this block begins with 'https://', so this has no effect");
        }

        reader.Properties(new(StringComparer.Ordinal)
        {
            ["max_connections"] = p =>
            {
                if (setup.Endpoint.MaxHttpsConnections is not null)
                {
                    p.Error(p.Directive.Span, "given already");
                }

                setup.Endpoint.MaxHttpsConnections = p.TryInt(0, int.MaxValue, out int most) ? most : null;
            },
        }, repeatable: ["max_connections"]);
    }
}
