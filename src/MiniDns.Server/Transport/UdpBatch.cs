using System.Net;
using System.Runtime.InteropServices;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>The datagrams of one turn of a worker: received together, answered one after the other, sent together.</summary>
/// <remarks>
/// Everything that happens between the two system calls is here, so that it can be driven without a socket: <see cref="Put"/> queries,
/// <see cref="Answer"/> them, look at the replies or <see cref="Discard"/> them.
/// </remarks>
internal sealed class UdpBatch
{
    /// <summary>The most datagrams of a turn.</summary>
    public const int Size = 32;

    private readonly ReceiveBatch _incoming = new(Size, packetInfo: true);
    private readonly SendBatch _outgoing = new(Size);
    private readonly UdpExchange[] _slots = new UdpExchange[Size];
    private readonly QueryDispatcher _dispatcher;
    private readonly DeferredReplies _deferred;
    private readonly ProxyGate _gate;
    private readonly ClientAddress _local;

    /// <summary>Makes a batch with its buffers.</summary>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="deferred">Takes over what has to wait.</param>
    /// <param name="gate">Takes PROXY headers off.</param>
    /// <param name="local">The socket's own address.</param>
    public UdpBatch(QueryDispatcher dispatcher, DeferredReplies deferred, ProxyGate gate, in ClientAddress local)
    {
        _dispatcher = dispatcher;
        _deferred = deferred;
        _gate = gate;
        _local = local;
        for (int i = 0; i < Size; i++)
        {
            Fill(i, new UdpExchange());
        }
    }

    /// <summary>How many replies are to be sent.</summary>
    public int Replies => _outgoing.Count;

    /// <summary>Receives what is there, without waiting.</summary>
    /// <returns>How many datagrams; 0 when there is none; -1 on an error.</returns>
    public int Receive(SafeHandle socket, out int error) => _incoming.Receive(socket, out error);

    /// <summary>Answers what was received; what cannot be answered at once is handed over.</summary>
    /// <param name="received">How many datagrams.</param>
    /// <param name="routes">The routes of all of them.</param>
    /// <param name="now">When they came, as a timestamp.</param>
    public void Answer(int received, RoutingTable routes, long now)
    {
        bool mayWait = !_deferred.Room.IsFull;
        bool full = _deferred.Room.IsOverflowing;
        ProxyGate? gate = _gate.WhenOn;
        ThreadBatch.Open();
        try
        {
            for (int i = 0; i < received; i++)
            {
                UdpExchange exchange = _slots[i];
                exchange.Arrive(routes, _local, now);
                exchange.Query.MayWait = mayWait;
                if (full)
                {
                    _dispatcher.DroppedFull.Increment();
                    _deferred.Room.Shed?.Queries.Increment();
                    continue;
                }

                // Longer than any query: not one. And nobody can be answered at port 0.
                if (_incoming.IsTruncated(i) || exchange.Query.Client.Port == 0)
                {
                    _dispatcher.Ignored.Increment();
                    continue;
                }

                int size = _incoming.LengthOf(i);
                if (gate is not null && !gate.TryTake(exchange.Query, ref size, now))
                {
                    continue;
                }

                ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(exchange.Query, size, DnsTransport.Udp, routes);
                if (pending.IsCompletedSuccessfully)
                {
                    int length = _dispatcher.Finish(exchange.Query, pending.Result);
                    if (length > 0)
                    {
                        _outgoing.Add(exchange.Query.SendBuffer, length, exchange.Peer);
                    }
                }
                else
                {
                    Fill(i, _deferred.Rent());
                    _deferred.Finish(exchange, pending);
                }
            }
        }
        finally
        {
            // What collected for upstreams leaves together.
            ThreadBatch.Close();
        }
    }

    /// <summary>Sends the replies.</summary>
    /// <returns>How many could not be sent.</returns>
    public int Send(SafeHandle socket, out int error) => _outgoing.Flush(socket, out error);

    /// <summary>Puts a datagram in, as if it had been received.</summary>
    /// <param name="slot">Which one of the batch.</param>
    /// <param name="message">Its octets.</param>
    /// <param name="client">Who sent it.</param>
    public void Put(int slot, ReadOnlySpan<byte> message, IPEndPoint client)
    {
        message.CopyTo(_slots[slot].Query.ReceiveBuffer);
        _slots[slot].Peer.Set(client);
        _incoming.Put(slot, message.Length);
    }

    /// <summary>Forgets the replies.</summary>
    public void Discard() => _outgoing.Discard();

    private void Fill(int slot, UdpExchange exchange)
    {
        _slots[slot] = exchange;
        _incoming.Attach(slot, exchange.Query.ReceiveBuffer, exchange.Peer);
    }
}
