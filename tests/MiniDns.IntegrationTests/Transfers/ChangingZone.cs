using System.Globalization;
using System.Text;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>A zone file that changes at random, a little each time.</summary>
internal sealed class ChangingZone(int seed, int hosts = 300)
{
    public const string Origin = "example.org";

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<int, SortedSet<string>> _records = [];

    /// <summary>The serial number.</summary>
    public uint Serial { get; private set; }

    /// <summary>Changes some records; the first time it makes them all.</summary>
    /// <returns>The zone's text.</returns>
    public string Next()
    {
        Serial++;
        for (int i = 0; i < (Serial == 1 ? hosts : _random.Next(1, 8)); i++)
        {
            int host = Serial == 1 ? i : _random.Next(hosts + 20);
            if (_records.TryGetValue(host, out SortedSet<string>? records))
            {
                if (_random.Next(3) == 0)
                {
                    _records.Remove(host);
                    continue;
                }

                if (_random.Next(2) == 0)
                {
                    records.Remove(records.Max!);
                }
            }
            else
            {
                _records[host] = records = new SortedSet<string>(StringComparer.Ordinal);
            }

            records.Add(_random.Next(4) switch
            {
                0 => string.Create(CultureInfo.InvariantCulture, $"AAAA 2001:db8::{_random.Next(1, 0xFFFF):x}"),
                1 => string.Create(CultureInfo.InvariantCulture, $"MX {_random.Next(100)} ns"),
                2 => string.Create(CultureInfo.InvariantCulture, $"TXT \"{_random.Next()}\""),
                _ => string.Create(CultureInfo.InvariantCulture, $"A 192.0.2.{_random.Next(256)}"),
            });
        }

        return ToString();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"$ORIGIN {Origin}.\n$TTL 300\n@ SOA ns hostmaster {Serial} 3600 600 86400 30\n@ NS ns\nns A 127.0.0.1\n");
        foreach ((int host, SortedSet<string> records) in _records)
        {
            foreach (string record in records)
            {
                text.Append(CultureInfo.InvariantCulture, $"h{host} {record}\n");
            }
        }

        return text.ToString();
    }
}
