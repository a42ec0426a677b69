using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Hosts;

/// <summary>Reads the format of hosts(5): an address and its names a line, <c>#</c> starts a comment.</summary>
internal static class HostsText
{
    /// <summary>The longest line, in octets; longer ones are skipped.</summary>
    public const int MaxLine = 64 * 1024;

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\v\f"u8);
    private static readonly SearchValues<byte> Ipv6Octets = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Takes a name and its address.</summary>
    /// <returns>Null, or what is wrong with the entry.</returns>
    public delegate string? EntrySink(ClientAddress address, DnsName name);

    /// <summary>Reads a whole file, line by line, without holding more than a line of it.</summary>
    /// <param name="content">The file, in UTF-8.</param>
    /// <param name="sink">Takes each entry.</param>
    /// <param name="problems">Takes what is wrong, with the line's number.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void Read(Stream content, EntrySink sink, HostsProblems problems)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(2 * MaxLine);
        try
        {
            int line = 0;
            int filled = 0;
            bool tooLong = false;
            bool first = true;
            while (true)
            {
                int read = content.Read(buffer, filled, buffer.Length - filled);
                filled += read;
                if (first && filled >= 3)
                {
                    first = false;
                    if (buffer.AsSpan(0, 3).SequenceEqual("\uFEFF"u8))
                    {
                        " "u8.CopyTo(buffer);
                        "  "u8.CopyTo(buffer.AsSpan(1));
                    }
                }

                ReadOnlySpan<byte> rest = buffer.AsSpan(0, filled);
                for (int end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
                {
                    Take(rest[..end], ++line, tooLong, sink, problems);
                    tooLong = false;
                    rest = rest[(end + 1)..];
                }

                if (read == 0)
                {
                    if (!rest.IsEmpty)
                    {
                        Take(rest, ++line, tooLong, sink, problems);
                    }

                    return;
                }

                if (rest.Length > MaxLine)
                {
                    tooLong = true;
                    rest = default;
                }

                rest.CopyTo(buffer);
                filled = rest.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="sink">Takes each entry.</param>
    /// <param name="error">What is wrong, when something is; entries before and behind a bad name are taken.</param>
    /// <returns>False when something is wrong.</returns>
    public static bool TryReadLine(ReadOnlySpan<byte> line, EntrySink sink, [NotNullWhen(false)] out string? error)
    {
        int comment = line.IndexOf((byte)'#');
        ReadOnlySpan<byte> rest = comment >= 0 ? line[..comment] : line;
        error = null;
        if (!TryTakeWord(ref rest, out ReadOnlySpan<byte> word))
        {
            return true;
        }

        if (!TryReadAddress(word, out ClientAddress address))
        {
            error = $"\"{Shown(word)}\" is not an IP address";
            return false;
        }

        if (!TryTakeWord(ref rest, out ReadOnlySpan<byte> name))
        {
            error = $"{Shown(word)} stands without a name";
            return false;
        }

        do
        {
            if (!TryReadName(name, out DnsName? read, out string? problem))
            {
                error ??= $"\"{Shown(name)}\" is not a host name: {problem}";
            }
            else
            {
                string? refusal = sink(address, read);
                error ??= refusal;
            }
        }
        while (TryTakeWord(ref rest, out name));
        return error is null;
    }

    /// <summary>Reads an address: four decimal numbers without leading zeros, or IPv6, whose <c>%zone</c> is dropped.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> word, out ClientAddress address)
    {
        int zone = word.IndexOf((byte)'%');
        word = zone >= 0 ? word[..zone] : word;
        address = default;
        if (!word.Contains((byte)':'))
        {
            Span<byte> octets = stackalloc byte[4];
            if (!TryReadIpv4(word, octets))
            {
                return false;
            }

            address = new ClientAddress(octets, 0);
            return true;
        }

        // The charset leaves out brackets and prefix lengths, which the framework's parser takes.
        if (word.Length > 45 || word.ContainsAnyExcept(Ipv6Octets))
        {
            return false;
        }

        Span<char> text = stackalloc char[45];
        int length = Encoding.ASCII.GetChars(word, text);
        if (!IPAddress.TryParse(text[..length], out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = ClientAddress.From(new IPEndPoint(parsed, 0));
        return true;
    }

    /// <summary>Reads a name, which is taken as absolute and in lower case.</summary>
    public static bool TryReadName(ReadOnlySpan<byte> word, [NotNullWhen(true)] out DnsName? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        if (word.Contains((byte)'\\'))
        {
            if (!DnsName.TryParse(Encoding.UTF8.GetString(word), null, out DnsName? escaped, out error))
            {
                return false;
            }

            name = escaped.ToLower();
            return true;
        }

        if (word.Length > 1 && word[^1] == (byte)'.')
        {
            word = word[..^1];
        }

        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        if (!DnsNameText.TryParsePlain(word, wire, out int length, out error))
        {
            return false;
        }

        name = DnsName.FromView(new DnsNameView(wire[..length]));
        return true;
    }

    private static void Take(ReadOnlySpan<byte> line, int number, bool tooLong, EntrySink sink, HostsProblems problems)
    {
        if (tooLong || line.Length > MaxLine)
        {
            problems.Add(number, $"the line is longer than {MaxLine} octets");
        }
        else if (!TryReadLine(line, sink, out string? error))
        {
            problems.Add(number, error);
        }
    }

    private static bool TryTakeWord(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        int start = rest.IndexOfAnyExcept(Blanks);
        if (start < 0)
        {
            rest = default;
            word = default;
            return false;
        }

        rest = rest[start..];
        int end = rest.IndexOfAny(Blanks);
        end = end < 0 ? rest.Length : end;
        word = rest[..end];
        rest = rest[end..];
        return true;
    }

    private static bool TryReadIpv4(ReadOnlySpan<byte> word, Span<byte> octets)
    {
        int at = 0;
        for (int i = 0; i < 4; i++)
        {
            if (i > 0 && (at >= word.Length || word[at++] != (byte)'.'))
            {
                return false;
            }

            int start = at;
            int value = 0;
            while (at < word.Length && at - start < 4 && (uint)(word[at] - '0') <= 9)
            {
                value = (value * 10) + word[at++] - '0';
            }

            if (at == start || value > 255 || (at - start > 1 && word[start] == (byte)'0'))
            {
                return false;
            }

            octets[i] = (byte)value;
        }

        return at == word.Length;
    }

    /// <summary>A word for a message: cut when long, harmless when binary.</summary>
    private static string Shown(ReadOnlySpan<byte> word)
    {
        string text = Encoding.UTF8.GetString(word.Length > 80 ? word[..80] : word);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = char.IsControl(from[i]) ? '?' : from[i];
            }
        });
    }
}
