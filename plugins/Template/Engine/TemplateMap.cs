namespace MiniDns.Plugins.Template.Engine;

/// <summary>Values by name.</summary>
internal abstract class TemplateMap
{
    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>The names, in ordinal order.</summary>
    public abstract IReadOnlyList<string> Keys { get; }

    /// <summary>What <c>index</c> gives for a name that is not there: an empty text where all values are texts, else nothing.</summary>
    public abstract TemplateValue Absent { get; }

    /// <summary>Finds a value.</summary>
    public abstract bool TryGet(string key, out TemplateValue value);
}
