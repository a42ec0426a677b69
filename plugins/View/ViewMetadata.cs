using System.Text;
using MiniDns.Plugins.Capabilities;
using MiniDns.Queries;

namespace MiniDns.Plugins.View;

/// <summary><c>view/name</c>: the name of the view that took the query.</summary>
internal sealed class ViewMetadata(string name) : IMetadataSource
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; } = ["view/name"];

    /// <inheritdoc/>
    public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
    {
        written = Math.Min(_name.Length, destination.Length);
        _name.AsSpan(0, written).CopyTo(destination);
        return true;
    }
}
