using System.Globalization;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.CommandLine;

/// <summary>A question in dig's words: <c>@server name type +tcp</c>, in any order.</summary>
internal sealed class QuestionWords
{
    /// <summary>Whom to ask; null for the system's name server.</summary>
    public string? Server { get; private set; }

    /// <summary>The name.</summary>
    public DnsName? Name { get; private set; }

    /// <summary>The type; A when none was given, PTR for an address after <c>-x</c>.</summary>
    public DnsRecordType Type { get; private set; } = DnsRecordType.A;

    /// <summary>The class.</summary>
    public DnsRecordClass Class { get; private set; } = DnsRecordClass.IN;

    /// <summary>How to ask; null for the usual way.</summary>
    public DnsTransport? Transport { get; private set; }

    /// <summary>Asks for DNSSEC records (DO).</summary>
    public bool Dnssec { get; private set; }

    /// <summary>Prints the data of answers only.</summary>
    public bool Short { get; private set; }

    /// <summary>Prints JSON.</summary>
    public bool Json { get; private set; }

    /// <summary>Asks for recursion (RD).</summary>
    public bool Recurse { get; private set; } = true;

    /// <summary>How often UDP is tried.</summary>
    public int Tries { get; private set; } = 3;

    /// <summary>How long each try waits.</summary>
    public TimeSpan Timeout { get; private set; } = TimeSpan.FromSeconds(5);

    /// <summary>The options that may stand among the words, without their plus sign.</summary>
    /// <param name="overNetwork">Whether the question goes over the network.</param>
    public static IEnumerable<string> Options(bool overNetwork) => ["tcp", "dnssec", "short", "json", "norecurse", .. overNetwork ? (string[])["tries", "time"] : ["tls", "https"]];

    /// <summary>Reads the words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="takesServer">Whether <c>@server</c> may be among them.</param>
    /// <param name="address">The address whose name is asked for (<c>-x</c>); null for none.</param>
    /// <param name="error">What is wrong with them, if anything is.</param>
    public static QuestionWords? Read(IReadOnlyList<string> words, bool takesServer, string? address, out string? error)
    {
        var question = new QuestionWords();
        error = address is null ? null : question.TakeAddress(address);
        foreach (string word in words)
        {
            error ??= word switch
            {
                ['@', .. string server] when takesServer => question.TakeServer(server),
                ['+', .. string flag] => question.TakeFlag(flag, takesServer),
                _ => question.TakeWord(word),
            };
        }

        if (error is null && question.Name is null)
        {
            error = "a name is expected, such as 'example.org', and perhaps a type, such as 'AAAA'";
        }

        return error is null ? question : null;
    }

    private string? TakeServer(string server)
    {
        Server = server;
        return server.Length == 0 ? "an address is expected after '@', such as '@127.0.0.1' or '@127.0.0.1:1053'" : null;
    }

    private string? TakeFlag(string flag, bool overNetwork)
    {
        string[] parts = flag.Split('=', 2);
        switch (parts[0])
        {
            case "tcp" or "vc":
                Transport = DnsTransport.Tcp;
                return null;
            case "notcp" or "novc":
                Transport = DnsTransport.Udp;
                return null;
            case "tls" when !overNetwork:
                Transport = DnsTransport.Tls;
                return null;
            case "https" when !overNetwork:
                Transport = DnsTransport.Https;
                return null;
            case "dnssec" or "do":
                Dnssec = true;
                return null;
            case "short":
                Short = true;
                return null;
            case "json":
                Json = true;
                return null;
            case "norecurse" or "norec":
                Recurse = false;
                return null;
            case "tries" or "time" when overNetwork:
                if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 3600)
                {
                    return $"'+{flag}': a number is expected, such as '+{parts[0]}=2'";
                }

                (Tries, Timeout) = parts[0] == "tries" ? (number, Timeout) : (Tries, TimeSpan.FromSeconds(number));
                return null;
            default:
                return $"unknown option '+{flag}'{NearNames.Hint(parts[0], [.. Options(overNetwork)])}";
        }
    }

    private string? TakeAddress(string text)
    {
        if (!AddressText.TryParseAddress(text, out IPAddress? address))
        {
            return $"-x: '{text}' is not an IP address";
        }

        Name = ZoneText.ReverseZones(new IPNetwork(address, address.GetAddressBytes().Length * 8))[0];
        Type = DnsRecordType.PTR;
        return null;
    }

    private string? TakeWord(string word)
    {
        // As in dig: the first word that is no type is the name; a name that looks like a type comes first.
        if (Name is not null && DnsTypeText.TryParse(word, out DnsRecordType type))
        {
            Type = type;
            return null;
        }

        if (Name is not null && DnsClassText.TryParse(word, out DnsRecordClass @class))
        {
            Class = @class;
            return null;
        }

        if (word.StartsWith('-'))
        {
            return $"unknown option '{word}'; options of a question begin with '+', such as '+tcp'";
        }

        if (Name is not null)
        {
            return $"'{word}' is not a type, and only one name is asked for: it is '{Name}' already";
        }

        if (!DnsName.TryParse(word, DnsName.Root, out DnsName? name, out string? error))
        {
            return $"'{word}' is not a name: {error}";
        }

        Name = name;
        return null;
    }
}
