namespace MiniDns.Queries;

/// <summary>What becomes of a message after a first look at it.</summary>
public enum QueryVerdict : byte
{
    /// <summary>A query for a handler chain.</summary>
    Accept,

    /// <summary>A zone change notification, for the handlers that take them.</summary>
    Notification,

    /// <summary>Not worth an answer: too short for a header, or itself a response.</summary>
    Drop,

    /// <summary>FORMERR: malformed, or not exactly one question.</summary>
    FormatError,

    /// <summary>NOTIMP: an opcode that is not served here.</summary>
    NotImplemented,

    /// <summary>BADVERS: an EDNS version that we do not speak (RFC 6891 §6.1.3).</summary>
    BadVersion,
}
