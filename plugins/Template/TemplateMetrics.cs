using System.Collections.Concurrent;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Template;

/// <summary>The counters of one <c>template</c> directive. Their number is bounded: a type without a name counts as <c>other</c>.</summary>
internal sealed class TemplateMetrics(MetricRegistry registry, ServerBlockInfo block, IReadOnlyList<DnsName> zones)
{
    private readonly ConcurrentDictionary<(string Server, int Zone, DnsRecordClass Class, DnsRecordType Type), StripedCounter> _matches = new();
    private readonly string[] _zones = [.. zones.Select(z => z.ToString())];

    /// <summary>Counts a query that the directive answers.</summary>
    /// <param name="query">The query.</param>
    /// <param name="zone">The place of the zone in the directive's list.</param>
    /// <param name="options">The directive.</param>
    public void Matched(DnsQuery query, int zone, TemplateOptions options)
    {
        (DnsRecordClass @class, DnsRecordType type) = Asked(query, options);
        (string Server, int Zone, DnsRecordClass Class, DnsRecordType Type) key = (query.Endpoint.Label, zone, @class, type);
        if (!_matches.TryGetValue(key, out StripedCounter? counter))
        {
            counter = _matches.GetOrAdd(key, registry.Counter("coredns_template_matches_total", "Counter of template regex matches.", Labels(query, zone, options)));
        }

        counter.Increment();
    }

    /// <summary>Counts a template that could not be rendered.</summary>
    public void TemplateFailed(DnsQuery query, int zone, TemplateOptions options, TemplateRecord record) =>
        Count("coredns_template_template_failures_total", "Counter of go template failures.", query, zone, options, record);

    /// <summary>Counts an output that is no record.</summary>
    public void RecordFailed(DnsQuery query, int zone, TemplateOptions options, TemplateRecord record) =>
        Count("coredns_template_rr_failures_total", "Counter of mis-templated RRs.", query, zone, options, record);

    private void Count(string name, string help, DnsQuery query, int zone, TemplateOptions options, TemplateRecord record) =>
        registry.Counter(name, help, [.. Labels(query, zone, options), ("section", record.SectionName), ("template", record.Template.Source)]).Increment();

    private (string, string)[] Labels(DnsQuery query, int zone, TemplateOptions options)
    {
        (DnsRecordClass @class, DnsRecordType type) = Asked(query, options);
        return
        [
            ("server", query.Endpoint.Label),
            ("zone", _zones[zone]),
            ("view", block.ViewName),
            ("class", @class == 0 ? "other" : DnsClassText.Format(@class)),
            ("type", type == 0 ? "other" : DnsTypeText.Format(type)),
        ];
    }

    /// <summary>The class and type that labels tell: the query's, or the directive's for a query of any.</summary>
    private static (DnsRecordClass Class, DnsRecordType Type) Asked(DnsQuery query, TemplateOptions options)
    {
        DnsRecordClass @class = query.Class == DnsRecordClass.ANY ? options.Class : query.Class;
        DnsRecordType type = query.Type == DnsRecordType.ANY ? options.Type : query.Type;
        return (Enum.IsDefined(@class) ? @class : 0, Enum.IsDefined(type) ? type : 0);
    }
}
