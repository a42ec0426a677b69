using System.Buffers.Binary;

namespace MiniDns.Protocol.Messages;

/// <summary>Builds the options of an OPT record (RFC 6891 §6.1.2) in a span. Not fitting is <c>false</c> and leaves what was there.</summary>
/// <remarks>Give <see cref="Written"/> to <see cref="DnsWriter.TryWriteOpt"/>.</remarks>
public ref struct EdnsOptionsWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Starts without options.</summary>
    /// <param name="destination">Where the options go; its length is the limit.</param>
    public EdnsOptionsWriter(Span<byte> destination)
    {
        _destination = destination.Length > ushort.MaxValue ? destination[..ushort.MaxValue] : destination;
        Length = 0;
    }

    /// <summary>The octets written.</summary>
    public int Length { get; private set; }

    /// <summary>The options written.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    /// <summary>Adds an option.</summary>
    /// <param name="code">The option's code.</param>
    /// <param name="data">Its data.</param>
    public bool TryAdd(EdnsOptionCode code, scoped ReadOnlySpan<byte> data)
    {
        if (!TryStart(code, data.Length, out Span<byte> at))
        {
            return false;
        }

        data.CopyTo(at);
        return true;
    }

    /// <summary>Adds the server's identity (RFC 5001); empty in a query.</summary>
    public bool TryAddNameServerId(scoped ReadOnlySpan<byte> identity) => TryAdd(EdnsOptionCode.NameServerId, identity);

    /// <summary>Adds a client subnet (RFC 7871 §6).</summary>
    /// <param name="address">The address, 4 or 16 octets; bits behind the source prefix are not written.</param>
    /// <param name="sourcePrefixLength">How many bits of the address to tell, at most all.</param>
    /// <param name="scopePrefixLength">How many bits the answer is good for; 0 in a query.</param>
    public bool TryAddClientSubnet(scoped ReadOnlySpan<byte> address, byte sourcePrefixLength, byte scopePrefixLength)
    {
        int octets = (sourcePrefixLength + 7) / 8;
        if (address.Length is not (4 or 16)
            || octets > address.Length
            || scopePrefixLength > address.Length * 8
            || !TryStart(EdnsOptionCode.ClientSubnet, 4 + octets, out Span<byte> at))
        {
            return false;
        }

        at[0] = 0;
        at[1] = (byte)(address.Length == 4 ? 1 : 2);
        at[2] = sourcePrefixLength;
        at[3] = scopePrefixLength;
        address[..octets].CopyTo(at[4..]);
        if (sourcePrefixLength % 8 != 0)
        {
            at[3 + octets] &= (byte)~(0xFF >> (sourcePrefixLength % 8));
        }

        return true;
    }

    /// <summary>Adds a cookie (RFC 7873 §4).</summary>
    /// <param name="client">The client's part, 8 octets.</param>
    /// <param name="server">The server's part, 8 to 32 octets, or none.</param>
    public bool TryAddCookie(scoped ReadOnlySpan<byte> client, scoped ReadOnlySpan<byte> server)
    {
        if (client.Length != 8
            || server.Length is not (0 or (>= 8 and <= 32))
            || !TryStart(EdnsOptionCode.Cookie, client.Length + server.Length, out Span<byte> at))
        {
            return false;
        }

        client.CopyTo(at);
        server.CopyTo(at[8..]);
        return true;
    }

    /// <summary>Adds an extended error (RFC 8914 §2).</summary>
    /// <param name="code">What is wrong.</param>
    /// <param name="text">More about it in UTF-8, or nothing.</param>
    public bool TryAddExtendedError(EdnsErrorCode code, scoped ReadOnlySpan<byte> text)
    {
        if (!TryStart(EdnsOptionCode.ExtendedError, 2 + text.Length, out Span<byte> at))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)code);
        text.CopyTo(at[2..]);
        return true;
    }

    /// <summary>Adds TCP keepalive as a client sends it, without a time (RFC 7828 §3.1).</summary>
    public bool TryAddTcpKeepalive() => TryAdd(EdnsOptionCode.TcpKeepalive, default);

    /// <summary>Adds TCP keepalive as a server sends it (RFC 7828 §3.1).</summary>
    /// <param name="timeout">How long an idle connection is kept, in units of 100 milliseconds.</param>
    public bool TryAddTcpKeepalive(ushort timeout)
    {
        if (!TryStart(EdnsOptionCode.TcpKeepalive, 2, out Span<byte> at))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(at, timeout);
        return true;
    }

    /// <summary>Adds a zone's remaining expiry (RFC 7314).</summary>
    /// <param name="seconds">The seconds left.</param>
    public bool TryAddExpire(uint seconds)
    {
        if (!TryStart(EdnsOptionCode.Expire, 4, out Span<byte> at))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(at, seconds);
        return true;
    }

    /// <summary>Adds zero octets (RFC 7830).</summary>
    /// <param name="octets">How many, the option's four octets of code and length not counted.</param>
    public bool TryAddPadding(int octets)
    {
        if (!TryStart(EdnsOptionCode.Padding, octets, out Span<byte> at))
        {
            return false;
        }

        at.Clear();
        return true;
    }

    private bool TryStart(EdnsOptionCode code, int length, out Span<byte> data)
    {
        if (length < 0 || length > _destination.Length - Length - 4)
        {
            data = default;
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_destination[Length..], (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[(Length + 2)..], (ushort)length);
        data = _destination.Slice(Length + 4, length);
        Length += 4 + length;
        return true;
    }
}
