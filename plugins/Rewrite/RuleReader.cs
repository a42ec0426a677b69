using System.Globalization;
using MiniDns.Configuration;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Reads the words of one rule.</summary>
/// <param name="reader">Takes errors.</param>
/// <param name="words">The words behind <c>rewrite</c>, those in braces included.</param>
/// <param name="labels">Takes the metadata labels that are to be bound.</param>
internal sealed partial class RuleReader(DirectiveReader reader, IReadOnlyList<CorefileToken> words, List<MetadataLabel> labels)
{
    private const uint LongestTtl = int.MaxValue;

    private static readonly string[] Fields = ["name", "type", "class", "edns0", "ttl", "cname", "rcode"];
    private static readonly string[] Kinds = ["exact", "prefix", "suffix", "substring", "regex"];

    private readonly PatternReader _patterns = new(reader);
    private int _next;

    private int Left => words.Count - _next;

    private SourceSpan Here => _next > 0 ? words[_next - 1].Span : reader.Directive.Span;

    /// <summary>Reads the rule.</summary>
    /// <returns>The rule; null after an error.</returns>
    public RewriteRule? Read()
    {
        bool continues = false;
        if (Left > 0 && words[0].Text.ToLowerInvariant() is "continue" or "stop")
        {
            continues = words[0].Text.Equals("continue", StringComparison.OrdinalIgnoreCase);
            _next++;
        }

        if (Left == 0)
        {
            return Error(Here, "a rule is expected, such as 'name old.example.org new.example.org'");
        }

        CorefileToken field = words[_next++];
        return field.Text.ToLowerInvariant() switch
        {
            "name" => ReadName(continues),
            "type" => ReadType(continues),
            "class" => ReadClass(continues),
            "edns0" => ReadEdns(continues),
            "ttl" => ReadTtl(continues),
            "cname" => ReadCname(continues),
            "rcode" => ReadCode(continues),
            "answer" => Error(field.Span, "response rewrites must begin with a name rule: put 'name FROM TO' before 'answer'"),
            _ => Error(field.Span, $"'{field.Text}' is not one of {string.Join(", ", Fields)}{Near(field.Text, [.. Fields, "continue", "stop"])}"),
        };
    }

    private RewriteRule? ReadName(bool continues)
    {
        if (Left < 2)
        {
            return Error(Here, "'name' takes a name and another, such as 'name old.example.org new.example.org'");
        }

        if (ReadKind(isGiven: Left > 2) is not { } kind)
        {
            return null;
        }

        if (Left < 2)
        {
            return Error(Here, $"'name {kind}' takes 2 arguments");
        }

        CorefileToken from = words[_next++];
        CorefileToken to = words[_next++];
        NamePattern? pattern = _patterns.Read(kind, from, to, PatternUse.Question);
        bool isAuto = kind == "exact";
        bool isAnswerRight = ReadAnswers(kind, ref isAuto, out List<AnswerRule> answers);
        if (pattern is null || !isAnswerRight)
        {
            return null;
        }

        if (kind == "suffix" && isAuto)
        {
            NamePattern back = PatternReader.SuffixBack(from, to);
            return new NameRule(continues, pattern, moves: false, [new AnswerRule(back, IsForValues: false), new AnswerRule(back, IsForValues: true), .. answers]);
        }

        return new NameRule(continues, pattern, isAuto, [.. answers]);
    }

    private bool ReadAnswers(string kind, ref bool isAuto, out List<AnswerRule> answers)
    {
        answers = [];
        bool hasAuto = false;
        bool isFirst = true;
        bool isRight = true;
        while (Left > 0)
        {
            CorefileToken word = words[_next++];
            if (word.Text == "answer")
            {
                if (Left == 0)
                {
                    Error(word.Span, "'auto', 'name FROM TO' or 'value FROM TO' is expected after 'answer'");
                    return false;
                }

                word = words[_next++];
            }
            else if (isFirst)
            {
                Error(word.Span, $"'{word.Text}' is one argument too many; only 'answer' may follow the two names{(Kinds.Contains(kind) ? string.Empty : ", and the kind of match stands before them")}");
                return false;
            }

            isFirst = false;
            switch (word.Text)
            {
                case "auto":
                    hasAuto = true;
                    break;

                // README of CoreDNS: 'answer name auto' means 'answer auto'.
                case "name" when Left >= 1 && words[_next].Text == "auto" && (Left == 1 || words[_next + 1].Text is "answer" or "name" or "value"):
                    hasAuto = true;
                    _next++;
                    break;
                case "name" or "value":
                    if (Left < 2)
                    {
                        Error(word.Span, $"answer {word.Text}: 2 arguments required, an expression and a name");
                        return false;
                    }

                    NamePattern? pattern = _patterns.Read("regex", words[_next], words[_next + 1], PatternUse.Question);
                    _next += 2;
                    isRight &= pattern is not null;
                    if (pattern is not null)
                    {
                        answers.Add(new AnswerRule(pattern, word.Text == "value"));
                    }

                    break;
                default:
                    Error(word.Span, $"'{word.Text}' is not 'auto', 'name' or 'value'{Near(word.Text, ["auto", "name", "value"])}");
                    return false;
            }
        }

        if (hasAuto && answers.Exists(a => !a.IsForValues))
        {
            Error(Here, "'answer auto' and 'answer name' cannot be used together");
            return false;
        }

        isAuto |= hasAuto;
        return isRight;
    }

