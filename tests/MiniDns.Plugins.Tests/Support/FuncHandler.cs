using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>A handler made of a function.</summary>
internal sealed class FuncHandler(Func<DnsQuery, DnsOutcome> handle) : IDnsHandler
{
    public int Calls { get; private set; }

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        Calls++;
        return new ValueTask<DnsOutcome>(handle(query));
    }
}
