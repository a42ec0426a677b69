using System.Buffers;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol;

/// <summary>Entry points for fuzzing: they take any octets, use every codec on them, and never throw.</summary>
public static class ProtocolFuzz
{
    private const int MaxText = 1 << 16;

    /// <summary>Reads octets as a message, writes it anew and compares.</summary>
    public static ProtocolFuzzOutcome Run(ReadOnlySpan<byte> message)
    {
        byte[] rdata = ArrayPool<byte>.Shared.Rent(RdataWire.MaxLength);
        byte[] other = ArrayPool<byte>.Shared.Rent(RdataWire.MaxLength);
        byte[] text = ArrayPool<byte>.Shared.Rent(MaxText);
        byte[] written = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        try
        {
            var compressor = default(NameCompressor);
            var writer = new DnsWriter(written.AsSpan(0, ushort.MaxValue), ref compressor);
            ProtocolFuzzOutcome outcome = TryRewrite(message, ref writer, rdata, other, text);
            return outcome == ProtocolFuzzOutcome.RoundTripped && !IsAlike(message, writer.Written, rdata, other)
                ? ProtocolFuzzOutcome.Mismatch
                : outcome;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rdata);
            ArrayPool<byte>.Shared.Return(other);
            ArrayPool<byte>.Shared.Return(text);
            ArrayPool<byte>.Shared.Return(written);
        }
    }

    /// <summary>Reads octets as a zone file, writes its records and reads them back.</summary>
    public static ProtocolFuzzOutcome RunText(ReadOnlySpan<byte> text)
    {
        var options = new ZoneFileOptions { DefaultTtl = 1, MaxGenerate = 64 };
        var first = new ZoneFileReader(text.ToArray(), options);
        var output = new ArrayBufferWriter<byte>();
        var writer = new ZoneFileWriter(output);
        while (first.TryRead())
        {
            int before = output.WrittenCount;
            writer.Write(first.Owner, first.Ttl, first.Class, first.Type, first.Rdata);
            var second = new ZoneFileReader(output.WrittenMemory[before..], options);
            if (!second.TryRead()
                || !second.Owner.Wire.SequenceEqual(first.Owner.Wire)
                || second.Type != first.Type
                || second.Class != first.Class
                || second.Ttl != first.Ttl
                || !second.Rdata.SequenceEqual(first.Rdata)
                || second.TryRead()
                || second.Errors.Count > 0)
            {
                return ProtocolFuzzOutcome.Mismatch;
            }
        }

        return first.Errors.Count > 0 ? ProtocolFuzzOutcome.Malformed : ProtocolFuzzOutcome.RoundTripped;
    }

    private static ProtocolFuzzOutcome TryRewrite(ReadOnlySpan<byte> message, ref DnsWriter writer, Span<byte> rdata, Span<byte> other, Span<byte> text)
    {
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength + 4];
        Span<byte> head = stackalloc byte[DnsHeader.Size];
        if (!DnsHeader.TryRead(message, out DnsHeader header))
        {
            return ProtocolFuzzOutcome.Malformed;
        }

        header.Write(head);
        writer.TryWrite(head);
        bool tooLong = false;
        var reader = new DnsReader(message);
        for (int i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out DnsQuestionView question)
                || !new DnsReader(message, question.NameOffset).TryReadName(name, out int length))
            {
                return ProtocolFuzzOutcome.Malformed;
            }

            message.Slice(question.End - 4, 4).CopyTo(name[length..]);
            tooLong |= !writer.TryWriteQuestion(name[..(length + 4)]);
        }

        for (int i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            if (!reader.TryReadRecord(out DnsRecordView record)
                || !new DnsReader(message, record.OwnerOffset).TryReadName(name, out int length)
                || !RdataWire.TryExpand(message, record, rdata, out int octets))
            {
                return ProtocolFuzzOutcome.Malformed;
            }

            var owner = new DnsNameView(name[..length]);
            if (record.Type == DnsRecordType.OPT && EdnsView.TryRead(message, record, out EdnsView edns))
            {
                foreach (EdnsOption option in edns.Options(message))
                {
                    edns.TryGetOption(message, option.Code, out _);
                    EdnsClientSubnet.TryRead(option.Data, out _);
                }
            }

            if (!IsConsistent(record.Type, rdata[..octets], other, text))
            {
                return ProtocolFuzzOutcome.Mismatch;
            }

            tooLong |= !writer.TryWriteRecord(owner, record.Type, record.Class, record.Ttl, rdata[..octets]);
        }

        return tooLong ? ProtocolFuzzOutcome.TooLong : ProtocolFuzzOutcome.RoundTripped;
    }

    private static bool IsConsistent(DnsRecordType type, ReadOnlySpan<byte> rdata, Span<byte> other, Span<byte> text)
    {
        if (!RdataWire.IsWellFormed(type, rdata)
            || !RdataWire.TryCanonicalize(type, rdata, other, out int length)
            || RdataWire.CompareCanonical(type, rdata, other[..length]) != 0)
        {
            return false;
        }

        // text that is longer than the buffer is rare and only worth skipping
        return !RdataText.TryFormat(type, rdata, text, out int written)
            || (RdataText.TryParse(type, text[..written], DnsName.Root.View, other, out length, out _) && rdata.SequenceEqual(other[..length]));
    }

    private static bool IsAlike(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> leftRdata, Span<byte> rightRdata)
    {
        if (!DnsHeader.TryRead(left, out DnsHeader header) || !DnsHeader.TryRead(right, out DnsHeader copy) || header != copy)
        {
            return false;
        }

        var a = new DnsReader(left);
        var b = new DnsReader(right);
        for (int i = 0; i < header.QuestionCount; i++)
        {
            if (!a.TryReadQuestion(out DnsQuestionView one)
                || !b.TryReadQuestion(out DnsQuestionView two)
                || one.Type != two.Type
                || one.Class != two.Class
                || !IsSameName(left, one.NameOffset, right, two.NameOffset))
            {
                return false;
            }
        }

        for (int i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            if (!a.TryReadRecord(out DnsRecordView one)
                || !b.TryReadRecord(out DnsRecordView two)
                || one.Type != two.Type
                || one.Class != two.Class
                || one.Ttl != two.Ttl
                || !IsSameName(left, one.OwnerOffset, right, two.OwnerOffset)
                || !RdataWire.TryExpand(left, one, leftRdata, out int oneLength)
                || !RdataWire.TryExpand(right, two, rightRdata, out int twoLength)
                || RdataWire.CompareCanonical(one.Type, leftRdata[..oneLength], rightRdata[..twoLength]) != 0)
            {
                return false;
            }
        }

        return b.Position == right.Length;
    }

    private static bool IsSameName(ReadOnlySpan<byte> left, int leftOffset, ReadOnlySpan<byte> right, int rightOffset)
    {
        Span<byte> one = stackalloc byte[DnsNameView.MaxLength];
        Span<byte> two = stackalloc byte[DnsNameView.MaxLength];
        return new DnsReader(left, leftOffset).TryReadName(one, out int oneLength)
            && new DnsReader(right, rightOffset).TryReadName(two, out int twoLength)
            && new DnsNameView(one[..oneLength]).Equals(new DnsNameView(two[..twoLength]));
    }
}
