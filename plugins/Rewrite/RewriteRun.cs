using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>A query on its way through the rules.</summary>
internal ref struct RewriteRun
{
    private readonly IdlePool<RewriteTrail> _idle;

    /// <summary>The name that the rules look at.</summary>
    public LowerText Name;

    /// <summary>Starts with the query as it is.</summary>
    /// <param name="query">The query.</param>
    /// <param name="idle">Where trails are taken from.</param>
    /// <param name="buffer">See <see cref="LowerText"/>.</param>
    public RewriteRun(DnsQuery query, IdlePool<RewriteTrail> idle, Span<byte> buffer)
    {
        Query = query;
        _idle = idle;
        Name = new LowerText(buffer);
        Name.Set(query.LowerName);
    }

    /// <summary>The query.</summary>
    public DnsQuery Query { get; }

    /// <summary>What is to be undone on the way back; null as long as no rule applied.</summary>
    public RewriteTrail? Taken { get; private set; }

    /// <summary>What is to be undone on the way back. The first rule that applies has it before it changes anything.</summary>
    public RewriteTrail Trail
    {
        get
        {
            if (Taken is null)
            {
                Taken = _idle.TryTake(out RewriteTrail? idle) ? idle : new RewriteTrail();
                Taken.Begin(Query);
            }

            return Taken;
        }
    }

    /// <summary>Gives the query another question.</summary>
    public void SetQuestion(scoped DnsNameView name, DnsRecordType type, DnsRecordClass @class)
    {
        Query.SetQuestion(name, type, @class);
        Name.Set(Query.LowerName);
    }
}
