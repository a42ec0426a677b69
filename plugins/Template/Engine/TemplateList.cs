namespace MiniDns.Plugins.Template.Engine;

/// <summary>Values by their place, from 0.</summary>
internal abstract class TemplateList
{
    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>The value at a place that exists.</summary>
    public abstract TemplateValue this[int index] { get; }
}
