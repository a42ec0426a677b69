using System.Buffers.Binary;

namespace MiniDns.Protocol.Messages;

/// <summary>What an OPT record says (RFC 6891 §6.1), with its options by place.</summary>
/// <param name="IsPresent">False when the message has no OPT record; the other values are then zero.</param>
/// <param name="UdpPayloadSize">The sender's UDP payload size in octets, as it was sent (below 512 means 512).</param>
/// <param name="ExtendedResponseCode">The upper eight bits of the response code.</param>
/// <param name="Version">The EDNS version.</param>
/// <param name="DnssecOk">The DO bit (RFC 3225).</param>
/// <param name="OptionsOffset">Where the options start in the message.</param>
/// <param name="OptionsLength">The options' length in octets.</param>
public readonly record struct EdnsView(
    bool IsPresent,
    ushort UdpPayloadSize,
    byte ExtendedResponseCode,
    byte Version,
    bool DnssecOk,
    int OptionsOffset,
    int OptionsLength)
{
    /// <summary>Where the data of the first COOKIE option (RFC 7873) starts in the message; 0 when there is none.</summary>
    public int CookieOffset { get; private init; }

    /// <summary>The octets of the first COOKIE option's data.</summary>
    public int CookieLength { get; private init; }

    /// <summary>True when there is a padding option (RFC 7830).</summary>
    public bool HasPadding { get; private init; }

    /// <summary>False when there is a COOKIE option of a length that none can have (RFC 7873 §5.2.2).</summary>
    public bool HasRightCookieLength => CookieOffset == 0 || CookieLength is 8 or (>= 16 and <= 40);

    /// <summary>Reads an OPT record's fixed part and checks that its options are whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, in DnsRecordView opt, out EdnsView edns)
    {
        edns = default;
        if (message[opt.OwnerOffset] != 0)
        {
            return false;
        }

        edns = new EdnsView(
            true,
            (ushort)opt.Class,
            (byte)(opt.Ttl >> 24),
            (byte)(opt.Ttl >> 16),
            (opt.Ttl & 0x8000) != 0,
            opt.RdataOffset,
            opt.RdataLength);
        ReadOnlySpan<byte> options = message.Slice(opt.RdataOffset, opt.RdataLength);
        while (!options.IsEmpty)
        {
            if (options.Length < 4)
            {
                return false;
            }

            int length = 4 + BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (length > options.Length)
            {
                return false;
            }

            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(options);
            if (code == EdnsOptionCode.Cookie && edns.CookieOffset == 0)
            {
                edns = edns with { CookieOffset = opt.RdataOffset + opt.RdataLength - options.Length + 4, CookieLength = length - 4 };
            }
            else if (code == EdnsOptionCode.Padding)
            {
                edns = edns with { HasPadding = true };
            }

            options = options[length..];
        }

        return true;
    }

    /// <summary>Goes through the options, in the order they came.</summary>
    /// <param name="message">The message that this OPT record was read from.</param>
    public EdnsOptionEnumerator Options(ReadOnlySpan<byte> message) => new(message.Slice(OptionsOffset, OptionsLength));

    /// <summary>Finds the first option with a code.</summary>
    /// <param name="message">The message that this OPT record was read from.</param>
    /// <param name="code">The option's code.</param>
    /// <param name="data">The option's data.</param>
    public bool TryGetOption(ReadOnlySpan<byte> message, EdnsOptionCode code, out ReadOnlySpan<byte> data)
    {
        foreach (EdnsOption option in Options(message))
        {
            if (option.Code == code)
            {
                data = option.Data;
                return true;
            }
        }

        data = default;
        return false;
    }
}
