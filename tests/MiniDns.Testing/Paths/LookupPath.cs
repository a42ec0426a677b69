using System.Globalization;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Testing.Paths;

/// <summary>From a name to its RRset in a zone of ten thousand names.</summary>
internal sealed class LookupPath : QueryPath
{
    private DnsName[] _names = [];
    private Zone? _zone;
    private int _next;

    public override void Run()
    {
        DnsName name = _names[_next++ % _names.Length];
        var sink = default(CountingSink);
        Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
        ZoneLookup.Find(_zone!, name.View, name.Hash, DnsRecordType.A, dnssec: false, scratch, ref sink);
        if (sink.Answers != 1)
        {
            throw new InvalidOperationException("the answer was not found");
        }
    }

    protected override Task SetUpAsync()
    {
        var text = new StringBuilder("$ORIGIN example.org.\n$TTL 3600\n@ SOA ns1 admin 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n");
        for (int i = 0; i < NameCount; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"host{i} A 10.0.{i >> 8}.{i & 255}\n");
        }

        string file = Path.GetTempFileName();
        File.WriteAllText(file, text.ToString());
        try
        {
            var loaded = new ZoneFile(file, DnsName.Parse("example.org."));
            loaded.Refresh(ignoreSerial: true, new ZoneProblems());
            _zone = loaded.Served.Current;
        }
        finally
        {
            File.Delete(file);
        }

        var random = new Random(1);
        _names = [.. Enumerable.Range(0, 4096).Select(_ => DnsName.Parse(string.Create(CultureInfo.InvariantCulture, $"host{random.Next(NameCount)}.example.org.")))];
        return Task.CompletedTask;
    }

    private struct CountingSink : IAnswerSink
    {
        public int Answers;

        public void Add(DnsSection section, in RRsetView records) => Answers += section == DnsSection.Answer ? 1 : 0;

        public void Add(DnsSection section, in RRsetView records, uint ttl) => Add(section, records);

        public void Add(DnsSection section, in RRsetView records, DnsNameView owner) => Add(section, records);

        public readonly void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target)
        {
        }
    }
}
