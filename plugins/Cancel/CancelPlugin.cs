using MiniDns.Configuration;

namespace MiniDns.Plugins.Cancel;

/// <summary>The directive <c>cancel</c>.</summary>
public sealed class CancelPlugin : IDnsPlugin
{
    // Clients give up after five seconds, as a rule.
    private static readonly TimeSpan Default = TimeSpan.FromMilliseconds(5001);

    /// <inheritdoc/>
    public string Name => "cancel";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        TimeSpan timeout = Default;
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);
            timeout = reader.HasArgument ? reader.Duration(Default, least: TimeSpan.FromTicks(1)) : Default;
            reader.End();
        }

        setup.Use(next => new CancelHandler(next, timeout, setup.Services.Time));
    }
}
