using MiniDns.Protocol.Records;
using MiniDns.Server.Tests.Support;

namespace MiniDns.Server.Tests.Hostile;

/// <summary>Random packets, and good ones with something wrong with them.</summary>
internal sealed class HostilePackets(int seed)
{
    private static readonly byte[][] Seeds =
    [
        Ask.For("web.mycompany.com."),
        Ask.For("WEB.mycompany.com.", type: DnsRecordType.AAAA, edns: 1232),
        Ask.For("nothing.mycompany.com.", edns: 65535),
        Ask.For("10.1.168.192.in-addr.arpa.", type: DnsRecordType.PTR),
        Ask.For("a.b.c.d.e.f.g.h.example.org.", type: DnsRecordType.TXT, edns: 512),
        Ask.For(".", type: DnsRecordType.NS),
        Ask.For("version.bind.", type: DnsRecordType.TXT, @class: DnsRecordClass.CH),
        [.. Ask.For("cookie.example.", edns: 4096)[..^2], 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
        [0, 1, 0x28, 0, 0, 1, 0, 1, 0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 6, 0, 1],
        [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0xC0, 12, 0xC0, 14, 0xC0, 12, 0, 1],
    ];

    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[2048];

    /// <summary>The next packet; good until the one after.</summary>
    public ReadOnlySpan<byte> Next()
    {
        int length;
        if (_random.Next(8) == 0)
        {
            length = _random.Next(_random.Next(20) == 0 ? 1500 : 80);
            _random.NextBytes(_buffer.AsSpan(0, length));
            return _buffer.AsSpan(0, length);
        }

        byte[] good = Seeds[_random.Next(Seeds.Length)];
        good.CopyTo(_buffer, 0);
        length = good.Length;
        for (int i = _random.Next(6); i > 0; i--)
        {
            switch (_random.Next(6))
            {
                case 0:
                    _buffer[_random.Next(length)] = (byte)_random.Next(256);
                    break;
                case 1:
                    _buffer[_random.Next(length)] ^= (byte)(1 << _random.Next(8));
                    break;
                case 2:
                    // Counts, flags and the first labels are where it hurts.
                    _buffer[_random.Next(Math.Min(length, 20))] = (byte)_random.Next(256);
                    break;
                case 3:
                    length = Math.Max(1, length - _random.Next(12));
                    break;
                case 4:
                    int more = _random.Next(24);
                    _random.NextBytes(_buffer.AsSpan(length, more));
                    length += more;
                    break;
                default:
                    int at = _random.Next(length);
                    int size = Math.Min(_random.Next(16), length - at);
                    _buffer.AsSpan(_random.Next(length - size + 1), size).CopyTo(_buffer.AsSpan(at));
                    break;
            }
        }

        return _buffer.AsSpan(0, length);
    }
}
