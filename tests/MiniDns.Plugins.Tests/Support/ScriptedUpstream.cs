using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>The end of a chain, as the directive <c>scripted</c>: gives each question its <see cref="ScriptedAnswer"/>, NXDOMAIN to all others.</summary>
internal sealed class ScriptedUpstream : IDnsPlugin, IDnsHandler
{
    private readonly List<(DnsName Name, DnsRecordType Type, ScriptedAnswer Answer)> _script = [];

    public string Name => "scripted";

    /// <summary>True to complete later, on another thread.</summary>
    public bool IsSlow { get; set; }

    /// <summary>What every question waits for, when set.</summary>
    public Task? Gate { get; set; }

    /// <summary>True to keep note of what was asked.</summary>
    public bool TakesNotes { get; set; } = true;

    /// <summary>What was asked.</summary>
    public List<string> Asked { get; } = [];

    public void Setup(PluginSetup setup) => setup.Use(_ => this);

    public ScriptedUpstream On(string name, DnsRecordType type, ScriptedAnswer answer)
    {
        _script.Add((DnsName.Parse(name), type, answer.Prepare(name, type)));
        return this;
    }

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => IsSlow || Gate is not null ? LaterAsync(query) : AnswerAsync(query);

    private async ValueTask<DnsOutcome> LaterAsync(DnsQuery query)
    {
        await (Gate ?? Task.CompletedTask);
        await Task.Yield();
        return await AnswerAsync(query);
    }

    private ValueTask<DnsOutcome> AnswerAsync(DnsQuery query)
    {
        if (TakesNotes)
        {
            Asked.Add($"{query.LowerName.ToString()} {query.Type}");
        }

        foreach ((DnsName name, DnsRecordType type, ScriptedAnswer answer) in _script)
        {
            if (type == query.Type && query.LowerName.Equals(name.View))
            {
                return answer.HandleAsync(query);
            }
        }

        return new ValueTask<DnsOutcome>(query.Reply(Protocol.Messages.DnsResponseCode.NameError));
    }
}
