using MiniDns.Cluster.Objects;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Addresses as labels: <c>10-0-0-1</c>, <c>fd00--1</c>.</summary>
internal static class AddressLabel
{
    /// <summary>Reads a label: three single dashes make an IPv4 address of it, anything else an IPv6 address.</summary>
    public static bool TryParse(ReadOnlySpan<byte> label, out ClusterAddress address)
    {
        address = default;
        if (label.Length > 45)
        {
            return false;
        }

        bool isIPv4 = label.Count((byte)'-') == 3 && label.IndexOf("--"u8) < 0;
        Span<byte> text = stackalloc byte[45];
        text = text[..label.Length];
        label.CopyTo(text);
        text.Replace((byte)'-', isIPv4 ? (byte)'.' : (byte)':');
        return ClusterAddress.TryParse(text, out address);
    }
}
