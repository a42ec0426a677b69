using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>Where ids, ports and choices come from.</summary>
/// <remarks>What an attacker must not guess (RFC 5452 §4.2, §9.2) comes from the system's generator, a few hundred values at a time.</remarks>
public class UpstreamRandom
{
    [ThreadStatic]
    private static ushort[]? t_stock;

    [ThreadStatic]
    private static int t_left;

    /// <summary>The one to use outside tests.</summary>
    public static UpstreamRandom Secure { get; } = new();

    /// <summary>An unpredictable number from 0 to 65,535.</summary>
    public virtual ushort Next()
    {
        ushort[] stock = t_stock ??= new ushort[256];
        if (t_left == 0)
        {
            SystemRandom.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(stock.AsSpan()));
            t_left = stock.Length;
        }

        return stock[--t_left];
    }

    /// <summary>An unpredictable number from 0 to <paramref name="limit"/> - 1.</summary>
    /// <param name="limit">1 to 65,536.</param>
    public int Below(int limit) => Next() * limit >> 16;

    /// <summary>Puts values into an order that each of the possible orders is as likely as.</summary>
    public void Shuffle(Span<byte> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }
}
