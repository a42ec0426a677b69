using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Explain;

/// <summary>The directive <c>explain</c>: a page that shows the way of a query through the server's plugins.</summary>
public sealed class ExplainPlugin : IDnsPlugin
{
    /// <summary>The port of the page when none is given.</summary>
    public const int DefaultPort = 8054;

    /// <summary>The page.</summary>
    public const string Path = "/explain";

    /// <inheritdoc/>
    public string Name => "explain";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);

        // This machine only: whoever may ask sees how the server is made, and may pretend to be any client.
        var address = new IPEndPoint(IPAddress.Loopback, DefaultPort);
        address = reader.HasArgument ? HttpSideAddress.Read(reader, address) : address;
        reader.End();
        ServerControl server = setup.Services.Server;
        setup.Serve(new HttpSideEndpoint(address, Path, (query, token) => new ValueTask<HttpSideReply>(server.ExplainAsync(query, token)), Name));
    }
}
