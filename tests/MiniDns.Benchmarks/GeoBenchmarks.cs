using System.Globalization;
using BenchmarkDotNet.Attributes;
using MiniDns.Plugins.Geoip;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Benchmarks;

/// <summary>What it costs to find an address among 200,000 networks, and to read a value of what is known of it.</summary>
[MemoryDiagnoser]
public class GeoBenchmarks
{
    private const int Networks = 200_000;
    private const int Cities = 5_000;
    private const int Mask = 65535;

    private readonly ClientAddress[] _clients = new ClientAddress[Mask + 1];
    private readonly byte[] _text = new byte[256];
    private readonly GeoPath _city = GeoPath.All.Single(p => p.Label == "geoip/city/name");
    private GeoDatabase _database = null!;
    private int _next;

    [GlobalSetup]
    public void SetUp()
    {
        Dictionary<string, object>[] cities = [.. Enumerable.Range(0, Cities).Select(City)];
        var writer = new MmdbWriter("GeoLite2-City", recordBits: 28);
        var random = new Random(3);
        byte[][] networks = new byte[Networks][];
        for (int i = 0; i < Networks; i++)
        {
            networks[i] = [(byte)random.Next(1, 224), (byte)random.Next(256), (byte)random.Next(256), 0];
            writer.Add($"{networks[i][0]}.{networks[i][1]}.{networks[i][2]}.0/24", cities[random.Next(Cities)]);
        }

        if (!GeoDatabase.TryRead(writer.Build(), out GeoDatabase? database, out string? problem))
        {
            throw new InvalidOperationException(problem);
        }

        _database = database;
        Console.WriteLine($"// {Networks} networks take {database.Length} octets");
        for (int i = 0; i <= Mask; i++)
        {
            byte[] network = networks[random.Next(Networks)];
            _clients[i] = new ClientAddress([network[0], network[1], network[2], (byte)random.Next(256)], 0);
        }
    }

    [Benchmark]
    public bool LookUp() => _database.TryFind(Next(), out _);

    [Benchmark]
    public int LookUpAndReadCity()
    {
        if (!_database.TryFind(Next(), out int record) || !_database.TryRead(record, _city, _text, out int written))
        {
            throw new InvalidOperationException("not found");
        }

        return written;
    }

    private ref readonly ClientAddress Next() => ref _clients[_next++ & Mask];

    private static Dictionary<string, object> City(int number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"City {number}");
        return new()
        {
            ["city"] = new Dictionary<string, object> { ["geoname_id"] = (uint)number, ["names"] = new Dictionary<string, object> { ["de"] = name, ["en"] = name } },
            ["continent"] = new Dictionary<string, object> { ["code"] = "EU" },
            ["country"] = new Dictionary<string, object> { ["iso_code"] = "AT" },
        };
    }
}
