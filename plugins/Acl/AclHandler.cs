using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>Denies questions before they are answered, and answers that hold names which the client may not ask for.</summary>
/// <remarks>
/// The first of a block stands before everything that could answer; it judges the question as it was asked, and on the way back every
/// name in the answer, wherever that came from: a cache, an alias, an upstream. Another one stands behind each plugin that changes
/// questions and answers; it judges the question when it is not the asked one any more, and the answer under the names that it has there.
/// Questions of the server itself (search domains, targets of aliases) pass all of them, as questions of the client they are for.
/// </remarks>
/// <param name="next">The rest of the chain.</param>
/// <param name="rules">The rules.</param>
/// <param name="place">Where this handler stands.</param>
internal sealed class AclHandler(IDnsHandler next, AclRules rules, AclPlace place) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        if (place == AclPlace.BeforeAll || IsChanged(query))
        {
            AclVerdict verdict = Decide(query, query.LowerName, query.Type);
            if (verdict.Action != AclAction.Allow)
            {
                return Deny(query, verdict);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        if (outcome != DnsOutcome.Replied
            || !rules.DependsOnQuestion
            || query.Response.Form == ResponseForm.Empty
            || query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR
            || !(place == AclPlace.BeforeAll || query.RenamesAnswer || IsChanged(query)))
        {
            return outcome;
        }

        return query.Response.Form == ResponseForm.Wire ? AfterWire(query) : AfterRecords(query);
    }

    /// <summary>True when the chain works on another question than the one that was asked.</summary>
    private static bool IsChanged(DnsQuery query) =>
        !query.LowerName.Equals(query.AskedName)
        || query.Type != (DnsRecordType)System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(query.AskedQuestion[^4..]);

    private DnsOutcome AfterRecords(DnsQuery query)
    {
        DnsResponse response = query.Response;
        scoped DnsNameView last = query.LowerName;
        for (int i = 0; i < response.Entries.Length; i++)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            DnsNameView owner = response.OwnerOf(entry);
            if (entry.Section == DnsSection.Answer)
            {
                if (Judge(query, owner, entry.Type, ref last) is { Action: not AclAction.Allow } verdict)
                {
                    return Deny(query, verdict);
                }
            }
            else if (entry.Section == DnsSection.Additional && Decide(query, owner, entry.Type).Action != AclAction.Allow)
            {
                response.RemoveAt(i--);
            }
        }

        return DnsOutcome.Replied;
    }

    private DnsOutcome AfterWire(DnsQuery query)
    {
        DnsResponse response = query.Response;
        ReadOnlySpan<byte> message = response.WireMessage;
        DnsHeader.TryRead(message, out DnsHeader header);
        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out DnsQuestionView question))
        {
            return query.Reply(DnsResponseCode.ServerFailure);
        }

        var asked = new DnsNameView(message[DnsHeader.Size..(question.End - 4)]);
        Span<byte> buffer = stackalloc byte[2 * DnsNameView.MaxLength];
        Span<byte> current = buffer[..DnsNameView.MaxLength];
        Span<byte> other = buffer[DnsNameView.MaxLength..];
        scoped DnsNameView last = query.LowerName;
        scoped DnsNameView owner;
        int authorityEnd = header.AnswerCount + header.AuthorityCount;
        for (int i = 0; i < authorityEnd + header.AdditionalCount; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return query.Reply(DnsResponseCode.ServerFailure);
            }

            if (i >= header.AnswerCount && i < authorityEnd)
            {
                continue;
            }

            if (message[record.OwnerOffset] == 0xC0 && message[record.OwnerOffset + 1] == DnsHeader.Size)
            {
                owner = asked;
            }
            else
            {
                var names = new DnsReader(message, record.OwnerOffset);
                if (!names.TryReadName(current, out int length))
                {
                    return query.Reply(DnsResponseCode.ServerFailure);
                }

                owner = new DnsNameView(current[..length]);
            }

            if (i < header.AnswerCount)
            {
                if (Judge(query, owner, record.Type, ref last) is { Action: not AclAction.Allow } verdict)
                {
                    return Deny(query, verdict);
                }

                if (last.Wire.Overlaps(current))
                {
                    // What was judged last stays where it is while the next names are read.
                    Span<byte> spare = other;
                    other = current;
                    current = spare;
                }
            }
            else if (Decide(query, owner, record.Type).Action != AclAction.Allow)
            {
                // Rare enough to be taken apart.
                return response.TryMaterialize() ? AfterRecords(query) : query.Reply(DnsResponseCode.ServerFailure);
            }
        }

        return DnsOutcome.Replied;
    }

    /// <summary>Judges a record of the answer: as if the client had asked for its name. Whoever asks for ANY asks for its type too.</summary>
    /// <param name="query">The query.</param>
    /// <param name="owner">The record's owner.</param>
    /// <param name="type">The record's type.</param>
    /// <param name="last">The name that was judged last, and allowed.</param>
    private AclVerdict Judge(DnsQuery query, DnsNameView owner, DnsRecordType type, ref DnsNameView last)
    {
        if (!owner.Equals(last))
        {
            AclVerdict verdict = Decide(query, owner, query.Type);
            if (verdict.Action != AclAction.Allow)
            {
                return verdict;
            }

            last = owner;
        }

        return query.Type == DnsRecordType.ANY ? Decide(query, owner, type) : default;
    }

    private AclVerdict Decide(DnsQuery query, DnsNameView name, DnsRecordType type)
    {
        AclVerdict verdict = rules.Decide(query.Client, name, type);
        if (verdict.DependsOnClient)
        {
            // The cache of another block must not give one client what the server found out for another.
            query.KeepForClient(itself: place == AclPlace.BehindCacheAndChanges);
        }

        return verdict;
    }

    private static DnsOutcome Deny(DnsQuery query, in AclVerdict verdict)
    {
        verdict.Zone!.Count(query, verdict.Action);
        query.ClearFailure();
        switch (verdict.Action)
        {
            case AclAction.Drop:
                return DnsOutcome.Dropped;
            case AclAction.Filter:
                query.Response.SetEmpty(DnsResponseCode.NoError);
                query.Response.AddExtendedError((ushort)EdnsErrorCode.Filtered, default);
                return DnsOutcome.Replied;
            default:
                query.Response.SetEmpty(DnsResponseCode.Refused);
                query.Response.AddExtendedError((ushort)EdnsErrorCode.Blocked, default);
                return DnsOutcome.Replied;
        }
    }
}
