using MiniDns.Plugins.Template.Engine;

namespace MiniDns.Plugins.Template;

/// <summary>The values of a directive's variables, in the order they were declared.</summary>
internal sealed class VariableMap : TemplateMap
{
    private readonly List<KeyValuePair<string, TemplateValue>> _values = [];

    /// <inheritdoc/>
    public override int Count => _values.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Keys => [.. _values.Select(v => v.Key).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public override TemplateValue Absent => TemplateValue.Nil;

    /// <summary>Adds a variable.</summary>
    public void Add(string name, TemplateValue value) => _values.Add(new(name, value));

    /// <summary>Forgets all variables.</summary>
    public void Clear() => _values.Clear();

    /// <inheritdoc/>
    public override bool TryGet(string key, out TemplateValue value)
    {
        foreach (KeyValuePair<string, TemplateValue> one in _values)
        {
            if (one.Key == key)
            {
                value = one.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
