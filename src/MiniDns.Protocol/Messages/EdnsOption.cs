namespace MiniDns.Protocol.Messages;

/// <summary>An EDNS option (RFC 6891 §6.1.2), seen through the octets of its message.</summary>
public readonly ref struct EdnsOption
{
    /// <summary>Makes an option.</summary>
    public EdnsOption(EdnsOptionCode code, ReadOnlySpan<byte> data)
    {
        Code = code;
        Data = data;
    }

    /// <summary>The option's code.</summary>
    public EdnsOptionCode Code { get; }

    /// <summary>The option's data.</summary>
    public ReadOnlySpan<byte> Data { get; }
}
