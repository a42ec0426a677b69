using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Blocklist;

/// <summary>Reads a <c>blocklist</c> directive.</summary>
internal sealed class BlocklistReader
{
    private const string AnswerSyntax = "answer nxdomain|nodata|refused|null|ADDRESS...";

    private static readonly Dictionary<string, BlockAnswer> Answers = new(StringComparer.Ordinal)
    {
        ["nxdomain"] = new(BlockAnswerKind.NxDomain),
        ["nodata"] = new(BlockAnswerKind.NoData),
        ["refused"] = new(BlockAnswerKind.Refused),
        ["null"] = BlockAnswer.Null,
    };

    private static readonly Dictionary<string, ushort?> ErrorCodes = new(StringComparer.Ordinal)
    {
        ["blocked"] = (ushort)EdnsErrorCode.Blocked,
        ["filtered"] = (ushort)EdnsErrorCode.Filtered,
        ["none"] = null,
    };

    private readonly NameListReader _names = new();
    private readonly List<GroupDraft> _drafts = [];
    private BlockAnswer _answer = Answers["nxdomain"];
    private ushort? _errorCode = (ushort)EdnsErrorCode.Blocked;

    /// <summary>Reads the directive.</summary>
    public BlocklistOptions Read(DirectiveReader reader)
    {
        uint ttl = 300;
        TimeSpan reload = TimeSpan.FromSeconds(10);
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["list"] = p => _names.ReadList(p, allows: false),
                ["allow_list"] = p => _names.ReadList(p, allows: true),
                ["block"] = p => _names.ReadNames(p, allows: false),
                ["allow"] = p => _names.ReadNames(p, allows: true),
                ["answer"] = p => _answer = ReadAnswer(p) ?? _answer,
                ["ede"] = p => _errorCode = p.Choice(ErrorCodes, _errorCode),
                ["ttl"] = p => ttl = (uint)p.Int(0, 86400, (int)ttl),
                ["reload"] = p => reload = p.Duration(reload),
                ["group"] = ReadGroup,
            },
            repeatable: ["list", "allow_list", "block", "allow", "group"]);
        if (_names.IsEmpty)
        {
            reader.Warning("blocks nothing; name a file with 'list FILE' or names with 'block NAME...'");
        }

        return new BlocklistOptions
        {
            Names = _names.Options("blocklist", "minidns_blocklist", reload),
            Everybody = new BlockGroup(string.Empty, uint.MaxValue, _answer, _errorCode),
            Groups = [.. _drafts.Select(d => Finish(reader, d))],
            Ttl = ttl,
        };
    }

    private static BlockAnswer? ReadAnswer(DirectiveReader reader)
    {
        if (!reader.ArgumentCount(1, 2, AnswerSyntax))
        {
            return null;
        }

        if (Answers.TryGetValue(reader.Next!.Text, out BlockAnswer? known))
        {
            reader.Rest();
            return known;
        }

        var answer = new BlockAnswer(BlockAnswerKind.Address);
        foreach (CorefileToken word in reader.Rest())
        {
            if (!AddressText.TryParseAddress(word.Text, out IPAddress? address) || word.Text.Contains('%', StringComparison.Ordinal))
            {
                reader.Error(word.Span, $"'{word.Text}' is not one of {string.Join(", ", Answers.Keys)}, nor an IP address");
                continue;
            }

            byte[] octets = address.GetAddressBytes();
            if ((octets.Length == 4 ? answer.V4 : answer.V6).Length > 0)
            {
                reader.Error(word.Span, $"'{word.Text}' is a second address of its family; one of each can be given");
            }

            answer = octets.Length == 4 ? answer with { V4 = octets } : answer with { V6 = octets };
        }

        return answer;
    }

    private void ReadGroup(DirectiveReader reader)
    {
        List<ClientNetwork> networks = [];
        var draft = new GroupDraft { Name = NameListReader.ReadGroup(reader, _drafts.Select(d => d.Name), networks), Networks = networks };
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["lists"] = p =>
            {
                p.ArgumentCount(1, int.MaxValue, "lists NAME...");
                draft.Lists = p.Rest();
            },
            ["answer"] = p => draft.Answer = ReadAnswer(p),
            ["ede"] = p => (draft.ErrorCode, draft.HasErrorCode) = (p.Choice(ErrorCodes, null), true),
            ["off"] = _ => draft.Lists = [],
        });
        _drafts.Add(draft);
    }

    /// <summary>Finds a group's lists, which may stand behind it.</summary>
    private BlockGroup Finish(DirectiveReader reader, GroupDraft draft)
    {
        uint lists = draft.Lists is null ? uint.MaxValue : 0;
        foreach (CorefileToken word in draft.Lists ?? [])
        {
            int list = _names.Lists.ToList().FindIndex(l => l.Name == word.Text);
            if (list < 0)
            {
                reader.Error(word.Span, $"group: lists: there is no list '{word.Text}'{NearNames.Hint(word.Text, [.. _names.Lists.Select(l => l.Name)])}");
                continue;
            }

            lists |= ListMarks.BlockBit(list) | ListMarks.AllowBit(list);
        }

        return new BlockGroup(draft.Name, lists, draft.Answer ?? _answer, draft.HasErrorCode ? draft.ErrorCode : _errorCode) { Networks = draft.Networks };
    }

    private sealed class GroupDraft
    {
        public required string Name { get; init; }

        public required IReadOnlyList<ClientNetwork> Networks { get; init; }

        public IReadOnlyList<CorefileToken>? Lists { get; set; }

        public BlockAnswer? Answer { get; set; }

        public ushort? ErrorCode { get; set; }

        public bool HasErrorCode { get; set; }
    }
}
