using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>Turns a query's response into octets: the one exit for records and wire images alike.</summary>
/// <remarks>
/// The question is echoed as it was asked. OPT is in the reply exactly when it was in the query or a handler wants it (<see cref="DnsQuery.RepliesWithEdns"/>), TSIG when a handler checked the query's (<see cref="DnsQuery.Tsig"/>). What does not fit is left
/// out by whole RRsets: in the answer and authority sections that sets TC (RFC 2181 §9), in the additional section it does not.
/// </remarks>
public static class ResponseEncoder
{
    /// <summary>The UDP payload size that the server announces in its OPT record, in octets.</summary>
    public const ushort AnnouncedUdpSize = 1232;

    /// <summary>What the length of a padded reply is a multiple of, in octets (RFC 8467 §4.1).</summary>
    public const int PaddingBlock = 468;

    private const int OptFixedSize = 11;
    private const int OptionHeaderSize = 4;

    /// <summary>Encodes the reply into the query's send buffer.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The reply's length in octets.</returns>
    public static int Encode(DnsQuery query)
    {
        // Whatever a handler says, there is room for a header, a question, OPT and TSIG.
        int least = Math.Max(DnsQuery.MinUdpSize, query.QuestionEnd + OptFixedSize + CookieLength(query) + SignatureLength(query));
        int limit = Math.Max(query.MaxReplySize, least);
        if (limit <= query.SendBuffer.Length)
        {
            int whole = Encode(query, query.SendBuffer.AsSpan(0, limit), out _, out int all);
            return Sign(query, Pad(query, whole, all, limit));
        }

        // A client that takes more than most replies need: the buffer grows when this one does need it.
        DnsResponse response = query.Response;
        int wire = response.Form == ResponseForm.Wire ? response.WireMessage.Length + OptFixedSize + response.Options.Length + CookieLength(query) + SignatureLength(query) : 0;
        query.EnsureSendBuffer(Math.Max(least, Math.Min(wire, limit)));
        int length = Encode(query, query.SendBuffer.AsSpan(0, Math.Min(limit, query.SendBuffer.Length)), out bool incomplete, out int options);
        if (incomplete && query.SendBuffer.Length < limit)
        {
            query.EnsureSendBuffer(limit);
            length = Encode(query, query.SendBuffer.AsSpan(0, limit), out _, out options);
        }

        return Sign(query, Pad(query, length, options, limit));
    }

    /// <summary>Encodes a reply that is nothing but a header, for messages whose question could not be read.</summary>
    /// <returns>The reply's length in octets.</returns>
    public static int EncodeHeader(DnsQuery query, DnsResponseCode code)
    {
        ushort flags = (ushort)(DnsHeader.ResponseFlag | (query.Header.Flags & 0x7900) | ((int)code & 0xF));
        new DnsHeader(query.Header.Id, flags, 0, 0, 0, 0).Write(query.SendBuffer);
        return DnsHeader.Size;
    }

    /// <summary>Encodes the response as a message without OPT, for keeping: its question is the one that the chain works on, in lower
    /// case, its id zero, its TTLs as they stand.</summary>
    /// <param name="query">The query with its response.</param>
    /// <param name="destination">Takes the message.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <returns>False when it does not fit.</returns>
    [SkipLocalsInit]
    public static bool TryEncodeForKeeping(DnsQuery query, Span<byte> destination, out int length)
    {
        Unsafe.SkipInit(out NameCompressor names);
        var writer = new DnsWriter(destination, ref names);
        DnsResponse response = query.Response;
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        Span<byte> question = stackalloc byte[DnsNameView.MaxLength + 4];
        DnsNameView name = query.LowerName;
        name.Wire.CopyTo(question);
        BinaryPrimitives.WriteUInt16BigEndian(question[name.Length..], (ushort)query.Type);
        BinaryPrimitives.WriteUInt16BigEndian(question[(name.Length + 2)..], (ushort)query.Class);
        length = 0;
        if (!writer.TryWrite(header) || !writer.TryWriteQuestion(question[..(name.Length + 4)]))
        {
            return false;
        }

        Counts counts = default;
        bool incomplete = false;
        if (response.Form == ResponseForm.Wire)
        {
            if (!TryWriteWireRecords(ref writer, query, ref counts, ref incomplete))
            {
                return false;
            }
        }
        else
        {
            WriteRecords(ref writer, response, ref counts, ref incomplete);
        }

        if (incomplete)
        {
            return false;
        }

        ushort flags = (ushort)(Flags(query, response.Code) | (response.Flags.HasFlag(DnsResponseFlags.Truncated) ? DnsHeader.TruncatedFlag : 0));
        new DnsHeader(0, flags, 1, counts.Answer, counts.Authority, counts.Additional).Write(destination);
        length = writer.Length;
        return true;
    }

    /// <summary>The octets of the COOKIE option, which every reply to a query with one has.</summary>
    private static int CookieLength(DnsQuery query) => query.Cookies is null ? 0 : CookieJar.OptionLength;

