using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tsig;

/// <summary>The keys that a directive's messages may be signed with: its own, and those of all others of the server.</summary>
internal sealed class TsigKeys
{
    private readonly TsigKeyring _own;

    /// <summary>Starts with a directive's own keys.</summary>
    public TsigKeys(TsigKeyring own) => All = _own = own;

    /// <summary>The keys; complete before the first query comes.</summary>
    public TsigKeyring All { get; private set; }

    /// <summary>Takes the keys of all directives; of two with one name this directive's own counts.</summary>
    public void Complete(IEnumerable<TsigKeyring> rings) =>
        All = new TsigKeyring([.. rings.SelectMany(r => r.Keys.ToArray()), .. _own.Keys]);
}
