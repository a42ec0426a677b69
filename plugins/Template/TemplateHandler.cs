using MiniDns.Configuration;
using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Template;

/// <summary>Answers from templates: the first directive whose zone, class, type and expression fit the question.</summary>
/// <remarks>A directive whose records are all constant costs no allocation; others allocate what their texts take.</remarks>
internal sealed class TemplateHandler : IDnsHandler
{
    private const int MaxIdleWorkspaces = 64;

    private static readonly IdlePool<TemplateWorkspace> Workspaces = new(MaxIdleWorkspaces);

    private readonly (TemplateOptions Options, TemplateMetrics Metrics)[] _templates;
    private readonly IReadOnlyDictionary<string, MetadataLabel> _labels;
    private readonly IQueryRunner _queries;
    private readonly IDnsHandler _next;

    /// <summary>Makes a handler.</summary>
    /// <param name="templates">The directives of a block.</param>
    /// <param name="labels">The metadata that they use.</param>
    /// <param name="queries">Asks for the targets of aliases.</param>
    /// <param name="next">Answers what no directive is for.</param>
    public TemplateHandler(IReadOnlyList<(TemplateOptions Options, TemplateMetrics Metrics)> templates, IReadOnlyDictionary<string, MetadataLabel> labels, IQueryRunner queries, IDnsHandler next)
    {
        _templates = [.. templates];
        _labels = labels;
        _queries = queries;
        _next = next;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        foreach ((TemplateOptions options, TemplateMetrics metrics) in _templates)
        {
            int zone = FindZone(options.Zones, query.LowerName);
            if (zone < 0 || !IsFor(options, query))
            {
                continue;
            }

            if (!TryMatch(options, query, out int pattern))
            {
                if (options.Fallthrough.Covers(query.LowerName))
                {
                    continue;
                }

                return new ValueTask<DnsOutcome>(query.Reply(DnsResponseCode.ServerFailure));
            }

            TemplateWorkspace? workspace = null;
            if (options.Variables.Count > 0 || options.Conditions.Count > 0)
            {
                workspace = Take(query, options, zone, pattern);
                if (!workspace.Decide(options, out string? problem))
                {
                    Return(workspace);
                    if (problem is null && options.Fallthrough.Covers(query.LowerName))
                    {
                        continue;
                    }

                    return new ValueTask<DnsOutcome>(problem is null
                        ? query.Reply(DnsResponseCode.ServerFailure)
                        : query.Fail(DnsResponseCode.ServerFailure, "template: " + problem));
                }
            }

            metrics.Matched(query, zone, options);
            bool isMade = TryMake(query, options, metrics, zone, pattern, ref workspace);
            if (workspace is not null)
            {
                Return(workspace);
            }

            return isMade ? CompleteAsync(query, options) : new ValueTask<DnsOutcome>(DnsOutcome.Replied);
        }

        return _next.HandleAsync(query);
    }

    private static bool IsFor(TemplateOptions options, DnsQuery query) =>
        (options.Class == DnsRecordClass.ANY || query.Class == DnsRecordClass.ANY || query.Class == options.Class)
        && (options.Type == DnsRecordType.ANY || query.Type == DnsRecordType.ANY || query.Type == options.Type);

    /// <summary>The place of the longest zone that a name lies in; -1 when there is none.</summary>
    private static int FindZone(IReadOnlyList<DnsName> zones, DnsNameView name)
    {
        int found = -1;
        for (int i = 0; i < zones.Count; i++)
        {
            if (name.IsSubdomainOf(zones[i].View) && (found < 0 || zones[i].Length > zones[found].Length))
            {
                found = i;
            }
        }

        return found;
    }

    private static bool TryMatch(TemplateOptions options, DnsQuery query, out int pattern)
    {
        pattern = -1;
        if (options.Patterns.Count == 0)
        {
            return true;
        }

        Span<char> text = stackalloc char[DnsNameText.MaxChars];
        ReadOnlySpan<char> name = text[..DnsNameText.Format(query.LowerName, text)];
        for (int i = 0; i < options.Patterns.Count; i++)
        {
            if (options.Patterns[i].Regex.IsMatch(name))
            {
                pattern = i;
                return true;
            }
        }

        return false;
    }

    private TemplateWorkspace Take(DnsQuery query, TemplateOptions options, int zone, int pattern)
    {
        TemplateWorkspace workspace = Workspaces.TryTake(out TemplateWorkspace? idle) ? idle : new TemplateWorkspace();
        workspace.Data.Begin(query, options, zone, pattern, _labels);
        return workspace;
    }

    private static void Return(TemplateWorkspace workspace)
    {
        workspace.Data.End();
        Workspaces.Return(workspace);
    }

