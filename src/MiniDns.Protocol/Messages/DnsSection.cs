namespace MiniDns.Protocol.Messages;

/// <summary>The record sections of a message, in wire order (RFC 1035 §4.1).</summary>
public enum DnsSection : byte
{
    /// <summary>The answer section.</summary>
    Answer = 0,

    /// <summary>The authority section.</summary>
    Authority = 1,

    /// <summary>The additional section.</summary>
    Additional = 2,
}
