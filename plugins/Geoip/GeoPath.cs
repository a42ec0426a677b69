using System.Text;

namespace MiniDns.Plugins.Geoip;

/// <summary>A label of metadata and where records have its value.</summary>
internal sealed class GeoPath
{
    private GeoPath(string label, string path, string? each = null, string? otherwise = null, string kind = "")
    {
        Label = "geoip/" + label;
        Keys = [.. path.Split('.').Select(Encoding.UTF8.GetBytes)];
        EachKey = each is null ? null : Encoding.UTF8.GetBytes(each);
        Otherwise = otherwise is null ? null : Encoding.UTF8.GetBytes(otherwise);
        Kind = kind;
    }

    /// <summary>Every label there is, CoreDNS's.</summary>
    public static GeoPath[] All { get; } =
    [
        new("city/name", "city.names.en"),
        new("country/code", "country.iso_code"),
        new("country/name", "country.names.en"),
        new("country/is_in_european_union", "country.is_in_european_union", otherwise: "false", kind: "City"),
        new("continent/code", "continent.code"),
        new("continent/name", "continent.names.en"),
        new("latitude", "location.latitude"),
        new("longitude", "location.longitude"),
        new("timezone", "location.time_zone"),
        new("postalcode", "postal.code"),
        new("subdivisions/code", "subdivisions", each: "iso_code"),
        new("asn/number", "autonomous_system_number", otherwise: "0", kind: "ASN"),
        new("asn/org", "autonomous_system_organization"),
    ];

    /// <summary>The label.</summary>
    public string Label { get; }

    /// <summary>The keys that lead to the value, from map to map.</summary>
    public byte[][] Keys { get; }

    /// <summary>Where the keys lead to a list: the key of the value in each of its maps; else null.</summary>
    public byte[]? EachKey { get; }

    /// <summary>The value where a database of the right kind has none, in UTF-8; null for no value.</summary>
    public byte[]? Otherwise { get; }

    /// <summary>What the kind of such a database contains.</summary>
    public string Kind { get; }
}
