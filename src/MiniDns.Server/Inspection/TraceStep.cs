using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Server.Inspection;

/// <summary>What one plugin did with a query.</summary>
public sealed class TraceStep
{
    /// <summary>The plugin.</summary>
    public required string Plugin { get; init; }

    /// <summary>How many of the server's own questions led to this one; 0 for the client's.</summary>
    public required int Depth { get; init; }

    /// <summary>The name that the plugin saw.</summary>
    public required DnsName Name { get; init; }

    /// <summary>The type that the plugin saw.</summary>
    public required DnsRecordType Type { get; init; }

    /// <summary>True when a plugin behind it saw the query too.</summary>
    public bool PassedOn { get; internal set; }

    /// <summary>The question that it passed on, when that is another one.</summary>
    public string? PassedOnAs { get; internal set; }

    /// <summary>The questions that it asked the server itself.</summary>
    public IReadOnlyList<string> Asked => AskedList;

    /// <summary>True when there was a reply when the query came back from here.</summary>
    public bool Replied { get; internal set; }

    /// <summary>True when the query was not to be answered at all.</summary>
    public bool Dropped { get; internal set; }

    /// <summary>The reply's code, if there was one.</summary>
    public DnsResponseCode Code { get; internal set; }

    /// <summary>True when this plugin made the reply, or another code than the one it got from behind.</summary>
    public bool IsAuthor { get; internal set; }

    /// <summary>Why the query failed, if this plugin said so.</summary>
    public string? Failure { get; internal set; }

    /// <summary>How long this plugin took by itself, those that it passed the query on to left out.</summary>
    public TimeSpan Own { get; internal set; }

    /// <summary>True once the query has come back.</summary>
    public bool IsDone { get; internal set; }

    internal List<string> AskedList { get; } = [];

    internal long StartedAt { get; set; }

    internal TimeSpan Inside { get; set; }

    internal TraceStep? Caller { get; set; }

    internal DnsResponseCode? CodeFromBehind { get; set; }
}
