using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Search;

/// <summary>Answers a short name with the first search domain that has it.</summary>
/// <remarks>
/// What counts is whether the name exists, not whether it has the type asked for: a name with IPv4 addresses only is found by
/// AAAA questions too, so that both families always lead into the same domain. Some servers say NXDOMAIN for the family that
/// a name lacks (RFC 4074 §4.2); so a denial is believed only when the other family is denied as well.
/// </remarks>
internal sealed class SearchHandler(SearchOptions options, IQueryRunner queries, SearchMetrics metrics, IDnsHandler next) : IDnsHandler
{
    private readonly DnsName[] _domains = [.. options.Domains];
    private readonly int _ndots = options.Ndots;

    /// <summary>What a question for a candidate says about it.</summary>
    private enum Finding
    {
        /// <summary>There is no such name, as far as this type tells.</summary>
        Denied,

        /// <summary>There is no such name, and no other type can say otherwise.</summary>
        DeniedForGood,

        /// <summary>The name exists.</summary>
        Exists,

        /// <summary>Nobody knows.</summary>
        Failed,
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!IsSearched(query))
        {
            return next.HandleAsync(query);
        }

        var search = new SearchProgress();
        while (TryRentNext(query, ref search, out DnsQuery? question))
        {
            ValueTask<DnsOutcome> pending = queries.RunAsync(question);
            if (!pending.IsCompletedSuccessfully)
            {
                return FinishAsync(query, search, question, pending);
            }

            DnsOutcome? outcome = Judge(query, ref search, question, pending.Result);
            queries.Return(question);
            if (outcome is { } end)
            {
                return new ValueTask<DnsOutcome>(end);
            }
        }

