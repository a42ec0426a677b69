namespace MiniDns.Queries;

/// <summary>Wants to see a query once its reply is encoded: how long it took, what was said, how large it is.</summary>
public interface IReplyObserver
{
    /// <summary>Runs on the thread that answers; must not throw, wait or allocate.</summary>
    /// <param name="query">The query; its question and response are still there, and the reply's octets lie in <see cref="DnsQuery.SendBuffer"/>.</param>
    /// <param name="replyLength">The reply's length in octets; 0 when none is sent.</param>
    void Finished(DnsQuery query, int replyLength);
}
