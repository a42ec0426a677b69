namespace MiniDns.Protocol.Messages;

/// <summary>Why octets could not be read as a message.</summary>
public enum WireError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>The message ends inside a field.</summary>
    Truncated,

    /// <summary>A name is longer than 255 octets, or a label has a reserved type (RFC 1035 §4.1.4).</summary>
    BadName,

    /// <summary>A compression pointer does not point backwards to the message's body.</summary>
    BadPointer,

    /// <summary>A record's data does not have the form of its type.</summary>
    BadRdata,
}
