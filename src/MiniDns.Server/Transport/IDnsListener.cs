using System.Net;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>Something that receives queries at one address. Binding is done when it exists; it serves once it is started.</summary>
internal interface IDnsListener : IAsyncDisposable
{
    /// <summary>The address it is bound to, with the port that a port 0 became.</summary>
    IPEndPoint Address { get; }

    /// <summary>Sets the routes; the next message sees them.</summary>
    void Route(RoutingTable routes);

    /// <summary>Starts to serve.</summary>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no more queries and waits until those in flight are answered or the time is over.</summary>
    ValueTask DrainAsync(TimeSpan grace);
}
