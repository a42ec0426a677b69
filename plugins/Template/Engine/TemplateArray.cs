namespace MiniDns.Plugins.Template.Engine;

/// <summary>A list that is in memory.</summary>
internal sealed class TemplateArray(IReadOnlyList<TemplateValue> values) : TemplateList
{
    /// <inheritdoc/>
    public override int Count => values.Count;

    /// <inheritdoc/>
    public override TemplateValue this[int index] => values[index];
}
