using System.Buffers;
using System.Net;
using System.Text;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.NameLists;

/// <summary>Reads lists of names in the formats that there are, told apart line by line: hosts files, bare domains, and adblock rules.</summary>
internal static class ListText
{
    private static readonly SearchValues<byte> NameOctets = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8);
    private static readonly SearchValues<byte> AddressOctets = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\f\v"u8);

    /// <summary>The names that a hosts file has for the machine itself.</summary>
    private static readonly HashSet<string> OwnNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost", "localhost.localdomain", "localhost4", "localhost6", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
        "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> OwnNamesBySpan = OwnNames.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Takes a name that a line speaks of.</summary>
    /// <param name="wire">The name's octets, in lower case.</param>
    /// <param name="rule">What the line says.</param>
    /// <returns>False when there is no room for it.</returns>
    public delegate bool RuleSink(ReadOnlySpan<byte> wire, ListRule rule);

    /// <summary>Reads a whole list.</summary>
    /// <param name="content">The file's octets.</param>
    /// <param name="sink">Takes the names.</param>
    public static ListSummary Read(ReadOnlySpan<byte> content, RuleSink sink)
    {
        var summary = new ListSummary();
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        for (int number = 1; !content.IsEmpty; number++)
        {
            int end = content.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? content : content[..end];
            content = end < 0 ? default : content[(end + 1)..];
            ReadLine(line, number, sink, summary);
        }

        return summary;
    }

    /// <summary>Reads a name, as it stands in a list.</summary>
    /// <param name="text">The name; a final dot may be there or not.</param>
    /// <param name="wire">Takes the name's octets in lower case; 255 of them.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    public static bool TryReadName(ReadOnlySpan<byte> text, Span<byte> wire, out int length, out string? error)
    {
        length = 0;
        error = null;
        if (text is [.., (byte)'.'])
        {
            text = text[..^1];
        }

        if (text.IsEmpty)
        {
            error = "a name is expected";
        }
        else if (text.Length <= DnsNameView.MaxLength - 2 && text.IndexOfAnyExcept(NameOctets) is >= 0 and int at)
        {
            error = text[at] >= 0x80 ? "a name with letters other than ASCII is written in its xn-- form" : $"a name must not hold '{Shown(text.Slice(at, 1))}'";
        }

        return error is null && DnsNameText.TryParsePlain(text, wire, out length, out error);
    }

    private static void ReadLine(ReadOnlySpan<byte> line, int number, RuleSink sink, ListSummary summary)
    {
        int at = line.IndexOfAnyExcept(Blanks);
        if (at < 0 || line[at] is (byte)'#' or (byte)'!' or (byte)'[' or (byte)';')
        {
            return;
        }

        ReadOnlySpan<byte> word = WordAt(line, at);
        ReadOnlySpan<byte> rest = line[at..].TrimEnd(" \t\r\f\v"u8);
        if (word.StartsWith("||"u8) || word.StartsWith("@@"u8))
        {
            ReadAdblock(rest, number, at, sink, summary);
        }
        else if (IsAddress(word))
        {
            ReadHosts(line, number, at + word.Length, sink, summary);
        }
        else if (word[0] is (byte)'|' or (byte)'/' || word.IndexOfAny("#$/"u8) >= 0)
        {
            summary.Unsupported++;      // a part of a page, an address with a path, a regular expression
        }
        else
        {
            int next = NextWord(line, at + word.Length);
            if (next >= 0 && line[next] != (byte)'#')
            {
                summary.Add(number, next + 1, "one name is expected on a line, or an address and names, or a rule such as ||example.org^");
                return;
            }

            ReadDomain(word, number, at, ListRule.Exact | ListRule.Below, sink, summary);
        }
    }

    /// <summary><c>||example.org^</c>, <c>@@||example.org^$important</c>.</summary>
    private static void ReadAdblock(ReadOnlySpan<byte> rule, int number, int at, RuleSink sink, ListSummary summary)
    {
        ListRule kind = ListRule.Exact | ListRule.Below;
        if (rule.StartsWith("@@"u8))
        {
            kind |= ListRule.Allow;
            rule = rule[2..];
            at += 2;
        }

        if (!rule.StartsWith("||"u8))
        {
            summary.Unsupported++;
            return;
        }

        rule = rule[2..];
        at += 2;
        int end = rule.IndexOfAny("^$"u8);
        ReadOnlySpan<byte> name = end < 0 ? rule : rule[..end];
        ReadOnlySpan<byte> after = end < 0 ? default : rule[end..];
        if (after is [(byte)'^', ..])
        {
            after = after[1..];
        }

        if (after is [(byte)'|', ..])
        {
            after = after[1..];
        }

        bool isWhole = after.IsEmpty || after.SequenceEqual("$important"u8) || after.SequenceEqual("$all"u8);
        if (!isWhole || name.IndexOfAny("/?=:|"u8) >= 0 || name.LastIndexOf((byte)'*') > 0)
        {
            summary.Unsupported++;
            return;
        }

        ReadDomain(name, number, at, kind, sink, summary);
    }

    /// <summary>The names after an address.</summary>
    private static void ReadHosts(ReadOnlySpan<byte> line, int number, int after, RuleSink sink, ListSummary summary)
    {
        bool isFirst = true;
        Span<char> text = stackalloc char[32];
        for (int at = NextWord(line, after); at >= 0 && line[at] != (byte)'#';)
        {
            isFirst = false;
            ReadOnlySpan<byte> word = WordAt(line, at);
            if (word.Length > text.Length || !OwnNamesBySpan.Contains(text[..Encoding.Latin1.GetChars(word, text)]))
            {
                ReadDomain(word, number, at, ListRule.Exact, sink, summary);
            }

            at = NextWord(line, at + word.Length);
        }

        if (isFirst)
        {
            summary.Add(number, after + 1, "a name is expected behind the address");
        }
    }

    private static void ReadDomain(ReadOnlySpan<byte> name, int number, int at, ListRule rule, RuleSink sink, ListSummary summary)
    {
        if (name.StartsWith("*."u8))
        {
            name = name[2..];
            at += 2;
            rule = ListRule.Below | (rule & ListRule.Allow);
        }
        else if (name is [(byte)'.', _, ..])
        {
            name = name[1..];
            at++;
        }

        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        if (!TryReadName(name, wire, out int length, out string? error))
        {
            summary.Add(number, at + 1, $"'{Shown(name)}' is not a name: {error}");
        }
        else if (sink(wire[..length], rule))
        {
            summary.Names++;
        }
        else
        {
            summary.Add(number, at + 1, "there is no room for more names");
        }
    }

    private static bool IsAddress(ReadOnlySpan<byte> word)
    {
        if (word.Length > 45 || (!word.Contains((byte)':') && (word.ContainsAnyExcept(AddressOctets) || word.Count((byte)'.') != 3)))
        {
            return false;
        }

        if (word.SequenceEqual("0.0.0.0"u8) || word.SequenceEqual("127.0.0.1"u8))
        {
            return true;
        }

        Span<char> text = stackalloc char[45];
        return AddressText.TryParseAddress(text[..Encoding.Latin1.GetChars(word, text)], out IPAddress? _);
    }

    private static ReadOnlySpan<byte> WordAt(ReadOnlySpan<byte> line, int at)
    {
        int end = line[at..].IndexOfAny(Blanks);
        return end < 0 ? line[at..] : line.Slice(at, end);
    }

    /// <summary>Where the next word starts; -1 when there is none.</summary>
    private static int NextWord(ReadOnlySpan<byte> line, int after)
    {
        int start = line[after..].IndexOfAnyExcept(Blanks);
        return start < 0 ? -1 : after + start;
    }

    /// <summary>A word for a message: cut when long, harmless when binary.</summary>
    private static string Shown(ReadOnlySpan<byte> word) =>
        string.Concat(Encoding.Latin1.GetString(word.Length > 60 ? word[..60] : word).Select(c => char.IsControl(c) || c > '~' ? '?' : c));
}
