using System.Text;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Nsid;

/// <summary>The directive <c>nsid</c>.</summary>
public sealed class NsidPlugin : IDnsPlugin
{
    /// <summary>The longest identity, in octets: a reply must have room for it beside everything else.</summary>
    internal const int MaxLength = 255;

    /// <inheritdoc/>
    public string Name => "nsid";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        string identity = reader.HasArgument ? string.Join(' ', reader.Rest().Select(a => a.Text)) : setup.Services.Host.HostName;
        byte[] octets = Encoding.UTF8.GetBytes(identity);
        if (octets.Length > MaxLength)
        {
            reader.Error($"the identity is {octets.Length} octets long; at most {MaxLength} are sent");
        }

        reader.End();
        setup.Use(next => new NsidHandler(next, octets));
    }
}
