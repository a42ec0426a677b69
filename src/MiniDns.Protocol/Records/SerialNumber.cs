namespace MiniDns.Protocol.Records;

/// <summary>The order of SOA serial numbers, which wraps around (RFC 1982 §3).</summary>
public static class SerialNumber
{
    /// <summary>True when a serial number is newer than another. Two that are 2^31 apart have no order: neither is newer.</summary>
    public static bool IsNewer(uint serial, uint than) => serial - than is > 0 and < 0x8000_0000;
}
