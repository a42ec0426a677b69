using System.Globalization;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

/// <summary>A reply as dig, kdig and drill print it.</summary>
internal sealed partial class DigReply
{
    private readonly ToolResult _result;
    private readonly List<string> _answer = [];

    private DigReply(ToolResult result)
    {
        _result = result;
        string section = "";
        foreach (string line in result.Lines)
        {
            if (SectionHead().Match(line) is { Success: true } head)
            {
                section = head.Groups["name"].Value.ToUpperInvariant();
            }
            else if (section == "ANSWER" && !line.StartsWith(';'))
            {
                _answer.Add(Spaces().Replace(line, " "));
            }

            if (Status().Match(line) is { Success: true } status)
            {
                Code = status.Groups["code"].Value;
            }

            if (FlagList().Match(line) is { Success: true } flags)
            {
                Flags = flags.Groups["flags"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }
    }

    /// <summary>NOERROR, NXDOMAIN …; empty when there was no reply.</summary>
    public string Code { get; } = "";

    /// <summary>The header's flags: qr aa tc rd ra ad cd.</summary>
    public IReadOnlyList<string> Flags { get; } = [];

    /// <summary>The records of the answer, with single spaces: <c>web.mycompany.com. 3600 IN A 192.168.1.10</c>.</summary>
    public IReadOnlyList<string> Answer => _answer;

    /// <summary>The answer's records without owner, TTL and class: <c>A 192.168.1.10</c>.</summary>
    public IReadOnlyList<string> AnswerData => [.. _answer.Select(a => string.Join(' ', a.Split(' ')[3..]))];

    /// <summary>The TTLs of the answer's records, in seconds.</summary>
    public IReadOnlyList<int> Ttls => [.. _answer.Select(a => int.Parse(a.Split(' ')[1], CultureInfo.InvariantCulture))];

    /// <summary>All that was printed.</summary>
    public string Text => _result.Output;

    public static DigReply Parse(ToolResult result)
    {
        var reply = new DigReply(result.Succeeded());
        Assert.True(reply.Code != "", "no reply in " + result);
        return reply;
    }

    public override string ToString() => _result.ToString();

    [GeneratedRegex(@"^;; (?<name>[A-Z]+) SECTION:", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SectionHead();

    // dig: ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1"; kdig: ";; ->>HEADER<<- opcode: QUERY; status: NOERROR; id: 1"; drill: "rcode: NOERROR"
    [GeneratedRegex(@"^;; ->>HEADER<<-.*(status|rcode): (?<code>[A-Z0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Status();

    [GeneratedRegex(@"^;; flags: ?(?<flags>[a-z ]*)\s*;", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex FlagList();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
