using MiniDns.Configuration;

namespace MiniDns.Plugins.Shed;

/// <summary>The directive <c>shed</c>: what the server does anyway when there is too much, counted as CoreDNS counts it.</summary>
public sealed class ShedPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "shed";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        new DirectiveReader(setup.Directives[0], setup.Diagnostics).End();
        foreach (ServerScheme scheme in setup.Block.Schemes.Where(s => s != ServerScheme.Dns))
        {
            setup.Diagnostics.Error(setup.Directives[0].Span, $"shed: is for plain DNS over UDP, and a key of the block is {ServerKey.SchemeText(scheme)}://");
        }

        setup.Endpoint.CountsShed = true;
    }
}
