using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MiniDns.Queries;

/// <summary>An address and port, inline: no object until somebody asks for one.</summary>
/// <remarks>An IPv4-mapped IPv6 address is kept as the IPv4 address it stands for.</remarks>
public readonly struct ClientAddress : IEquatable<ClientAddress>
{
    /// <summary>The most characters that an address has without its port and scope.</summary>
    public const int MaxTextLength = 39;

    private readonly UInt128 _bits;
    private readonly uint _scope;

    /// <summary>An address from its network-order octets, 4 or 16 of them.</summary>
    /// <param name="octets">The address.</param>
    /// <param name="port">The port.</param>
    /// <param name="scope">The IPv6 scope id; 0 for none.</param>
    public ClientAddress(ReadOnlySpan<byte> octets, int port, uint scope = 0)
    {
        Port = (ushort)port;
        if (octets.Length == 4)
        {
            _bits = BinaryPrimitives.ReadUInt32BigEndian(octets);
        }
        else
        {
            _bits = BinaryPrimitives.ReadUInt128BigEndian(octets);
            IsIPv6 = _bits >> 32 != 0xFFFF;
            if (IsIPv6)
            {
                _scope = scope;
            }
            else
            {
                _bits &= uint.MaxValue;
            }
        }
    }

    /// <summary>The same address as an object pair has.</summary>
    public static ClientAddress From(IPEndPoint endpoint)
    {
        Span<byte> octets = stackalloc byte[16];
        endpoint.Address.TryWriteBytes(octets, out int length);
        uint scope = endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)endpoint.Address.ScopeId : 0;
        return new ClientAddress(octets[..length], endpoint.Port, scope);
    }

    /// <summary>True for IPv6.</summary>
    public bool IsIPv6 { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>The address as a number: 32 bits for IPv4, 128 for IPv6.</summary>
    public UInt128 Bits => _bits;

    /// <summary>Writes the address in network order.</summary>
    /// <returns>The octets written, 4 or 16.</returns>
    public int WriteOctets(Span<byte> destination)
    {
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
            return 16;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_bits);
        return 4;
    }

    /// <summary>True when the first <paramref name="length"/> bits are those of <paramref name="prefix"/> and the family is the same.</summary>
    public bool IsIn(in ClientAddress prefix, int length)
    {
        if (IsIPv6 != prefix.IsIPv6)
        {
            return false;
        }

        int shift = (IsIPv6 ? 128 : 32) - length;
        return shift >= 128 || (_bits >> shift) == (prefix._bits >> shift);
    }

    /// <summary>Writes the address without port and scope; an IPv6 address in the form of RFC 5952 §4, without brackets.</summary>
    /// <param name="text">Takes <see cref="MaxTextLength"/> characters at most.</param>
    /// <returns>The characters written.</returns>
    public int FormatAddress(Span<char> text)
    {
        UInt128 bits = _bits;
        if (!IsIPv6)
        {
            text.TryWrite(CultureInfo.InvariantCulture, $"{(byte)(bits >> 24)}.{(byte)(bits >> 16)}.{(byte)(bits >> 8)}.{(byte)bits}", out int length);
            return length;
        }

        // The longest run of two or more zero groups, the first of equals, is left out.
        int best = 0;
        int bestLength = 1;
        for (int i = 0; i < 8; i++)
        {
            int run = 0;
            while (i + run < 8 && Group(bits, i + run) == 0)
            {
                run++;
            }

            (best, bestLength) = run > bestLength ? (i, run) : (best, bestLength);
        }

        int at = 0;
        for (int i = 0; i < 8;)
        {
            if (bestLength > 1 && i == best)
            {
                text[at++] = ':';
                text[at++] = ':';
                i += bestLength;
                continue;
            }

            if (i > 0 && !(bestLength > 1 && i == best + bestLength))
            {
                text[at++] = ':';
            }

            Group(bits, i++).TryFormat(text[at..], out int digits, "x", CultureInfo.InvariantCulture);
            at += digits;
        }

        return at;
    }

    /// <summary>The address as an object.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        int length = WriteOctets(octets);
        return length == 16 ? new IPAddress(octets, _scope) : new IPAddress(octets[..4]);
    }

    /// <summary>Address and port as an object.</summary>
    public IPEndPoint ToEndPoint() => new(ToIPAddress(), Port);

    /// <inheritdoc/>
    public bool Equals(ClientAddress other) =>
        _bits == other._bits && IsIPv6 == other.IsIPv6 && Port == other.Port && _scope == other._scope;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ClientAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_bits, Port, _scope);

    /// <summary><c>192.0.2.1:53</c>, <c>[2001:db8::1]:53</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ToEndPoint()}");

    /// <summary>Same address, port and scope.</summary>
    public static bool operator ==(ClientAddress left, ClientAddress right) => left.Equals(right);

    /// <summary>Different address, port or scope.</summary>
    public static bool operator !=(ClientAddress left, ClientAddress right) => !left.Equals(right);

    private static ushort Group(UInt128 bits, int index) => (ushort)(bits >> (112 - (16 * index)));
}
