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

    /// <summary>How long what the system says holds: it tells no TTL.</summary>
    private static readonly TimeSpan LifeFromSystem = TimeSpan.FromSeconds(60);

    /// <summary>Looks a host up.</summary>
    /// <param name="host">The name.</param>
    /// <param name="resolvers">Whom to ask, one after the other.</param>
    /// <param name="mayAskSystem">Whether to ask the system when they do not know.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<HostAnswer> FindAsync(string host, IReadOnlyList<IPEndPoint> resolvers, bool mayAskSystem, CancellationToken cancellationToken)
    {
        string problem = "it has no addresses";
        foreach (IPEndPoint resolver in resolvers)
        {
            var found = new Found();
            try
            {
                await AddAsync(resolver, host, DnsRecordType.A, found, cancellationToken).ConfigureAwait(false);
                await AddAsync(resolver, host, DnsRecordType.AAAA, found, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException failure)
            {
                problem = $"{resolver}: {failure.Message}";
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                problem = $"{resolver} did not answer";
            }

            if (found.Addresses.Count > 0)
            {
                return new HostAnswer(found.Addresses, TimeSpan.FromSeconds(found.Ttl), string.Empty);
            }
        }

        if (mayAskSystem)
        {
            try
            {
                IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
                return new HostAnswer(addresses, LifeFromSystem, problem);
            }
            catch (SocketException failure)
            {
                problem = failure.Message;
            }
        }

        return new HostAnswer([], TimeSpan.Zero, problem);
    }

    private static async Task AddAsync(IPEndPoint resolver, string host, DnsRecordType type, Found found, CancellationToken cancellationToken)
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
            if (record.Type == type && record.RdataLength == (type == DnsRecordType.A ? 4 : 16))
            {
                found.Addresses.Add(new IPAddress(answer.AsSpan(record.RdataOffset, record.RdataLength)));
                found.Ttl = Math.Min(found.Ttl, record.Ttl);
            }
            else if (record.Type == DnsRecordType.CNAME)
            {
                found.Ttl = Math.Min(found.Ttl, record.Ttl);
            }
        }
    }

    private sealed class Found
    {
        public List<IPAddress> Addresses { get; } = [];

        public uint Ttl { get; set; } = int.MaxValue;
    }
}
