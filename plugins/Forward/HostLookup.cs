using System.Net;
using System.Net.Sockets;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Forward;

/// <summary>Looks up the addresses of an upstream that is named by its host name.</summary>
internal static class HostLookup
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Looks a host up.</summary>
    /// <param name="host">The name.</param>
    /// <param name="resolvers">Whom to ask, one after the other; nobody means the system.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It has no address, or nobody said so.</exception>
    public static async Task<IReadOnlyList<IPAddress>> FindAsync(string host, IReadOnlyList<IPEndPoint> resolvers, CancellationToken cancellationToken)
    {
        Exception? cause = null;
        if (resolvers.Count == 0)
        {
            try
            {
                return await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException failure)
            {
                cause = failure;
            }
        }

        foreach (IPEndPoint resolver in resolvers)
        {
            List<IPAddress> found = [];
            try
            {
                await AddAsync(resolver, host, DnsRecordType.A, found, cancellationToken).ConfigureAwait(false);
                await AddAsync(resolver, host, DnsRecordType.AAAA, found, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                cause = failure;
            }

            if (found.Count > 0)
            {
                return found;
            }
        }

        throw new InvalidOperationException($"forward: failed to resolve '{host}': {cause?.Message ?? "it has no addresses"}", cause);
    }

    private static async Task AddAsync(IPEndPoint resolver, string host, DnsRecordType type, List<IPAddress> found, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ReadTimeout);
        byte[] answer = await PlainExchange.AskAsync(resolver, DnsName.Parse(host), type, timeout.Token).ConfigureAwait(false);
        var reader = new DnsReader(answer);
        if (!DnsHeader.TryRead(answer, out DnsHeader header) || !reader.TryReadQuestion(out _))
        {
            return;
        }

        for (int i = 0; i < header.AnswerCount && reader.TryReadRecord(out DnsRecordView record); i++)
        {
            if (record.Type == type && record.RdataLength is 4 or 16)
            {
                found.Add(new IPAddress(answer.AsSpan(record.RdataOffset, record.RdataLength)));
            }
        }
    }
}
