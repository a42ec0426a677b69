using System.Text;
using System.Text.RegularExpressions;
using MiniDns.Configuration;
using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Template;

/// <summary>The data of templates: a query and how it matched. Each part is made when it is asked for.</summary>
internal sealed class QueryData : TemplateObject
{
    private DnsQuery? _query;
    private TemplateOptions? _options;
    private IReadOnlyDictionary<string, MetadataLabel>? _labels;
    private int _zone;
    private int _pattern;
    private string? _name;
    private GroupMap? _groups;

    /// <summary>The fields and methods.</summary>
    public static TemplateSchema Schema { get; } = new(
        ["Zone", "Name", "Class", "Type", "Regex", "Match", "Group", "Message", "Question", "Remote", "Var"],
        ["Meta"]);

    /// <summary>The name that was asked for, in lower case, as text.</summary>
    public string Name => _name ??= Query.LowerName.ToString();

    /// <summary>The variables of the directive.</summary>
    public VariableMap Variables { get; } = new();

    /// <summary>The query.</summary>
    public DnsQuery Query => _query ?? throw new InvalidOperationException("a constant template asked for its query");

    private GroupMap Groups => _groups ??= GroupMap.Of(_pattern < 0 ? null : _options!.Patterns[_pattern], Name);

    /// <summary>Becomes the data of a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">The directive that matched.</param>
    /// <param name="zone">The place of the zone that matched.</param>
    /// <param name="pattern">The place of the expression that matched; -1 when there are none.</param>
    /// <param name="labels">The metadata that templates use.</param>
    public void Begin(DnsQuery query, TemplateOptions options, int zone, int pattern, IReadOnlyDictionary<string, MetadataLabel> labels)
    {
        _query = query;
        _options = options;
        _zone = zone;
        _pattern = pattern;
        _labels = labels;
    }

    /// <summary>Forgets the query.</summary>
    public void End()
    {
        _query = null;
        _options = null;
        _labels = null;
        _name = null;
        _groups = null;
        Variables.Clear();
    }

    /// <summary>A group of the expression that matched, by its name or number; empty when there is none.</summary>
    public string Group(string name) => Groups.TryGet(name, out TemplateValue value) ? value.Text : "";

    /// <summary>The value of a label of metadata; empty when there is none.</summary>
    public string Metadata(string label)
    {
        Span<byte> value = stackalloc byte[MetadataLabel.MaxValueLength];
        return _labels is not null && _labels.TryGetValue(label, out MetadataLabel? known) && known.TryRead(Query, value, out int length)
            ? Encoding.UTF8.GetString(value[..length])
            : "";
    }

    /// <inheritdoc/>
    public override bool TryGet(string field, out TemplateValue value)
    {
        switch (field)
        {
            case "Name":
                value = TemplateValue.From(Name);
                return true;
            case "Zone":
                value = TemplateValue.From(_options!.Zones[_zone].ToString());
                return true;
            case "Class":
                value = TemplateValue.From(DnsClassText.Format(Query.Class == DnsRecordClass.ANY ? _options!.Class : Query.Class));
                return true;
            case "Type":
                value = TemplateValue.From(DnsTypeText.Format(Query.Type == DnsRecordType.ANY ? _options!.Type : Query.Type));
                return true;
            case "Regex":
                value = TemplateValue.From(_pattern < 0 ? ".*" : _options!.Patterns[_pattern].Pattern);
                return true;
            case "Match":
                value = TemplateValue.From(Groups.Matches);
                return true;
            case "Group":
                value = TemplateValue.From(Groups);
                return true;
            case "Remote":
                value = TemplateValue.From(Query.Client.ToIPAddress().ToString().Split('%')[0]);
                return true;
            case "Question":
                value = TemplateValue.From(new QuestionData(Query));
                return true;
            case "Message":
                value = TemplateValue.From(new MessageData(Query));
                return true;
            case "Var":
                value = TemplateValue.From(Variables);
                return true;
            default:
                value = default;
                return false;
        }
    }

    /// <inheritdoc/>
    public override bool TryCall(string method, string argument, out TemplateValue value)
    {
        value = TemplateValue.From(method == "Meta" ? Metadata(argument) : "");
        return method == "Meta";
    }

    /// <summary>The groups of a match by name; each by its number too.</summary>
    internal sealed class GroupMap : TemplateMap
    {
        private readonly string[] _values;
        private readonly IReadOnlyList<string> _names;

        private GroupMap(string[] values, IReadOnlyList<string> names)
        {
            _values = values;
            _names = names;
            Matches = new TemplateArray([.. values.Select(TemplateValue.From)]);
        }

        /// <summary>The groups by their number.</summary>
        public TemplateArray Matches { get; }

        /// <inheritdoc/>
        public override int Count => Keys.Count;

        /// <inheritdoc/>
        public override TemplateValue Absent => TemplateValue.From("");

        /// <inheritdoc/>
        public override IReadOnlyList<string> Keys
        {
            get
            {
                SortedSet<string> keys = new(StringComparer.Ordinal);
                for (int i = 0; i < _values.Length; i++)
                {
                    keys.Add(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    if (_names[i].Length > 0)
                    {
                        keys.Add(_names[i]);
                    }
                }

                return [.. keys];
            }
        }

        /// <summary>Matches a name that is known to match.</summary>
        public static GroupMap Of(GoRegex? pattern, string name)
        {
            if (pattern is null)
            {
                return new GroupMap([name], [""]);
            }

            Match match = pattern.Regex.Match(name);
            string[] values = new string[pattern.GroupNames.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = match.Groups[i].Value;
            }

            return new GroupMap(values, pattern.GroupNames);
        }

        /// <inheritdoc/>
        public override bool TryGet(string key, out TemplateValue value)
        {
            // The last group of a name counts, as in Go.
            for (int i = _values.Length - 1; i > 0; i--)
            {
                if (_names[i].Length > 0 && _names[i] == key)
                {
                    value = TemplateValue.From(_values[i]);
                    return true;
                }
            }

            bool isNumber = key.Length > 0 && (key.Length == 1 || key[0] != '0') && key.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
                && int.TryParse(key, System.Globalization.CultureInfo.InvariantCulture, out int number) && number < _values.Length;
            value = isNumber ? TemplateValue.From(_values[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)]) : default;
            return isNumber;
        }
    }
}