    /// <summary>Puts the directive's code and records into the response.</summary>
    /// <returns>False when a record could not be made; the query then has failed.</returns>
    private bool TryMake(DnsQuery query, TemplateOptions options, TemplateMetrics metrics, int zone, int pattern, ref TemplateWorkspace? workspace)
    {
        query.Response.SetEmpty(options.Code);
        if (options.Code == DnsResponseCode.ServerFailure)
        {
            return true;
        }

        query.Response.Flags |= DnsResponseFlags.Authoritative;
        int octets = 0;
        for (int i = 0; i < options.Records.Count; i++)
        {
            TemplateRecord record = options.Records[i];
            if (record.Constant is { } constant)
            {
                query.Response.Add(record.Section, constant);
                continue;
            }

            workspace ??= Take(query, options, zone, pattern);
            switch (workspace.Make(record.Template))
            {
                case TemplateWorkspace.Result.Record:
                    octets += workspace.Record.Owner.Length + workspace.Record.Rdata.Length;
                    if (octets > DnsResponse.ArenaLimit / 2)
                    {
                        return Fail(query, $"template: the records of an answer must not take more than {DnsResponse.ArenaLimit / 2} octets");
                    }

                    query.Response.AddSynthesized(record.Section, workspace.Record.Owner, workspace.Record.Type, workspace.Record.Class, workspace.Record.Ttl, workspace.Record.Rdata);
                    break;
                case TemplateWorkspace.Result.TemplateFailed:
                    metrics.TemplateFailed(query, zone, options, record);
                    return Fail(query, $"template: {record.SectionName} '{record.Template.Source}', character {workspace.Problem!.Offset + 1}: {workspace.Problem.Message}");
                case TemplateWorkspace.Result.RecordFailed:
                    metrics.RecordFailed(query, zone, options, record);
                    return Fail(query, $"template: {record.SectionName} '{record.Template.Source}': {workspace.Problem!.Message}");
            }
        }

        return true;
    }

    private ValueTask<DnsOutcome> CompleteAsync(DnsQuery query, TemplateOptions options)
    {
        if (options.ErrorCode is { } errorCode)
        {
            query.Response.AddExtendedError(errorCode, options.ErrorText.Span);
        }

        Span<byte> target = stackalloc byte[DnsNameView.MaxLength];
        return TryFindTarget(query, target, out int length)
            ? ChaseAsync(query, new DnsNameView(target[..length]))
            : new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static bool Fail(DnsQuery query, string reason)
    {
        query.Fail(DnsResponseCode.ServerFailure, reason);
        return false;
    }

    /// <summary>Finds the target of the last alias in the answer, if it is to be looked up: nothing in the answer is about it yet.</summary>
    private static bool TryFindTarget(DnsQuery query, Span<byte> target, out int length)
    {
        length = 0;
        DnsResponse response = query.Response;
        if (response.Code != DnsResponseCode.NoError || query.Class != DnsRecordClass.IN || query.Type == DnsRecordType.CNAME || (int)query.Type is 0 or (>= 128 and <= 255))
        {
            return false;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer && entry.Type == DnsRecordType.CNAME && entry.Class == DnsRecordClass.IN)
            {
                ReadOnlySpan<byte> rdata = entry.Records is { } set ? set.First : response.RdataOf(entry);
                rdata.CopyTo(target);
                length = rdata.Length;
            }
        }

        if (length == 0)
        {
            return false;
        }

        var name = new DnsNameView(target[..length]);
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer && response.OwnerOf(entry).Equals(name))
            {
                return false;
            }
        }

        return true;
    }

    private ValueTask<DnsOutcome> ChaseAsync(DnsQuery query, DnsNameView target)
    {
        DnsQuery question = _queries.Rent(query, target, query.Type);
        ValueTask<DnsOutcome> pending = _queries.RunAsync(question);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Join(query, question, pending.Result))
            : FinishAsync(query, question, pending);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, DnsQuery question, ValueTask<DnsOutcome> pending) =>
        Join(query, question, await pending.ConfigureAwait(false));

    /// <summary>Puts what the target has behind the alias; the code is that of the last name (RFC 6604 §3).</summary>
    private DnsOutcome Join(DnsQuery query, DnsQuery question, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        DnsResponse found = question.Response;

        // A target that this server does not know of is the client's to look up: the alias alone is the answer.
        if (outcome == DnsOutcome.Replied && found.Code != DnsResponseCode.Refused && found.TryMaterialize())
        {
            response.Code = found.Code;
            response.AddFrom(found, DnsSection.Answer);
            response.Flags |= found.Flags & DnsResponseFlags.Truncated;
        }

        _queries.Return(question);
        return outcome == DnsOutcome.Dropped ? DnsOutcome.Dropped : DnsOutcome.Replied;
    }
}
