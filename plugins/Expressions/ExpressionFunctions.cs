using System.Globalization;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Plugins.Expressions;

/// <summary>The functions of expressions: what they take is checked when the expression is read.</summary>
/// <param name="labels">Takes the labels of metadata that the expression asks for, to be bound when the block is wired.</param>
internal sealed class ExpressionFunctions(List<MetadataLabel> labels)
{
    private const string AddressExample = "a network such as '10.0.0.0/8' or '2001:db8::/32'";

    private static readonly Dictionary<string, (ExpressionKind?[] Parameters, int Optional, Func<ExpressionNode[], ExpressionNode> Make)> Common = new(StringComparer.Ordinal)
    {
        ["len"] = ([null], 0, a => Length(a[0])),
        ["lower"] = ([ExpressionKind.Text], 0, a => new TextNode(s => TextFunctions.Lower(s, a[0]))),
        ["upper"] = ([ExpressionKind.Text], 0, a => new TextNode(s => TextFunctions.Upper(s, a[0]))),
        ["trim"] = ([ExpressionKind.Text, ExpressionKind.Text], 1, a => a.Length == 1
            ? new TextNode(s => a[0].Text(s).Trim())
            : new TextNode(s => a[0].Text(s).Trim(a[1].Text(s)))),
        ["trimPrefix"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new TextNode(s => TextFunctions.TrimPrefix(s, a[0], a[1]))),
        ["trimSuffix"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new TextNode(s => TextFunctions.TrimSuffix(s, a[0], a[1]))),
        ["hasPrefix"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new BoolNode(s => a[0].Text(s).StartsWith(a[1].Text(s), StringComparison.Ordinal))),
        ["hasSuffix"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new BoolNode(s => a[0].Text(s).EndsWith(a[1].Text(s), StringComparison.Ordinal))),
        ["indexOf"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new IntNode(s => a[0].Text(s).IndexOf(a[1].Text(s), StringComparison.Ordinal))),
        ["lastIndexOf"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new IntNode(s => a[0].Text(s).LastIndexOf(a[1].Text(s), StringComparison.Ordinal))),
        ["replace"] = ([ExpressionKind.Text, ExpressionKind.Text, ExpressionKind.Text], 0, a => new TextNode(s => TextFunctions.Replace(s, a[0], a[1], a[2]))),
        ["repeat"] = ([ExpressionKind.Text, ExpressionKind.Int], 0, a => new TextNode(s => TextFunctions.Repeat(s, a[0], a[1]))),
        ["split"] = ([ExpressionKind.Text, ExpressionKind.Text], 0, a => new SplitList(a[0], a[1])),
        ["int"] = ([null], 0, a => new IntNode(s => TextFunctions.ToInt(s, a[0]))),
        ["float"] = ([null], 0, a => new FloatNode(s => TextFunctions.ToFloat(s, a[0]))),
        ["string"] = ([null], 0, a => new TextNode(s => TextFunctions.ToText(s, a[0]))),
        ["abs"] = ([ExpressionKind.Float], 0, a => a[0].Kind == ExpressionKind.Int
            ? new IntNode(s => a[0].Int(s) is long n && n > long.MinValue ? Math.Abs(n) : long.MinValue)
            : new FloatNode(s => Math.Abs(a[0].Float(s)))),
        ["ceil"] = ([ExpressionKind.Float], 0, a => new FloatNode(s => Math.Ceiling(a[0].Float(s)))),
        ["floor"] = ([ExpressionKind.Float], 0, a => new FloatNode(s => Math.Floor(a[0].Float(s)))),
        ["round"] = ([ExpressionKind.Float], 0, a => new FloatNode(s => Math.Round(a[0].Float(s), MidpointRounding.AwayFromZero))),
        ["min"] = ([ExpressionKind.Float, ExpressionKind.Float], 0, a => new FloatNode(s => Math.Min(a[0].Float(s), a[1].Float(s)))),
        ["max"] = ([ExpressionKind.Float, ExpressionKind.Float], 0, a => new FloatNode(s => Math.Max(a[0].Float(s), a[1].Float(s)))),
    };

    private static readonly Dictionary<string, Func<ExpressionNode>> OfQuery = new(StringComparer.Ordinal)
    {
        ["name"] = () => new TextNode(QueryFunctions.Name),
        ["type"] = () => new TextNode(QueryFunctions.Type),
        ["class"] = () => new TextNode(QueryFunctions.Class),
        ["proto"] = () => new TextNode(QueryFunctions.Protocol),
        ["size"] = () => new IntNode(s => s.Query.WireLength),
        ["bufsize"] = () => new IntNode(QueryFunctions.BufferSize),
        ["do"] = () => new BoolNode(s => s.Query.DnssecOk),
        ["id"] = () => new IntNode(s => s.Query.Header.Id),
        ["opcode"] = () => new IntNode(s => (int)s.Query.Header.Opcode),
        ["client_ip"] = () => new AddressNode(isClient: true),
        ["server_ip"] = () => new AddressNode(isClient: false),
        ["port"] = () => new TextNode(s => TextFunctions.Format(s, s.Query.Client.Port)),
        ["server_port"] = () => new TextNode(s => TextFunctions.Format(s, s.Query.Local.Port)),
    };

