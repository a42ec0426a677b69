using System.Globalization;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Testing.Paths;

/// <summary>From a question to its server block, among a thousand zones.</summary>
internal sealed class RoutePath : QueryPath
{
    private readonly DnsQuery _query = new(2048, 4096);
    private RoutingTable _routes = RoutingTable.Empty;

    public override void Run()
    {
        if (_routes.Match(_query) is null)
        {
            throw new InvalidOperationException("no block was found");
        }
    }

    protected override Task SetUpAsync()
    {
        Ask("host{0}.example.org.");
        var block = new ServerBlock(new ServerBlockInfo(0, [DnsName.Root], "."), EndOfChain.Instance, null, []);
        _routes = new RoutingTable(Enumerable.Range(0, 1000)
            .Select(i => DnsName.Parse(string.Create(CultureInfo.InvariantCulture, $"zone{i}.example.")))
            .Append(DnsName.Parse("example.org."))
            .Select(z => new KeyValuePair<DnsName, ServerBlock>(z, block)), new PlanUse());
        Messages[0].CopyTo(_query.ReceiveBuffer, 0);
        _query.Begin(Messages[0].Length, DnsTransport.Udp);
        return Task.CompletedTask;
    }
}
