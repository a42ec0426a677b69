using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Autopath;

/// <summary>Knows the search path of clients, and sees which questions are the first step along it.</summary>
internal abstract class SearchPath
{
    /// <summary>How many elements follow the first one; the last of them is the root: the name as it is.</summary>
    public abstract int Count { get; }

    /// <summary>Tells whether a name is one that a client's resolver has put the first element of its search path behind.</summary>
    /// <param name="query">The query.</param>
    /// <param name="headLength">The octets of the name in front of that element.</param>
    /// <param name="isSure">False when the name could be another step of another client. Then only the name as it is may be the answer: what lies on the
    /// path before it is one that the client finds itself.</param>
    public abstract bool IsFirstStep(DnsQuery query, out int headLength, out bool isSure);

    /// <summary>An element that follows the first one.</summary>
    /// <param name="query">The query.</param>
    /// <param name="headLength">The octets in front of the first element.</param>
    /// <param name="index">Its place, from 0.</param>
    public abstract DnsNameView ElementAt(DnsQuery query, int headLength, int index);

    /// <summary>How long an alias that rests on a denial may be kept, in seconds.</summary>
    /// <param name="denial">How long the denial may be kept; null when it does not say.</param>
    public abstract uint AliasTtl(uint? denial);
}
