using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Rpz;

/// <summary>Gives answers the form that a test wants: records as zones give them, a message as upstreams give it, now or later.</summary>
internal sealed class ReformPlugin : IDnsPlugin
{
    public string Name => "reform";

    /// <summary>True to answer with a message.</summary>
    public bool AsWire { get; init; }

    /// <summary>True to answer on another thread.</summary>
    public bool IsSlow { get; init; }

    /// <summary>True to add a signature.</summary>
    public bool Signs { get; init; }

    /// <summary>How many questions came.</summary>
    public int Asked { get; private set; }

    public void Setup(PluginSetup setup) => setup.Use(next => new Handler(this, next));

    private sealed class Handler(ReformPlugin plugin, IDnsHandler next) : IDnsHandler
    {
        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
        {
            plugin.Asked++;
            if (plugin.IsSlow)
            {
                return LaterAsync(query);
            }

            ValueTask<DnsOutcome> pending = next.HandleAsync(query);
            return pending.IsCompletedSuccessfully ? new ValueTask<DnsOutcome>(Reform(query, pending.Result)) : LaterAsync(query);
        }

        private async ValueTask<DnsOutcome> LaterAsync(DnsQuery query)
        {
            await Task.Delay(1);
            return Reform(query, await next.HandleAsync(query));
        }

        private DnsOutcome Reform(DnsQuery query, DnsOutcome outcome)
        {
            if (plugin.Signs)
            {
                query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.RRSIG, DnsRecordClass.IN, 60, new byte[20]);
            }

            if (plugin.AsWire && outcome == DnsOutcome.Replied)
            {
                int limit = query.MaxReplySize;
                query.MaxReplySize = 65535;
                byte[] message = query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query)).ToArray();
                query.MaxReplySize = limit;
                query.Response.SetWire(message);
            }

            return outcome;
        }
    }
}