    /// <summary>The names of all functions.</summary>
    public IReadOnlyCollection<string> Names { get; } = [.. Common.Keys, .. OfQuery.Keys, "incidr", "metadata", "all", "any", "none", "one", "count"];

    /// <summary>True when there is a function of that name.</summary>
    public bool Knows(string name) => Names.Contains(name, StringComparer.Ordinal);

    /// <summary>Makes the node of a call.</summary>
    /// <exception cref="ExpressionException">There is no such function, or the arguments do not fit it.</exception>
    public ExpressionNode Call(ExpressionToken name, ExpressionNode[] arguments)
    {
        if (OfQuery.TryGetValue(name.Value, out Func<ExpressionNode>? makeOfQuery))
        {
            CheckArguments(name, arguments, [], 0);
            return makeOfQuery();
        }

        if (Common.TryGetValue(name.Value, out (ExpressionKind?[] Parameters, int Optional, Func<ExpressionNode[], ExpressionNode> Make) common))
        {
            CheckArguments(name, arguments, common.Parameters, common.Optional);
            return name.Value is "len" && arguments[0].Kind is not (ExpressionKind.Text or ExpressionKind.List)
                || name.Value is "int" or "float" or "string" && arguments[0].Kind is ExpressionKind.List or ExpressionKind.Nil
                ? throw new ExpressionException(name.Position, $"'{name.Value}' is not for {Kinds.Name(arguments[0])}")
                : common.Make(arguments);
        }

        switch (name.Value)
        {
            case "incidr":
                CheckArguments(name, arguments, [ExpressionKind.Text, ExpressionKind.Text], 0);
                return IsIn(name, arguments[0], arguments[1]);
            case "metadata":
                CheckArguments(name, arguments, [ExpressionKind.Text], 0);
                return Metadata(name, arguments[0]);
            default:
                throw new ExpressionException(name.Position, $"there is no function '{name.Value}'{NearNames.Hint(name.Value, Names)}");
        }
    }

    private static void CheckArguments(ExpressionToken name, ExpressionNode[] arguments, ExpressionKind?[] parameters, int optional)
    {
        if (arguments.Length > parameters.Length || arguments.Length < parameters.Length - optional)
        {
            throw new ExpressionException(name.Position, $"'{name.Value}' takes {parameters.Length} argument(s), not {arguments.Length}");
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            bool fits = parameters[i] is not { } kind || arguments[i].Kind == kind || (kind == ExpressionKind.Float && arguments[i].IsNumber);
            if (!fits)
            {
                throw new ExpressionException(name.Position, $"argument {i + 1} of '{name.Value}' is {Kinds.Name(parameters[i]!.Value)}, not {Kinds.Name(arguments[i])}");
            }
        }
    }

    private static IntNode Length(ExpressionNode of) =>
        of is ListNode list ? new IntNode(s => list.Count(s)) : new IntNode(s => of.Text(s).Length);

    private static BoolNode IsIn(ExpressionToken name, ExpressionNode address, ExpressionNode network)
    {
        if (network is not TextLiteral text)
        {
            throw new ExpressionException(name.Position, $"{AddressExample} is expected, in quotes, as the second argument of 'incidr'");
        }

        if (!AddressText.TryParseNetwork(text.Value, out IPNetwork parsed))
        {
            throw new ExpressionException(name.Position, $"'{text.Value}' is not {AddressExample}");
        }

        ClientAddress prefix = ClientAddress.From(new IPEndPoint(parsed.BaseAddress, 0));
        bool isMapped = parsed.BaseAddress.IsIPv4MappedToIPv6 && parsed.PrefixLength >= 96;
        int length = isMapped ? parsed.PrefixLength - 96 : parsed.PrefixLength;
        return address is AddressNode known
            ? new BoolNode(s => known.Address(s.Query).IsIn(prefix, length))
            : new BoolNode(s => IsIn(s, address.Text(s), prefix, length));
    }

    private static bool IsIn(EvaluationState state, ReadOnlySpan<char> text, in ClientAddress prefix, int length)
    {
        if (!AddressText.TryParseAddress(text, out IPAddress? address))
        {
            state.Fail();
            return false;
        }

        return ClientAddress.From(new IPEndPoint(address, 0)).IsIn(prefix, length);
    }

    private TextNode Metadata(ExpressionToken name, ExpressionNode argument)
    {
        if (argument is not TextLiteral text)
        {
            throw new ExpressionException(name.Position, "a label in quotes is expected as the argument of 'metadata'");
        }

        var label = new MetadataLabel(text.Value);
        labels.Add(label);
        return new TextNode(s => TextFunctions.Metadata(s, label));
    }
}
