using System.Buffers.Binary;
using System.Security.Cryptography;
using MiniDns.Protocol.Messages;

namespace MiniDns.Protocol.Security;

/// <summary>What goes into a MAC (RFC 8945 §4.3), and the rules about its length and time that both sides share.</summary>
internal static class TsigDigest
{
    /// <summary>Appends the MAC before: the request's, or that of the message before in a stream (§4.3.1, §5.3.1).</summary>
    public static void AppendPrior(TsigMac mac, ReadOnlySpan<byte> prior)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)prior.Length);
        mac.Append(length);
        mac.Append(prior);
    }

    /// <summary>Appends a message as it was before the TSIG record was added (§4.3.2).</summary>
    /// <param name="mac">The MAC.</param>
    /// <param name="message">The message up to its TSIG record.</param>
    /// <param name="originalId">The id that it was signed with.</param>
    /// <param name="isCounted">True when the TSIG record is counted in the header.</param>
    public static void AppendMessage(TsigMac mac, ReadOnlySpan<byte> message, ushort originalId, bool isCounted)
    {
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        message[..DnsHeader.Size].CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header, originalId);
        int count = BinaryPrimitives.ReadUInt16BigEndian(header[10..]) - (isCounted ? 1 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)count);
        mac.Append(header);
        mac.Append(message[DnsHeader.Size..]);
    }

    /// <summary>Appends the record's variables (§4.3.3), names in lower case.</summary>
    public static void AppendVariables(TsigMac mac, in TsigRecord record)
    {
        ReadOnlySpan<byte> classAndTtl = [0, 255, 0, 0, 0, 0];
        mac.Append(record.KeyName.Wire);
        mac.Append(classAndTtl);
        mac.Append(record.AlgorithmName.Wire);
        AppendTimers(mac, record);
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(tail, (ushort)record.Error);
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], (ushort)record.OtherData.Length);
        mac.Append(tail);
        mac.Append(record.OtherData);
    }

    /// <summary>Appends time and fudge: all that is digested of the records of later messages of a stream (§5.3.1).</summary>
    public static void AppendTimers(TsigMac mac, in TsigRecord record)
    {
        Span<byte> timers = stackalloc byte[8];
        TsigRecord.WriteTime(timers, record.TimeSigned);
        BinaryPrimitives.WriteUInt16BigEndian(timers[6..], record.Fudge);
        mac.Append(timers);
    }

    /// <summary>True when a MAC's length can be: not longer than the algorithm's, not shorter than half of it (§5.2.2.1).</summary>
    public static bool IsPossible(int macLength, TsigAlgorithm algorithm) => macLength >= algorithm.LeastMacLength && macLength <= algorithm.MacLength;

    /// <summary>Finishes a MAC and compares it with the one of the record, as much as there is of it.</summary>
    public static bool FinishAndCompare(TsigMac mac, TsigAlgorithm algorithm, ReadOnlySpan<byte> expected)
    {
        Span<byte> computed = stackalloc byte[TsigAlgorithm.MaxMacLength];
        computed = computed[..algorithm.HashLength];
        mac.Finish(computed);
        return CryptographicOperations.FixedTimeEquals(computed[..expected.Length], expected);
    }

    /// <summary>True when a message was signed near enough to now (§5.2.3).</summary>
    public static bool IsTimely(in TsigRecord record, ulong now) =>
        now <= record.TimeSigned + record.Fudge && record.TimeSigned <= now + record.Fudge;

    /// <summary>The time of a clock as records have it.</summary>
    public static ulong Now(TimeProvider time) => (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds()) & 0xFFFF_FFFF_FFFF;
}
