namespace MiniDns.Queries;

/// <summary>The further messages of a reply that takes more than one: a zone transfer (RFC 5936 §2.2). Streams only.</summary>
/// <remarks>Disposed when its last message is written or the client is gone, whichever is first.</remarks>
public interface IReplySequence : IDisposable
{
    /// <summary>Makes the query's response the next message.</summary>
    /// <remarks>Called when the message before it has been written and the client takes more; one call at a time. It may take
    /// a while, for the transport runs it on the thread pool.</remarks>
    /// <returns>False when there is no further message.</returns>
    bool TryNext(DnsQuery query);
}
