using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>A zone that changes at random: names, RRsets, records, TTLs, signatures, NSEC3 owners, parameters of the SOA.</summary>
internal sealed class RandomZone(int seed)
{
    public const string Origin = "example.org.";

    private static readonly string[] Names =
        ["", "a.", "A.b.", "b.", "c.b.", "*.w.", "x.w.", "\\000.", "z.y.x.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.", "sub.", "ns.sub."];

    private readonly Random _random = new(seed);
    private readonly Dictionary<(string Owner, DnsRecordType Type, int Covered), (uint Ttl, HashSet<string> Rdatas)> _sets = [];

    public uint Serial { get; private set; } = (uint)new Random(seed).NextInt64(0, uint.MaxValue);

    /// <summary>Changes the zone and gives it the next serial number.</summary>
    public Zone Next()
    {
        Serial += (uint)_random.Next(1, 1000);
        int changes = _random.Next(0, 12);
        for (int i = 0; i < changes; i++)
        {
            Change();
        }

        return Build();
    }

    private static byte[] Name(string name) => DnsName.Parse(name).Wire.ToArray();

    private void Change()
    {
        string owner = Names[_random.Next(Names.Length)] + Origin;
        int kind = _random.Next(10);
        DnsRecordType type = kind switch
        {
            < 3 => DnsRecordType.A,
            < 5 => DnsRecordType.TXT,
            < 7 => DnsRecordType.MX,
            7 => DnsRecordType.NSEC3,
            _ => DnsRecordType.RRSIG,
        };
        int covered = type != DnsRecordType.RRSIG ? 0 : (int)(owner != Origin || _random.Next(2) == 0 ? DnsRecordType.A : DnsRecordType.SOA);
        if (type == DnsRecordType.NSEC3 && !owner.StartsWith("0p9", StringComparison.Ordinal))
        {
            type = DnsRecordType.TXT;
        }

        (string Owner, DnsRecordType Type, int Covered) key = (owner, type, covered);
        if (_sets.TryGetValue(key, out (uint Ttl, HashSet<string> Rdatas) set))
        {
            switch (_random.Next(4))
            {
                case 0:
                    _sets.Remove(key);
                    return;
                case 1:
                    _sets[key] = (set.Ttl + 1, set.Rdatas);
                    return;
                case 2 when set.Rdatas.Count > 1:
                    set.Rdatas.Remove(set.Rdatas.ElementAt(_random.Next(set.Rdatas.Count)));
                    return;
                default:
                    break;
            }
        }
        else
        {
            set = (300, []);
            _sets.Add(key, set);
        }

        set.Rdatas.Add(Convert.ToHexString(Rdata(type, covered)));
    }

    private byte[] Rdata(DnsRecordType type, int covered)
    {
        byte number = (byte)_random.Next(20);
        switch (type)
        {
            case DnsRecordType.A:
                return [192, 0, 2, number];
            case DnsRecordType.MX:
                return [0, number, .. Name(Names[_random.Next(Names.Length)] + (number % 2 == 0 ? "Example.ORG." : Origin))];
            case DnsRecordType.RRSIG:
                byte[] signature = [0, 0, 13, 2, 0, 0, 1, 44, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, .. Name(Origin), 1, 2, 3];
                BinaryPrimitives.WriteUInt16BigEndian(signature, (ushort)covered);
                return signature;
            case DnsRecordType.NSEC3:
                return [1, 0, 0, 0, 0, 20, .. new byte[19], number, 0, 1, 0x40];
            default:
                return [2, (byte)'t', number];
        }
    }

    private Zone Build()
    {
        var problems = new ZoneProblems();
        var builder = new ZoneBuilder(DnsName.Parse(Origin), problems);
        var place = new ZonePlace("random");
        void Add(string owner, DnsRecordType type, uint ttl, byte[] rdata) => builder.Add(DnsName.Parse(owner).View, type, DnsRecordClass.IN, ttl, rdata, place);

        byte[] numbers = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, Serial);
        numbers[7] = (byte)_random.Next(3);
        Add(Origin, DnsRecordType.SOA, 300, [.. Name("ns." + Origin), .. Name("root." + Origin), .. numbers]);
        Add(Origin, DnsRecordType.NS, 300, Name("ns.example.net."));
        foreach (((string owner, DnsRecordType type, _), (uint ttl, HashSet<string> rdatas)) in _sets.OrderBy(_ => _random.Next()))
        {
            foreach (string rdata in rdatas.OrderBy(_ => _random.Next()))
            {
                Add(owner, type, ttl, Convert.FromHexString(rdata));
            }
        }

        return builder.TryBuild() ?? throw new InvalidOperationException(string.Join('\n', problems.Errors));
    }
}