    private static int SignatureLength(DnsQuery query) => query.Tsig?.Length ?? 0;

    /// <summary>Pads the reply, when the query came encrypted and padded: OPT stands last, and its last option grows.</summary>
    /// <param name="query">The query.</param>
    /// <param name="length">The reply's length so far.</param>
    /// <param name="options">The length of the options that it ends with.</param>
    /// <param name="limit">The most octets that it may have.</param>
    /// <returns>Its length.</returns>
    private static int Pad(DnsQuery query, int length, int options, int limit)
    {
        if (!query.WantsPadding || !query.RepliesWithEdns)
        {
            return length;
        }

        int signature = SignatureLength(query);
        int bare = length + OptionHeaderSize + signature;
        int whole = (bare + PaddingBlock - 1) / PaddingBlock * PaddingBlock;
        if (whole > limit)
        {
            // The largest message there is ends before the block does.
            return length;
        }

        query.EnsureSendBuffer(whole, length);
        Span<byte> message = query.SendBuffer;
        Span<byte> padding = message[length..(whole - signature)];
        padding.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(padding, (ushort)EdnsOptionCode.Padding);
        BinaryPrimitives.WriteUInt16BigEndian(padding[2..], (ushort)(padding.Length - OptionHeaderSize));
        BinaryPrimitives.WriteUInt16BigEndian(message[(length - options - 2)..], (ushort)(options + padding.Length));
        return whole - signature;
    }

    /// <summary>Signs the reply, when the query came signed: the last step, for every octet before it is part of it.</summary>
    private static int Sign(DnsQuery query, int length) => query.Tsig is { } tsig ? tsig.Sign(query.SendBuffer, length) : length;

    [SkipLocalsInit]
    private static int Encode(DnsQuery query, Span<byte> destination, out bool incomplete, out int optionsLength)
    {
        Unsafe.SkipInit(out NameCompressor names);
        var writer = new DnsWriter(destination, ref names);
        DnsResponse response = query.Response;
        bool edns = query.RepliesWithEdns;
        DnsResponseCode code = edns || (int)response.Code <= 15 ? response.Code : DnsResponseCode.ServerFailure;

        // The header and a question fit into the smallest reply limit there is.
        destination[..DnsHeader.Size].Clear();
        writer.TryWrite(destination[..DnsHeader.Size]);
        Counts counts = default;
        if (query.QuestionEnd > DnsHeader.Size)
        {
            writer.TryWriteQuestion(query.AskedQuestion);
            counts.Question = 1;
        }

        int options = edns ? response.Options.Length : 0;
        int signature = SignatureLength(query);
        writer.Reserved = signature;
        int cookie = CookieLength(query);
        if (edns)
        {
            options = OptFixedSize + options + cookie <= writer.Free ? options : 0;
            writer.Reserved += OptFixedSize + options + cookie;
        }

        incomplete = edns && options < response.Options.Length;
        optionsLength = edns ? options + cookie : 0;
        bool cut = false;
        switch (response.Form)
        {
            case ResponseForm.Wire:
                cut = !TryWriteWireRecords(ref writer, query, ref counts, ref incomplete);
                break;
            case ResponseForm.Records:
                cut = WriteRecords(ref writer, response, ref counts, ref incomplete);
                break;
            default:
                break;
        }

        writer.Reserved = signature;
        if (edns)
        {
            WriteOpt(ref writer, query, code, response.Options[..options]);
            counts.Additional++;
        }

        ushort flags = Flags(query, code);
        if (cut || (response.Flags & DnsResponseFlags.Truncated) != 0)
        {
            flags |= DnsHeader.TruncatedFlag;
        }

        new DnsHeader(query.Header.Id, flags, counts.Question, counts.Answer, counts.Authority, counts.Additional).Write(destination);
        return writer.Length;
    }

    private static ushort Flags(DnsQuery query, DnsResponseCode code)
    {
        DnsResponseFlags flags = query.Response.Flags;
        int bits = DnsHeader.ResponseFlag
            | (query.Header.Flags & (0x7800 | DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag))
            | ((flags & DnsResponseFlags.Authoritative) != 0 ? DnsHeader.AuthoritativeFlag : 0)
            | ((flags & DnsResponseFlags.RecursionAvailable) != 0 ? DnsHeader.RecursionAvailableFlag : 0)
            | ((flags & DnsResponseFlags.AuthenticData) != 0 ? DnsHeader.AuthenticDataFlag : 0)
            | ((int)code & 0xF);
        return (ushort)bits;
    }

