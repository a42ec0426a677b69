namespace MiniDns.Plugins.Collectors;

/// <summary>Writes what metrics and traces have in common: the resource, the scope, attributes.</summary>
internal static class OtlpResource
{
    private const string Scope = "MiniDns";

    /// <summary>Writes the resource of a ResourceMetrics or ResourceSpans (field 1).</summary>
    public static void WriteResource(ProtobufWriter writer, CollectorSettings settings)
    {
        int resource = writer.Begin(1);
        foreach ((string name, string value) in settings.Resource)
        {
            WriteAttribute(writer, 1, name, value);
        }

        writer.End(resource);
    }

    /// <summary>Writes the scope of a ScopeMetrics or ScopeSpans (field 1).</summary>
    public static void WriteScope(ProtobufWriter writer)
    {
        int scope = writer.Begin(1);
        writer.WriteString(1, Scope);
        writer.End(scope);
    }

    /// <summary>Writes an attribute with a text.</summary>
    public static void WriteAttribute(ProtobufWriter writer, int field, string name, string value)
    {
        int attribute = writer.Begin(field);
        writer.WriteString(1, name);
        int any = writer.Begin(2);
        writer.WriteString(1, value);
        writer.End(any);
        writer.End(attribute);
    }
}
