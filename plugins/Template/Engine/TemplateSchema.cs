namespace MiniDns.Plugins.Template.Engine;

/// <summary>What a template's data has, known before there is any.</summary>
/// <param name="Fields">The fields.</param>
/// <param name="Methods">The methods; each takes one text, which has to be a literal.</param>
internal sealed record TemplateSchema(IReadOnlyCollection<string> Fields, IReadOnlyCollection<string> Methods)
{
    /// <summary>No fields and no methods.</summary>
    public static TemplateSchema Empty { get; } = new([], []);
}
