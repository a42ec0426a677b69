namespace MiniDns.Protocol.Security;

/// <summary>What checking a message's transaction signature comes to (RFC 8945 §5.2, §5.4).</summary>
public enum TsigStatus : byte
{
    /// <summary>The message has no TSIG record. In a stream after its first message that may be (§5.3.1).</summary>
    Unsigned,

    /// <summary>The signature holds.</summary>
    Good,

    /// <summary>BADKEY: nobody knows the key, or the key is not for the algorithm.</summary>
    BadKey,

    /// <summary>BADSIG: the MAC is of another message or another secret.</summary>
    BadSignature,

    /// <summary>BADTIME: the MAC holds, but the time is too far from ours.</summary>
    BadTime,

    /// <summary>BADTRUNC: the MAC holds, but is shorter than we take.</summary>
    BadTruncation,

    /// <summary>The record is malformed, stands where it must not, or has a MAC of an impossible length: FORMERR.</summary>
    Malformed,

    /// <summary>The other side reports an error in our signature (<see cref="TsigRequester.PeerError"/>).</summary>
    PeerError,

    /// <summary>A message that has to be signed is not: the first one of a reply, or one after 99 unsigned ones.</summary>
    SignatureMissing,
}
