using System.Globalization;

namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>A zone's records, and how it goes on.</summary>
/// <param name="Serial">The serial number.</param>
/// <param name="Records">Records besides SOA, NS and the name server's address.</param>
internal sealed record ZoneContent(uint Serial, IReadOnlyList<string> Records)
{
    private static readonly string[] Values =
    [
        "A 192.0.2.1", "A 192.0.2.2", "AAAA 2001:db8::1", "TXT \"one; two\" \"three\"", "MX 10 mail.example.net.", "SRV 1 2 3 sip",
        "CAA 0 issue \"ca.example.net\"", "NAPTR 1 2 \"s\" \"SIP+D2U\" \"\" _sip", "HTTPS 1 . alpn=h2,h3 port=8443", "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 1m 10000m 10m",
        "TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "TYPE65280 \\# 4 0a000001",
    ];

    /// <summary>A zone to start with.</summary>
    public static ZoneContent First { get; } = new(1, ["www A 192.0.2.80", "*.wild TXT \"any\"", "alias CNAME www", "sub NS ns.sub", "ns.sub A 192.0.2.99"]);

    /// <summary>The zone file.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"$ORIGIN {PrimaryHost.Zone}.\n$TTL 3600\n@ SOA ns hostmaster {Serial} 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n{string.Concat(Records.Select(r => r + "\n"))}");

    /// <summary>The next version: a few records less, a few more.</summary>
    public ZoneContent Change(Random random)
    {
        List<string> records = [.. Records];
        for (int i = random.Next(1, 4); i > 0 && records.Count > 5; i--)
        {
            records.RemoveAt(random.Next(5, records.Count));
        }

        for (int i = random.Next(1, 8); i > 0; i--)
        {
            string record = string.Create(CultureInfo.InvariantCulture, $"n{random.Next(12)}{(random.Next(3) == 0 ? ".deep.er" : "")} {Values[random.Next(Values.Length)]}");
            if (!records.Contains(record))
            {
                records.Add(record);
            }
        }

        return new ZoneContent(Serial + 1, records);
    }
}
