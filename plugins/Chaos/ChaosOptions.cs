using System.Text;

namespace MiniDns.Plugins.Chaos;

/// <summary>What the server tells about itself.</summary>
/// <param name="Version">The version.</param>
/// <param name="HostName">The machine's name.</param>
/// <param name="Authors">Who wrote it.</param>
internal sealed record ChaosOptions(string Version, string HostName, IReadOnlyList<string> Authors)
{
    /// <summary>The authors when the Corefile names none.</summary>
    public static IReadOnlyList<string> DefaultAuthors { get; } = ["The MiniDns authors"];

    /// <summary>A TXT record's rdata with one string: at most 255 octets of the text, cut between characters.</summary>
    public static byte[] ToRdata(string text)
    {
        Span<byte> octets = stackalloc byte[256];
        Encoding.UTF8.GetEncoder().Convert(text, octets[1..], true, out _, out int length, out _);
        octets[0] = (byte)length;
        return octets[..(length + 1)].ToArray();
    }
}
