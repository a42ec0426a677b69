namespace MiniDns.Protocol.Security;

/// <summary>Computes one MAC after another with one secret. Not for use by several threads at once.</summary>
internal abstract class TsigMac
{
    /// <summary>Takes octets.</summary>
    public abstract void Append(ReadOnlySpan<byte> octets);

    /// <summary>Gives the MAC of what was appended, and starts anew.</summary>
    /// <param name="destination">Takes the MAC; as long as the hash, before any cutting.</param>
    public abstract void Finish(Span<byte> destination);
}
