using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Queries;

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

        var memory = new UpstreamMemory(setup.Previous<UpstreamMemory>(), setup.Directives.Count);
        setup.Provide(memory);
        QuerySlot<ForwardUpstream> slot = setup.ReserveSlot<ForwardUpstream>();
        setup.Provide<IMetadataSource>(new ForwardMetadata(slot));
        QuerySlot<ForwardUpstream>? wanted = null;

        // Without metadata nobody asks who answered a query.
        setup.WhenWired(block => wanted = block.All<IMetadataScope>().Count > 0 ? slot : null);

        // Several in a block are asked in file order: each passes on what is not below its zone.
        foreach (Directive directive in setup.Directives)
        {
            ForwardOptions options = ForwardDirective.Read(directive, setup);
            var component = new ForwardComponent(options, directive.Span, setup.Services, _loops, memory, setup.Services.LoggerFor(Name));
            setup.Provide<IUpstreamGroup>(component);
            setup.Run(component);
            setup.Provide<IUpstreamAddresses>(new ForwardAddresses(options, directive.Span));
            setup.Use(next => component.Handler = new ForwardHandler(options, next, setup.Services, UpstreamRandom.Secure)
            {
                Slot = wanted,
                Reviser = options.IsRevising ? new ForwardReviser(options, setup.Queries) : null,
            });
        }
    }
}