    private QuestionRule? ReadType(bool continues)
    {
        if (!Takes(2, "type FROM TO"))
        {
            return null;
        }

        bool isRight = DnsTypeText.TryParse(words[_next].Text, out DnsRecordType from) || IsNot(words[_next], "a type such as A or MX");
        isRight &= DnsTypeText.TryParse(words[_next + 1].Text, out DnsRecordType to) || IsNot(words[_next + 1], "a type such as A or MX");
        return isRight ? new QuestionRule(continues, (from, to), null) : null;
    }

    private QuestionRule? ReadClass(bool continues)
    {
        if (!Takes(2, "class FROM TO"))
        {
            return null;
        }

        bool isRight = DnsClassText.TryParse(words[_next].Text, out DnsRecordClass from) || IsNot(words[_next], "a class such as IN or CH");
        isRight &= DnsClassText.TryParse(words[_next + 1].Text, out DnsRecordClass to) || IsNot(words[_next + 1], "a class such as IN or CH");
        return isRight ? new QuestionRule(continues, null, (from, to)) : null;
    }

    private ResponseRule? ReadTtl(bool continues)
    {
        const string Syntax = "ttl [exact|prefix|suffix|substring|regex] NAME SECONDS";
        if (!Takes(2, 3, Syntax) || ReadKind(isGiven: Left == 3) is not { } kind)
        {
            return null;
        }

        NamePattern? pattern = _patterns.Read(kind, words[_next], null, PatternUse.Question);
        bool isRight = TryParseTtls(words[_next + 1].Text, out uint least, out uint most) || IsNot(words[_next + 1], "a number of seconds or a range such as 30-300, -300 or 30-");
        return isRight && pattern is not null ? new ResponseRule(continues, pattern, (ref AnswerEdit edit) => edit.ClampTtls(least, most), isForCodes: false) : null;
    }

    private ResponseRule? ReadCode(bool continues)
    {
        const string Syntax = "rcode [exact|prefix|suffix|substring|regex] NAME FROM TO";
        if (!Takes(3, 4, Syntax) || ReadKind(isGiven: Left == 4) is not { } kind)
        {
            return null;
        }

        NamePattern? pattern = _patterns.Read(kind, words[_next], null, PatternUse.Question);
        bool isRight = TryParseCode(words[_next + 1].Text, out DnsResponseCode from) || IsNot(words[_next + 1], "a response code such as NXDOMAIN, or a number up to 23");
        isRight &= TryParseCode(words[_next + 2].Text, out DnsResponseCode to) || IsNot(words[_next + 2], "a response code such as NOERROR, or a number up to 23");
        return isRight && pattern is not null ? new ResponseRule(continues, pattern, (ref AnswerEdit edit) => edit.ReplaceCode(from, to), isForCodes: true) : null;
    }

    private CnameRule? ReadCname(bool continues)
    {
        const string Syntax = "cname [exact|prefix|suffix|substring|regex] FROM TO";
        if (!Takes(2, 3, Syntax) || ReadKind(isGiven: Left == 3) is not { } kind)
        {
            return null;
        }

        NamePattern? pattern = _patterns.Read(kind, words[_next], words[_next + 1], PatternUse.Target);
        return pattern is null ? null : new CnameRule(continues, pattern);
    }

    /// <summary>Reads the kind of match, when one is given.</summary>
    private string? ReadKind(bool isGiven)
    {
        if (!isGiven)
        {
            return "exact";
        }

        CorefileToken token = words[_next++];
        string kind = token.Text.ToLowerInvariant();
        if (Kinds.Contains(kind))
        {
            return kind;
        }

        Error(token.Span, $"'{token.Text}' is not a kind of match: exact, prefix, suffix, substring or regex; it must be given when options follow{Near(kind, Kinds)}");
        return null;
    }

    private bool Takes(int count, string syntax) => Takes(count, count, syntax);

    private bool Takes(int least, int most, string syntax)
    {
        if (Left >= least && Left <= most)
        {
            return true;
        }

        string expected = least == most ? $"{least}" : $"{least} or {most}";
        Error(Left > most ? words[_next + most].Span : Here, $"{expected} arguments are expected, not {Left}; write '{syntax}'");
        return false;
    }

    private static bool TryParseTtls(string text, out uint least, out uint most)
    {
        string[] bounds = text.Split('-');
        (least, most) = (0, LongestTtl);
        return bounds switch
        {
            [string single] => IsNumber(single, out least) && IsNumber(single, out most),
            ["", ""] => false,
            [string from, string to] => (from.Length == 0 || IsNumber(from, out least)) && (to.Length == 0 || IsNumber(to, out most)) && least <= most,
            _ => false,
        };

        static bool IsNumber(string digits, out uint value) => uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseCode(string text, out DnsResponseCode code)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte number) && number <= 23)
        {
            code = (DnsResponseCode)number;
            return true;
        }

        return DnsResponseCodeText.TryParse(text, out code);
    }

    private static string Near(string text, IEnumerable<string> names) => NearNames.Find(text, names) is { } near ? $"; did you mean '{near}'?" : string.Empty;

    private bool IsNot(CorefileToken token, string what)
    {
        Error(token.Span, $"'{token.Text}' is not {what}");
        return false;
    }

    private RewriteRule? Error(SourceSpan span, string message)
    {
        reader.Error(span, message);
        return null;
    }
}
