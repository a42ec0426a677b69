using MiniDns.Configuration;

namespace MiniDns.Plugins.Chaos;

/// <summary>The directive <c>chaos</c>.</summary>
public sealed class ChaosPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "chaos";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        // Without this the server refuses class CH before any handler sees it.
        setup.Block.TakesOtherClasses = true;
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        if (setup.Directives.Count > 1)
        {
            setup.Diagnostics.Warning(setup.Directives[1].Span, $"chaos: given already at {reader.Directive.Span}; the first one counts");
        }

        string version = reader.HasArgument ? reader.Word("a version") : setup.Services.Host.Version;
        IReadOnlyList<string> authors = reader.HasArgument
            ? [.. reader.Rest().Select(a => a.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : ChaosOptions.DefaultAuthors;
        reader.End();
        ChaosOptions options = new(version, setup.Services.Host.HostName, authors);
        setup.Use(next => new ChaosHandler(next, options, Random.Shared));
    }
}
