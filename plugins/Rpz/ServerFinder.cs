using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Finds the name servers of a name's zone and of those above it, and the rules for them.</summary>
/// <remarks>The questions go to the rest of the chain, past this plugin and those before it: the cache, then upstreams.</remarks>
/// <param name="zones">The policy zones.</param>
/// <param name="queries">Makes questions.</param>
/// <param name="next">The rest of the chain.</param>
internal sealed class ServerFinder(RpzZone[] zones, IQueryRunner queries, IDnsHandler next)
{
    /// <summary>The most questions for one name: those further on are not asked.</summary>
    internal const int MaxQuestions = 64;

    /// <summary>The most servers of one zone that are looked at.</summary>
    private const int MaxServers = 16;

    /// <summary>Zones of fewer labels are not looked at: the root's servers and those of top level domains.</summary>
    private const int LeastLabels = 2;

    /// <summary>Finds the rule that comes first in precedence.</summary>
    /// <param name="query">The query.</param>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="counted">The zones that count.</param>
    /// <param name="before">A match that is known; only those that come before it are looked for.</param>
    public async ValueTask<PolicyMatch> FindAsync(DnsQuery query, byte[] name, ulong counted, PolicyMatch before)
    {
        int end = before.IsFound ? before.Zone + 1 : zones.Length;
        bool looksAtNames = false;
        bool looksAtAddresses = false;
        for (int i = 0; i < end; i++)
        {
            if ((counted >> i & 1) != 0 && !zones[i].Options.IsDisabled && zones[i].Current is { } version)
            {
                looksAtNames |= version.LooksAtServers;
                looksAtAddresses |= version.LooksAtServerAddresses;
            }
        }

        PolicyMatch best = default;
        if (!looksAtNames)
        {
            return best;
        }

        int questions = MaxQuestions;
        while (new DnsNameView(name).LabelCount >= LeastLabels && questions-- > 0)
        {
            (List<byte[]> servers, byte[] apex) = await AskServersAsync(query, name).ConfigureAwait(false);
            if (servers.Count == 0 && apex.Length < name.Length)
            {
                name = apex;
                continue;
            }

            foreach (byte[] server in servers)
            {
                best = FindName(server, counted, end, best);
                if (!looksAtAddresses)
                {
                    continue;
                }

                foreach (DnsRecordType type in (DnsRecordType[])[DnsRecordType.A, DnsRecordType.AAAA])
                {
                    if (questions-- > 0)
                    {
                        best = await FindAddressAsync(query, server, type, counted, end, best).ConfigureAwait(false);
                    }
                }
            }

            name = name[(name[0] + 1)..];
        }

        return best;
    }

    private PolicyMatch FindName(byte[] server, ulong counted, int end, PolicyMatch best)
    {
        var name = new DnsNameView(server);
        ulong hash = name.Hash;
        for (int i = 0; i < end; i++)
        {
            if ((counted >> i & 1) != 0 && !zones[i].Options.IsDisabled && zones[i].Current is { } version
                && version.Find(PolicyTrigger.Nsdname, name, hash, out int length) is { } rule)
            {
                PolicyMatch match = PolicyMatch.ByName(i, version, rule, PolicyTrigger.Nsdname, length, server);

                // Among the rules of one zone for names that of the smallest server counts.
                bool isSmaller = best.IsFound && best.Zone == i && best.Trigger == PolicyTrigger.Nsdname && name.CompareCanonical(new DnsNameView(best.Server)) < 0;
                return isSmaller || match.IsBefore(best) ? match : best;
            }
        }

        return best;
    }

    private async ValueTask<PolicyMatch> FindAddressAsync(DnsQuery query, byte[] server, DnsRecordType type, ulong counted, int end, PolicyMatch best)
    {
        DnsQuery question = Rent(query, server, type);
        try
        {
            if (await next.HandleAsync(question).ConfigureAwait(false) == DnsOutcome.Replied)
            {
                for (int i = 0; i < end; i++)
                {
                    if ((counted >> i & 1) != 0 && !zones[i].Options.IsDisabled && zones[i].Current is { LooksAtServerAddresses: true } version)
                    {
                        PolicyMatch match = AnswerRecords.FindAddress(question.Response, i, version, PolicyTrigger.Nsip);
                        best = match.IsBefore(best) ? match : best;
                    }
                }
            }
        }
        finally
        {
            queries.Return(question);
        }

        return best;
    }

    /// <summary>Asks for the name servers of a name.</summary>
    /// <returns>The servers; when there are none, the zone that the name is in, or else its parent.</returns>
    private async ValueTask<(List<byte[]> Servers, byte[] Apex)> AskServersAsync(DnsQuery query, byte[] name)
    {
        DnsQuery question = Rent(query, name, DnsRecordType.NS);
        try
        {
            return await next.HandleAsync(question).ConfigureAwait(false) == DnsOutcome.Replied && question.Response.TryMaterialize()
                ? ReadServers(question.Response, name)
                : ([], name[(name[0] + 1)..]);
        }
        finally
        {
            queries.Return(question);
        }
    }

    private static (List<byte[]> Servers, byte[] Apex) ReadServers(DnsResponse response, byte[] name)
    {
        List<byte[]> servers = [];
        byte[] apex = name[(name[0] + 1)..];
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            DnsNameView owner = response.OwnerOf(entry);
            bool isAbove = new DnsNameView(name).IsSubdomainOf(owner);
            if (entry.Type == DnsRecordType.SOA && entry.Section == DnsSection.Authority && isAbove && owner.Length < name.Length && owner.Length > 1)
            {
                apex = new byte[owner.Length];
                owner.CopyLowerTo(apex);
            }

            // The name's own, or those that a referral tells.
            if (entry.Type != DnsRecordType.NS || entry.Section == DnsSection.Additional || !isAbove || (entry.Section == DnsSection.Answer && owner.Length != name.Length))
            {
                continue;
            }

            if (entry.Records is not { } set)
            {
                Add(response.RdataOf(entry));
                continue;
            }

            foreach (ReadOnlySpan<byte> rdata in set)
            {
                Add(rdata);
            }
        }

        return (servers, apex);

        void Add(ReadOnlySpan<byte> rdata)
        {
            if (servers.Count < MaxServers)
            {
                byte[] server = new byte[rdata.Length];
                new DnsNameView(rdata).CopyLowerTo(server);
                servers.Add(server);
            }
        }
    }

    private DnsQuery Rent(DnsQuery query, byte[] name, DnsRecordType type)
    {
        DnsQuery question = queries.Rent(query, new DnsNameView(name), type);
        question.Zone = query.Zone;
        return question;
    }
}
