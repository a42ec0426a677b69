using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Answers a question from a zone: RFC 1034 §4.3.2 with what RFC 2181, 2308, 4035, 4592, 5155, 6672 and 8020 made of it.</summary>
public static class ZoneLookup
{
    /// <summary>How many aliases of a chain are followed.</summary>
    public const int MaxAliases = 16;

    /// <summary>Octets that a lookup needs to work with.</summary>
    public const int ScratchSize = 2 * DnsNameView.MaxLength;

    /// <summary>Looks a name up.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="name">The name, which is in the zone.</param>
    /// <param name="hash">The name's hash.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="dnssec">Whether the client wants signatures and proofs (DO).</param>
    /// <param name="scratch"><see cref="ScratchSize"/> octets, not those of the name; they start with the name to go on with, when <see cref="ZoneAnswer.TargetLength"/> is not 0.</param>
    /// <param name="sink">Takes the records.</param>
    public static ZoneAnswer Find<TSink>(Zone zone, DnsNameView name, ulong hash, DnsRecordType type, bool dnssec, Span<byte> scratch, ref TSink sink)
        where TSink : struct, IAnswerSink
    {
        var lookup = new LookupRun<TSink>(zone, name, hash, type, dnssec, scratch, ref sink);
        return lookup.Run();
    }

    /// <summary>Adds the zone's own NS RRset to the authority section, as <see cref="Find"/> does for answers: for a chain that left the zone.</summary>
    public static void AddNameServers<TSink>(Zone zone, bool dnssec, ref TSink sink)
        where TSink : struct, IAnswerSink
    {
        if (zone.HasNameServers)
        {
            sink.Add(DnsSection.Authority, zone.NameServers.Records);
            if (dnssec && zone.IsSigned && zone.NameServers.SignatureCount > 0)
            {
                sink.Add(DnsSection.Authority, zone.NameServers.Signatures);
            }
        }
    }
}
