using MiniDns.Configuration;

namespace MiniDns.Plugins.Order;

/// <summary>The directive <c>order</c>: a block's own order of plugins.</summary>
public sealed class OrderPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "order";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        if (reader.ArgumentsLeft < 2)
        {
            reader.Error("at least two plugins are expected, in the order in which queries are to meet them, such as 'order hosts cache'");
        }

        IReadOnlyList<CorefileToken> plugins = reader.Rest();
        Dictionary<string, SourceSpan> seen = new(StringComparer.Ordinal);
        foreach (CorefileToken plugin in plugins)
        {
            if (!seen.TryAdd(plugin.Text, plugin.Span))
            {
                reader.Error(plugin.Span, $"'{plugin.Text}' stands here already, at {seen[plugin.Text]}");
            }
        }

        reader.End();
        setup.Block.Order = plugins;
    }
}
