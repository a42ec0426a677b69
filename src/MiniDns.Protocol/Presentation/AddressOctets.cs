namespace MiniDns.Protocol.Presentation;

/// <summary>Reads IPv4 and IPv6 addresses from UTF-8 text, strictly and without allocating.</summary>
public static class AddressOctets
{
    /// <summary>Reads four decimal octets without leading zeros.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">Takes the 4 octets.</param>
    /// <returns>False when the text is no IPv4 address.</returns>
    public static bool TryParseIPv4(ReadOnlySpan<byte> text, Span<byte> address) => AddressText.TryParseIPv4(text, address);

    /// <summary>Reads an IPv6 address (RFC 4291 §2.2); zones and brackets are not part of one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">Takes the 16 octets.</param>
    /// <returns>False when the text is no IPv6 address.</returns>
    public static bool TryParseIPv6(ReadOnlySpan<byte> text, Span<byte> address) => AddressText.TryParseIPv6(text, address);
}
