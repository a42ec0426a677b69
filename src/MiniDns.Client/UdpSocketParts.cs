using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>What a UDP socket is given and leaves behind: under load, ports change several times a second.</summary>
/// <param name="Table">The exchanges that wait; empty.</param>
/// <param name="Outgoing">The datagrams to send; none.</param>
internal sealed record UdpSocketParts(InFlightTable Table, SendBatch Outgoing);
