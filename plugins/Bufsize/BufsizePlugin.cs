using MiniDns.Configuration;

namespace MiniDns.Plugins.Bufsize;

/// <summary>The directive <c>bufsize</c>.</summary>
public sealed class BufsizePlugin : IDnsPlugin
{
    private const int Default = 1232;       // what fits into one packet nearly everywhere (DNS flag day 2020)
    private const int Least = 512;
    private const int Most = 4096;

    /// <inheritdoc/>
    public string Name => "bufsize";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        int size = reader.HasArgument ? reader.Int(Least, Most, Default) : Default;
        reader.End();
        setup.Use(next => new BufsizeHandler(next, size));
    }
}
