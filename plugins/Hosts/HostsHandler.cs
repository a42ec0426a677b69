using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Hosts;

/// <summary>Answers A, AAAA and PTR questions from a <see cref="HostsStore"/>.</summary>
internal sealed class HostsHandler(HostsOptions options, HostsFile file, IDnsHandler next) : IDnsHandler
{
    private readonly DnsName[] _zones = [.. options.Zones];
    private readonly Fallthrough _fallthrough = options.Fallthrough;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Class != DnsRecordClass.IN)
        {
            return next.HandleAsync(query);
        }

        HostsStore store = file.Store;
        DnsNameView name = query.LowerName;
        if (query.Type == DnsRecordType.PTR)
        {
            // An address that is not in the file always goes on, whatever fallthrough says: reverse zones need not be
            // listed to be served, so their other addresses are somebody else's.
            if (!store.TryFindReverse(name, query.NameHash, out RRset? pointers))
            {
                return next.HandleAsync(query);
            }

            query.Response.Add(DnsSection.Answer, pointers);
            return new ValueTask<DnsOutcome>(Answered(query));
        }

        if (!IsServed(name))
        {
            return next.HandleAsync(query);
        }

        bool known = store.TryFind(name, query.NameHash, out RRset? v4, out RRset? v6);
        RRset? records = query.Type switch
        {
            DnsRecordType.A => v4,
            DnsRecordType.AAAA => v6,
            _ => null,
        };
        if (records is not null)
        {
            query.Response.Add(DnsSection.Answer, records, name);
            return new ValueTask<DnsOutcome>(Answered(query));
        }

        bool supported = query.Type is DnsRecordType.A or DnsRecordType.AAAA;
        if ((!known || (!supported && options.FallthroughUnsupported)) && _fallthrough.Covers(name))
        {
            return next.HandleAsync(query);
        }

        if (known)
        {
            return new ValueTask<DnsOutcome>(Answered(query));
        }

        // There is no SOA to make an NXDOMAIN of that others could keep (RFC 2308 §5), hence CoreDNS's SERVFAIL, on which
        // Corefiles rely. The flag tells our own plugins what it means.
        query.Reply(DnsResponseCode.ServerFailure);
        query.Response.Flags |= DnsResponseFlags.NoSuchName;
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static DnsOutcome Answered(DnsQuery query)
    {
        query.Response.Flags = DnsResponseFlags.Authoritative;
        return DnsOutcome.Replied;
    }

    private bool IsServed(DnsNameView name)
    {
        foreach (DnsName zone in _zones)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return true;
            }
        }

        return false;
    }
}
