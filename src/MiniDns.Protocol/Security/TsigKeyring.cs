using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Security;

/// <summary>Keys by name. Immutable.</summary>
public sealed class TsigKeyring
{
    private readonly DnsNameTable<TsigKey> _keys;

    /// <summary>Makes a ring; of two keys with one name the later one counts.</summary>
    public TsigKeyring(IEnumerable<TsigKey> keys) =>
        _keys = new DnsNameTable<TsigKey>([.. keys.Select(k => new KeyValuePair<DnsName, TsigKey>(k.Name, k))]);

    /// <summary>A ring without keys.</summary>
    public static TsigKeyring Empty { get; } = new([]);

    /// <summary>The keys, in no order that means anything.</summary>
    public ReadOnlySpan<TsigKey> Keys => _keys.Values;

    /// <summary>Finds a key.</summary>
    public bool TryGet(DnsNameView name, [NotNullWhen(true)] out TsigKey? key) => _keys.TryGet(name, out key);
}
