using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Looks into the answer section of a response, in whichever form it is, and changes nothing.</summary>
internal static class AnswerRecords
{
    /// <summary>Finds the alias of a name.</summary>
    /// <param name="response">The response.</param>
    /// <param name="name">The name.</param>
    /// <param name="target">Takes what the name is an alias of, in lower case; 255 octets.</param>
    /// <returns>The target's length, or 0 when there is no alias.</returns>
    public static int FindAlias(DnsResponse response, DnsNameView name, Span<byte> target)
    {
        if (response.Form == ResponseForm.Wire)
        {
            Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
            WireAnswer records = new(response.WireMessage);
            while (records.MoveNext())
            {
                if (records.Current.Type == DnsRecordType.CNAME && records.TryReadOwner(owner, out int length) && name.Equals(new DnsNameView(owner[..length]))
                    && records.TryReadTarget(target, out int targetLength))
                {
                    new DnsNameView(target[..targetLength]).CopyLowerTo(target);
                    return targetLength;
                }
            }

            return 0;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer && entry.Type == DnsRecordType.CNAME && name.Equals(response.OwnerOf(entry)))
            {
                ReadOnlySpan<byte> rdata = entry.Records is { } set ? set.First : response.RdataOf(entry);
                new DnsNameView(rdata).CopyLowerTo(target);
                return rdata.Length;
            }
        }

        return 0;
    }

    /// <summary>Finds the rule of a zone for the addresses in the answer: that of the longest network, of the smallest address.</summary>
    /// <param name="response">The response.</param>
    /// <param name="zone">The zone's place in the order.</param>
    /// <param name="version">The zone.</param>
    /// <param name="trigger">The trigger with addresses.</param>
    public static PolicyMatch FindAddress(DnsResponse response, int zone, PolicyZone version, PolicyTrigger trigger)
    {
        PolicyMatch best = default;
        if (response.Form == ResponseForm.Wire)
        {
            WireAnswer records = new(response.WireMessage);
            while (records.MoveNext())
            {
                Try(records.Current.Type, records.Rdata, ref best);
            }

            return best;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section != DnsSection.Answer || entry.Type is not (DnsRecordType.A or DnsRecordType.AAAA))
            {
                continue;
            }

            if (entry.Records is not { } set)
            {
                Try(entry.Type, response.RdataOf(entry), ref best);
                continue;
            }

            foreach (ReadOnlySpan<byte> rdata in set)
            {
                Try(entry.Type, rdata, ref best);
            }
        }

        return best;

        void Try(DnsRecordType type, ReadOnlySpan<byte> rdata, ref PolicyMatch best)
        {
            if ((type == DnsRecordType.A && rdata.Length == 4) || (type == DnsRecordType.AAAA && rdata.Length == 16))
            {
                if (version.Find(trigger, PolicyNetwork.BitsOf(rdata), out PolicyNetwork network) is { } rule)
                {
                    PolicyMatch match = PolicyMatch.ByAddress(zone, version, rule, trigger, network);
                    best = match.IsBefore(best) ? match : best;
                }
            }
        }
    }

    /// <summary>True when there is a signature in the answer or in the authority section.</summary>
    public static bool IsSigned(DnsResponse response)
    {
        if (response.Form == ResponseForm.Wire)
        {
            WireAnswer records = new(response.WireMessage, withAuthority: true);
            while (records.MoveNext())
            {
                if (records.Current.Type == DnsRecordType.RRSIG)
                {
                    return true;
                }
            }

            return false;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Type == DnsRecordType.RRSIG && entry.Section != DnsSection.Additional)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes through the records of a message's answer section. A malformed message ends early.</summary>
    private ref struct WireAnswer
    {
        private DnsReader _reader;
        private int _left;
        private DnsRecordView _current;

        public WireAnswer(ReadOnlySpan<byte> message, bool withAuthority = false)
        {
            _reader = new DnsReader(message);
            _left = DnsHeader.TryRead(message, out DnsHeader header) && _reader.TryReadQuestion(out _)
                ? header.AnswerCount + (withAuthority ? header.AuthorityCount : 0)
                : 0;
        }

        public readonly DnsRecordView Current => _current;

        public readonly ReadOnlySpan<byte> Rdata => _reader.Message.Slice(_current.RdataOffset, _current.RdataLength);

        public bool MoveNext() => _left-- > 0 && _reader.TryReadRecord(out _current);

        public readonly bool TryReadOwner(Span<byte> owner, out int length) => new DnsReader(_reader.Message, _current.OwnerOffset).TryReadName(owner, out length);

        public readonly bool TryReadTarget(Span<byte> target, out int length) => new DnsReader(_reader.Message, _current.RdataOffset).TryReadName(target, out length);
    }
}
