namespace MiniDns.Testing;

/// <summary>Small databases of where addresses are, in the shape of MaxMind's.</summary>
public static class GeoFiles
{
    /// <summary>Cities: 192.0.2.0/24, 127.9.0.0/16 and 2001:db8::/32 are in Cambridge, 198.51.100.0/25 in Wien; 203.0.113.0/24 is known to be in Europe.</summary>
    public static byte[] City(int recordBits = 24) => new MmdbWriter("GeoLite2-City", recordBits)
        .Add("192.0.2.0/24", Cambridge)
        .Add("127.9.0.0/16", Cambridge)
        .Add("2001:db8::/32", Cambridge)
        .Add("198.51.100.0/25", Wien)
        .Add("203.0.113.0/24", new Dictionary<string, object> { ["continent"] = Continent })
        .Build();

    /// <summary>Networks by number: 192.0.2.0/24 is 64496.</summary>
    public static byte[] Asn() => new MmdbWriter("GeoLite2-ASN", recordBits: 28)
        .Add("192.0.2.0/24", new Dictionary<string, object> { ["autonomous_system_number"] = 64496u, ["autonomous_system_organization"] = "Example Net" })
        .Build();

    private static Dictionary<string, object> Continent => new() { ["code"] = "EU", ["names"] = Names("Europe", "Europa") };

    private static Dictionary<string, object> Cambridge => new()
    {
        ["city"] = new Dictionary<string, object> { ["geoname_id"] = 2653941u, ["names"] = Names("Cambridge", "Cambridge") },
        ["continent"] = Continent,
        ["country"] = new Dictionary<string, object> { ["iso_code"] = "GB", ["names"] = Names("United Kingdom", "Vereinigtes Königreich") },
        ["location"] = new Dictionary<string, object> { ["accuracy_radius"] = (ushort)20, ["latitude"] = 52.2242, ["longitude"] = 0.1315, ["time_zone"] = "Europe/London" },
        ["postal"] = new Dictionary<string, object> { ["code"] = "CB4" },
        ["subdivisions"] = new object[]
        {
            new Dictionary<string, object> { ["iso_code"] = "ENG", ["names"] = Names("England", "England") },
            new Dictionary<string, object> { ["iso_code"] = "CAM", ["names"] = Names("Cambridgeshire", "Cambridgeshire") },
        },
    };

    private static Dictionary<string, object> Wien => new()
    {
        ["city"] = new Dictionary<string, object> { ["names"] = Names("Vienna", "Wien") },
        ["country"] = new Dictionary<string, object> { ["is_in_european_union"] = true, ["iso_code"] = "AT", ["names"] = Names("Austria", "Österreich") },
        ["location"] = new Dictionary<string, object> { ["latitude"] = 48.0, ["longitude"] = -0.00001 },
    };

    private static Dictionary<string, object> Names(string english, string german) => new() { ["de"] = german, ["en"] = english };
}
