using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Search;

/// <summary><c>search DOMAIN... { ndots N }</c>: search domains for clients that have none.</summary>
public sealed class SearchPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "search";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        var reader = new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        List<DnsName> domains = ReadDomains(reader);
        int ndots = 1;
        reader.Properties(new(StringComparer.Ordinal) { ["ndots"] = p => ndots = p.Int(1, SearchOptions.MaxNdots, ndots) });
        if (setup.Block.Zones.All(z => z.LabelCount > ndots))
        {
            reader.Warning($"no name with fewer than {ndots} dot(s) comes to this block; put 'search' into a block for '.'");
        }

        var options = new SearchOptions { Domains = domains, Ndots = ndots };
        var metrics = new SearchMetrics(setup.Services.Metrics);
        IQueryRunner queries = setup.Queries;
        setup.Use(next => new SearchHandler(options, queries, metrics, next));
    }

    private static List<DnsName> ReadDomains(DirectiveReader reader)
    {
        List<DnsName> domains = [];
        if (!reader.HasArgument)
        {
            reader.Error("at least one domain is expected; write 'search DOMAIN...'");
        }

        while (reader.HasArgument)
        {
            string text = reader.Next!.Text;
            if (!reader.TryName(out DnsName? domain))
            {
                continue;
            }

            domain = domain.ToLower();
            if (text.Contains('/', StringComparison.Ordinal))
            {
                reader.Error($"'{text}' is not a domain; write the domains themselves, such as 'mycompany.com'");
            }
            else if (domain.IsRoot)
            {
                reader.Error("'.' is no search domain: names that no domain has are looked up as they are anyway");
            }
            else if (domains.Contains(domain))
            {
                reader.Warning($"'{text}' stands here twice");
            }
            else if (domains.Count == SearchOptions.MaxDomains)
            {
                reader.Error($"at most {SearchOptions.MaxDomains} domains are searched");
                reader.Rest();
            }
            else
            {
                domains.Add(domain);
            }
        }

        return domains;
    }
}
