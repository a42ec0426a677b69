using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>Decides whether a server block takes a query; the first block of a zone whose filters all agree gets it.</summary>
public interface IViewFilter
{
    /// <summary>The view's name; empty when it has none.</summary>
    string ViewName { get; }

    /// <summary>True when the block takes the query.</summary>
    bool Matches(DnsQuery query);
}
