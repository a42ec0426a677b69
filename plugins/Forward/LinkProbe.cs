using MiniDns.Client;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Forward;

/// <summary>One question to one upstream that somebody waits for.</summary>
internal sealed class LinkProbe : IExchangeObserver
{
    private const int LongestQuestion = 512;

    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks.</summary>
    /// <returns>True when any answer came.</returns>
    public static async Task<bool> AskAsync(Upstream upstream, UpstreamProtocol protocol, DnsName name, DnsRecordType type, CancellationToken cancellationToken)
    {
        var probe = new LinkProbe();
        var exchange = new UpstreamExchange(probe);
        exchange.SetRequest(PlainExchange.WriteQuery(exchange.BeginRequest(LongestQuestion), name.View, type, recursionDesired: true));
        return upstream.TryStart(exchange, protocol) && await probe._done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Finished(UpstreamExchange exchange) => _done.TrySetResult(exchange.Status == ExchangeStatus.Answered);
}
