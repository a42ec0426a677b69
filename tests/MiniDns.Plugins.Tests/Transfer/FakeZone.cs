using System.Buffers.Binary;
using System.Text;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>A zone of RRsets made by hand.</summary>
internal sealed class FakeZone : ITransferZone
{
    private readonly Dictionary<uint, List<RRset>> _differences = [];

    public FakeZone(string origin, uint serial, params IEnumerable<RRset> records)
    {
        Origin = DnsName.Parse(origin);
        Serial = serial;
        SoaSet = MakeSoa(origin, serial);
        Records = [SoaSet, .. records];
    }

    public DnsName Origin { get; }

    public uint Serial { get; }

    public RRset SoaSet { get; }

    public RRsetView Soa => SoaSet.View;

    public List<RRset> Records { get; }

    public static RRset MakeSoa(string origin, uint serial)
    {
        byte[] rdata = new byte[22];
        BinaryPrimitives.WriteUInt32BigEndian(rdata.AsSpan(2), serial);
        return new RRset(DnsName.Parse(origin), DnsRecordType.SOA, DnsRecordClass.IN, 300, [rdata]);
    }

    public static RRset A(string owner, params IEnumerable<byte> lastOctets) =>
        new(DnsName.Parse(owner), DnsRecordType.A, DnsRecordClass.IN, 300, [.. lastOctets.Select(o => (ReadOnlyMemory<byte>)new byte[] { 192, 0, 2, o })]);

    public static RRset Txt(string owner, int records, int length) =>
        new(DnsName.Parse(owner), DnsRecordType.TXT, DnsRecordClass.IN, 300, [.. Enumerable.Range(0, records).Select(i => (ReadOnlyMemory<byte>)TxtRdata(i, length))]);

    public FakeZone Since(uint serial, params IEnumerable<RRset> differences)
    {
        _differences[serial] = [.. differences];
        return this;
    }

    public ITransferRecords OpenRecords() => new Walk(Records);

    public ITransferRecords? OpenDifferences(uint serial) => _differences.TryGetValue(serial, out List<RRset>? sets) ? new Walk(sets) : null;

    private static byte[] TxtRdata(int number, int length)
    {
        // Character-strings of at most 255 octets that together take the length.
        var rdata = new List<byte>();
        byte[] text = Encoding.ASCII.GetBytes($"{number} ".PadRight(255, 'x'));
        while (rdata.Count < length)
        {
            int part = Math.Min(255, length - rdata.Count - 1);
            rdata.Add((byte)part);
            rdata.AddRange(text.AsSpan(0, part).ToArray());
        }

        return [.. rdata];
    }

    private sealed class Walk(List<RRset> sets) : ITransferRecords
    {
        private int _next;

        public bool TryRead(out RRsetView records)
        {
            records = _next < sets.Count ? sets[_next].View : default;
            return _next++ < sets.Count;
        }
    }
}
