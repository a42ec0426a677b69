using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Makes the answer that a rule wants.</summary>
/// <param name="queries">Asks the server for the targets of aliases.</param>
/// <param name="exempt">Marks such questions.</param>
internal sealed class AnswerRewriter(IQueryRunner queries, QuerySlot<bool> exempt)
{
    private readonly Action<DnsQuery> _exempt = question => question.Slot(exempt) = true;

    /// <summary>Rewrites the answer.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">What the directive says of the zone.</param>
    /// <param name="version">The zone.</param>
    /// <param name="rule">The rule, with any override applied.</param>
    /// <param name="errorText">The text of the extended error.</param>
    /// <param name="stage">How many of the answer's aliases stay in front.</param>
    public ValueTask<DnsOutcome> RewriteAsync(DnsQuery query, RpzZoneOptions options, PolicyZone version, PolicyRule rule, byte[] errorText, int stage)
    {
        DnsResponse response = query.Response;
        Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
        query.ClearFailure();
        if (rule.Action == PolicyAction.TcpOnly)
        {
            response.SetEmpty(DnsResponseCode.NoError);
            response.Flags = DnsResponseFlags.RecursionAvailable | DnsResponseFlags.Truncated;
            return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
        }

        int length = KeepAliases(query, stage, owner);
        response.Flags = DnsResponseFlags.RecursionAvailable;
        response.Code = rule.Action == PolicyAction.NxDomain ? DnsResponseCode.NameError : DnsResponseCode.NoError;
        if (options.ErrorCode is { } code)
        {
            response.AddExtendedError(code, errorText);
        }

        DnsName? target = null;
        foreach (PolicyRule.Record record in rule)
        {
            if (record.Type == DnsRecordType.CNAME)
            {
                target = AddAlias(query, new DnsNameView(owner[..length]), record, options.MaxTtl);
            }
            else if (record.Type == query.Type || query.Type == DnsRecordType.ANY)
            {
                response.AddSynthesized(DnsSection.Answer, new DnsNameView(owner[..length]), record.Type, DnsRecordClass.IN, Math.Min(record.Ttl, options.MaxTtl), record.Rdata);
            }
        }

        if (target is not null && query.Type is not (DnsRecordType.CNAME or DnsRecordType.ANY))
        {
            return FollowAsync(query, options, version, target);
        }

        AddSoa(response, options, version);
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private async ValueTask<DnsOutcome> FollowAsync(DnsQuery query, RpzZoneOptions options, PolicyZone version, DnsName target)
    {
        DnsOutcome outcome = await AliasTarget.AppendAsync(queries, query, target, _exempt).ConfigureAwait(false);
        query.Response.Flags &= ~DnsResponseFlags.Authoritative;
        AddSoa(query.Response, options, version);
        return outcome;
    }

    private static void AddSoa(DnsResponse response, RpzZoneOptions options, PolicyZone version)
    {
        if (options.AddsSoa)
        {
            response.AddSynthesized(DnsSection.Additional, version.Origin.View, DnsRecordType.SOA, DnsRecordClass.IN, Math.Min(version.SoaTtl, options.MaxTtl), version.Soa);
        }
    }

    /// <summary>Adds an alias; one to <c>*.garden</c> leads <c>www.example</c> to <c>www.example.garden</c>.</summary>
    /// <returns>The target; null when it would be longer than names can be.</returns>
    private static DnsName? AddAlias(DnsQuery query, DnsNameView owner, in PolicyRule.Record record, uint maxTtl)
    {
        DnsResponse response = query.Response;
        Span<byte> joined = stackalloc byte[2 * DnsNameView.MaxLength];
        scoped var target = new DnsNameView(record.Rdata);
        if (target.IsWildcard)
        {
            DnsNameView suffix = target.Parent;
            int length = owner.Length - 1 + suffix.Length;
            if (length > DnsNameView.MaxLength)
            {
                response.Code = DnsResponseCode.NameExists;     // as for DNAME (RFC 6672 §2.2)
                return null;
            }

            owner.Wire[..^1].CopyTo(joined);
            suffix.Wire.CopyTo(joined[(owner.Length - 1)..]);
            target = new DnsNameView(joined[..length]);
        }

        response.AddSynthesized(DnsSection.Answer, owner, DnsRecordType.CNAME, DnsRecordClass.IN, Math.Min(record.Ttl, maxTtl), target.Wire);
        return target.ToName();
    }

    /// <summary>Drops everything of the answer but its first aliases.</summary>
    /// <param name="query">The query.</param>
    /// <param name="stage">How many stay.</param>
    /// <param name="name">Takes the name that the last of them leads to, or the query's.</param>
    /// <returns>The name's length.</returns>
    private static int KeepAliases(DnsQuery query, int stage, Span<byte> name)
    {
        DnsResponse response = query.Response;
        query.LowerName.Wire.CopyTo(name);
        int length = query.LowerName.Length;
        if (stage == 0 || !response.TryMaterialize())
        {
            response.SetEmpty(DnsResponseCode.NoError);
            return length;
        }

        Span<byte> target = stackalloc byte[DnsNameView.MaxLength];
        int kept = 0;
        for (int i = 0; i < stage; i++)
        {
            int at = FindAlias(response, new DnsNameView(name[..length]), kept);
            if (at < 0)
            {
                break;
            }

            length = AnswerRecords.FindAlias(response, new DnsNameView(name[..length]), target);
            target[..length].CopyTo(name);
            response.Move(at, kept++);
        }

        while (response.Entries.Length > kept)
        {
            response.RemoveAt(response.Entries.Length - 1);
        }

        return length;
    }

    private static int FindAlias(DnsResponse response, DnsNameView name, int start)
    {
        for (int i = start; i < response.Entries.Length; i++)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            if (entry.Section == DnsSection.Answer && entry.Type == DnsRecordType.CNAME && name.Equals(response.OwnerOf(entry)))
            {
                return i;
            }
        }

        return -1;
    }
}
