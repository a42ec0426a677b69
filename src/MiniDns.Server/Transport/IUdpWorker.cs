using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>Serves one UDP socket. The seam between the batching worker and the portable one.</summary>
internal interface IUdpWorker : IDisposable
{
    /// <summary>How many queries wait for something.</summary>
    int Waiting { get; }

    /// <summary>Sets the routes; the next batch sees them.</summary>
    void Route(RoutingTable routes);

    /// <summary>Starts to receive.</summary>
    void Start();

    /// <summary>Ends receiving; queries that wait are still answered.</summary>
    Task StopReceivingAsync();
}
