using MiniDns.Client.Transfers;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Authority;

/// <summary>A key by its name, which is looked up once all plugins have said which keys there are.</summary>
/// <remarks>Two are equal when they have the same name: a reload of the Corefile that leaves the name as it was changes nothing.</remarks>
internal sealed class NamedKey(DnsName name) : ITransferKey, IEquatable<NamedKey>
{
    private ITransferKey? _key;

    /// <summary>The key's name.</summary>
    public DnsName KeyName { get; } = name;

    /// <inheritdoc/>
    public string Name => KeyName.ToString();

    /// <summary>Looks the key up.</summary>
    /// <returns>False when there is none of the name.</returns>
    public bool TryResolve(IEnumerable<TsigKeyring> keyrings, TimeProvider time)
    {
        foreach (TsigKeyring keyring in keyrings)
        {
            if (keyring.TryGet(KeyName.View, out TsigKey? key))
            {
                _key = new TsigTransferKey(key, time);
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public ITransferSignature Start() => (_key ?? throw new InvalidOperationException("the key was not looked up")).Start();

    /// <inheritdoc/>
    public bool Equals(NamedKey? other) => KeyName == other?.KeyName;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NamedKey);

    /// <inheritdoc/>
    public override int GetHashCode() => KeyName.GetHashCode();
}
