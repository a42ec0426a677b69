using MiniDns.Client;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Forward;

/// <summary><c>forward</c>: sends queries to upstream resolvers.</summary>
public sealed class ForwardPlugin : IDnsPlugin
{
    private readonly SharedLoops _loops = new();

    /// <inheritdoc/>
    public string Name => "forward";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.Block.TakesOtherClasses = true;

        // Several in a block are asked in file order: each passes on what is not below its zone.
        foreach (Directive directive in setup.Directives)
        {
            ForwardOptions options = ForwardDirective.Read(directive, setup);
            var component = new ForwardComponent(options, setup.Services, _loops, setup.Services.LoggerFor(Name));
            setup.Run(component);
            setup.Use(next => component.Handler = new ForwardHandler(options, next, setup.Services, UpstreamRandom.Secure));
        }
    }
}
