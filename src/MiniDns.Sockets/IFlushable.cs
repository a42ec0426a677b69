namespace MiniDns.Sockets;

/// <summary>Something that collects work to do it together at the end of a batch.</summary>
public interface IFlushable
{
    /// <summary>Does the collected work.</summary>
    void Flush();
}
