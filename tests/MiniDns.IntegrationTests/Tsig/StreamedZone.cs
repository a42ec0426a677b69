using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.IntegrationTests.Tsig;

/// <summary>A plugin of the tests: the zone example.org with many hosts, transferred in many messages.</summary>
internal sealed class StreamedZone : IDnsPlugin, IDnsHandler
{
    /// <summary>How many hosts the zone has, <c>host0</c> and so on.</summary>
    public const int Hosts = 4000;

    /// <summary>How many hosts a message of a transfer has.</summary>
    private const int HostsPerMessage = 150;

    private static readonly DnsName Apex = DnsName.Parse("example.org.");
    private static readonly byte[] Soa = RdataText.Parse(DnsRecordType.SOA, "ns.example.org. admin.example.org. 1 3600 600 86400 60");
    private static readonly byte[] Ns = RdataText.Parse(DnsRecordType.NS, "host0.example.org.");

    public string Name => "streamedzone";

    public void Setup(PluginSetup setup) => setup.Use(_ => this);

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        query.Response.Flags = DnsResponseFlags.Authoritative;
        switch (query.Type)
        {
            case DnsRecordType.AXFR when query.Transport != DnsTransport.Udp:
                Messages messages = new();
                messages.TryNext(query);
                query.Continuation = messages;
                break;
            case DnsRecordType.SOA:
                Add(query, DnsRecordType.SOA, Soa);
                break;
            default:
                string label = System.Text.Encoding.ASCII.GetString(query.LowerName.FirstLabel);
                int number = int.Parse(label.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);
                query.Response.AddSynthesized(DnsSection.Answer, query.AskedName, DnsRecordType.A, DnsRecordClass.IN, 300, Address(number));
                break;
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static void Add(DnsQuery query, DnsRecordType type, byte[] rdata) =>
        query.Response.AddSynthesized(DnsSection.Answer, Apex.View, type, DnsRecordClass.IN, 300, rdata);

    private static byte[] Address(int number) => [10, 0, (byte)(number / 256), (byte)number];

    private sealed class Messages : IReplySequence
    {
        private int _next;

        public void Dispose()
        {
        }

        public bool TryNext(DnsQuery query)
        {
            if (_next > Hosts)
            {
                return false;
            }

            query.Response.Clear();
            query.Response.Flags = DnsResponseFlags.Authoritative;
            if (_next == 0)
            {
                Add(query, DnsRecordType.SOA, Soa);
                Add(query, DnsRecordType.NS, Ns);
            }

            for (int end = Math.Min(Hosts, _next + HostsPerMessage); _next < end; _next++)
            {
                DnsName host = DnsName.Parse($"host{_next}.example.org.");
                query.Response.AddSynthesized(DnsSection.Answer, host.View, DnsRecordType.A, DnsRecordClass.IN, 300, Address(_next));
            }

            if (_next == Hosts)
            {
                Add(query, DnsRecordType.SOA, Soa);
                _next++;
            }

            return true;
        }
    }
}
