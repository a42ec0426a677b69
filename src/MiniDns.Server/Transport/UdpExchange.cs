using System.Runtime.CompilerServices;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>A UDP query with everything that its reply needs. Leaves its batch slot when the query has to wait.</summary>
internal sealed class UdpExchange : IQueryOrigin
{
    /// <summary>What an exchange takes in memory, in octets: its buffers, and some hundred for the rest.</summary>
    public const int Footprint = ReceiveSize + FirstSendSize + 1024;

    private const int ReceiveSize = 2048;

    // What a client may be sent, and what most are sent: a longer reply makes its buffer grow.
    private const int SendSize = 4096;
    private const int FirstSendSize = 1280;

    private readonly Action _complete;
    private DeferredReplies? _replies;
    private ConfiguredValueTaskAwaitable<DnsOutcome>.ConfiguredValueTaskAwaiter _pending;

    public UdpExchange()
    {
        _complete = Complete;
        Query = new DnsQuery(ReceiveSize, SendSize, pinned: true, FirstSendSize) { Origin = this };
    }

    public DnsQuery Query { get; }

    public PeerAddress Peer { get; } = new();

    public RoutingTable Routes { get; private set; } = RoutingTable.Empty;

    /// <summary>The one that began to wait before this one; the neighbours and the two below are its <see cref="DeferredReplies"/>' own.</summary>
    public UdpExchange? Older { get; set; }

    /// <summary>The one that began to wait after this one.</summary>
    public UdpExchange? Younger { get; set; }

    /// <summary>True while it waits and has not been given up.</summary>
    public bool IsListed { get; set; }

    /// <summary>Where its client is counted.</summary>
    public int ClientCell { get; set; }

    /// <summary>Takes over what the kernel wrote about the datagram.</summary>
    /// <param name="routes">The routes of the batch.</param>
    /// <param name="local">The socket's own address, when the kernel was not asked for it.</param>
    /// <param name="receivedAt">The time of arrival.</param>
    public void Arrive(RoutingTable routes, in ClientAddress local, long receivedAt)
    {
        Routes = routes;
        Query.Client = new ClientAddress(Peer.Octets, Peer.Port, Peer.Scope);
        ReadOnlySpan<byte> octets = Peer.LocalOctets;
        Query.Local = octets.IsEmpty ? local : new ClientAddress(octets, local.Port);
        Query.ReceivedAt = receivedAt;
        Peer.TurnRound();
    }

    /// <summary>Has the reply sent when the query is done. Allocates nothing: the exchange holds what an async method would.</summary>
    public void WhenDone(DeferredReplies replies, ValueTask<DnsOutcome> pending)
    {
        _replies = replies;
        _pending = pending.ConfigureAwait(false).GetAwaiter();
        _pending.UnsafeOnCompleted(_complete);
    }

    /// <summary>What the query came to; throws what its handlers threw.</summary>
    public DnsOutcome TakeOutcome()
    {
        try
        {
            return _pending.GetResult();
        }
        finally
        {
            _pending = default;
        }
    }

    private void Complete() => _replies!.Complete(this);
}
