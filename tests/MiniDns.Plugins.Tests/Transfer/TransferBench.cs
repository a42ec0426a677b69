using System.Net;
using MiniDns.Plugins.Transfer;
using MiniDns.Plugins.Whoami;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary><c>transfer</c> with zones made by hand, asked without sockets.</summary>
internal sealed class TransferBench : IAsyncDisposable
{
    private readonly DnsQuery _query = new(4096, 4096);

    public TransferBench(string stanza, params IEnumerable<FakeZone> zones)
        : this(stanza, previous: null)
    {
        foreach (FakeZone zone in zones)
        {
            Zones.Set(zone);
        }
    }

    public TransferBench(string stanza, TransferBench? previous)
    {
        Harness = PluginHarness.Stanza(stanza + "\nzones\nserved", previous?.Harness, [new TransferPlugin(), Zones, Served, new WhoamiPlugin()]);
    }

    public FakeZonesPlugin Zones { get; } = new();

    public ServedZonesPlugin Served { get; } = new();

    public PluginHarness Harness { get; }

    public string Client { get; set; } = "192.0.2.77";

    public DnsQuery Query => _query;

    public DnsOutcome Outcome { get; private set; }

    /// <summary>All answers of all messages, as <c>owner TYPE hex</c>.</summary>
    public static List<string> Answers(IEnumerable<ParsedMessage> messages) =>
        [.. messages.SelectMany(m => m.In(DnsSection.Answer)).Select(r => $"{r.Owner} {r.Type} {r.Rdata}")];

    /// <summary>All records of RRsets in the same form.</summary>
    public static List<string> Answers(IEnumerable<RRset> sets)
    {
        List<string> all = [];
        foreach (RRset set in sets)
        {
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                all.Add($"{set.Owner} {set.Type} {Convert.ToHexString(rdata)}");
            }
        }

        return all;
    }

    /// <summary>Asks, and takes all messages of the answer.</summary>
    public List<ParsedMessage> Ask(string name, DnsRecordType type, DnsTransport transport = DnsTransport.Tcp, uint? serial = null, int udpSize = 0)
    {
        List<ParsedMessage> messages = [AskOnce(name, type, transport, serial, udpSize)];
        while (_query.Continuation?.TryNext(_query) == true)
        {
            messages.Add(Encode());
        }

        _query.Continuation?.Dispose();
        return messages;
    }

    /// <summary>Asks, and takes the first message of the answer.</summary>
    public ParsedMessage AskOnce(string name, DnsRecordType type, DnsTransport transport = DnsTransport.Tcp, uint? serial = null, int udpSize = 0)
    {
        Assert.Equal(QueryVerdict.Accept, _query.Begin(Write(DnsName.Parse(name), type, serial, udpSize), transport));
        _query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse(Client), 40000));
        ValueTask<DnsOutcome> pending = Harness.Chain.Handler.HandleAsync(_query);
        Assert.True(pending.IsCompletedSuccessfully);
        Outcome = pending.Result;
        return Encode();
    }

    /// <summary>The query's response as it stands.</summary>
    public ParsedMessage Encode()
    {
        // Encoding may put a larger buffer in place.
        int length = ResponseEncoder.Encode(_query);
        return new ParsedMessage(_query.SendBuffer.AsSpan(0, length));
    }

    public ValueTask DisposeAsync() => Harness.DisposeAsync();

    private int Write(DnsName name, DnsRecordType type, uint? serial, int udpSize)
    {
        int length = _query.WriteQuestion(name.View, type, DnsRecordClass.IN, 0, dnssecOk: false);
        Span<byte> at = _query.ReceiveBuffer;
        if (serial is { } number)
        {
            NameCompressor names = default;
            var writer = new DnsWriter(at[length..], ref names);
            Assert.True(writer.TryWriteRRset(FakeZone.MakeSoa(name.ToString(), number).View, name.View, 0));
            length += writer.Length;
            at[9] = 1;
        }

        if (udpSize > 0)
        {
            byte[] opt = [0, 0, 41, (byte)(udpSize >> 8), (byte)udpSize, 0, 0, 0, 0, 0, 0];
            opt.CopyTo(at[length..]);
            length += opt.Length;
            at[11] = 1;
        }

        return length;
    }
}
