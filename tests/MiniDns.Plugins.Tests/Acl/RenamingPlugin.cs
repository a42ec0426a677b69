using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Acl;

/// <summary>The directive <c>rewrite</c>, made for one purpose: asks <c>www.secret.example</c> for <c>www.public.example</c>, and lets no
/// trace of that be seen in the reply.</summary>
internal sealed class RenamingPlugin : IDnsPlugin
{
    public string Name => "rewrite";

    public void Setup(PluginSetup setup) => setup.Use(next => new Handler(next));

    private sealed class Handler(IDnsHandler next) : WrappingHandler(next)
    {
        private static readonly DnsName Public = DnsName.Parse("www.public.example.");
        private static readonly DnsName Secret = DnsName.Parse("www.secret.example.");

        protected override DnsOutcome? Before(DnsQuery query)
        {
            if (query.LowerName.Equals(Public.View))
            {
                query.SetQuestion(Secret.View, query.Type);
            }

            return null;
        }

        protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
        {
            if (!query.AskedName.Equals(Public.View))
            {
                return outcome;
            }

            query.SetQuestion(Public.View, query.Type);
            DnsResponse response = query.Response;
            if (outcome == DnsOutcome.Replied && response.TryMaterialize())
            {
                List<(DnsRecordType Type, byte[] Rdata)> records = [];
                for (int i = 0; i < response.Entries.Length; i++)
                {
                    ref readonly ResponseEntry entry = ref response.Entries[i];
                    if (entry.Section == DnsSection.Answer && entry.Type is DnsRecordType.A or DnsRecordType.AAAA)
                    {
                        records.Add((entry.Type, (entry.Records is { } set ? set.First : response.RdataOf(entry)).ToArray()));
                    }
                }

                response.SetEmpty(response.Code);
                foreach ((DnsRecordType type, byte[] rdata) in records)
                {
                    response.AddSynthesized(DnsSection.Answer, Public.View, type, DnsRecordClass.IN, 60, rdata);
                }
            }

            return outcome;
        }
    }
}
