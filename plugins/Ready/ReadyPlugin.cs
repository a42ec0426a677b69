using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Ready;

/// <summary>The directive <c>ready</c>.</summary>
public sealed class ReadyPlugin : IDnsPlugin
{
    private const int DefaultPort = 8181;

    private static readonly Dictionary<string, bool> Monitors = new(StringComparer.Ordinal) { ["until-ready"] = false, ["continuously"] = true };

    /// <inheritdoc/>
    public string Name => "ready";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        IPEndPoint address = HttpSideAddress.Everywhere(DefaultPort);
        address = reader.HasArgument ? HttpSideAddress.Read(reader, address) : address;
        bool asksAlways = false;
        reader.Properties(new(StringComparer.Ordinal) { ["monitor"] = p => asksAlways = p.Choice(Monitors, asksAlways) });

        // Pages at one address are one page, so each has to tell of every block that has the directive.
        ReadyGroup group = new();
        ReadyPage page = new(asksAlways, setup.Services.LoggerFor(Name));
        setup.Provide(group);
        setup.Provide<IShutdownListener>(page);
        setup.WhenWired(block => group.Probes = block.All<IReadinessProbe>());
        setup.WhenServerWired(server => page.Groups = server.All<ReadyGroup>());
        setup.Serve(new HttpSideEndpoint(address, "/ready", (_, _) => new ValueTask<HttpSideReply>(page.Get()), Name));
    }
}
