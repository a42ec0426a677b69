namespace MiniDns.Plugins.Geoip;

/// <summary>What a value of the MaxMind DB format is (its specification, "Data Field Format").</summary>
internal enum MmdbType
{
    Pointer = 1,
    Text = 2,
    Double = 3,
    Octets = 4,
    UInt16 = 5,
    UInt32 = 6,
    Map = 7,
    Int32 = 8,
    UInt64 = 9,
    UInt128 = 10,
    Array = 11,
    Container = 12,
    End = 13,
    Boolean = 14,
    Float = 15,
}