        metrics.Misses.Increment();
        return next.HandleAsync(query);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, SearchProgress search, DnsQuery question, ValueTask<DnsOutcome> pending)
    {
        while (true)
        {
            DnsOutcome answered = await pending.ConfigureAwait(false);
            DnsOutcome? outcome = Judge(query, ref search, question, answered);
            queries.Return(question);
            if (outcome is { } end)
            {
                return end;
            }

            if (!TryRentNext(query, ref search, out DnsQuery? following))
            {
                break;
            }

            question = following;
            pending = queries.RunAsync(question);
        }

        metrics.Misses.Increment();
        return await next.HandleAsync(query).ConfigureAwait(false);
    }

    private bool IsSearched(DnsQuery query)
    {
        // The server's own questions are for names that somebody has decided on.
        if (query.Depth > 0 || query.Class != DnsRecordClass.IN || !IsSearchedType(query.Type))
        {
            return false;
        }

        DnsNameView name = query.LowerName;
        int labels = name.LabelCount;
        if (labels == 0 || labels > _ndots)
        {
            return false;
        }

        // RFC 6761 §6.3: localhost is this machine, whatever domains there are.
        if (name.Skip(labels - 1).FirstLabel.SequenceEqual("localhost"u8))
        {
            return false;
        }

        foreach (DnsName domain in _domains)
        {
            if (name.IsSubdomainOf(domain.View))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for types that programs ask about hosts and services; false for those that resolvers ask about zones, for
    /// PTR, whose names are whole, and for what is no type of data (RFC 6895 §3.1).</summary>
    private static bool IsSearchedType(DnsRecordType type) => type switch
    {
        DnsRecordType.NS or DnsRecordType.SOA or DnsRecordType.PTR or DnsRecordType.CNAME or DnsRecordType.DNAME => false,
        DnsRecordType.DS or DnsRecordType.DNSKEY or DnsRecordType.RRSIG or DnsRecordType.NSEC or DnsRecordType.NSEC3 or DnsRecordType.NSEC3PARAM => false,
        DnsRecordType.CDS or DnsRecordType.CDNSKEY or DnsRecordType.CSYNC or DnsRecordType.ZONEMD or DnsRecordType.OPT => false,
        _ => (int)type is > 0 and (< 128 or > 255),
    };

    /// <summary>Takes the next question to ask: the next type for this domain's candidate, or the next domain's.</summary>
    private bool TryRentNext(DnsQuery query, ref SearchProgress search, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DnsQuery? question)
    {
        Span<byte> candidate = stackalloc byte[DnsNameView.MaxLength];
        for (; search.Domain < _domains.Length; search.NextDomain())
        {
            DnsRecordType type = ProbeOf(query.Type, search.Probe);
            if (type != 0 && TryJoin(query.LowerName, _domains[search.Domain], candidate, out int length))
            {
                metrics.Lookups.Increment();
                question = queries.Rent(query, new DnsNameView(candidate[..length]), type);
                return true;
            }
        }

        question = null;
        return false;
    }

    /// <summary>The types that tell whether a name exists: the one asked for, then the address families.</summary>
    /// <returns>The type; 0 when there are no more.</returns>
    private static DnsRecordType ProbeOf(DnsRecordType asked, int probe) => (asked, probe) switch
    {
        (_, 0) => asked,
        (DnsRecordType.A, 1) => DnsRecordType.AAAA,
        (DnsRecordType.AAAA, 1) => DnsRecordType.A,
        (DnsRecordType.A or DnsRecordType.AAAA, _) => 0,
        (_, 1) => DnsRecordType.A,
        (_, 2) => DnsRecordType.AAAA,
        _ => 0,
    };

    private static bool TryJoin(DnsNameView head, DnsName tail, Span<byte> candidate, out int length)
    {
        length = head.Length - 1 + tail.Length;
        if (length > DnsNameView.MaxLength)
        {
            return false;
        }

        head.Wire[..^1].CopyTo(candidate);
        tail.Wire.CopyTo(candidate[(head.Length - 1)..]);
        return true;
    }

    /// <summary>Looks at what a question brought.</summary>
    /// <returns>The outcome of the search, or null when it goes on.</returns>
    private DnsOutcome? Judge(DnsQuery query, ref SearchProgress search, DnsQuery question, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Dropped)
        {
            return DnsOutcome.Dropped;
        }

        switch (FindingOf(question, outcome))
        {
            case Finding.Exists:
                metrics.Answers.Increment();
                Answer(query, search, question);
                return DnsOutcome.Replied;
            case Finding.Failed:
                // Going on could lead into the wrong domain: to a test system's database, say, while the zone of the real
                // one cannot be reached. The client is told that it may ask again.
                metrics.Failures.Increment();
                return query.Reply(question.Response.Code);
            case Finding.DeniedForGood:
                search.LimitTtl(SearchProgress.DefaultTtl);
                search.NextDomain();
                return null;
            default:
                search.LimitTtl(DenialTtl(question.Response));
                search.NextProbe();
                return null;
        }
    }

    private static Finding FindingOf(DnsQuery question, DnsOutcome outcome)
    {
        DnsResponse response = question.Response;
        if (outcome == DnsOutcome.Unclaimed)
        {
            return Finding.Denied;
        }

        if (!response.TryMaterialize())
        {
            question.Reply(DnsResponseCode.ServerFailure);
            return Finding.Failed;
        }

        if ((response.Flags & DnsResponseFlags.NoSuchName) != 0)
        {
            return Finding.DeniedForGood;
        }

        return response.Code switch
        {
            DnsResponseCode.NoError => Finding.Exists,

            // A denial behind an alias denies the alias's target; the alias itself is there (RFC 6604 §3).
            DnsResponseCode.NameError => HasAnswer(response) ? Finding.Exists : Finding.Denied,
            _ => Finding.Failed,
        };
    }

    private static bool HasAnswer(DnsResponse response)
    {
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Replies with an alias from the asked name to the candidate and with what the candidate's question brought.</summary>
    private static void Answer(DnsQuery query, in SearchProgress search, DnsQuery question)
    {
        DnsResponse found = question.Response;
        DnsResponse reply = query.Response;

        // When the name showed itself under another type than the one asked for, it has none of the asked one.
        bool asked = search.Probe == 0;
        uint ttl = Math.Min(search.TtlLimit, ShortestTtl(found));
        reply.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.CNAME, DnsRecordClass.IN, ttl, question.AskedName.Wire);
        if (asked)
        {
            reply.AddFrom(found);
        }

        // The alias is our own making and nobody's signature covers it (RFC 6840 §5.8).
        reply.Flags = found.Flags & ~DnsResponseFlags.AuthenticData;
        reply.Code = asked ? found.Code : DnsResponseCode.NoError;
    }

    /// <summary>The shortest time that anything in a response may be kept, in seconds.</summary>
    private static uint ShortestTtl(DnsResponse response)
    {
        uint shortest = uint.MaxValue;
        bool answered = false;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                answered = true;
                shortest = Math.Min(shortest, entry.Ttl);
            }
        }

        return answered ? shortest : DenialTtl(response);
    }

    /// <summary>How long a denial may be kept, in seconds: by its SOA record (RFC 2308 §5), else for a short while.</summary>
    private static uint DenialTtl(DnsResponse response)
    {
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA)
            {
                ReadOnlySpan<byte> rdata = default;
                if (entry.Records is { } set)
                {
                    foreach (ReadOnlySpan<byte> one in set)
                    {
                        rdata = one;
                    }
                }
                else
                {
                    rdata = response.RdataOf(entry);
                }

                return rdata.Length >= 4 ? Math.Min(entry.Ttl, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(rdata[^4..])) : 0;
            }
        }

        return SearchProgress.DefaultTtl;
    }
}
