using MiniDns.Expressions;
using MiniDns.Queries;

namespace MiniDns.Plugins.View;

/// <summary>Lets a block take the queries that all of its expressions are true of.</summary>
internal sealed class ViewFilter(string name, IReadOnlyList<Expression> expressions) : IViewFilter
{
    private readonly Expression[] _expressions = [.. expressions];

    /// <inheritdoc/>
    public string ViewName => name;

    /// <inheritdoc/>
    public bool Matches(DnsQuery query)
    {
        foreach (Expression expression in _expressions)
        {
            if (!expression.IsTrueOf(query))
            {
                return false;
            }
        }

        return true;
    }
}