    /// <summary>Writes the OPT record; the caller has kept room for it.</summary>
    private static void WriteOpt(ref DnsWriter writer, DnsQuery query, DnsResponseCode code, ReadOnlySpan<byte> options)
    {
        Span<byte> opt = stackalloc byte[OptFixedSize];
        opt[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)DnsRecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], AnnouncedUdpSize);
        opt[5] = (byte)((int)code >> 4);
        opt[6] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(opt[7..], (ushort)(query.DnssecOk ? 0x8000 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)(options.Length + CookieLength(query)));
        writer.TryWrite(opt);
        writer.TryWrite(options);
        if (query.Cookies is { } cookies)
        {
            Span<byte> cookie = stackalloc byte[CookieJar.OptionLength];
            cookies.WriteOption(query, cookie);
            writer.TryWrite(cookie);
        }
    }

    /// <summary>Copies the records of a wire form behind the question, whole or not at all.</summary>
    private static bool TryWriteWireRecords(ref DnsWriter writer, DnsQuery query, ref Counts counts, ref bool incomplete)
    {
        DnsResponse response = query.Response;
        ReadOnlySpan<byte> message = response.WireMessage;
        DnsHeader.TryRead(message, out DnsHeader header);

        // The pointers in the image hold only when its question is the asked one; after a handler that changed the
        // question it need not be.
        int start = writer.Length;
        if (message.Length < start || !SameName(message, query.AskedQuestion) || !writer.TryWrite(message[start..]))
        {
            return TryWriteAsRecords(ref writer, response, ref counts, ref incomplete);
        }

        counts.Answer = header.AnswerCount;
        counts.Authority = header.AuthorityCount;
        counts.Additional = header.AdditionalCount;
        if (response.TtlMode != TtlMode.Keep)
        {
            Span<byte> written = writer.Written;
            foreach (ushort offset in response.WireTtlOffsets)
            {
                Span<byte> ttl = written.Slice(offset, 4);
                BinaryPrimitives.WriteUInt32BigEndian(ttl, response.AdjustTtl(BinaryPrimitives.ReadUInt32BigEndian(ttl)));
            }
        }

        return true;
    }

    /// <summary>A wire form that is too large or for another question: as many whole RRsets as fit, through the same code as records.</summary>
    private static bool TryWriteAsRecords(ref DnsWriter writer, DnsResponse response, ref Counts counts, ref bool incomplete)
    {
        if (response.TryMaterialize())
        {
            return !WriteRecords(ref writer, response, ref counts, ref incomplete);
        }

        incomplete = true;
        return false;
    }

    private static bool SameName(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        var name = new DnsNameView(question[..^4]);
        return new DnsNameView(message.Slice(DnsHeader.Size, name.Length)).Equals(name);
    }

    /// <summary>Writes the records section by section.</summary>
    /// <returns>True when an RRset of the answer or authority section had to be left out.</returns>
    private static bool WriteRecords(ref DnsWriter writer, DnsResponse response, ref Counts counts, ref bool incomplete)
    {
        bool cut = false;
        ReadOnlySpan<ResponseEntry> entries = response.Entries;
        for (DnsSection section = DnsSection.Answer; section <= DnsSection.Additional && !cut; section++)
        {
            for (int i = 0; i < entries.Length;)
            {
                ref readonly ResponseEntry first = ref entries[i];
                if (first.Section != section)
                {
                    i++;
                    continue;
                }

                int end = EndOfRRset(response, entries, i);
                WriterMark mark = writer.Mark();
                int written = 0;
                for (; i < end; i++)
                {
                    if (!TryWriteEntry(ref writer, response, entries[i], out int records))
                    {
                        writer.Rollback(mark);
                        written = -1;
                        break;
                    }

                    written += records;
                }

                i = end;
                if (written < 0)
                {
                    incomplete = true;
                    if (section == DnsSection.Additional)
                    {
                        continue;
                    }

                    cut = true;
                    break;
                }

                counts.Add(section, written);
            }
        }

        return cut;
    }

    private static bool TryWriteEntry(ref DnsWriter writer, DnsResponse response, in ResponseEntry entry, out int records)
    {
        DnsNameView owner = response.OwnerOf(entry);
        if (entry.IsRRset)
        {
            records = entry.View.Count;
            return writer.TryWriteRRset(entry.View, owner, entry.Ttl, entry.Order);
        }

        records = 1;
        return writer.TryWriteRecord(owner, entry.Type, entry.Class, entry.Ttl, response.RdataOf(entry), entry.KeepsCase);
    }

    /// <summary>Where the run of single records that form one RRset ends.</summary>
    private static int EndOfRRset(DnsResponse response, ReadOnlySpan<ResponseEntry> entries, int start)
    {
        ref readonly ResponseEntry first = ref entries[start];
        int end = start + 1;
        if (!first.IsRRset)
        {
            while (end < entries.Length
                && !entries[end].IsRRset
                && entries[end].Section == first.Section
                && entries[end].Type == first.Type
                && entries[end].Class == first.Class
                && response.OwnerOf(entries[end]).Equals(response.OwnerOf(first)))
            {
                end++;
            }
        }

        return end;
    }

    private struct Counts
    {
        public ushort Question;
        public ushort Answer;
        public ushort Authority;
        public ushort Additional;

        public void Add(DnsSection section, int records)
        {
            switch (section)
            {
                case DnsSection.Answer:
                    Answer += (ushort)records;
                    break;
                case DnsSection.Authority:
                    Authority += (ushort)records;
                    break;
                default:
                    Additional += (ushort)records;
                    break;
            }
        }
    }
}
