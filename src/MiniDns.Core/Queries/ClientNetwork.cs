using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MiniDns.Configuration;

namespace MiniDns.Queries;

/// <summary>A network that clients are told apart by: an address and how many of its bits count.</summary>
/// <remarks>An IPv4-mapped IPv6 network is the IPv4 network it stands for, as <see cref="ClientAddress"/> has it.</remarks>
public readonly record struct ClientNetwork
{
    private readonly UInt128 _bits;
    private readonly UInt128 _mask;

    private ClientNetwork(in ClientAddress address, int prefixLength)
    {
        IsIPv6 = address.IsIPv6;
        PrefixLength = prefixLength;
        UInt128 all = IsIPv6 ? UInt128.MaxValue : uint.MaxValue;
        int rest = (IsIPv6 ? 128 : 32) - prefixLength;
        _mask = rest == 128 ? UInt128.Zero : all >> rest << rest;
        _bits = address.Bits & _mask;
    }

    /// <summary>True for an IPv6 network.</summary>
    public bool IsIPv6 { get; }

    /// <summary>How many bits count.</summary>
    public int PrefixLength { get; }

    /// <summary>Reads <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>, or a single address; bits behind the length do not matter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="network">The network.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ClientNetwork? network)
    {
        network = null;
        if (!AddressText.TryParseNetwork(text, out IPAddress? address, out int length))
        {
            if (text.ContainsAny('/', '%') || !AddressText.TryParseAddress(text, out address))
            {
                return false;
            }

            length = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        }

        bool isMapped = address.IsIPv4MappedToIPv6;
        if (isMapped && length < 96)
        {
            return false;
        }

        network = new ClientNetwork(ClientAddress.From(new IPEndPoint(address, 0)), isMapped ? length - 96 : length);
        return true;
    }

    /// <summary>Reads all arguments of a directive or property that are left, and notes an error for each that is no network.</summary>
    public static List<ClientNetwork> ReadAll(DirectiveReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        List<ClientNetwork> networks = [];
        foreach (CorefileToken word in reader.Rest())
        {
            if (TryParse(word.Text, out ClientNetwork? network))
            {
                networks.Add(network.Value);
            }
            else
            {
                reader.Error(word.Span, $"'{word.Text}' is not a network such as 192.0.2.0/24, nor an address");
            }
        }

        return networks;
    }

    /// <summary>True when an address is in the network.</summary>
    public bool Contains(in ClientAddress address) => address.IsIPv6 == IsIPv6 && (address.Bits & _mask) == _bits;

    /// <summary>True when an address is in one of the networks.</summary>
    public static bool AnyContains(ReadOnlySpan<ClientNetwork> networks, in ClientAddress address)
    {
        foreach (ref readonly ClientNetwork network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
