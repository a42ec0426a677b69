using System.Text;
using MiniDns.Configuration;
using MiniDns.Protocol.Messages;

namespace MiniDns.Plugins.Rewrite;

/// <content>Rules for EDNS options.</content>
internal sealed partial class RuleReader
{
    private const int LongestOptionData = 4096;

    private static readonly string[] Actions = ["set", "append", "replace", "unset"];

    private EdnsRule? ReadEdns(bool continues)
    {
        if (Left < 2)
        {
            Error(Here, "'edns0' takes 'local', 'nsid' or 'subnet' and one of set, append, replace, unset");
            return null;
        }

        CorefileToken option = words[_next++];
        CorefileToken verb = words[_next++];
        EdnsAction? action = verb.Text.ToLowerInvariant() switch
        {
            "set" => EdnsAction.Set,
            "replace" => EdnsAction.Replace,
            "append" => EdnsAction.Append,
            "unset" => EdnsAction.Unset,
            _ => null,
        };
        if (action is not { } found)
        {
            Error(verb.Span, $"'{verb.Text}' is not one of {string.Join(", ", Actions)}{Near(verb.Text, Actions)}");
            return null;
        }

        bool isUnset = found == EdnsAction.Unset;
        bool isReverted = !isUnset && words[^1].Text == "revert" && Left > 0;
        int arguments = Left - (isReverted ? 1 : 0);
        switch (option.Text.ToLowerInvariant())
        {
            case "local":
                if (arguments != (isUnset ? 1 : 2))
                {
                    Error(verb.Span, isUnset ? "write 'edns0 local unset CODE'" : $"write 'edns0 local {verb.Text} CODE DATA [revert]'");
                    return null;
                }

                if (!TryParseNumber(words[_next].Text, ushort.MaxValue, out int code))
                {
                    IsNot(words[_next], "an option code, such as 0xffee or 65518");
                    return null;
                }

                EdnsData? data = isUnset ? null : ReadData(words[_next + 1]);
                return data is null && !isUnset ? null : new EdnsRule(continues, (EdnsOptionCode)code, found, isReverted, isLocal: true, data);
            case "nsid":
                if (arguments != 0)
                {
                    Error(words[_next].Span, $"'{words[_next].Text}' is one argument too many; write 'edns0 nsid {verb.Text}{(isUnset ? string.Empty : " [revert]")}'");
                    return null;
                }

                return new EdnsRule(continues, EdnsOptionCode.NameServerId, found, isReverted, isLocal: false, isUnset ? null : new LiteralData([]));
            case "subnet":
                if (arguments != (isUnset ? 0 : 2))
                {
                    Error(verb.Span, isUnset ? "write 'edns0 subnet unset'" : $"write 'edns0 subnet {verb.Text} BITS4 BITS6 [revert]'");
                    return null;
                }

                return isUnset ? new EdnsRule(continues, EdnsOptionCode.ClientSubnet, found, isReverted: false, isLocal: false, null) : ReadSubnet(continues, found, isReverted);
            default:
                Error(option.Span, $"'{option.Text}' is not 'local', 'nsid' or 'subnet'{Near(option.Text, ["local", "nsid", "subnet"])}");
                return null;
        }
    }

    private EdnsRule? ReadSubnet(bool continues, EdnsAction action, bool isReverted)
    {
        bool isRight = TryParseNumber(words[_next].Text, 32, out int bits4) || IsNot(words[_next], "a prefix length for IPv4, 0 to 32");
        isRight &= TryParseNumber(words[_next + 1].Text, 128, out int bits6) || IsNot(words[_next + 1], "a prefix length for IPv6, 0 to 128");
        return isRight ? new EdnsRule(continues, EdnsOptionCode.ClientSubnet, action, isReverted, isLocal: false, new SubnetData((byte)bits4, (byte)bits6)) : null;
    }

    private EdnsData? ReadData(CorefileToken token)
    {
        string text = token.Text;
        if (text.StartsWith('{') && text.EndsWith('}'))
        {
            if (VariableData.TryParse(text, out QueryVariable variable))
            {
                return new VariableData(variable);
            }

            string label = text[1..^1];
            int slash = label.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0 && slash < label.Length - 1)
            {
                labels.Add(new MetadataLabel(label));
                return new MetadataData(labels[^1]);
            }

            IsNot(token, $"one of {string.Join(", ", VariableData.Known)}, or a metadata label such as {{plugin/name}}{Near(text, VariableData.Known)}");
            return null;
        }

        byte[] octets = Encoding.UTF8.GetBytes(text);
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            if (text.Length % 2 != 0 || !text[2..].All(char.IsAsciiHexDigit))
            {
                IsNot(token, "an even number of hexadecimal digits after 0x");
                return null;
            }

            octets = Convert.FromHexString(text.AsSpan(2));
        }

        if (octets.Length > LongestOptionData)
        {
            Error(token.Span, $"the data of an option has at most {LongestOptionData} octets, not {octets.Length}");
            return null;
        }

        return new LiteralData(octets);
    }

    /// <summary>Reads a number in Go's notation: decimal, or with 0x, 0o or 0b.</summary>
    private static bool TryParseNumber(string text, int most, out int value)
    {
        value = 0;
        string digits = text.Replace("_", string.Empty, StringComparison.Ordinal);
        int radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, int skip) = char.ToLowerInvariant(digits[1]) switch { 'x' => (16, 2), 'b' => (2, 2), 'o' => (8, 2), _ => (8, 1) };
            digits = digits[skip..];
        }

        if (digits.Length == 0)
        {
            return false;
        }

        foreach (char c in digits)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || (value = (value * radix) + digit) > most)
            {
                return false;
            }
        }

        return true;
    }
}
