namespace MiniDns.Plugins.Template.Engine;

/// <summary>Something with fields.</summary>
internal abstract class TemplateObject
{
    /// <summary>Reads a field.</summary>
    /// <returns>False when there is none of the name.</returns>
    public abstract bool TryGet(string field, out TemplateValue value);

    /// <summary>Calls a method of the template's schema with the one text that it was written with.</summary>
    /// <returns>False when there is none of the name.</returns>
    public virtual bool TryCall(string method, string argument, out TemplateValue value)
    {
        value = default;
        return false;
    }

    /// <summary>What printing gives; null when it cannot be printed.</summary>
    public virtual string? Print() => null;
}
