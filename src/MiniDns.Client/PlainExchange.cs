using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client;

/// <summary>Asks one question over a UDP socket of its own: for the few questions that a server asks for itself while it starts.</summary>
public sealed class PlainExchange : IExchangeObserver
{
    private const int DatagramSize = 65_535;

    private PlainExchange()
    {
    }

    /// <summary>Writes a query message.</summary>
    /// <returns>The message's length in octets.</returns>
    public static int WriteQuery(Span<byte> destination, DnsNameView name, DnsRecordType type, bool recursionDesired)
    {
        new DnsHeader(0, recursionDesired ? DnsHeader.RecursionDesiredFlag : (ushort)0, 1, 0, 0, 0).Write(destination);
        Span<byte> at = destination[DnsHeader.Size..];
        name.Wire.CopyTo(at);
        at = at[name.Length..];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)type);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)DnsRecordClass.IN);
        return DnsHeader.Size + name.Length + 4;
    }

    /// <summary>Asks.</summary>
    /// <param name="server">Whom to ask.</param>
    /// <param name="name">The name to ask for.</param>
    /// <param name="type">The type to ask for.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">No answer came in time.</exception>
    public static async Task<byte[]> AskAsync(IPEndPoint server, DnsName name, DnsRecordType type, CancellationToken cancellationToken)
    {
        var exchange = new UpstreamExchange(new PlainExchange());
        exchange.SetRequest(WriteQuery(exchange.BeginRequest(512), name.View, type, recursionDesired: true));
        exchange.BeginTry();
        exchange.SetId(UpstreamRandom.Secure.Next());
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(exchange.RequestBuffer.AsMemory(0, exchange.RequestLength), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[DatagramSize];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (DnsHeader.TryRead(buffer.AsSpan(0, length), out DnsHeader header) && header.Id == exchange.Id && exchange.IsAnswer(buffer.AsSpan(0, length)))
            {
                return buffer[..length];
            }
        }
    }

    void IExchangeObserver.Finished(UpstreamExchange exchange)
    {
        // Never started on an upstream.
    }
}
